#include "../Shared/mnqh_cpu.h"

#ifdef MNQH_HAS_AVX2_CODE
#include "mnqh_depthwise_ring_s8.h"

/* Two output rows at a time of the kernels that MobileNets have, whole rows of taps unrolled: eight
 * slots at a time, so that a tile can be wide, and without the taps that lie in the padding. */

enum { MNQH_MOST_ACROSS = 6, MNQH_HALF_PANEL = MNQH_PANEL / 2 };

/* Eight slots of two rows of `across` neighbours, the first row first. */
typedef struct {
    __m256i sums[2 * MNQH_MOST_ACROSS];
} half_tile;

/* The columns `first ..< end` of those that a tile reads are not all padding. */
typedef struct {
    size_t first;
    size_t end;
} column_range;

/* The sums of one half of a panel. (`taps`, `across` and the columns are constants after inlining.)
 */
MNQH_AVX2_INLINE half_tile convolve(size_t taps, size_t across, column_range columns,
                                    const mnqh_slide *s, size_t at, size_t half)
{
    const size_t step = 4 * MNQH_PANEL;
    const int16_t *weights = (const int16_t *)(s->panel + 1) +
                             s->step->first_pair * taps * step + half * MNQH_PANEL;
    const __m256i start = mnqh_load_256(s->panel->start + half * MNQH_HALF_PANEL);
    half_tile tile;

    MNQH_UNROLL
    for (size_t i = 0; i < 2 * across; ++i) {
        tile.sums[i] = start;
    }
    for (size_t pair = s->step->first_pair; pair < s->step->end_pair; ++pair) {
        const int16_t *values = s->step->rows[pair] + at + half * MNQH_PANEL;
        MNQH_UNROLL
        for (size_t kx = 0; kx < taps; ++kx, weights += step) {
            const __m256i first = mnqh_load_256(weights);
            const __m256i second = mnqh_load_256(weights + 2 * MNQH_PANEL);
            MNQH_UNROLL
            for (size_t i = 0; i < across; ++i) {
                if (kx + i >= columns.first && kx + i < columns.end) {
                    const __m256i value = mnqh_load_256(values + (kx + i) * MNQH_RING_PIXEL);
                    __m256i *sum = &tile.sums[i];
                    sum[0] = mnqh_multiply_add(sum[0], value, first);
                    sum[across] = mnqh_multiply_add(sum[across], value, second);
                }
            }
        }
    }
    return tile;
}

/* The codes of eight slots in 16 bits, two pixels a vector, not yet clamped. */
MNQH_AVX2_INLINE void line_codes(size_t count, const half_tile *tile, const mnqh_lines *lines,
                                 size_t half, mnqh_panel_kind kind, __m256i *codes)
{
    __m256i words[2 * MNQH_MOST_ACROSS];
    MNQH_UNROLL
    for (size_t i = 0; i < count; ++i) {
        const __m256i sum = mnqh_mend(tile->sums[i], lines, half, kind);
        words[i] = mnqh_line_code(sum, lines, half, kind != MNQH_LINE_F32);
    }
    MNQH_UNROLL
    for (size_t i = 0; i < count; i += 2) {
        codes[i / 2] = _mm256_packs_epi32(words[i], words[i + 1]);
    }
}

/* Stores the codes of both halves. */
MNQH_AVX2_INLINE void store_codes(size_t count, const __m256i (*codes)[MNQH_MOST_ACROSS],
                                  const mnqh_lines *lines, mnqh_target to)
{
    MNQH_UNROLL
    for (size_t i = 0; i < count; i += 2) {
        const __m256i first = _mm256_unpacklo_epi64(codes[0][i / 2], codes[1][i / 2]);
        const __m256i second = _mm256_unpackhi_epi64(codes[0][i / 2], codes[1][i / 2]);
        const __m256i bytes = mnqh_clamp_codes(first, second, lines);
        mnqh_store_128(mnqh_target_row(to, i), _mm256_castsi256_si128(bytes));
        mnqh_store_128(mnqh_target_row(to, i + 1), _mm256_extracti128_si256(bytes, 1));
    }
}

MNQH_AVX2_INLINE void run_tile(size_t taps, size_t across, column_range columns,
                               const mnqh_slide *s, size_t at, mnqh_target to)
{
    const mnqh_panel_kind kind = s->panel->kind;
    const size_t count = 2 * across;
    __m256i codes[2][MNQH_MOST_ACROSS];
    int32_t rows[2 * MNQH_MOST_ACROSS][MNQH_PANEL];

    MNQH_UNROLL
    for (size_t half = 0; half < 2; ++half) {
        const half_tile tile = convolve(taps, across, columns, s, at, half);
        if (kind == MNQH_LINE_F32) {
            line_codes(count, &tile, &s->lines, half, MNQH_LINE_F32, codes[half]);
        } else if (kind == MNQH_BENT_F32) {
            line_codes(count, &tile, &s->lines, half, MNQH_BENT_F32, codes[half]);
        } else if (kind == MNQH_MENDED_F32) {
            line_codes(count, &tile, &s->lines, half, MNQH_MENDED_F32, codes[half]);
        } else {
            MNQH_UNROLL
            for (size_t i = 0; i < count; ++i) {
                mnqh_store_256(rows[i] + half * MNQH_HALF_PANEL, tile.sums[i]);
            }
        }
    }
    if (kind != MNQH_EXACT) {
        store_codes(count, (const __m256i(*)[MNQH_MOST_ACROSS])codes, &s->lines, to);
    } else {
        mnqh_store_codes_avx2(count, (const int32_t(*)[MNQH_PANEL])rows, s->panel,
                              &s->layer->codes, to);
    }
}

/* Leaves out the usual padding where the tile is at an edge of the image. */
MNQH_AVX2_INLINE void run_at(size_t taps, size_t across, const mnqh_slide *s, size_t at,
                             mnqh_target to)
{
    const size_t padding = taps / 2;
    const size_t all = taps + across - 1;
    const size_t image_end = s->left + s->pixels * MNQH_RING_PIXEL;
    const bool is_first = at == 0 && s->left == padding * MNQH_RING_PIXEL;
    const bool is_last = at + (all - padding) * MNQH_RING_PIXEL == image_end;
    if (is_first && is_last) {
        run_tile(taps, across, (column_range){padding, all - padding}, s, at, to);
    } else if (is_first) {
        run_tile(taps, across, (column_range){padding, all}, s, at, to);
    } else if (is_last) {
        run_tile(taps, across, (column_range){0, all - padding}, s, at, to);
    } else {
        run_tile(taps, across, (column_range){0, all}, s, at, to);
    }
}

#define MNQH_TILE(name, taps, across)                                                            \
    MNQH_AVX2 static void name##across(const mnqh_slide *s, size_t at, int8_t *output,           \
                                       size_t pixel, size_t line)                                \
    {                                                                                            \
        run_at(taps, across, s, at, (mnqh_target){output, across, pixel, line});                 \
    }

MNQH_TILE(three_taps, 3, 1)
MNQH_TILE(three_taps, 3, 2)
MNQH_TILE(three_taps, 3, 3)
MNQH_TILE(three_taps, 3, 4)

MNQH_TILE(five_taps, 5, 1)
MNQH_TILE(five_taps, 5, 2)
MNQH_TILE(five_taps, 5, 3)
MNQH_TILE(five_taps, 5, 4)
MNQH_TILE(five_taps, 5, 5)
MNQH_TILE(five_taps, 5, 6)

mnqh_tile_widths mnqh_unrolled_tiles(const mnqh_window *window)
{
    static mnqh_tile_function *const three[] = {three_taps1, three_taps2, three_taps3,
                                                three_taps4};
    static mnqh_tile_function *const five[] = {five_taps1, five_taps2, five_taps3,
                                               five_taps4, five_taps5, five_taps6};
    const int32_t taps = window->kernel_width;
    const bool is_usual = window->stride_width == 1 && window->dilation_width == 1;
    return is_usual && taps == 3   ? (mnqh_tile_widths){three, sizeof three / sizeof *three}
           : is_usual && taps == 5 ? (mnqh_tile_widths){five, sizeof five / sizeof *five}
                                   : (mnqh_tile_widths){NULL, 0};
}
#endif
