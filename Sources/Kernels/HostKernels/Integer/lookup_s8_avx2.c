#include "mnqh_elementwise_s8_simd.h"

#ifdef MNQH_HAS_AVX2_CODE
#include "mnqh_avx2_s8.h"

/* 32 codes: their last four bits, the same with the sign set where bit 4 is not, and each of the
 * other bits as the sign of a byte. A shuffle gives 0 for an index with the sign set. */
typedef struct {
    __m256i index;
    __m256i odd_index;
    __m256i bit[3]; /* 5 ... 7 */
} split_codes;

MNQH_AVX2_INLINE split_codes split(__m256i codes)
{
    const __m256i index = _mm256_and_si256(codes, _mm256_set1_epi8(15));
    const __m256i is_even =
        _mm256_andnot_si256(_mm256_slli_epi16(codes, 3), _mm256_set1_epi8(INT8_MIN));
    return (split_codes){
        index,
        _mm256_or_si256(index, is_even),
        {_mm256_slli_epi16(codes, 2), _mm256_slli_epi16(codes, 1), codes},
    };
}

/* Entries of a sixteenth of the table: `row` is codes' upper half, without sign. */
MNQH_AVX2_INLINE __m256i look_up_row(const int8_t *rows, size_t row, __m256i index)
{
    const __m128i entries = mnqh_load_128(rows + 16 * row);
    return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(entries), index);
}

/* Entries of rows `row` and `row + 1`. Odd rows hold what is different from the row before: that
 * takes no choice between the two, which few ports of a processor can make. */
MNQH_AVX2_INLINE __m256i look_up_2_rows(const int8_t *rows, size_t row, const split_codes *codes)
{
    return _mm256_xor_si256(look_up_row(rows, row, codes->index),
                            look_up_row(rows, row + 1, codes->odd_index));
}

/* Entries of rows `row ..< row + 2^bits`, chosen by as many bits. */
#define MNQH_LOOK_UP(name, half, bits)                                                           \
    MNQH_AVX2_INLINE __m256i name(const int8_t *rows, size_t row, const split_codes *codes)      \
    {                                                                                            \
        return _mm256_blendv_epi8(half(rows, row, codes),                                        \
                                  half(rows, row + (1U << (bits)) / 2, codes),                   \
                                  codes->bit[(bits) - 2]);                                       \
    }

MNQH_LOOK_UP(look_up_4_rows, look_up_2_rows, 2)
MNQH_LOOK_UP(look_up_8_rows, look_up_4_rows, 3)
MNQH_LOOK_UP(look_up_16_rows, look_up_8_rows, 4)

MNQH_AVX2 void mnqh_lookup_s8_avx2(size_t count, const int8_t *input, const int8_t *table,
                                   int8_t *output)
{
    int8_t rows[256];
    for (size_t row = 0; row < 16; ++row) {
        /* The table begins with the negative codes. */
        const __m128i entries = mnqh_load_128(table + 16 * (row ^ 8));
        const __m128i before = mnqh_load_128(table + 16 * ((row ^ 8) & 14));
        mnqh_store_128(rows + 16 * row, row % 2 ? _mm_xor_si128(entries, before) : entries);
    }
    size_t i = 0;
    for (; i + 32 <= count; i += 32) {
        const split_codes codes = split(mnqh_load_256(input + i));
        mnqh_store_256(output + i, look_up_16_rows(rows, 0, &codes));
    }
    mnqh_lookup_s8_scalar(count - i, input + i, table, output + i);
}
#endif
