/* Instructions that multiply four codes by four weights and add them up: sixteen 32-bit sums, one for
 * each channel of a panel, in one register of 512 bits or in two of 256. A file says which by
 * `MNQH_VNNI_BITS` before it includes this, so that kernels are written once for both.
 *
 * The instructions take codes without sign. Those here are 128 more than the layer's, which is what
 * turning the top bit of a byte does; a panel's start takes that back. Sums wrap, never saturate. */
#ifndef MNQH_VNNI_H
#define MNQH_VNNI_H

#include <immintrin.h>
#include <string.h>

#include "mnqh_twins_s8.h"

/* Vectors that become bytes together. */
enum { MNQH_PACKED = 4 };

#if MNQH_VNNI_BITS == 512
#define MNQH_VNNI MNQH_AVX512_VNNI
#define MNQH_VNNI_INLINE MNQH_AVX512_VNNI_INLINE
#define MNQH_VNNI_NAME(name) name##_avx512

/* Vectors of sums that a tile may have, and the panels of a single row's. */
enum { MNQH_MOST_SUMS = 24, MNQH_ROW_PANELS = 8 };

/* Sixteen 32-bit numbers, or 64 bytes. */
typedef __m512i mnqh_vector;

MNQH_VNNI_INLINE mnqh_vector mnqh_load(const void *from)
{
    return _mm512_loadu_si512(from);
}

MNQH_VNNI_INLINE void mnqh_store(void *to, mnqh_vector vector)
{
    _mm512_storeu_si512(to, vector);
}

/* Four neighbouring codes, sixteen times. */
MNQH_VNNI_INLINE mnqh_vector mnqh_quad(const uint8_t *from)
{
    int32_t four;
    memcpy(&four, from, sizeof four);
    return _mm512_set1_epi32(four);
}

/* `count` codes without sign. */
MNQH_VNNI_INLINE void mnqh_turn(size_t count, const int8_t *from, uint8_t *to)
{
    const __m512i top = _mm512_set1_epi8(INT8_MIN);
    size_t i = 0;
    for (; i + 64 <= count; i += 64) {
        mnqh_store(to + i, _mm512_xor_si512(mnqh_load(from + i), top));
    }
    if (i < count) {
        const __mmask64 rest = UINT64_MAX >> (64 - (count - i));
        _mm512_mask_storeu_epi8(to + i, rest,
                                _mm512_xor_si512(_mm512_maskz_loadu_epi8(rest, from + i), top));
    }
}

/* Sixteen codes of each of four rows, without sign, four by four. */
MNQH_VNNI_INLINE mnqh_vector mnqh_interleave(const int8_t *a, const int8_t *b, const int8_t *c,
                                             const int8_t *d)
{
    const __m512i fours =
        _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    const __m512i bytes = _mm512_broadcast_i32x4(
        _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
    __m512i rows = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)(const void *)a));
    rows = _mm512_inserti32x4(rows, _mm_loadu_si128((const __m128i *)(const void *)b), 1);
    rows = _mm512_inserti32x4(rows, _mm_loadu_si128((const __m128i *)(const void *)c), 2);
    rows = _mm512_inserti32x4(rows, _mm_loadu_si128((const __m128i *)(const void *)d), 3);
    /* Compilers would make twice as many shuffles of these two. */
    __asm__("" : "+v"(rows));
    rows = _mm512_permutexvar_epi32(fours, rows);
    __asm__("" : "+v"(rows));
    return _mm512_xor_si512(_mm512_shuffle_epi8(rows, bytes), _mm512_set1_epi8(INT8_MIN));
}

MNQH_VNNI_INLINE mnqh_vector mnqh_dot(mnqh_vector sums, mnqh_vector codes, mnqh_vector weights)
{
    return _mm512_dpbusd_epi32(sums, codes, weights);
}

/* Codes of accumulators on the line of their panel, not yet clamped. */
MNQH_VNNI_INLINE mnqh_vector mnqh_line_code(mnqh_vector sums, const mnqh_panel_s8 *panel,
                                            mnqh_panel_kind kind)
{
    if (kind == MNQH_MENDED_F32) {
        const __mmask16 mended = _mm512_cmpeq_epi32_mask(sums, mnqh_load(panel->line.mended));
        sums = _mm512_mask_add_epi32(sums, mended, sums, _mm512_set1_epi32(1));
    }
    __m512 offset = _mm512_loadu_ps(panel->line.offset);
    if (kind != MNQH_LINE_F32) {
        offset = _mm512_mask_loadu_ps(offset, _mm512_movepi32_mask(sums),
                                      panel->line.negative_offset);
    }
    return _mm512_cvtps_epi32(_mm512_fmadd_ps(_mm512_cvtepi32_ps(sums),
                                              _mm512_loadu_ps(panel->line.scale), offset));
}

/* Four vectors of codes as bytes, clamped, one behind the other. */
MNQH_VNNI_INLINE mnqh_vector mnqh_pack(const mnqh_vector *four, const mnqh_codes *codes)
{
    const __m512i order =
        _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    const __m512i words[2] = {_mm512_packs_epi32(four[0], four[1]),
                              _mm512_packs_epi32(four[2], four[3])};
    const __m512i bytes =
        _mm512_permutexvar_epi32(order, _mm512_packs_epi16(words[0], words[1]));
    return _mm512_min_epi8(_mm512_max_epi8(bytes, _mm512_set1_epi8((char)codes->minimum)),
                           _mm512_set1_epi8((char)codes->maximum));
}

/* Stores the first `count` bytes of `lanes` lanes of sixteen, from lane `lane` on. */
MNQH_VNNI_INLINE void mnqh_store_lanes(int8_t *to, mnqh_vector bytes, size_t lane, size_t lanes,
                                       size_t count)
{
    const uint64_t mask = UINT64_MAX >> (64 - count);
    if (lanes == 1) {
        const __m128i one = lane == 0   ? _mm512_castsi512_si128(bytes)
                            : lane == 1 ? _mm512_extracti32x4_epi32(bytes, 1)
                            : lane == 2 ? _mm512_extracti32x4_epi32(bytes, 2)
                                        : _mm512_extracti32x4_epi32(bytes, 3);
        _mm_mask_storeu_epi8(to, (__mmask16)mask, one);
    } else if (lanes == 2) {
        const __m256i two = lane == 0 ? _mm512_castsi512_si256(bytes)
                                      : _mm512_extracti64x4_epi64(bytes, 1);
        _mm256_mask_storeu_epi8(to, (__mmask32)mask, two);
    } else {
        _mm512_mask_storeu_epi8(to, mask, bytes);
    }
}
#else
#define MNQH_VNNI MNQH_AVX_VNNI
#define MNQH_VNNI_INLINE MNQH_AVX_VNNI_INLINE
#define MNQH_VNNI_NAME(name) name##_avxvnni

enum { MNQH_MOST_SUMS = 6, MNQH_ROW_PANELS = 4 };

/* Sixteen 32-bit numbers, or 64 bytes. */
typedef struct {
    __m256i low;
    __m256i high;
} mnqh_vector;

MNQH_VNNI_INLINE mnqh_vector mnqh_load(const void *from)
{
    const __m256i *halves = from;
    return (mnqh_vector){_mm256_loadu_si256(halves), _mm256_loadu_si256(halves + 1)};
}

MNQH_VNNI_INLINE void mnqh_store(void *to, mnqh_vector vector)
{
    __m256i *halves = to;
    _mm256_storeu_si256(halves, vector.low);
    _mm256_storeu_si256(halves + 1, vector.high);
}

MNQH_VNNI_INLINE mnqh_vector mnqh_quad(const uint8_t *from)
{
    int32_t four;
    memcpy(&four, from, sizeof four);
    return (mnqh_vector){_mm256_set1_epi32(four), _mm256_set1_epi32(four)};
}

MNQH_VNNI_INLINE void mnqh_turn(size_t count, const int8_t *from, uint8_t *to)
{
    const __m128i top = _mm_set1_epi8(INT8_MIN);
    size_t i = 0;
    for (; i + 16 <= count; i += 16) {
        const __m128i codes = _mm_loadu_si128((const __m128i *)(const void *)(from + i));
        _mm_storeu_si128((__m128i *)(void *)(to + i), _mm_xor_si128(codes, top));
    }
    for (; i < count; ++i) {
        to[i] = (uint8_t)(from[i] + 128);
    }
}

MNQH_VNNI_INLINE mnqh_vector mnqh_interleave(const int8_t *a, const int8_t *b, const int8_t *c,
                                             const int8_t *d)
{
    const int8_t *const rows[4] = {a, b, c, d};
    __m128i codes[4];
    MNQH_UNROLL
    for (size_t i = 0; i < 4; ++i) {
        codes[i] = _mm_xor_si128(_mm_loadu_si128((const __m128i *)(const void *)rows[i]),
                                 _mm_set1_epi8(INT8_MIN));
    }
    const __m128i low[2] = {_mm_unpacklo_epi8(codes[0], codes[1]),
                            _mm_unpacklo_epi8(codes[2], codes[3])};
    const __m128i high[2] = {_mm_unpackhi_epi8(codes[0], codes[1]),
                             _mm_unpackhi_epi8(codes[2], codes[3])};
    return (mnqh_vector){_mm256_set_m128i(_mm_unpackhi_epi16(low[0], low[1]),
                                          _mm_unpacklo_epi16(low[0], low[1])),
                         _mm256_set_m128i(_mm_unpackhi_epi16(high[0], high[1]),
                                          _mm_unpacklo_epi16(high[0], high[1]))};
}

MNQH_VNNI_INLINE mnqh_vector mnqh_dot(mnqh_vector sums, mnqh_vector codes, mnqh_vector weights)
{
    return (mnqh_vector){_mm256_dpbusd_avx_epi32(sums.low, codes.low, weights.low),
                         _mm256_dpbusd_avx_epi32(sums.high, codes.high, weights.high)};
}

MNQH_VNNI_INLINE __m256i mnqh_half_line_code(__m256i sums, const mnqh_panel_s8 *panel,
                                             mnqh_panel_kind kind, size_t first)
{
    if (kind == MNQH_MENDED_F32) {
        const void *mended = panel->line.mended + first;
        sums = _mm256_sub_epi32(sums, _mm256_cmpeq_epi32(sums, _mm256_loadu_si256(mended)));
    }
    const __m256 values = _mm256_cvtepi32_ps(sums);
    __m256 offset = _mm256_loadu_ps(panel->line.offset + first);
    if (kind != MNQH_LINE_F32) {
        offset = _mm256_blendv_ps(
            offset, _mm256_loadu_ps(panel->line.negative_offset + first), values);
    }
    const __m256 scale = _mm256_loadu_ps(panel->line.scale + first);
    return _mm256_cvtps_epi32(_mm256_fmadd_ps(values, scale, offset));
}

MNQH_VNNI_INLINE mnqh_vector mnqh_line_code(mnqh_vector sums, const mnqh_panel_s8 *panel,
                                            mnqh_panel_kind kind)
{
    return (mnqh_vector){mnqh_half_line_code(sums.low, panel, kind, 0),
                         mnqh_half_line_code(sums.high, panel, kind, 8)};
}

MNQH_VNNI_INLINE __m256i mnqh_pack_two(const mnqh_vector *two, const mnqh_codes *codes)
{
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    const __m256i words[2] = {_mm256_packs_epi32(two[0].low, two[0].high),
                              _mm256_packs_epi32(two[1].low, two[1].high)};
    const __m256i bytes =
        _mm256_permutevar8x32_epi32(_mm256_packs_epi16(words[0], words[1]), order);
    return _mm256_min_epi8(_mm256_max_epi8(bytes, _mm256_set1_epi8((char)codes->minimum)),
                           _mm256_set1_epi8((char)codes->maximum));
}

MNQH_VNNI_INLINE mnqh_vector mnqh_pack(const mnqh_vector *four, const mnqh_codes *codes)
{
    return (mnqh_vector){mnqh_pack_two(four, codes), mnqh_pack_two(four + 2, codes)};
}

MNQH_VNNI_INLINE void mnqh_store_lanes(int8_t *to, mnqh_vector bytes, size_t lane, size_t lanes,
                                       size_t count)
{
    const __m128i all[4] = {
        _mm256_castsi256_si128(bytes.low), _mm256_extracti128_si256(bytes.low, 1),
        _mm256_castsi256_si128(bytes.high), _mm256_extracti128_si256(bytes.high, 1)};
    const size_t whole = count / 16;
    MNQH_UNROLL
    for (size_t i = 0; i < lanes; ++i) {
        if (i < whole) {
            _mm_storeu_si128((__m128i *)(void *)(to + 16 * i), all[lane + i]);
        } else if (i == whole && count % 16 > 0) {
            int8_t last[16];
            _mm_storeu_si128((__m128i *)(void *)last, all[lane + i]);
            memcpy(to + 16 * i, last, count % 16);
        }
    }
}
#endif

/* Codes of `count` sums of a panel that are `step` vectors apart (constants after inlining), by lines
 * of one kind. */
MNQH_VNNI_INLINE void mnqh_make_line_codes(size_t count, size_t step, const mnqh_panel_s8 *panel,
                                           mnqh_panel_kind kind, mnqh_vector *sums)
{
    MNQH_UNROLL
    for (size_t i = 0; i < count; ++i) {
        sums[i * step] = mnqh_line_code(sums[i * step], panel, kind);
    }
}

/* The same through memory, for a panel of any kind. */
MNQH_VNNI_INLINE void mnqh_make_other_codes(size_t count, size_t step, const mnqh_panel_s8 *panel,
                                            const mnqh_codes *codes, mnqh_vector *sums)
{
    int32_t memory[MNQH_MOST_SUMS][MNQH_PANEL];
    MNQH_UNROLL
    for (size_t i = 0; i < count; ++i) {
        mnqh_store(memory[i], sums[i * step]);
    }
    MNQH_VNNI_NAME(mnqh_make_codes_s8)(count, memory, panel, codes);
    MNQH_UNROLL
    for (size_t i = 0; i < count; ++i) {
        sums[i * step] = mnqh_load(memory[i]);
    }
}

/* The same, `kind` being the panel's or a slower one. */
MNQH_VNNI_INLINE void mnqh_make_codes(size_t count, size_t step, const mnqh_panel_s8 *panel,
                                      mnqh_panel_kind kind, const mnqh_codes *codes,
                                      mnqh_vector *sums)
{
    if (kind == MNQH_LINE_F32) {
        mnqh_make_line_codes(count, step, panel, MNQH_LINE_F32, sums);
    } else if (kind == MNQH_BENT_F32) {
        mnqh_make_line_codes(count, step, panel, MNQH_BENT_F32, sums);
    } else {
        mnqh_make_other_codes(count, step, panel, codes, sums);
    }
}

#endif
