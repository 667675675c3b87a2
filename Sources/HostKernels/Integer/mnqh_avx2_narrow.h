/* From the accumulators of 16 channels to their codes, the fast way: what `mnqh_requantize` does
 * with double rounding, when every shift is to the right and accumulators are below 2^30, so that
 * kernels can compute them doubled.
 */
#ifndef MNQH_AVX2_NARROW_H
#define MNQH_AVX2_NARROW_H

#include "mnqh_avx2_s8.h"

/* What may be left out. Constants after inlining. */
typedef enum {
    MNQH_CLAMP,     /* nothing */
    MNQH_SATURATE,  /* the clamp: all codes are wanted, and packing saturates to them */
    MNQH_RECTIFY,   /* also the care for negative ties: they end at the zero point, the lowest code */
    MNQH_EPILOGUES
} mnqh_epilogue;

static inline mnqh_epilogue mnqh_choose_epilogue(const mnqh_codes *codes)
{
    if (codes->minimum > INT8_MIN || codes->maximum < INT8_MAX) {
        return MNQH_CLAMP;
    }
    return codes->output_zero_point == INT8_MIN ? MNQH_RECTIFY : MNQH_SATURATE;
}

/* The constants of a panel. */
typedef struct {
    mnqh_s32x16 multiplier;
    mnqh_s32x16 odd_multiplier; /* that of odd slots, where the 64-bit multiply looks for it */
    mnqh_s32x16 shift;          /* to the right, less one */
    __m256i zero_point;         /* 16 bits */
    __m256i minimum;            /* 8 bits */
    __m256i maximum;
} mnqh_narrow;

/* Odd slots, moved to where the 64-bit multiply looks. (A shift by 32 would do as well, but makes
 * clang 21 replace the multiply by three.) */
MNQH_AVX2_INLINE __m256i mnqh_odd_slots(__m256i value)
{
    return _mm256_shuffle_epi32(value, 0xF5);
}

MNQH_AVX2_INLINE mnqh_narrow mnqh_prepare_narrow(const mnqh_panel_s8 *panel,
                                                 const mnqh_codes *codes)
{
    const mnqh_s32x16 multiplier = mnqh_load_s32x16(panel->multipliers);
    const mnqh_s32x16 right = mnqh_load_s32x16(panel->right_shifts);
    const __m256i one = _mm256_set1_epi32(1);
    return (mnqh_narrow){
        .multiplier = multiplier,
        .odd_multiplier = {mnqh_odd_slots(multiplier.low), mnqh_odd_slots(multiplier.high)},
        .shift = {_mm256_sub_epi32(right.low, one), _mm256_sub_epi32(right.high, one)},
        .zero_point = _mm256_set1_epi16((short)codes->output_zero_point),
        .minimum = _mm256_set1_epi8((char)codes->minimum),
        .maximum = _mm256_set1_epi8((char)codes->maximum),
    };
}

/* (doubled * multiplier + 2^31) >> 32: the high multiply, which rounds ties up. Swaps the middle
 * slots of every four. */
MNQH_AVX2_INLINE __m256i mnqh_high_multiply(__m256i doubled, __m256i multiplier,
                                            __m256i odd_multiplier)
{
    const __m256i half = _mm256_set1_epi64x(INT64_C(1) << 31);
    const __m256i even = _mm256_add_epi64(_mm256_mul_epi32(doubled, multiplier), half);
    const __m256i odd =
        _mm256_add_epi64(_mm256_mul_epi32(mnqh_odd_slots(doubled), odd_multiplier), half);
    return _mm256_castps_si256(
        _mm256_shuffle_ps(_mm256_castsi256_ps(even), _mm256_castsi256_ps(odd), 0xDD));
}

/* Doubled accumulators to twice their codes, less the zero point, rounded down. Negative numbers
 * step down by one first, so that the caller's halving, which rounds ties up, rounds theirs away
 * from zero. */
MNQH_AVX2_INLINE __m256i mnqh_doubled_codes(__m256i doubled, __m256i multiplier,
                                            __m256i odd_multiplier, __m256i shift,
                                            mnqh_epilogue epilogue)
{
    __m256i high = mnqh_high_multiply(doubled, multiplier, odd_multiplier);
    if (epilogue != MNQH_RECTIFY) {
        high = _mm256_add_epi32(high, _mm256_srai_epi32(high, 31));
    }
    return _mm256_srav_epi32(high, shift);
}

/* Sixteen doubled accumulators to 16-bit codes, not yet clamped. Saturation on the way only meets
 * codes that the clamp moves to the same bound. */
MNQH_AVX2_INLINE __m256i mnqh_narrow_codes(mnqh_s32x16 doubled, const mnqh_narrow *narrow,
                                           mnqh_epilogue epilogue)
{
    const __m256i low =
        mnqh_doubled_codes(doubled.low, narrow->multiplier.low, narrow->odd_multiplier.low,
                           narrow->shift.low, epilogue);
    const __m256i high =
        mnqh_doubled_codes(doubled.high, narrow->multiplier.high, narrow->odd_multiplier.high,
                           narrow->shift.high, epilogue);
    const __m256i half = _mm256_set1_epi16(1 << 14);
    const __m256i codes = _mm256_mulhrs_epi16(_mm256_packs_epi32(low, high), half);
    return _mm256_add_epi16(codes, narrow->zero_point);
}

/* Two rows of 16-bit codes to bytes, the first row in the low half. */
MNQH_AVX2_INLINE __m256i mnqh_narrow_bytes(__m256i first, __m256i second,
                                           const mnqh_narrow *narrow, mnqh_epilogue epilogue)
{
    const __m256i bytes = _mm256_permute4x64_epi64(_mm256_packs_epi16(first, second), 0xD8);
    if (epilogue != MNQH_CLAMP) {
        return bytes;
    }
    return _mm256_min_epi8(_mm256_max_epi8(bytes, narrow->minimum), narrow->maximum);
}

#endif
