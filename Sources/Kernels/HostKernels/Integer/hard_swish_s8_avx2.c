#include "mnqh_elementwise_s8_simd.h"

#ifdef MNQH_HAS_AVX2_CODE
#include "mnqh_avx2_s8.h"

enum { MNQH_VECTORS = 4, MNQH_BLOCK = 64 };

/* The constants of the function, all in 16 bits. */
typedef struct {
    __m256i input_zero_point; /* in 1/128 */
    __m256i output_zero_point;
    __m256i scale;
    __m256i reluish_scale;
    __m256i reluish_shift; /* to the right, as a factor in Q0.15 */
    __m256i shift;
    int32_t doublings; /* before the reluish scale; negative for shifts to the right after it */
} constants;

MNQH_AVX2_INLINE constants load_constants(const mnqh_hard_swish_s8_layer *layer)
{
    const int32_t reluish_shift = layer->reluish_factor.shift;
    return (constants){
        .input_zero_point = _mm256_set1_epi16((short)(layer->input_zero_point * 128)),
        .output_zero_point = _mm256_set1_epi16((short)layer->output_zero_point),
        .scale = _mm256_set1_epi16(mnqh_mantissa_s16(layer->output_factor.multiplier)),
        .reluish_scale = _mm256_set1_epi16(mnqh_mantissa_s16(layer->reluish_factor.multiplier)),
        .reluish_shift =
            _mm256_set1_epi16((short)(reluish_shift < 0 ? 1 << (15 + reluish_shift) : 0)),
        .shift = _mm256_set1_epi16((short)(1 << (15 + layer->output_factor.shift))),
        .doublings = reluish_shift - 1,
    };
}

/* min(max(x + 3, 0), 6) / 6 in Q0.16, without a sign, of x in 1/128 of a step. Even, unless it is
 * 1: products with that are the same. */
MNQH_AVX2_INLINE void reluish(const constants *c, __m256i *values)
{
    for (int32_t doubling = 0; doubling < c->doublings; ++doubling) {
        MNQH_UNROLL
        for (size_t i = 0; i < MNQH_VECTORS; ++i) {
            values[i] = _mm256_adds_epi16(values[i], values[i]);
        }
    }
    MNQH_UNROLL
    for (size_t i = 0; i < MNQH_VECTORS; ++i) {
        values[i] = _mm256_mulhrs_epi16(values[i], c->reluish_scale);
    }
    if (c->doublings >= 0) {
        MNQH_UNROLL
        for (size_t i = 0; i < MNQH_VECTORS; ++i) {
            values[i] = _mm256_adds_epi16(values[i], values[i]);
        }
    } else {
        MNQH_UNROLL
        for (size_t i = 0; i < MNQH_VECTORS; ++i) {
            if (c->doublings < -1) {
                const __m256i size = _mm256_abs_epi16(values[i]);
                values[i] = _mm256_sign_epi16(_mm256_mulhrs_epi16(size, c->reluish_shift),
                                              values[i]);
            }
            values[i] = _mm256_and_si256(values[i], _mm256_set1_epi16(-2));
        }
    }
    MNQH_UNROLL
    for (size_t i = 0; i < MNQH_VECTORS; ++i) {
        values[i] = _mm256_xor_si256(values[i], _mm256_set1_epi16(INT16_MIN));
    }
}

/* The function of 64 codes, in the steps of `FixedPoint.HardSwishFunction`. Step by step for all of
 * them, or the processor would wait for the steps of one. */
MNQH_AVX2_INLINE void run_block(const constants *c, const int8_t *input, int8_t *output)
{
    const __m256i zero = _mm256_setzero_si256();
    const __m256i codes[2] = {mnqh_load_256(input), mnqh_load_256(input + MNQH_BLOCK / 2)};
    __m256i scaled[MNQH_VECTORS];
    __m256i values[MNQH_VECTORS];

    MNQH_UNROLL
    for (size_t i = 0; i < MNQH_VECTORS; ++i) {
        const __m256i words = i % 2 ? _mm256_unpackhi_epi8(zero, codes[i / 2])
                                    : _mm256_unpacklo_epi8(zero, codes[i / 2]);
        values[i] = _mm256_sub_epi16(_mm256_srai_epi16(words, 1), c->input_zero_point);
        scaled[i] = _mm256_mulhrs_epi16(values[i], c->scale);
    }
    reluish(c, values);
    MNQH_UNROLL
    for (size_t i = 0; i < MNQH_VECTORS; ++i) {
        /* The product is rounded toward zero. */
        const __m256i product = _mm256_mulhi_epu16(_mm256_abs_epi16(scaled[i]), values[i]);
        values[i] = _mm256_sign_epi16(_mm256_mulhrs_epi16(product, c->shift), scaled[i]);
        values[i] = _mm256_add_epi16(values[i], c->output_zero_point);
    }
    mnqh_store_256(output, _mm256_packs_epi16(values[0], values[1]));
    mnqh_store_256(output + MNQH_BLOCK / 2, _mm256_packs_epi16(values[2], values[3]));
}

MNQH_AVX2 void mnqh_hard_swish_s8_avx2(const mnqh_hard_swish_s8_layer *layer, size_t count,
                                       const int8_t *input, int8_t *output)
{
    const constants c = load_constants(layer);
    size_t i = 0;
    for (; i + MNQH_BLOCK <= count; i += MNQH_BLOCK) {
        run_block(&c, input + i, output + i);
    }
    if (i < count) {
        int8_t last[MNQH_BLOCK] = {0};
        memcpy(last, input + i, count - i);
        run_block(&c, last, last);
        memcpy(output + i, last, count - i);
    }
}
#endif
