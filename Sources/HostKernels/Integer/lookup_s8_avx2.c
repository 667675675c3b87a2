#include "mnqh_elementwise_s8_simd.h"

#ifdef MNQH_HAS_AVX2_CODE
#include "mnqh_avx2_s8.h"

/* Byte shuffles look up 16 entries and give 0 where the index is negative. Sixteen entries further
 * down, the index is 16 less: entries of one table are stored as differences (exclusive or) from
 * the one before it, so that the tables up to the right one add up to its entry. */
typedef struct {
    int8_t differences[16][16];
} steps;

static steps make_steps(const int8_t *table)
{
    steps result;
    for (size_t i = 0; i < 16; ++i) {
        for (size_t j = 0; j < 16; ++j) {
            /* The upper half of the table, for codes from 0 on, starts afresh. */
            const int8_t before = i % 8 == 0 ? 0 : table[16 * (i - 1) + j];
            result.differences[i][j] = (int8_t)(table[16 * i + j] ^ before);
        }
    }
    return result;
}

/* Entries 0 ..< 128 of a half table; 0 where the index is negative. */
MNQH_AVX2_INLINE __m256i look_up_half(const int8_t (*differences)[16], __m256i index)
{
    const __m256i sixteen = _mm256_set1_epi8(16);
    __m256i entry = _mm256_setzero_si256();
    MNQH_UNROLL
    for (size_t i = 0; i < 8; ++i) {
        const __m256i table = _mm256_broadcastsi128_si256(mnqh_load_128(differences[i]));
        entry = _mm256_xor_si256(entry, _mm256_shuffle_epi8(table, index));
        index = _mm256_subs_epi8(index, sixteen);
    }
    return entry;
}

MNQH_AVX2 void mnqh_lookup_s8_avx2(size_t count, const int8_t *input, const int8_t *table,
                                   int8_t *output)
{
    const __m256i top = _mm256_set1_epi8(INT8_MIN);
    size_t i = 0;
    if (count >= 32) {
        const steps steps = make_steps(table);
        for (; i + 32 <= count; i += 32) {
            const __m256i code = mnqh_load_256(input + i);
            const __m256i negative =
                look_up_half(steps.differences, _mm256_xor_si256(code, top));
            const __m256i positive = look_up_half(steps.differences + 8, code);
            mnqh_store_256(output + i, _mm256_xor_si256(negative, positive));
        }
    }
    mnqh_lookup_s8_scalar(count - i, input + i, table, output + i);
}
#endif
