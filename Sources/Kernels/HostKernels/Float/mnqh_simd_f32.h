/* Sixteen floats as two AVX registers: one panel of channels. */
#ifndef MNQH_SIMD_F32_H
#define MNQH_SIMD_F32_H

#include <immintrin.h>

#include "../Shared/mnqh_cpu.h"
#include "mnqh_kernels_f32.h"

typedef struct {
    __m256 low;
    __m256 high;
} mnqh_f32x16;

MNQH_AVX2_INLINE mnqh_f32x16 mnqh_load_f32x16(const float *from)
{
    return (mnqh_f32x16){_mm256_loadu_ps(from), _mm256_loadu_ps(from + 8)};
}

/* Eight lanes, the first `count` of them set. */
MNQH_AVX2_INLINE __m256i mnqh_mask_f32x8(size_t count)
{
    const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)mnqh_min(count, 8)), lanes);
}

/* Stores the first `width` lanes, 1 ... 16. */
MNQH_AVX2_INLINE void mnqh_store_f32x16(float *to, mnqh_f32x16 value, size_t width)
{
    if (width == MNQH_PANEL) {
        _mm256_storeu_ps(to, value.low);
        _mm256_storeu_ps(to + 8, value.high);
        return;
    }
    _mm256_maskstore_ps(to, mnqh_mask_f32x8(width), value.low);
    if (width > 8) {
        _mm256_maskstore_ps(to + 8, mnqh_mask_f32x8(width - 8), value.high);
    }
}

/* The bounds of a clamp, the minimum in `low` and the maximum in `high`. */
MNQH_AVX2_INLINE mnqh_f32x16 mnqh_range_f32x16(float minimum, float maximum)
{
    return (mnqh_f32x16){_mm256_set1_ps(minimum), _mm256_set1_ps(maximum)};
}

/* The instructions return their second operand when one is NaN, so NaN stays NaN. */
MNQH_AVX2_INLINE __m256 mnqh_clamp_f32x8(__m256 value, mnqh_f32x16 range)
{
    return _mm256_min_ps(range.high, _mm256_max_ps(range.low, value));
}

MNQH_AVX2_INLINE __m256 mnqh_hard_swish_f32x8(__m256 x)
{
    const __m256 gate = mnqh_clamp_f32x8(_mm256_add_ps(x, _mm256_set1_ps(3)),
                                         mnqh_range_f32x16(0, 6));
    return _mm256_mul_ps(_mm256_mul_ps(x, gate), _mm256_set1_ps(1.0F / 6));
}

/* An ending, ready for use. */
typedef struct {
    mnqh_f32x16 range;
    bool hard_swish;
} mnqh_ending_f32x8;

MNQH_AVX2_INLINE mnqh_ending_f32x8 mnqh_prepare_ending(mnqh_ending_f32 ending)
{
    return (mnqh_ending_f32x8){mnqh_range_f32x16(ending.minimum, ending.maximum),
                               ending.hard_swish};
}

/* Ends `count` vectors (a constant after inlining). */
MNQH_AVX2_INLINE void mnqh_end_f32x8(mnqh_ending_f32x8 ending, size_t count, __m256 *values)
{
    if (ending.hard_swish) {
        MNQH_UNROLL
        for (size_t i = 0; i < count; ++i) {
            values[i] = mnqh_hard_swish_f32x8(values[i]);
        }
    } else {
        MNQH_UNROLL
        for (size_t i = 0; i < count; ++i) {
            values[i] = mnqh_clamp_f32x8(values[i], ending.range);
        }
    }
}

MNQH_AVX2_INLINE void mnqh_end_f32x16(mnqh_ending_f32x8 ending, size_t count, mnqh_f32x16 *values)
{
    if (ending.hard_swish) {
        MNQH_UNROLL
        for (size_t i = 0; i < count; ++i) {
            values[i].low = mnqh_hard_swish_f32x8(values[i].low);
            values[i].high = mnqh_hard_swish_f32x8(values[i].high);
        }
    } else {
        MNQH_UNROLL
        for (size_t i = 0; i < count; ++i) {
            values[i].low = mnqh_clamp_f32x8(values[i].low, ending.range);
            values[i].high = mnqh_clamp_f32x8(values[i].high, ending.range);
        }
    }
}

/* Sixteen floats as one AVX-512 register: one panel of channels. */

/* As `mnqh_end_value`: a NaN stays one, since the instructions return their second operand then. */
MNQH_AVX512_INLINE __m512 mnqh_end_f32x16_avx512(mnqh_ending_f32 ending, __m512 x)
{
    if (!ending.hard_swish) {
        return _mm512_min_ps(_mm512_set1_ps(ending.maximum),
                             _mm512_max_ps(_mm512_set1_ps(ending.minimum), x));
    }
    const __m512 shifted = _mm512_add_ps(x, _mm512_set1_ps(3));
    const __m512 gate = _mm512_min_ps(_mm512_set1_ps(6),
                                      _mm512_max_ps(_mm512_setzero_ps(), shifted));
    return _mm512_mul_ps(_mm512_mul_ps(x, gate), _mm512_set1_ps(1.0F / 6));
}

#endif
