#ifndef MNQH_GEMM_F32_H
#define MNQH_GEMM_F32_H

#include <stddef.h>

#include "mnqh_ending_f32.h"

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

#endif
