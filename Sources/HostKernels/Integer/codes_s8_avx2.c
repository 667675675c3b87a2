#include "../Shared/mnqh_cpu.h"

#ifdef MNQH_HAS_AVX2_CODE
#include "mnqh_avx2_codes.h"
#include "mnqh_avx2_requantize.h"

/* The lines of a panel, in double precision: four slots at a time. */
typedef struct {
    __m256d scale[4];
    __m256d offset[4];
    __m256d negative_offset[4];
} lines;

/* Four accumulators on their line. */
MNQH_AVX2_INLINE __m128i on_line(const int32_t *accumulators, const lines *l, size_t quarter,
                                 bool bent)
{
    const __m256d value = _mm256_cvtepi32_pd(mnqh_load_128(accumulators));
    __m256d offset = l->offset[quarter];
    if (bent) {
        offset = _mm256_blendv_pd(offset, l->negative_offset[quarter], value);
    }
    return _mm256_cvtpd_epi32(_mm256_fmadd_pd(value, l->scale[quarter], offset));
}

/* Sixteen accumulators to 16-bit codes, not yet clamped. */
MNQH_AVX2_INLINE __m256i line_codes(const int32_t *sums, const lines *l, bool bent)
{
    __m128i quarter[4];
    MNQH_UNROLL
    for (size_t i = 0; i < 4; ++i) {
        quarter[i] = on_line(sums + 4 * i, l, i, bent);
    }
    return _mm256_packs_epi32(_mm256_set_m128i(quarter[1], quarter[0]),
                              _mm256_set_m128i(quarter[3], quarter[2]));
}

MNQH_AVX2_INLINE void store_line_codes(size_t count, const int32_t (*sums)[MNQH_PANEL],
                                       const mnqh_panel_s8 *panel, const mnqh_codes *codes,
                                       bool bent, mnqh_target to)
{
    const mnqh_lines single = mnqh_load_lines(panel, codes);
    lines l;
    MNQH_UNROLL
    for (size_t i = 0; i < 4; ++i) {
        l.scale[i] = _mm256_loadu_pd(panel->line.f64.scale + 4 * i);
        l.offset[i] = _mm256_loadu_pd(panel->line.f64.offset + 4 * i);
        l.negative_offset[i] = _mm256_loadu_pd(panel->line.f64.negative_offset + 4 * i);
    }
    for (size_t i = 0; i < count; i += 2) {
        const size_t next = i + 1 < count ? i + 1 : i;
        const __m256i bytes = mnqh_clamp_codes(line_codes(sums[i], &l, bent),
                                               line_codes(sums[next], &l, bent), &single);
        mnqh_store_128(mnqh_target_row(to, i), _mm256_castsi256_si128(bytes));
        mnqh_store_128(mnqh_target_row(to, next),
                       next > i ? _mm256_extracti128_si256(bytes, 1)
                                : _mm256_castsi256_si128(bytes));
    }
}

/* Eight slots by the integers themselves, from `first` on. */
MNQH_AVX2_INLINE __m256i exact_codes(const int32_t *sums, const mnqh_panel_s8 *panel,
                                     const mnqh_codes *codes, size_t first)
{
    const __m256i product = mnqh_requantize_x8(
        mnqh_load_256(sums + first), mnqh_load_256(panel->multipliers + first),
        mnqh_load_256(panel->shifts + first), codes->rounding);
    return mnqh_clamp_x8(product, codes->output_zero_point, codes);
}

MNQH_AVX2 static void store_exact_codes(size_t count, const int32_t (*sums)[MNQH_PANEL],
                                        const mnqh_panel_s8 *panel, const mnqh_codes *codes,
                                        mnqh_target to)
{
    for (size_t i = 0; i < count; ++i) {
        const __m256i words = _mm256_packs_epi32(exact_codes(sums[i], panel, codes, 0),
                                                 exact_codes(sums[i], panel, codes, 8));
        mnqh_store_128(mnqh_target_row(to, i),
                       _mm_packs_epi16(_mm256_castsi256_si128(words),
                                       _mm256_extracti128_si256(words, 1)));
    }
}

MNQH_AVX2 void mnqh_store_codes_avx2(size_t count, const int32_t (*sums)[MNQH_PANEL],
                                     const mnqh_panel_s8 *panel, const mnqh_codes *codes,
                                     mnqh_target to)
{
    if (panel->kind == MNQH_LINE_F64) {
        store_line_codes(count, sums, panel, codes, false, to);
    } else if (panel->kind == MNQH_BENT_F64) {
        store_line_codes(count, sums, panel, codes, true, to);
    } else {
        store_exact_codes(count, sums, panel, codes, to);
    }
}
#endif
