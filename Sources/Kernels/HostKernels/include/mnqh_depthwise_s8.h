#ifndef MNQH_DEPTHWISE_S8_H
#define MNQH_DEPTHWISE_S8_H

#include "mnqh_requantize.h"
#include "mnqh_window.h"

/* An int8 depthwise convolution: output channel o reads input channel o / multiplier only.
 * Arithmetic as in `mnqh_gemm_s8_layer`; a tap outside the image is the zero point and adds 0. */
typedef struct {
    mnqh_window window;
    size_t input_channels;
    /* Output channels per input channel, 1 in every MobileNet. */
    size_t multiplier;
    /* From `mnqh_pack_depthwise_s8`. */
    const void *packed;
    mnqh_codes codes;
} mnqh_depthwise_s8_layer;

/* Number of bytes in `packed`. */
size_t mnqh_depthwise_s8_packed_bytes(const mnqh_window *window, size_t output_channels);

/* Packs weights `[kernel_height][kernel_width][output channels]` and the other constants into
 * `packed`, which is aligned to 4 bytes (64 are faster) and must outlive the layer; the constants
 * need not. */
mnqh_depthwise_s8_layer mnqh_pack_depthwise_s8(const mnqh_channel_constants *constants,
                                               const mnqh_codes *codes, const mnqh_window *window,
                                               size_t input_channels, size_t multiplier,
                                               void *packed);

/* Number of bytes of scratch, aligned to 8 (64 are faster), that `mnqh_depthwise_s8` needs. */
size_t mnqh_depthwise_s8_scratch_bytes(const mnqh_depthwise_s8_layer *layer);

/* Runs the layer: `[input_height, input_width, input_channels]` to `[output_height, output_width,
 * input_channels * multiplier]`. */
void mnqh_depthwise_s8(const mnqh_depthwise_s8_layer *layer, const int8_t *input, int8_t *output,
                       void *scratch);
void mnqh_depthwise_s8_scalar(const mnqh_depthwise_s8_layer *layer, const int8_t *input,
                              int8_t *output);

#endif
