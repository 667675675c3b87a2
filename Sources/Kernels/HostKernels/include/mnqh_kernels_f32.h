#ifndef MNQH_KERNELS_F32_H
#define MNQH_KERNELS_F32_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mnqh_window.h"

/* What a layer does to a sum before it writes it: clamp(x) or, with `hard_swish`, what
 * `mnqh_hard_swish_f32` does, whatever the bounds. */
typedef struct {
    /* Minus and plus infinity for no clamp. */
    float minimum;
    float maximum;
    bool hard_swish;
} mnqh_ending_f32;

/* A dense layer over rows (pointwise convolution, fully connected):
 *
 *     output[m][n] = ending(bias[n] + sum over k of input[m][k] * weights[n][k])
 *
 * with m in 0 ..< rows, n in 0 ..< columns, k in 0 ..< depth.
 */
typedef struct {
    /* From `mnqh_pack_gemm_f32`: `[ceil(columns / 16)][1 + depth][16]`, a panel of 16 columns after
     * the other; row 0 of a panel is the bias, row 1 + k the weights of input k. Zero beyond
     * `columns`. */
    const float *packed;
    size_t depth;
    size_t columns;
    mnqh_ending_f32 ending;
} mnqh_gemm_f32_layer;

/* Number of floats in `packed`. */
size_t mnqh_gemm_f32_packed_count(size_t depth, size_t columns);

/* Packs `weights` `[columns][depth]` and `bias` `[columns]` (null for zeros) into `packed`. */
void mnqh_pack_gemm_f32(const float *weights, const float *bias, size_t depth, size_t columns,
                        float *packed);

/* Runs the layer. Row m of the input starts at `input + m * input_stride` and has `depth` floats;
 * rows of the output have `columns` floats and start `output_stride` apart. */
void mnqh_gemm_f32(const mnqh_gemm_f32_layer *layer, size_t rows, const float *input,
                   size_t input_stride, float *output, size_t output_stride);
void mnqh_gemm_f32_scalar(const mnqh_gemm_f32_layer *layer, size_t rows, const float *input,
                          size_t input_stride, float *output, size_t output_stride);

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

/* Element by element; `output` may be the very same buffer as an input. A clamp, here and fused into
 * another kernel, lets NaN through. */

/* min(max(x, minimum), maximum): ReLU is 0 and plus infinity, ReLU6 0 and 6. */
void mnqh_clamp_f32(size_t count, const float *input, float minimum, float maximum, float *output);
void mnqh_clamp_f32_scalar(size_t count, const float *input, float minimum, float maximum,
                           float *output);

/* clamp(alpha * x + beta, 0, 1); MobileNetV3 has alpha 1/6 and beta 1/2. */
void mnqh_hard_sigmoid_f32(size_t count, const float *input, float alpha, float beta,
                           float *output);
void mnqh_hard_sigmoid_f32_scalar(size_t count, const float *input, float alpha, float beta,
                                  float *output);

/* x * clamp(x + 3, 0, 6) / 6. */
void mnqh_hard_swish_f32(size_t count, const float *input, float *output);
void mnqh_hard_swish_f32_scalar(size_t count, const float *input, float *output);

/* clamp(a + b). */
void mnqh_add_f32(size_t count, const float *a, const float *b, float minimum, float maximum,
                  float *output);
void mnqh_add_f32_scalar(size_t count, const float *a, const float *b, float minimum,
                         float maximum, float *output);

/* Squeeze-and-excitation: input `[pixels, channels]` times `factors` `[channels]`. */
void mnqh_scale_channels_f32(size_t pixels, size_t channels, const float *input,
                             const float *factors, float *output);
void mnqh_scale_channels_f32_scalar(size_t pixels, size_t channels, const float *input,
                                    const float *factors, float *output);

/* Global average pool: input `[pixels, channels]` to output `[channels]`, which must be another
 * buffer. Sums in double, so that the twins differ by one rounding at most. `pixels` > 0. */
void mnqh_mean_f32(size_t pixels, size_t channels, const float *input, float *output);
void mnqh_mean_f32_scalar(size_t pixels, size_t channels, const float *input, float *output);

/* Which products `mnqh_add_products_f32` adds. */
typedef struct {
    size_t rows;
    size_t size;
    bool is_lower; /* only sums[i][j] with j <= i; the others stay */
} mnqh_products_f32;

/* Adds `transpose(a) * b` to `sums` `[size, size]`, where `a` and `b` are `[rows, size]`: in float row
 * by row, then in double. The twins give the same bytes on x86-64; where products and sums are whole
 * numbers below 2^24, everywhere. */
void mnqh_add_products_f32(const mnqh_products_f32 *shape, const float *a, const float *b,
                           double *sums);
void mnqh_add_products_f32_scalar(const mnqh_products_f32 *shape, const float *a, const float *b,
                                  double *sums);

/* Windows of a depthwise layer: `[windows, taps, channels]`. */
typedef struct {
    size_t windows;
    size_t taps;
    size_t channels;
} mnqh_channel_windows;

/* Adds, over all windows, the values to `sums` `[taps, channels]` and the products of each pair of taps,
 * the second not behind the first, to `products` `[taps * (taps + 1) / 2, channels]`: in float window
 * by window, then in double. The twins agree as those of `mnqh_add_products_f32` do. */
void mnqh_add_channel_products_f32(const mnqh_channel_windows *shape, const float *values,
                                   double *sums, double *products);
void mnqh_add_channel_products_f32_scalar(const mnqh_channel_windows *shape, const float *values,
                                          double *sums, double *products);

/* The smallest and the largest element, NaN ignored; plus and minus infinity when there is none. */
typedef struct {
    float minimum;
    float maximum;
} mnqh_range_f32_result;

mnqh_range_f32_result mnqh_range_f32(size_t count, const float *input);
mnqh_range_f32_result mnqh_range_f32_scalar(size_t count, const float *input);

/* What turns codes into real values, (code - zero_point) * scale, and the real values beyond which
 * one counts as saturated. */
typedef struct {
    float scale;
    int32_t zero_point;
    float lowest;
    float highest;
} mnqh_signal_steps;

/* Sums over pairs of a real value x and the real value q of a code. */
typedef struct {
    double signal;    /* of x * x */
    double quantized; /* of q * q */
    double noise;     /* of (x - q)^2 */
    double product;   /* of x * q */
    size_t saturated; /* how many x lie below `lowest` or above `highest` */
} mnqh_signal_sums;

/* Adds `count` pairs to `sums`. Terms are of single precision. */
void mnqh_add_signal(const mnqh_signal_steps *steps, size_t count, const float *real,
                     const int8_t *codes, mnqh_signal_sums *sums);
void mnqh_add_signal_scalar(const mnqh_signal_steps *steps, size_t count, const float *real,
                            const int8_t *codes, mnqh_signal_sums *sums);

#endif
