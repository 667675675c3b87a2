#ifndef MNQH_TRAINING_H
#define MNQH_TRAINING_H

#include <stddef.h>
#include <stdint.h>

#include "mnqh_window.h"

/* What training adds to the float kernels: gradients, and batch normalization with the statistics
 * of a batch. Activations are `[pixel][channel]`; sums are added to what is there, so that a
 * caller decides over how many images they go and in which order.
 *
 * Each function has a plain twin, `..._scalar`: the same text compiled for any processor. Those for
 * AVX2 and AVX-512 add in the same order, so that they give the same bytes. */

/* The functions that may follow a normalization. */
typedef enum {
    MNQH_IDENTITY = 0,
    MNQH_RELU = 1,
    MNQH_RELU6 = 2,
    MNQH_HARD_SWISH = 3,
    MNQH_HARD_SIGMOID = 4,
    MNQH_LOGISTIC = 5,
} mnqh_function;

/* Rows of a matrix in memory: row r begins at `values + r * stride`. */
typedef struct {
    const float *values;
    size_t stride;
} mnqh_rows;

/* The weights' gradient of a dense layer,
 *
 *     gradient[n][k] += sum over m of upstream[m][n] * input[m][k]
 *
 * with m in 0 ..< rows, n in 0 ..< columns, k in 0 ..< depth, in that order of m for every pair.
 * Rows of `gradient` have `depth` floats. `scratch` has room for
 * `mnqh_dense_gradient_scratch_count(depth)` floats. */
void mnqh_dense_gradient_f32(size_t rows, mnqh_rows upstream, size_t columns, mnqh_rows input,
                             size_t depth, float *gradient, float *scratch);
void mnqh_dense_gradient_f32_scalar(size_t rows, mnqh_rows upstream, size_t columns,
                                    mnqh_rows input, size_t depth, float *gradient,
                                    float *scratch);
size_t mnqh_dense_gradient_scratch_count(size_t depth);

/* The weights' gradient of a depthwise convolution over one image, for output channels
 * `first ..< first + count` of `channels * multiplier`; `gradient` is `[taps][output channel]`. */
void mnqh_depthwise_weight_gradient_f32(const mnqh_window *window, size_t channels,
                                        size_t multiplier, size_t first, size_t count,
                                        const float *upstream, const float *input,
                                        float *gradient);
void mnqh_depthwise_weight_gradient_f32_scalar(const mnqh_window *window, size_t channels,
                                               size_t multiplier, size_t first, size_t count,
                                               const float *upstream, const float *input,
                                               float *gradient);

/* The input's gradient of a depthwise convolution over one image, added to `gradient`, which has
 * the input's shape; `weights` is `[taps][output channel]`. */
void mnqh_depthwise_input_gradient_f32(const mnqh_window *window, size_t channels,
                                       size_t multiplier, const float *upstream,
                                       const float *weights, float *gradient);
void mnqh_depthwise_input_gradient_f32_scalar(const mnqh_window *window, size_t channels,
                                              size_t multiplier, const float *upstream,
                                              const float *weights, float *gradient);

/* The windows of output pixels `first ..< first + count` of one image as rows of taps,
 * `[pixel][ky][kx][channel]`, 0 where they lie outside. */
void mnqh_patches_f32(const mnqh_window *window, size_t channels, size_t first, size_t count,
                      const float *image, float *rows);

/* Adds rows of taps, as `mnqh_patches_f32` lays them out, to where they came from. */
void mnqh_add_patches_f32(const mnqh_window *window, size_t channels, size_t first, size_t count,
                          const float *rows, float *image);

/* Sums by channel of `rows` rows: `sums[c]` gets the sum, `squares[c]` the sum of the squares of
 * what is left when the rows' own mean is taken off. Both are set, not added to. */
void mnqh_moments_f32(size_t rows, size_t channels, const float *input, float *sums,
                      float *squares);
void mnqh_moments_f32_scalar(size_t rows, size_t channels, const float *input, float *sums,
                             float *squares);

/* Sums by channel alone; set, not added to. */
void mnqh_channel_sums_f32(size_t rows, size_t channels, const float *input, float *sums);
void mnqh_channel_sums_f32_scalar(size_t rows, size_t channels, const float *input, float *sums);

/* Sums by channel of the products of two tensors; set, not added to. */
void mnqh_channel_products_f32(size_t rows, size_t channels, const float *a, const float *b,
                               float *sums);
void mnqh_channel_products_f32_scalar(size_t rows, size_t channels, const float *a,
                                      const float *b, float *sums);

/* A normalization by channel with the function after it: `function(scale[c] * x + offset[c])`. */
typedef struct {
    const float *scale;
    const float *offset;
    mnqh_function function;
} mnqh_normalization;

void mnqh_normalize_f32(const mnqh_normalization *layer, size_t rows, size_t channels,
                        const float *input, float *output);
void mnqh_normalize_f32_scalar(const mnqh_normalization *layer, size_t rows, size_t channels,
                               const float *input, float *output);

/* With g = upstream * function'(scale[c] * x + offset[c]): `sums[c]` gets the sum of g and
 * `products[c]` that of g * (x - mean[c]). The derivative at a kink is the one below it. */
void mnqh_normalization_sums_f32(const mnqh_normalization *layer, size_t rows, size_t channels,
                                 const float *upstream, const float *input, const float *mean,
                                 float *sums, float *products);
void mnqh_normalization_sums_f32_scalar(const mnqh_normalization *layer, size_t rows,
                                        size_t channels, const float *upstream,
                                        const float *input, const float *mean, float *sums,
                                        float *products);

/* `gradient = slope[c] * g + pull[c] * x + shift[c]`, with g as above; may be `upstream` itself. */
void mnqh_normalization_gradient_f32(const mnqh_normalization *layer, size_t rows,
                                     size_t channels, const float *upstream, const float *input,
                                     const float *slope, const float *pull, const float *shift,
                                     float *gradient);
void mnqh_normalization_gradient_f32_scalar(const mnqh_normalization *layer, size_t rows,
                                            size_t channels, const float *upstream,
                                            const float *input, const float *slope,
                                            const float *pull, const float *shift,
                                            float *gradient);

/* Behind a rounding of `computed` to codes that stand for `read`: `gradient` gets that of `computed`,
 * `upstream` where it is within `low ... high` and 0 elsewhere; to `sum` are added upstream * (read -
 * computed) there and upstream * read elsewhere. `gradient` may be `upstream` itself. */
void mnqh_rounding_gradient_f32(size_t count, float low, float high, const float *computed,
                                const float *read, const float *upstream, float *gradient,
                                double *sum);
void mnqh_rounding_gradient_f32_scalar(size_t count, float low, float high, const float *computed,
                                       const float *read, const float *upstream, float *gradient,
                                       double *sum);

#endif
