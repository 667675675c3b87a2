#ifndef MNQH_CONV2D_S8_H
#define MNQH_CONV2D_S8_H

#include "mnqh_gemm_s8.h"
#include "mnqh_window.h"

/* An int8 convolution over all channels, as rows of taps times a matrix; a tap outside the image
 * is the zero point and adds 0. */
typedef struct {
    mnqh_window window;
    size_t input_channels;
    /* `depth` is kernel_height * kernel_width * input_channels, in this order: weights packed from
     * `[output channel][ky][kx][input channel]`, for as many rows as there are output pixels.
     * `columns` is the number of output channels. */
    mnqh_gemm_s8_layer gemm;
} mnqh_conv2d_s8_layer;

/* Number of bytes of scratch, aligned to 2 (64 are faster), that `mnqh_conv2d_s8` needs. */
size_t mnqh_conv2d_s8_scratch_bytes(const mnqh_conv2d_s8_layer *layer);

/* Runs the layer: `[input_height, input_width, input_channels]` to `[output_height, output_width,
 * columns]`. */
void mnqh_conv2d_s8(const mnqh_conv2d_s8_layer *layer, const int8_t *input, int8_t *output,
                    void *scratch);
void mnqh_conv2d_s8_scalar(const mnqh_conv2d_s8_layer *layer, const int8_t *input, int8_t *output,
                           void *scratch);

#endif
