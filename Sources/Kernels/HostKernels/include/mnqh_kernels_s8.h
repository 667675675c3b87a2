#ifndef MNQH_KERNELS_S8_H
#define MNQH_KERNELS_S8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mnqh_window.h"

/* How an accumulator times a real factor becomes an integer again. Same raw values as
 * `FixedPoint.Rounding`. */
enum {
    /* The high multiply rounds ties towards positive infinity, then the right shift rounds ties
     * away from zero. */
    MNQH_ROUND_DOUBLE = 0,
    /* The 64-bit product is rounded once, ties towards positive infinity. */
    MNQH_ROUND_SINGLE_UP = 1,
    /* The 64-bit product is rounded once, ties away from zero. */
    MNQH_ROUND_SINGLE_AWAY = 2
};

/* `accumulator * multiplier * 2^(shift - 31)`, rounded as `rounding` says. `multiplier` is not
 * negative, `shift` is in -31 ... 30; results beyond 32 bits wrap.
 *
 * Twin: `FixedPoint.Requantization`. Source: gemmlowp `fixedpoint/fixedpoint.h`. */
int32_t mnqh_requantize(int32_t accumulator, int32_t multiplier, int32_t shift, int32_t rounding);

/* The codes at both ends of a layer that accumulates in 32 bits. */
typedef struct {
    int32_t input_zero_point;  /* -128 ... 127 */
    int32_t output_zero_point; /* -128 ... 127 */
    /* The codes that the output may take: -128 <= minimum <= maximum <= 127. */
    int32_t minimum;
    int32_t maximum;
    int32_t rounding;
} mnqh_codes;

/* The constants of such a layer as a quantized model holds them, one value per output channel. */
typedef struct {
    /* In -128 ... 127; the layer says in which order. */
    const int8_t *weights;
    const int32_t *bias;
    const int32_t *multipliers;
    const int8_t *shifts;
} mnqh_channel_constants;

/* How the weights of a packed panel lie, so that one instruction multiplies and adds two or four. */
typedef enum {
    /* `[depth / 2][16 columns][2]`, widened to 16 bits, for many rows. */
    MNQH_PAIRS_S16,
    /* The same in 8 bits, for a single row. */
    MNQH_PAIRS_S8,
    /* `[depth / 4][16 columns][4]`, for processors with VNNI. */
    MNQH_QUADS_S8
} mnqh_weights_order;

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
    mnqh_weights_order order;
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
    /* Of taps below each other: pairs in 16 bits or fours. */
    mnqh_weights_order order;
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

/* A real factor: `multiplier * 2^(shift - 31)`, see `mnqh_requantize`. */
typedef struct {
    int32_t multiplier;
    int32_t shift;
} mnqh_factor;

/* output[i] = table[input[i] + 128]. `output` may be `input`. */
void mnqh_lookup_s8(size_t count, const int8_t *input, const int8_t *table, int8_t *output);
void mnqh_lookup_s8_scalar(size_t count, const int8_t *input, const int8_t *table, int8_t *output);

/* h-swish by 16-bit arithmetic, as TensorFlow Lite defines it. With x in 1/128 of an input step, m
 * for a multiplier's upper half, and products as in Q0.15:
 *
 *     reluish = min(max(x * reluish_factor, -1), 1) / 2 + 1/2
 *     output = clamp(x * output_factor * reluish + output_zero_point)
 *
 * `output_factor.shift` is in -15 ... -1, `reluish_factor.shift` in -15 ... 30.
 *
 * Twin: `FixedPoint.HardSwishFunction`, which has the roundings. Source: TensorFlow Lite
 * `reference/hard_swish.h`. */
typedef struct {
    int32_t input_zero_point;
    int32_t output_zero_point;
    /* From 1/128 of an input step to an output step. */
    mnqh_factor output_factor;
    /* From 1/128 of an input step to 3/32768. */
    mnqh_factor reluish_factor;
} mnqh_hard_swish_s8_layer;

/* Whether `mnqh_hard_swish_s8` can run a layer here, and faster than a table would. */
bool mnqh_hard_swish_s8_is_fast(const mnqh_hard_swish_s8_layer *layer);

/* `output` may be `input`. */
void mnqh_hard_swish_s8(const mnqh_hard_swish_s8_layer *layer, size_t count, const int8_t *input,
                        int8_t *output);
void mnqh_hard_swish_s8_scalar(const mnqh_hard_swish_s8_layer *layer, size_t count,
                               const int8_t *input, int8_t *output);

/* The sum of two int8 tensors, each with a scale of its own:
 *
 *     sum = requantize((a - a_zero_point) << 20, a_factor) + the same of b
 *     output = clamp(requantize(sum, output_factor) + output_zero_point)
 *
 * Source: TensorFlow Lite `reference/integer_ops/add.h`. */
typedef struct {
    int32_t a_zero_point;
    mnqh_factor a_factor;
    int32_t b_zero_point;
    mnqh_factor b_factor;
    mnqh_factor output_factor;
    /* `input_zero_point` is not used. */
    mnqh_codes codes;
    /* From `mnqh_prepare_add_s8`: whether rounding a * a_scale + (b * b_scale + offset), in single
     * precision, gives the same code for every pair of codes. */
    bool has_line;
    float a_scale;
    float b_scale;
    float offset;
} mnqh_add_s8_layer;

/* Looks for the line of a layer, by trying all pairs of codes: a fraction of a millisecond. The
 * layer runs without, too, but several times slower. */
void mnqh_prepare_add_s8(mnqh_add_s8_layer *layer);

/* `output` may be `a` or `b`. */
void mnqh_add_s8(const mnqh_add_s8_layer *layer, size_t count, const int8_t *a, const int8_t *b,
                 int8_t *output);
void mnqh_add_s8_scalar(const mnqh_add_s8_layer *layer, size_t count, const int8_t *a,
                        const int8_t *b, int8_t *output);

/* Squeeze-and-excitation, `input` `[pixels, channels]` times `factors` `[channels]`:
 *
 *     clamp(requantize((input - input_zero_point) * (factors[c] - factors_zero_point), factor)
 *           + output_zero_point)
 *
 * Source: TensorFlow Lite `reference/integer_ops/mul.h`. */
typedef struct {
    int32_t factors_zero_point;
    mnqh_factor factor;
    mnqh_codes codes;
    /* From `mnqh_prepare_scale_channels_s8`: whether rounding product * scale + offset, in single
     * precision, gives the same code for every product. A bent line has another offset for
     * negative products. */
    bool has_line;
    bool bent;
    float scale;
    float offset;
    float negative_offset;
} mnqh_scale_channels_s8_layer;

/* Looks for the line of a layer. The layer runs without, too, but several times slower. */
void mnqh_prepare_scale_channels_s8(mnqh_scale_channels_s8_layer *layer);

/* `output` may be `input`. */
void mnqh_scale_channels_s8(const mnqh_scale_channels_s8_layer *layer, size_t pixels,
                            size_t channels, const int8_t *input, const int8_t *factors,
                            int8_t *output);
void mnqh_scale_channels_s8_scalar(const mnqh_scale_channels_s8_layer *layer, size_t pixels,
                                   size_t channels, const int8_t *input, const int8_t *factors,
                                   int8_t *output);

/* The sum of each channel over all pixels: input `[pixels, channels]` to sums `[channels]`. What a
 * mean and a global average pool have in common; `pixels` is at most 2^24. */
void mnqh_sum_channels_s8(size_t pixels, size_t channels, const int8_t *input, int32_t *sums);
void mnqh_sum_channels_s8_scalar(size_t pixels, size_t channels, const int8_t *input,
                                 int32_t *sums);

/* The mean of each channel, from one scale to another:
 * clamp(requantize(sum - pixels * input_zero_point, factor) + output_zero_point), where the factor
 * contains 1 / pixels. `sums` `[channels]` is scratch.
 *
 * Source: TensorFlow Lite `reference/reduce.h`, `QuantizedMeanOrSum`. */
typedef struct {
    mnqh_factor factor;
    mnqh_codes codes;
} mnqh_mean_s8_layer;

void mnqh_mean_s8(const mnqh_mean_s8_layer *layer, size_t pixels, size_t channels,
                  const int8_t *input, int8_t *output, int32_t *sums);
void mnqh_mean_s8_scalar(const mnqh_mean_s8_layer *layer, size_t pixels, size_t channels,
                         const int8_t *input, int8_t *output, int32_t *sums);

#endif
