#ifndef MNQH_ELEMENTWISE_S8_H
#define MNQH_ELEMENTWISE_S8_H

#include "mnqh_requantize.h"

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
