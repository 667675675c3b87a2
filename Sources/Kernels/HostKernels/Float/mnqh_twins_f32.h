/* What the twins of the float kernels share. */
#ifndef MNQH_TWINS_F32_H
#define MNQH_TWINS_F32_H

#include "../Shared/mnqh_cpu.h"
#include "../Shared/mnqh_im2col.h"
#include "mnqh_kernels_f32.h"

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
void mnqh_gemm_f32_parts_avx512(const mnqh_gemm_f32_layer *layer, mnqh_parts parts, size_t rows,
                                const float *input, size_t input_stride, float *output,
                                size_t output_stride);
void mnqh_gemm_f32_avx2(const mnqh_gemm_f32_layer *layer, size_t rows, const float *input,
                        size_t input_stride, float *output, size_t output_stride);
void mnqh_gemm_f32_avx512(const mnqh_gemm_f32_layer *layer, size_t rows, const float *input,
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

#ifdef MNQH_HAS_AVX2_CODE
/* For kernels whose taps lie side by side: without dilation in a row. */
size_t mnqh_conv2d_f32_avx2_scratch_count(const mnqh_conv2d_f32_layer *layer);
void mnqh_conv2d_f32_avx2(const mnqh_conv2d_f32_layer *layer, const float *input, float *output,
                          float *scratch);

size_t mnqh_depthwise_f32_avx2_scratch_count(const mnqh_depthwise_f32_layer *layer);
void mnqh_depthwise_f32_avx2(const mnqh_depthwise_f32_layer *layer, const float *input,
                             float *output, float *scratch);

void mnqh_clamp_f32_avx2(size_t count, const float *input, float minimum, float maximum,
                         float *output);
void mnqh_hard_sigmoid_f32_avx2(size_t count, const float *input, float alpha, float beta,
                                float *output);
void mnqh_hard_swish_f32_avx2(size_t count, const float *input, float *output);
void mnqh_add_f32_avx2(size_t count, const float *a, const float *b, float minimum, float maximum,
                       float *output);
void mnqh_scale_channels_f32_avx2(size_t pixels, size_t channels, const float *input,
                                  const float *factors, float *output);
void mnqh_mean_f32_avx2(size_t pixels, size_t channels, const float *input, float *output);
mnqh_range_f32_result mnqh_range_f32_avx2(size_t count, const float *input);

void mnqh_add_products_f32_avx2(const mnqh_products_f32 *shape, const float *a, const float *b,
                                double *sums);
void mnqh_add_channel_products_f32_avx2(const mnqh_channel_windows *shape, const float *values,
                                        double *sums, double *products);
void mnqh_add_signal_avx2(const mnqh_signal_steps *steps, size_t count, const float *real,
                          const int8_t *codes, mnqh_signal_sums *sums);
#endif

/* NaN stays NaN: it fails both comparisons. */
static inline float mnqh_clamp_value(float value, float minimum, float maximum)
{
    const float raised = value < minimum ? minimum : value;
    return raised > maximum ? maximum : raised;
}

static inline float mnqh_hard_swish_value(float value)
{
    return value * mnqh_clamp_value(value + 3, 0, 6) * (1.0F / 6);
}

static inline float mnqh_end_value(float value, mnqh_ending_f32 ending)
{
    return ending.hard_swish ? mnqh_hard_swish_value(value)
                             : mnqh_clamp_value(value, ending.minimum, ending.maximum);
}

#endif
