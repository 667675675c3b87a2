#include "../Shared/mnqh_cpu.h"

#ifdef MNQH_HAS_AVX2_CODE
#include "mnqh_avx2_codes.h"

MNQH_AVX2 static void store_mended_codes(size_t count, const int32_t (*sums)[MNQH_PANEL],
                                         const mnqh_panel_s8 *panel, const mnqh_codes *codes,
                                         mnqh_target to)
{
    const mnqh_lines lines = mnqh_load_lines(panel, codes);
    for (size_t i = 0; i < count; ++i) {
        const mnqh_s32x16 row = mnqh_load_s32x16(sums[i]);
        const mnqh_s32x16 mended = {mnqh_mend(row.low, &lines, 0, MNQH_MENDED_F32),
                                    mnqh_mend(row.high, &lines, 1, MNQH_MENDED_F32)};
        const __m256i words = mnqh_line_codes(mended, &lines, true);
        const __m256i bytes = mnqh_clamp_codes(words, words, &lines);
        mnqh_store_128(mnqh_target_row(to, i), _mm256_castsi256_si128(bytes));
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
    if (panel->kind == MNQH_EXACT) {
        store_exact_codes(count, sums, panel, codes, to);
    } else {
        store_mended_codes(count, sums, panel, codes, to);
    }
}
#endif
