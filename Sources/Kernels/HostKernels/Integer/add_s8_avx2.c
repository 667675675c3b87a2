#include "mnqh_elementwise_s8_simd.h"

#ifdef MNQH_HAS_AVX2_CODE
#include "mnqh_avx2_requantize.h"

/* Eight codes as floats. */
MNQH_AVX2_INLINE __m256 load_floats(const int8_t *from)
{
    int64_t bytes;
    memcpy(&bytes, from, sizeof bytes);
    return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_cvtsi64_si128(bytes)));
}

/* Eight sums by the layer's line, not yet clamped. */
MNQH_AVX2_INLINE __m256i line_codes(const mnqh_add_s8_layer *layer, const int8_t *a,
                                    const int8_t *b)
{
    const __m256 moved = _mm256_fmadd_ps(load_floats(b), _mm256_set1_ps(layer->b_scale),
                                         _mm256_set1_ps(layer->offset));
    return _mm256_cvtps_epi32(
        _mm256_fmadd_ps(load_floats(a), _mm256_set1_ps(layer->a_scale), moved));
}

/* Eight codes on the common scale. */
MNQH_AVX2_INLINE __m256i rescale(const int8_t *from, int32_t zero_point, mnqh_factor factor,
                                 int32_t rounding)
{
    int64_t bytes;
    memcpy(&bytes, from, sizeof bytes);
    const __m256i codes = _mm256_cvtepi8_epi32(_mm_cvtsi64_si128(bytes));
    const __m256i centered = _mm256_sub_epi32(codes, _mm256_set1_epi32(zero_point));
    return mnqh_requantize_x8(_mm256_slli_epi32(centered, MNQH_ADD_LEFT_SHIFT),
                              _mm256_set1_epi32(factor.multiplier),
                              _mm256_set1_epi32(factor.shift), rounding);
}

/* Eight sums by the integers themselves. */
MNQH_AVX2_INLINE __m256i exact_codes(const mnqh_add_s8_layer *layer, const int8_t *a,
                                     const int8_t *b)
{
    const mnqh_codes *codes = &layer->codes;
    const __m256i sum =
        _mm256_add_epi32(rescale(a, layer->a_zero_point, layer->a_factor, codes->rounding),
                         rescale(b, layer->b_zero_point, layer->b_factor, codes->rounding));
    const __m256i product =
        mnqh_requantize_x8(sum, _mm256_set1_epi32(layer->output_factor.multiplier),
                           _mm256_set1_epi32(layer->output_factor.shift), codes->rounding);
    return mnqh_clamp_x8(product, codes->output_zero_point, codes);
}

/* Packs 0-7 and 8-15 to clamped bytes. */
MNQH_AVX2_INLINE __m128i pack(const mnqh_codes *codes, __m256i low, __m256i high)
{
    const __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), 0xD8);
    const __m128i bytes =
        _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
    return _mm_min_epi8(_mm_max_epi8(bytes, _mm_set1_epi8((char)codes->minimum)),
                        _mm_set1_epi8((char)codes->maximum));
}

MNQH_AVX2 void mnqh_add_s8_avx2(const mnqh_add_s8_layer *layer, size_t count, const int8_t *a,
                                const int8_t *b, int8_t *output)
{
    const mnqh_add_s8_layer own = *layer; /* which the output cannot alias */
    size_t i = 0;
    for (; own.has_line && i + 16 <= count; i += 16) {
        mnqh_store_128(output + i, pack(&own.codes, line_codes(&own, a + i, b + i),
                                        line_codes(&own, a + i + 8, b + i + 8)));
    }
    for (; i + 16 <= count; i += 16) {
        mnqh_store_128(output + i, pack(&own.codes, exact_codes(&own, a + i, b + i),
                                        exact_codes(&own, a + i + 8, b + i + 8)));
    }
    mnqh_add_s8_scalar(layer, count - i, a + i, b + i, output + i);
}
#endif
