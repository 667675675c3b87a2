/* Loads, stores and pairs of registers. */
#ifndef MNQH_AVX2_S8_H
#define MNQH_AVX2_S8_H

#include <immintrin.h>
#include <string.h>

#include "mnqh_panel_s8.h"

/* Sixteen 32-bit integers, in slots 0-7 and 8-15. */
typedef struct {
    __m256i low;
    __m256i high;
} mnqh_s32x16;

MNQH_AVX2_INLINE __m256i mnqh_load_256(const void *from)
{
    return _mm256_loadu_si256((const __m256i *)from);
}

MNQH_AVX2_INLINE __m128i mnqh_load_128(const void *from)
{
    return _mm_loadu_si128((const __m128i *)from);
}

MNQH_AVX2_INLINE void mnqh_store_256(void *to, __m256i value)
{
    _mm256_storeu_si256((__m256i *)to, value);
}

MNQH_AVX2_INLINE void mnqh_store_128(void *to, __m128i value)
{
    _mm_storeu_si128((__m128i *)to, value);
}

MNQH_AVX2_INLINE mnqh_s32x16 mnqh_load_s32x16(const int32_t *from)
{
    return (mnqh_s32x16){mnqh_load_256(from), mnqh_load_256(from + 8)};
}

MNQH_AVX2_INLINE void mnqh_store_s32x16(int32_t *to, mnqh_s32x16 value)
{
    mnqh_store_256(to, value.low);
    mnqh_store_256(to + 8, value.high);
}

/* Sixteen codes, widened to 16 bits. */
MNQH_AVX2_INLINE __m256i mnqh_widen(const int8_t *from)
{
    return _mm256_cvtepi8_epi16(mnqh_load_128(from));
}

/* Adds the products of two 16-bit vectors, summed in pairs. */
MNQH_AVX2_INLINE __m256i mnqh_multiply_add(__m256i sum, __m256i values, __m256i weights)
{
    return _mm256_add_epi32(sum, _mm256_madd_epi16(values, weights));
}

#endif
