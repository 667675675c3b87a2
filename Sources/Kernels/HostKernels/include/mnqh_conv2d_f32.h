#ifndef MNQH_CONV2D_F32_H
#define MNQH_CONV2D_F32_H

#include <stddef.h>

#include "mnqh_gemm_f32.h"
#include "mnqh_window.h"

/* A convolution over all channels, as rows of taps times a matrix. */
typedef struct {
    mnqh_window window;
    size_t input_channels;
    /* `depth` is kernel_height * kernel_width * input_channels, in this order: weights packed from
     * `[output channel][ky][kx][input channel]`. `columns` is the number of output channels. */
    mnqh_gemm_f32_layer gemm;
} mnqh_conv2d_f32_layer;

/* Number of floats of scratch that `mnqh_conv2d_f32` needs: 0 when the kernel is a pointwise one
 * without stride or padding. */
size_t mnqh_conv2d_f32_scratch_count(const mnqh_conv2d_f32_layer *layer);

/* Runs the layer: `[input_height, input_width, input_channels]` to `[output_height, output_width,
 * columns]`. Padding is 0. */
void mnqh_conv2d_f32(const mnqh_conv2d_f32_layer *layer, const float *input, float *output,
                     float *scratch);
void mnqh_conv2d_f32_scalar(const mnqh_conv2d_f32_layer *layer, const float *input, float *output,
                            float *scratch);

#endif
