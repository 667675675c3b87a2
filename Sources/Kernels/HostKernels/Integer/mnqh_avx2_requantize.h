/* `mnqh_requantize` for eight accumulators, whatever their factors and rounding. */
#ifndef MNQH_AVX2_REQUANTIZE_H
#define MNQH_AVX2_REQUANTIZE_H

#include "mnqh_avx2_s8.h"

/* The 64-bit lanes that hold slots 0, 2, 4, 6 and 1, 3, 5, 7. */
typedef struct {
    __m256i even;
    __m256i odd;
} mnqh_s64x8;

/* Splits unsigned 32-bit lanes. */
MNQH_AVX2_INLINE mnqh_s64x8 mnqh_split(__m256i lanes)
{
    return (mnqh_s64x8){_mm256_and_si256(lanes, _mm256_set1_epi64x(UINT32_MAX)),
                        _mm256_srli_epi64(lanes, 32)};
}

/* Joins the low halves of all lanes. */
MNQH_AVX2_INLINE __m256i mnqh_join(mnqh_s64x8 lanes)
{
    return _mm256_blend_epi32(lanes.even, _mm256_slli_epi64(lanes.odd, 32), 0xAA);
}

/* x / 2^count, to nearest, ties away from zero. */
MNQH_AVX2_INLINE __m256i mnqh_rounded_shift_right(__m256i x, __m256i count)
{
    const __m256i one = _mm256_set1_epi32(1);
    const __m256i mask = _mm256_sub_epi32(_mm256_sllv_epi32(one, count), one);
    const __m256i threshold =
        _mm256_sub_epi32(_mm256_srli_epi32(mask, 1), _mm256_srai_epi32(x, 31));
    const __m256i above = _mm256_cmpgt_epi32(_mm256_and_si256(x, mask), threshold);
    return _mm256_sub_epi32(_mm256_srav_epi32(x, count), above);
}

MNQH_AVX2_INLINE __m256i mnqh_requantize_double(__m256i accumulator, __m256i multiplier,
                                                __m256i shift)
{
    const __m256i zero = _mm256_setzero_si256();
    const __m256i half = _mm256_set1_epi64x(INT64_C(1) << 30);
    const __m256i shifted = _mm256_sllv_epi32(accumulator, _mm256_max_epi32(shift, zero));
    const __m256i even = _mm256_add_epi64(_mm256_mul_epi32(shifted, multiplier), half);
    const __m256i odd = _mm256_add_epi64(
        _mm256_mul_epi32(_mm256_shuffle_epi32(shifted, 0xF5),
                         _mm256_shuffle_epi32(multiplier, 0xF5)), half);
    const mnqh_s64x8 high = {_mm256_srli_epi64(even, 31), _mm256_srli_epi64(odd, 31)};
    const __m256i count = _mm256_sub_epi32(zero, _mm256_min_epi32(shift, zero));
    return mnqh_rounded_shift_right(mnqh_join(high), count);
}

/* Rounded once, ties up. The product is moved to unsigned numbers and back, as there is no 64-bit
 * arithmetic shift. */
MNQH_AVX2_INLINE __m256i mnqh_shift_up(__m256i product, __m256i count)
{
    const __m256i top = _mm256_set1_epi64x(INT64_MIN);
    const __m256i half = _mm256_srlv_epi64(_mm256_sllv_epi64(_mm256_set1_epi64x(1), count),
                                           _mm256_set1_epi64x(1));
    const __m256i moved = _mm256_xor_si256(_mm256_add_epi64(product, half), top);
    return _mm256_sub_epi64(_mm256_srlv_epi64(moved, count), _mm256_srlv_epi64(top, count));
}

MNQH_AVX2_INLINE __m256i mnqh_requantize_single_up(__m256i accumulator, __m256i multiplier,
                                                   __m256i shift)
{
    const mnqh_s64x8 count = mnqh_split(_mm256_sub_epi32(_mm256_set1_epi32(31), shift));
    const __m256i even = _mm256_mul_epi32(accumulator, multiplier);
    const __m256i odd = _mm256_mul_epi32(_mm256_shuffle_epi32(accumulator, 0xF5),
                                         _mm256_shuffle_epi32(multiplier, 0xF5));
    return mnqh_join(
        (mnqh_s64x8){mnqh_shift_up(even, count.even), mnqh_shift_up(odd, count.odd)});
}

/* Rounded once, ties away from zero: magnitudes are rounded up, the sign comes back last. */
MNQH_AVX2_INLINE __m256i mnqh_requantize_single_away(__m256i accumulator, __m256i multiplier,
                                                     __m256i shift)
{
    const mnqh_s64x8 count = mnqh_split(_mm256_sub_epi32(_mm256_set1_epi32(31), shift));
    const mnqh_s64x8 magnitude = mnqh_split(_mm256_abs_epi32(accumulator));
    const mnqh_s64x8 factor = mnqh_split(multiplier);
    const mnqh_s64x8 rounded = {
        mnqh_shift_up(_mm256_mul_epu32(magnitude.even, factor.even), count.even),
        mnqh_shift_up(_mm256_mul_epu32(magnitude.odd, factor.odd), count.odd)};
    return _mm256_sign_epi32(mnqh_join(rounded), accumulator);
}

MNQH_AVX2_INLINE __m256i mnqh_requantize_x8(__m256i accumulator, __m256i multiplier,
                                            __m256i shift, int32_t rounding)
{
    switch (rounding) {
    case MNQH_ROUND_DOUBLE: return mnqh_requantize_double(accumulator, multiplier, shift);
    case MNQH_ROUND_SINGLE_UP: return mnqh_requantize_single_up(accumulator, multiplier, shift);
    default: return mnqh_requantize_single_away(accumulator, multiplier, shift);
    }
}

/* Eight codes in 32 bits: the zero point added, clamped. */
MNQH_AVX2_INLINE __m256i mnqh_clamp_x8(__m256i product, int32_t zero_point,
                                       const mnqh_codes *codes)
{
    const __m256i code = _mm256_add_epi32(product, _mm256_set1_epi32(zero_point));
    return _mm256_min_epi32(_mm256_max_epi32(code, _mm256_set1_epi32(codes->minimum)),
                            _mm256_set1_epi32(codes->maximum));
}

#endif
