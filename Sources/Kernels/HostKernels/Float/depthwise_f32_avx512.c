#include "mnqh_twins_f32.h"

#ifdef MNQH_HAS_AVX2_CODE
#include "mnqh_simd_f32.h"
#include "mnqh_depthwise_f32_simd.h"

/* Adds the taps of a tile to its sums, as the AVX2 twin does and in its order: `weights` are those of its
 * first row, its channels begin with `first`. */
MNQH_AVX512_INLINE void add_taps(shape t, const slide *s, const float *const *pixels, size_t first,
                                 const float *weights, __m512 *sums)
{
    for (size_t ky = 0; ky < s->rows; ++ky, pixels += s->row_count) {
        __m512 row[WIDEST];
        MNQH_UNROLL
        for (size_t kx = 0; kx < t.kernel_width; ++kx, weights += MNQH_PANEL) {
            row[kx] = _mm512_loadu_ps(weights);
        }
        MNQH_UNROLL
        for (size_t x = 0; x < (t.count - 1) * t.stride + t.kernel_width; ++x) {
            const __m512 value = _mm512_loadu_ps(pixels[x] + first);
            MNQH_UNROLL
            for (size_t i = 0; i < t.count; ++i) {
                if (x >= i * t.stride && x - i * t.stride < t.kernel_width) {
                    sums[i] = _mm512_fmadd_ps(value, row[x - i * t.stride], sums[i]);
                }
            }
        }
    }
}

/* The same for kernels of any width, stride and dilation. */
MNQH_AVX512_INLINE void add_any_taps(shape t, const slide *s, const float *const *pixels,
                                     size_t first, const float *weights, __m512 *sums)
{
    for (size_t ky = 0; ky < s->rows; ++ky, pixels += s->row_count) {
        const float *const *tap = pixels;
        for (size_t kx = 0; kx < s->kernel_width; ++kx, tap += s->dilation) {
            const __m512 weight = _mm512_loadu_ps(weights);
            MNQH_UNROLL
            for (size_t i = 0; i < t.count; ++i) {
                const __m512 value = _mm512_loadu_ps(tap[i * s->stride] + first);
                sums[i] = _mm512_fmadd_ps(value, weight, sums[i]);
            }
            weights += MNQH_PANEL;
        }
    }
}

/* All panels of the group, sixteen channels each; a panel begins with their biases. */
MNQH_AVX512_INLINE void tiles(shape t, const slide *s, const float *const *pixels, float *output)
{
    const size_t width = mnqh_min(s->channels, MNQH_PANEL);
    const __mmask16 mask = (__mmask16)(0xFFFFU >> (MNQH_PANEL - width));
    for (size_t index = s->first; index < s->end; ++index) {
        const size_t first = mnqh_panel_first(index, s->channels);
        const float *panel = s->layer->packed + index * s->panel_count;
        const float *weights = panel + (1 + s->skipped) * MNQH_PANEL;
        __m512 sums[TILE];
        MNQH_UNROLL
        for (size_t i = 0; i < t.count; ++i) {
            sums[i] = _mm512_loadu_ps(panel);
        }
        if (t.kernel_width > 0) {
            add_taps(t, s, pixels, first, weights, sums);
        } else {
            add_any_taps(t, s, pixels, first, weights, sums);
        }
        MNQH_UNROLL
        for (size_t i = 0; i < t.count; ++i) {
            _mm512_mask_storeu_ps(output + i * s->channels + first, mask,
                                  mnqh_end_f32x16_avx512(s->layer->ending, sums[i]));
        }
    }
}

MNQH_TILES_OF_ALL_KERNELS(MNQH_AVX512, mnqh_choose_tiles_avx512)
#endif
