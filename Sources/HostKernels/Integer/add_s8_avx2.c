#include "mnqh_elementwise_s8_simd.h"

#ifdef MNQH_HAS_AVX2_CODE
#include "mnqh_avx2_narrow.h"
#include "mnqh_avx2_requantize.h"

/* The constants of one operand. */
typedef struct {
    __m256i zero_point; /* 16 bits */
    __m256i multiplier;
    __m256i shift;
    /* Of the fast way, where the shift is to the right or nought. */
    __m256i half;  /* 2^(count - 1), or 0 */
    __m256i step;  /* what a negative number steps down by to round a tie away from zero */
    __m128i count;
} operand;

MNQH_AVX2_INLINE operand prepare(int32_t zero_point, mnqh_factor factor)
{
    const int32_t right = factor.shift < 0 ? -factor.shift : 0;
    return (operand){
        .zero_point = _mm256_set1_epi16((short)zero_point),
        .multiplier = _mm256_set1_epi32(factor.multiplier),
        .shift = _mm256_set1_epi32(factor.shift),
        .half = _mm256_set1_epi32(right > 0 ? 1 << (right - 1) : 0),
        .step = _mm256_set1_epi32(right > 0 ? -1 : 0),
        .count = _mm_cvtsi32_si128(right),
    };
}

/* Eight centered codes on the common scale, by double rounding with a shift that is not to the
 * left. Nothing overflows: they are below 2^8, and so 2^29 when shifted and doubled. Swaps the
 * middle two of every four. */
MNQH_AVX2_INLINE __m256i rescale_fast(__m256i centered, const operand *o)
{
    const __m256i doubled = _mm256_slli_epi32(centered, MNQH_ADD_LEFT_SHIFT + 1);
    const __m256i high = mnqh_high_multiply(doubled, o->multiplier, o->multiplier);
    const __m256i step = _mm256_and_si256(_mm256_srai_epi32(high, 31), o->step);
    return _mm256_sra_epi32(_mm256_add_epi32(_mm256_add_epi32(high, o->half), step), o->count);
}

MNQH_AVX2_INLINE __m256i rescale(__m256i centered, const operand *o, int32_t rounding)
{
    const __m256i shifted = _mm256_slli_epi32(centered, MNQH_ADD_LEFT_SHIFT);
    return mnqh_requantize_x8(shifted, o->multiplier, o->shift, rounding);
}

/* Sixteen codes less their zero point, in 32 bits. */
MNQH_AVX2_INLINE mnqh_s32x16 center(const int8_t *from, const operand *o)
{
    const __m256i words = _mm256_sub_epi16(mnqh_widen(from), o->zero_point);
    return (mnqh_s32x16){_mm256_cvtepi16_epi32(_mm256_castsi256_si128(words)),
                         _mm256_cvtepi16_epi32(_mm256_extracti128_si256(words, 1))};
}

/* Packs 0-7 and 8-15 to bytes in their order. */
MNQH_AVX2_INLINE __m128i pack(__m256i low, __m256i high)
{
    const __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), 0xD8);
    return _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
}

typedef struct {
    operand a;
    operand b;
    __m256i output_multiplier;
    __m256i output_shift; /* of the fast way: to the right, less one */
    __m256i zero_point;   /* 16 bits */
    const mnqh_codes *codes;
} addition;

/* Sixteen sums, all factors at most 1 and the last at most 1/2, double rounding. */
MNQH_AVX2_INLINE __m128i add_fast(const addition *s, const int8_t *a, const int8_t *b)
{
    const mnqh_s32x16 left = center(a, &s->a);
    const mnqh_s32x16 right = center(b, &s->b);
    const __m256i low =
        _mm256_add_epi32(rescale_fast(left.low, &s->a), rescale_fast(right.low, &s->b));
    const __m256i high =
        _mm256_add_epi32(rescale_fast(left.high, &s->a), rescale_fast(right.high, &s->b));
    /* The second multiply swaps back what the first ones have swapped. */
    const __m256i low_codes =
        mnqh_doubled_codes(_mm256_add_epi32(low, low), s->output_multiplier, s->output_multiplier,
                           s->output_shift, MNQH_CLAMP);
    const __m256i high_codes =
        mnqh_doubled_codes(_mm256_add_epi32(high, high), s->output_multiplier,
                           s->output_multiplier, s->output_shift, MNQH_CLAMP);
    const __m256i halves = _mm256_permute4x64_epi64(_mm256_packs_epi32(low_codes, high_codes), 0xD8);
    const __m256i codes = _mm256_add_epi16(
        _mm256_mulhrs_epi16(halves, _mm256_set1_epi16(1 << 14)), s->zero_point);
    const __m128i bytes =
        _mm_packs_epi16(_mm256_castsi256_si128(codes), _mm256_extracti128_si256(codes, 1));
    return _mm_min_epi8(_mm_max_epi8(bytes, _mm_set1_epi8((char)s->codes->minimum)),
                        _mm_set1_epi8((char)s->codes->maximum));
}

/* Sixteen sums, whatever the factors and the rounding. */
MNQH_AVX2_INLINE __m128i add_general(const addition *s, const int8_t *a, const int8_t *b)
{
    const int32_t rounding = s->codes->rounding;
    const mnqh_s32x16 left = center(a, &s->a);
    const mnqh_s32x16 right = center(b, &s->b);
    const __m256i low = _mm256_add_epi32(rescale(left.low, &s->a, rounding),
                                         rescale(right.low, &s->b, rounding));
    const __m256i high = _mm256_add_epi32(rescale(left.high, &s->a, rounding),
                                          rescale(right.high, &s->b, rounding));
    return pack(
        mnqh_codes_x8(mnqh_requantize_x8(low, s->output_multiplier, s->output_shift, rounding),
                      s->codes),
        mnqh_codes_x8(mnqh_requantize_x8(high, s->output_multiplier, s->output_shift, rounding),
                      s->codes));
}

MNQH_AVX2 void mnqh_add_s8_avx2(const mnqh_add_s8_layer *layer, size_t count, const int8_t *a,
                                const int8_t *b, int8_t *output)
{
    const mnqh_factor factor = layer->output_factor;
    const bool fast = layer->codes.rounding == MNQH_ROUND_DOUBLE && layer->a_factor.shift <= 0 &&
                      layer->b_factor.shift <= 0 && factor.shift < 0;
    const addition s = {
        .a = prepare(layer->a_zero_point, layer->a_factor),
        .b = prepare(layer->b_zero_point, layer->b_factor),
        .output_multiplier = _mm256_set1_epi32(factor.multiplier),
        .output_shift = _mm256_set1_epi32(fast ? -factor.shift - 1 : factor.shift),
        .zero_point = _mm256_set1_epi16((short)layer->codes.output_zero_point),
        .codes = &layer->codes,
    };
    size_t i = 0;
    for (; fast && i + 16 <= count; i += 16) {
        mnqh_store_128(output + i, add_fast(&s, a + i, b + i));
    }
    for (; i + 16 <= count; i += 16) {
        mnqh_store_128(output + i, add_general(&s, a + i, b + i));
    }
    mnqh_add_s8_scalar(layer, count - i, a + i, b + i, output + i);
}
#endif
