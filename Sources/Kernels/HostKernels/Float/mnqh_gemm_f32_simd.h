#ifndef MNQH_GEMM_F32_SIMD_H
#define MNQH_GEMM_F32_SIMD_H

#include "../Shared/mnqh_cpu.h"
#include "mnqh_gemm_f32.h"

#ifdef MNQH_HAS_AVX2_CODE
/* A row of the input in `count` pieces of `depth` floats, which start `stride` apart. */
typedef struct {
    size_t count;
    size_t depth;
    size_t stride;
} mnqh_parts;

/* As `mnqh_gemm_f32`, for rows in pieces; `layer->depth` is that of all. */
void mnqh_gemm_f32_parts_avx2(const mnqh_gemm_f32_layer *layer, mnqh_parts parts, size_t rows,
                              const float *input, size_t input_stride, float *output,
                              size_t output_stride);
void mnqh_gemm_f32_avx2(const mnqh_gemm_f32_layer *layer, size_t rows, const float *input,
                        size_t input_stride, float *output, size_t output_stride);
#endif

#ifdef MNQH_HAS_NEON_CODE
void mnqh_gemm_f32_neon(const mnqh_gemm_f32_layer *layer, size_t rows, const float *input,
                        size_t input_stride, float *output, size_t output_stride);
#endif

/* Rows of input that are worked through before the next panel of weights: as many as leave room
 * for the panel in a 512 KiB second-level cache. A multiple of the tile. */
static inline size_t mnqh_gemm_f32_block_rows(size_t depth)
{
    const size_t rows = 128 * 1024 / (sizeof(float) * (depth + 1));
    return rows < 24 ? 24 : mnqh_min(rows, 240) / MNQH_TILE_ROWS * MNQH_TILE_ROWS;
}

#endif
