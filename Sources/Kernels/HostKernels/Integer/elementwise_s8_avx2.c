#include "mnqh_twins_s8.h"

#ifdef MNQH_HAS_AVX2_CODE
#include "mnqh_avx2_codes.h"

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
