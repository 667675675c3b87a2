/* From the accumulators of a panel to its codes. */
#ifndef MNQH_AVX2_CODES_H
#define MNQH_AVX2_CODES_H

#include "mnqh_avx2_s8.h"

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
