#include "mnqh_elementwise_s8_simd.h"

#ifdef MNQH_HAS_AVX2_CODE
#include "mnqh_avx2_s8.h"

/* 32 codes: their last four bits, and each of the others as the sign of a byte. */
typedef struct {
    __m256i index;
    __m256i bit[4]; /* 4 ... 7 */
} split_codes;

MNQH_AVX2_INLINE split_codes split(__m256i codes)
{
    return (split_codes){
        _mm256_and_si256(codes, _mm256_set1_epi8(15)),
        {_mm256_slli_epi16(codes, 3), _mm256_slli_epi16(codes, 2), _mm256_slli_epi16(codes, 1),
         codes},
    };
}

/* Entries of a sixteenth of the table: `row` is codes' upper half. */
MNQH_AVX2_INLINE __m256i look_up_row(const int8_t *table, size_t row, const split_codes *codes)
{
    /* The table begins with the negative codes. */
    const __m128i entries = mnqh_load_128(table + 16 * (row ^ 8));
    return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(entries), codes->index);
}

/* Entries of rows `row ..< row + 2^bits`, chosen by as many bits. */
#define MNQH_LOOK_UP(name, half, bits)                                                           \
    MNQH_AVX2_INLINE __m256i name(const int8_t *table, size_t row, const split_codes *codes)     \
    {                                                                                            \
        return _mm256_blendv_epi8(half(table, row, codes),                                       \
                                  half(table, row + (1U << (bits)) / 2, codes),                  \
                                  codes->bit[(bits) - 1]);                                       \
    }

MNQH_LOOK_UP(look_up_2_rows, look_up_row, 1)
MNQH_LOOK_UP(look_up_4_rows, look_up_2_rows, 2)
MNQH_LOOK_UP(look_up_8_rows, look_up_4_rows, 3)
MNQH_LOOK_UP(look_up_16_rows, look_up_8_rows, 4)

MNQH_AVX2 void mnqh_lookup_s8_avx2(size_t count, const int8_t *input, const int8_t *table,
                                   int8_t *output)
{
    int8_t own[256]; /* which the output cannot alias */
    memcpy(own, table, sizeof own);
    size_t i = 0;
    for (; i + 32 <= count; i += 32) {
        const split_codes codes = split(mnqh_load_256(input + i));
        mnqh_store_256(output + i, look_up_16_rows(own, 0, &codes));
    }
    mnqh_lookup_s8_scalar(count - i, input + i, table, output + i);
}
#endif
