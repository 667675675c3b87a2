#ifndef MNQH_CONVOLUTIONS_S8_H
#define MNQH_CONVOLUTIONS_S8_H

#include "mnqh_requantize.h"
#include "mnqh_window.h"

/* A dense int8 layer over rows (pointwise convolution, fully connected):
 *
 *     accumulator = bias[n] + sum over k of (input[m][k] - input_zero_point) * weights[n][k]
 *     output[m][n] = clamp(requantize(accumulator, n) + output_zero_point)
 *
 * Accumulators are 32 bits wide and wrap; a quantizer proves that they do not get so far.
 */
typedef struct {
    /* From `mnqh_pack_gemm_s8`: panels of 16 columns. */
    const void *packed;
    size_t depth;
    size_t columns;
    mnqh_codes codes;
    /* Whether weights were widened to 16 bits, for many rows, or left at 8, for a single one. */
    bool wide;
} mnqh_gemm_s8_layer;

/* Number of bytes in `packed` for a layer that will run over this many rows at a time. */
size_t mnqh_gemm_s8_packed_bytes(size_t depth, size_t columns, size_t rows);

/* Packs weights `[columns][depth]` and the other constants into `packed`, which is aligned to 4
 * bytes (64 are faster) and must outlive the layer; the constants need not. */
mnqh_gemm_s8_layer mnqh_pack_gemm_s8(const mnqh_channel_constants *constants,
                                     const mnqh_codes *codes, size_t depth, size_t columns,
                                     size_t rows, void *packed);

/* How the panels of a layer turn accumulators into codes: by one multiplication in floating point
 * that was proved to give the same codes, for all accumulators or for all but one a channel, or by
 * the integers themselves. */
typedef struct {
    size_t lines;
    size_t mended;
    size_t exact;
} mnqh_panel_counts;

mnqh_panel_counts mnqh_gemm_s8_panel_counts(const mnqh_gemm_s8_layer *layer);

/* Number of bytes of scratch, aligned to 2 (64 are faster), that `mnqh_gemm_s8` needs for this many
 * rows. */
size_t mnqh_gemm_s8_scratch_bytes(const mnqh_gemm_s8_layer *layer, size_t rows);

/* Runs the layer: input `[rows, depth]` to output `[rows, columns]`. */
void mnqh_gemm_s8(const mnqh_gemm_s8_layer *layer, size_t rows, const int8_t *input,
                  int8_t *output, void *scratch);
void mnqh_gemm_s8_scalar(const mnqh_gemm_s8_layer *layer, size_t rows, const int8_t *input,
                         int8_t *output);

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
