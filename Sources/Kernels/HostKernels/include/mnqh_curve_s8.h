#ifndef MNQH_CURVE_S8_H
#define MNQH_CURVE_S8_H

#include "mnqh_requantize.h"
#include "mnqh_window.h"

/* A convolution whose sums become codes of 16 bits, which a curve takes back to int8:
 *
 *     accumulator = bias[n] + sum over taps of (input - input_zero_point) * weights
 *     output[n] = curve(clamp(requantize(accumulator, n), -32768, 32767))
 *
 * A tap outside the image adds 0; accumulators wrap. One portable kernel serves all machines. */
typedef struct {
    mnqh_window window;
    size_t input_channels;
    size_t output_channels;
    /* Whether output channel n reads input channel n alone, with weights `[taps][channels]`;
     * otherwise it reads all of them, with weights `[output channels][taps][input channels]`. */
    bool is_depthwise;
    int32_t input_zero_point;
    int32_t rounding;
    /* What these point at must outlive the layer. */
    mnqh_channel_constants constants;
    /* 257 values; see `QuantizedIR.Curve`. */
    const int16_t *points;
} mnqh_curve_s8_layer;

/* Number of bytes of scratch, aligned to 4, that `mnqh_curve_s8` needs. */
size_t mnqh_curve_s8_scratch_bytes(const mnqh_curve_s8_layer *layer);

/* Runs the layer: `[input_height, input_width, input_channels]` to `[output_height, output_width,
 * output_channels]`. */
void mnqh_curve_s8(const mnqh_curve_s8_layer *layer, const int8_t *input, int8_t *output,
                   void *scratch);

#endif
