#include "mnqh_twins_f32.h"

#ifdef MNQH_HAS_NEON_CODE
#include <arm_neon.h>

/* Rows of one register tile: 16 of 32 registers hold sums. */
enum { TILE_ROWS = 4 };

/* `count` rows times one panel; a row of `sums` has 16 columns. */
static void tile(const mnqh_gemm_f32_layer *layer, const float *panel, size_t count,
                 const float *input, size_t stride, float32x4_t (*sums)[4])
{
    for (size_t m = 0; m < count; ++m) {
        for (size_t i = 0; i < 4; ++i) {
            sums[m][i] = vld1q_f32(panel + 4 * i);
        }
    }
    for (size_t k = 0; k < layer->depth; ++k) {
        panel += MNQH_PANEL;
        for (size_t i = 0; i < 4; ++i) {
            const float32x4_t weights = vld1q_f32(panel + 4 * i);
            for (size_t m = 0; m < count; ++m) {
                sums[m][i] = vfmaq_n_f32(sums[m][i], weights, input[m * stride + k]);
            }
        }
    }
}

/* NaN stays NaN. */
static float32x4_t clamp(float32x4_t value, float minimum, float maximum)
{
    return vminq_f32(vmaxq_f32(value, vdupq_n_f32(minimum)), vdupq_n_f32(maximum));
}

static float32x4_t end(float32x4_t value, mnqh_ending_f32 ending)
{
    if (ending.hard_swish) {
        const float32x4_t gate = clamp(vaddq_f32(value, vdupq_n_f32(3)), 0, 6);
        return vmulq_n_f32(vmulq_f32(value, gate), 1.0F / 6);
    }
    return clamp(value, ending.minimum, ending.maximum);
}

/* Ends 16 columns and stores the first `width`. */
static void store(const mnqh_gemm_f32_layer *layer, const float32x4_t *sums, size_t width,
                  float *output)
{
    float row[MNQH_PANEL];
    for (size_t i = 0; i < 4; ++i) {
        vst1q_f32(row + 4 * i, end(sums[i], layer->ending));
    }
    for (size_t column = 0; column < width; ++column) {
        output[column] = row[column];
    }
}

void mnqh_gemm_f32_neon(const mnqh_gemm_f32_layer *layer, size_t rows, const float *input,
                        size_t input_stride, float *output, size_t output_stride)
{
    const float *panel = layer->packed;
    for (size_t n = 0; n < layer->columns; n += MNQH_PANEL) {
        const size_t width = mnqh_min(MNQH_PANEL, layer->columns - n);
        for (size_t first = 0; first < rows; first += TILE_ROWS) {
            const size_t count = mnqh_min(TILE_ROWS, rows - first);
            float32x4_t sums[TILE_ROWS][4];
            tile(layer, panel, count, input + first * input_stride, input_stride, sums);
            for (size_t m = 0; m < count; ++m) {
                store(layer, sums[m], width, output + (first + m) * output_stride + n);
            }
        }
        panel += (1 + layer->depth) * MNQH_PANEL;
    }
}
#endif
