#ifndef MNQH_GEMM_S8_SIMD_H
#define MNQH_GEMM_S8_SIMD_H

#include "mnqh_convolutions_s8.h"
#include "mnqh_panel_s8.h"

/* Inputs are multiplied in pairs; an odd depth has a last partner of weight 0. */
static inline size_t mnqh_even(size_t depth)
{
    return (depth + 1) / 2 * 2;
}

/* Bytes of a packed panel: its constants, then weights `[depth / 2][16 slots][2]`. */
static inline size_t mnqh_gemm_s8_panel_bytes(size_t depth, bool wide)
{
    const size_t weight_bytes = wide ? sizeof(int16_t) : sizeof(int8_t);
    return sizeof(mnqh_panel_s8) + mnqh_even(depth) * MNQH_PANEL * weight_bytes;
}

/* Panel `index` of the layer. */
static inline const mnqh_panel_s8 *mnqh_gemm_s8_panel(const mnqh_gemm_s8_layer *layer, size_t index)
{
    const size_t bytes = mnqh_gemm_s8_panel_bytes(layer->depth, layer->wide);
    return (const mnqh_panel_s8 *)(const void *)((const char *)layer->packed + index * bytes);
}

/* The slot of the accumulators of a column, `width` being the number of columns in its panel. Up
 * to eight share the first register. */
static inline size_t mnqh_gemm_s8_slot(size_t column, size_t width)
{
    const size_t spread = width <= 8 ? (column & 3) | (column & 4) << 1 : column;
    return mnqh_slot(spread);
}

/* Rows that are widened to 16 bits at a time: a multiple of the tile. */
static inline size_t mnqh_gemm_s8_block_rows(size_t depth)
{
    const size_t rows = 64 * 1024 / (sizeof(int16_t) * mnqh_even(depth));
    return rows < 24 ? 24 : mnqh_min(rows, 240) / MNQH_TILE_ROWS * MNQH_TILE_ROWS;
}

#ifdef MNQH_HAS_NEON_CODE
void mnqh_gemm_s8_neon(const mnqh_gemm_s8_layer *layer, size_t rows, const int8_t *input,
                       int8_t *output);
#endif

#ifdef MNQH_HAS_AVX2_CODE
void mnqh_gemm_s8_avx2(const mnqh_gemm_s8_layer *layer, size_t rows, const int8_t *input,
                       int8_t *output, void *scratch);

/* The same for rows of 16 bits, `input_stride` apart; what follows an odd depth may be anything. */
void mnqh_gemm_s8_wide_avx2(const mnqh_gemm_s8_layer *layer, size_t rows, const int16_t *input,
                            size_t input_stride, int8_t *output);

/* Whether a layer has kernel rows so short, like the first one of a network, that they can be
 * widened as they are gathered. */
bool mnqh_is_image_conv2d_s8(const mnqh_conv2d_s8_layer *layer);
size_t mnqh_image_conv2d_s8_scratch_bytes(const mnqh_conv2d_s8_layer *layer);
void mnqh_image_conv2d_s8_avx2(const mnqh_conv2d_s8_layer *layer, const int8_t *input,
                               int8_t *output, void *scratch);
#endif

#endif
