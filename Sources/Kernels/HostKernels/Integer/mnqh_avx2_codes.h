/* From values in AVX registers to codes: loads and stores first, then any factor, then lines. */
#ifndef MNQH_AVX2_CODES_H
#define MNQH_AVX2_CODES_H

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

/* `mnqh_requantize` for eight accumulators, whatever their factors and rounding. */

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

/* From the accumulators of a panel to its codes. */

/* The constants that the lines of a panel need. */
typedef struct {
    __m256 scale[2]; /* of the first and second eight slots */
    __m256 offset[2];
    __m256 negative_offset[2];
    __m256i mended[2];
    __m256i minimum; /* 8 bits */
    __m256i maximum;
} mnqh_lines;

MNQH_AVX2_INLINE mnqh_lines mnqh_load_lines(const mnqh_panel_s8 *panel, const mnqh_codes *codes)
{
    const float *scale = panel->line.scale;
    const float *offset = panel->line.offset;
    const float *negative_offset = panel->line.negative_offset;
    const int32_t *mended = panel->line.mended;
    return (mnqh_lines){
        .scale = {_mm256_loadu_ps(scale), _mm256_loadu_ps(scale + 8)},
        .offset = {_mm256_loadu_ps(offset), _mm256_loadu_ps(offset + 8)},
        .negative_offset = {_mm256_loadu_ps(negative_offset), _mm256_loadu_ps(negative_offset + 8)},
        .mended = {mnqh_load_256(mended), mnqh_load_256(mended + 8)},
        .minimum = _mm256_set1_epi8((char)codes->minimum),
        .maximum = _mm256_set1_epi8((char)codes->maximum),
    };
}

/* Eight accumulators on their line, in the first or second eight slots, not yet rounded. */
MNQH_AVX2_INLINE __m256 mnqh_on_line(__m256 values, const mnqh_lines *lines, size_t half,
                                     bool bent)
{
    __m256 offset = lines->offset[half];
    if (bent) {
        offset = _mm256_blendv_ps(offset, lines->negative_offset[half], values);
    }
    return _mm256_fmadd_ps(values, lines->scale[half], offset);
}

/* Eight codes. */
MNQH_AVX2_INLINE __m256i mnqh_line_code(__m256i accumulators, const mnqh_lines *lines, size_t half,
                                        bool bent)
{
    return _mm256_cvtps_epi32(
        mnqh_on_line(_mm256_cvtepi32_ps(accumulators), lines, half, bent));
}

/* Eight sums as the lines of a panel of this kind (a constant after inlining) take them. */
MNQH_AVX2_INLINE __m256i mnqh_mend(__m256i sums, const mnqh_lines *lines, size_t half,
                                   mnqh_panel_kind kind)
{
    if (kind != MNQH_MENDED_F32) {
        return sums;
    }
    return _mm256_sub_epi32(sums, _mm256_cmpeq_epi32(sums, lines->mended[half]));
}

/* Sixteen accumulators to 16-bit codes in their natural order within each half, not yet clamped. */
MNQH_AVX2_INLINE __m256i mnqh_line_codes(mnqh_s32x16 sums, const mnqh_lines *lines, bool bent)
{
    return _mm256_packs_epi32(mnqh_line_code(sums.low, lines, 0, bent),
                              mnqh_line_code(sums.high, lines, 1, bent));
}

/* Two rows of 16-bit codes to clamped bytes, the first row in the low half. */
MNQH_AVX2_INLINE __m256i mnqh_clamp_codes(__m256i first, __m256i second, const mnqh_lines *lines)
{
    const __m256i bytes = _mm256_permute4x64_epi64(_mm256_packs_epi16(first, second), 0xD8);
    return _mm256_min_epi8(_mm256_max_epi8(bytes, lines->minimum), lines->maximum);
}

/* Where a tile of rows of 16 codes goes: `across` of them `stride` bytes apart, then as many `line`
 * bytes further on. */
typedef struct {
    int8_t *first;
    size_t across;
    size_t stride;
    size_t line;
} mnqh_target;

MNQH_AVX2_INLINE int8_t *mnqh_target_row(mnqh_target to, size_t i)
{
    return to.first + i % to.across * to.stride + i / to.across * to.line;
}

/* Stores the codes of `count` rows of sums. (`count` and `across` are constants after inlining.)
 * Step by step for all of them, or the processor would wait for the steps of one. */
MNQH_AVX2_INLINE void mnqh_store_line_codes(size_t count, const mnqh_s32x16 *sums,
                                            const mnqh_lines *lines, bool bent, mnqh_target to)
{
    __m256 values[2 * MNQH_TILE_ROWS];
    __m256i codes[MNQH_TILE_ROWS];
    MNQH_UNROLL
    for (size_t i = 0; i < 2 * count; ++i) {
        values[i] = _mm256_cvtepi32_ps(i % 2 ? sums[i / 2].high : sums[i / 2].low);
    }
    MNQH_UNROLL
    for (size_t i = 0; i < 2 * count; ++i) {
        values[i] = mnqh_on_line(values[i], lines, i % 2, bent);
    }
    MNQH_UNROLL
    for (size_t i = 0; i < count; ++i) {
        codes[i] = _mm256_packs_epi32(_mm256_cvtps_epi32(values[2 * i]),
                                      _mm256_cvtps_epi32(values[2 * i + 1]));
    }
    MNQH_UNROLL
    for (size_t i = 0; i < count; i += 2) {
        const size_t next = i + 1 < count ? i + 1 : i;
        const __m256i bytes = mnqh_clamp_codes(codes[i], codes[next], lines);
        mnqh_store_128(mnqh_target_row(to, i), _mm256_castsi256_si128(bytes));
        if (next > i) {
            mnqh_store_128(mnqh_target_row(to, next), _mm256_extracti128_si256(bytes, 1));
        }
    }
}

/* Eight bytes each: the first and second half of the low and of the high half. */
MNQH_AVX2_INLINE void mnqh_store_quarter(size_t quarter, int8_t *to, __m256i bytes)
{
    const __m128i half =
        quarter < 2 ? _mm256_castsi256_si128(bytes) : _mm256_extracti128_si256(bytes, 1);
    const __m128d words = _mm_castsi128_pd(half);
    quarter % 2 ? _mm_storeh_pd((double *)(void *)to, words)
                : _mm_storel_pd((double *)(void *)to, words);
}

/* Stores the codes of `count` rows (a constant after inlining) of eight sums in the first eight
 * slots, `stride` bytes apart. Four rows become bytes together. */
MNQH_AVX2_INLINE void mnqh_store_half_line_codes(size_t count, const __m256i *sums,
                                                 const mnqh_lines *lines, bool bent, int8_t *to,
                                                 size_t stride)
{
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    __m256i codes[MNQH_TILE_ROWS];
    MNQH_UNROLL
    for (size_t i = 0; i < count; ++i) {
        codes[i] = mnqh_line_code(sums[i], lines, 0, bent);
    }
    MNQH_UNROLL
    for (size_t i = 0; i < count; i += 4) {
        const __m256i first = codes[i];
        const __m256i second = i + 1 < count ? codes[i + 1] : first;
        const __m256i third = i + 2 < count ? codes[i + 2] : first;
        const __m256i fourth = i + 3 < count ? codes[i + 3] : third;
        const __m256i bytes = _mm256_permutevar8x32_epi32(
            _mm256_packs_epi16(_mm256_packs_epi32(first, second),
                               _mm256_packs_epi32(third, fourth)),
            order);
        const __m256i clamped =
            _mm256_min_epi8(_mm256_max_epi8(bytes, lines->minimum), lines->maximum);
        MNQH_UNROLL
        for (size_t row = i; row < count && row < i + 4; ++row) {
            mnqh_store_quarter(row - i, to + row * stride, clamped);
        }
    }
}

/* The codes of `count` rows of sums in memory, for a panel of any other kind. */
void mnqh_store_codes_avx2(size_t count, const int32_t (*sums)[MNQH_PANEL],
                           const mnqh_panel_s8 *panel, const mnqh_codes *codes, mnqh_target to);

/* The codes of a tile, whatever the panel's kind. */
MNQH_AVX2_INLINE void mnqh_store_tile(size_t count, const mnqh_s32x16 *sums,
                                      const mnqh_lines *lines, const mnqh_panel_s8 *panel,
                                      const mnqh_codes *codes, mnqh_target to)
{
    if (panel->kind == MNQH_LINE_F32) {
        mnqh_store_line_codes(count, sums, lines, false, to);
    } else if (panel->kind == MNQH_BENT_F32) {
        mnqh_store_line_codes(count, sums, lines, true, to);
    } else {
        int32_t rows[MNQH_TILE_ROWS][MNQH_PANEL];
        MNQH_UNROLL
        for (size_t i = 0; i < count; ++i) {
            mnqh_store_s32x16(rows[i], sums[i]);
        }
        mnqh_store_codes_avx2(count, rows, panel, codes, to);
    }
}

#endif
