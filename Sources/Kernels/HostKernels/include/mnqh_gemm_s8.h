#ifndef MNQH_GEMM_S8_H
#define MNQH_GEMM_S8_H

#include "mnqh_requantize.h"

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

#endif
