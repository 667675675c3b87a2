#ifndef MNQH_DEPTHWISE_F32_H
#define MNQH_DEPTHWISE_F32_H

#include <stddef.h>

#include "mnqh_ending_f32.h"
#include "mnqh_window.h"

/* A depthwise convolution: output channel o reads input channel o / multiplier only. */
typedef struct {
    mnqh_window window;
    size_t input_channels;
    /* Output channels per input channel, 1 in every MobileNet. */
    size_t multiplier;
    /* From `mnqh_pack_depthwise_f32`: `[ceil(output channels / 16)][1 + taps][16]`, bias first, then
     * the taps in the order ky, kx. The last panel has the last 16 channels, some of them for the
     * second time; zero beyond the last channel if there are fewer than 16. */
    const float *packed;
    mnqh_ending_f32 ending;
} mnqh_depthwise_f32_layer;

/* Number of floats in `packed`; `taps` is kernel_height * kernel_width. */
size_t mnqh_depthwise_f32_packed_count(size_t taps, size_t output_channels);

/* Packs `weights` `[taps][output channels]` and `bias` `[output channels]` (null for zeros). */
void mnqh_pack_depthwise_f32(const float *weights, const float *bias, size_t taps,
                             size_t output_channels, float *packed);

/* Number of floats of scratch, aligned to 8 bytes (64 are faster), that `mnqh_depthwise_f32`
 * needs. */
size_t mnqh_depthwise_f32_scratch_count(const mnqh_depthwise_f32_layer *layer);

/* Runs the layer: `[input_height, input_width, input_channels]` to `[output_height, output_width,
 * input_channels * multiplier]`. Padding is 0. */
void mnqh_depthwise_f32(const mnqh_depthwise_f32_layer *layer, const float *input, float *output,
                        float *scratch);
void mnqh_depthwise_f32_scalar(const mnqh_depthwise_f32_layer *layer, const float *input,
                               float *output);

#endif
