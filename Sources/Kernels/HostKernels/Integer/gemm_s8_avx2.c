#include "mnqh_twins_s8.h"

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

MNQH_AVX2 void mnqh_make_exact_codes_avx2(int32_t *sums, const mnqh_panel_s8 *panel,
                                          const mnqh_codes *codes)
{
    mnqh_store_256(sums, exact_codes(sums, panel, codes, 0));
    mnqh_store_256(sums + 8, exact_codes(sums, panel, codes, 8));
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

/* One panel of columns and the widened rows it meets. */
typedef struct {
    mnqh_lines lines;
    const mnqh_gemm_s8_layer *layer;
    const mnqh_panel_s8 *panel;
    size_t depth;  /* even */
    size_t width;  /* columns in use */
    size_t stride; /* values from one row to the next */
} strip;

/* Two neighbouring inputs of a row, eight times. */
MNQH_AVX2_INLINE __m256i pair(const int16_t *from)
{
    int32_t both;
    memcpy(&both, from, sizeof both);
    return _mm256_set1_epi32(both);
}

/* `count` rows (a constant after inlining) times one panel. */
MNQH_AVX2_INLINE void tile(size_t count, const strip *s, const int16_t *input, int8_t *output,
                           size_t stride)
{
    const size_t depth = s->depth;
    const int16_t *weights = (const int16_t *)(s->panel + 1);
    const mnqh_s32x16 start = mnqh_load_s32x16(s->panel->start);
    mnqh_s32x16 sums[MNQH_TILE_ROWS];

    MNQH_UNROLL
    for (size_t m = 0; m < count; ++m) {
        sums[m] = start;
    }
    for (size_t k = 0; k < depth; k += 2, weights += 2 * MNQH_PANEL) {
        const __m256i low = mnqh_load_256(weights);
        const __m256i high = mnqh_load_256(weights + MNQH_PANEL);
        MNQH_UNROLL
        for (size_t m = 0; m < count; ++m) {
            const __m256i values = pair(input + m * s->stride + k);
            sums[m].low = mnqh_multiply_add(sums[m].low, values, low);
            sums[m].high = mnqh_multiply_add(sums[m].high, values, high);
        }
    }
    const mnqh_target to = {output, count, stride, 0};
    mnqh_store_tile(count, sums, &s->lines, s->panel, &s->layer->codes, to);
}

/* Copies the first columns of row `m` from where two rows of at most eight columns have become
 * codes as if they were the halves of one: its first and third quarter, or its second and fourth. */
static void copy_half(const int8_t (*rows)[MNQH_PANEL], size_t m, size_t width, int8_t *output)
{
    const int8_t *half = rows[m / 2] + (m & 1) * 4;
    memcpy(output, half, mnqh_min(width, 4));
    if (width > 4) {
        memcpy(output + 4, half + 8, width - 4);
    }
}

/* The codes of rows whose panel has no line that takes all accumulators as they are. */
MNQH_AVX2 static void store_pairs(size_t count, const __m256i *sums, const strip *s,
                                  int8_t *output, size_t stride)
{
    int32_t pairs[MNQH_TILE_ROWS / 2][MNQH_PANEL];
    int8_t rows[MNQH_TILE_ROWS / 2][MNQH_PANEL];
    for (size_t m = 0; m < MNQH_TILE_ROWS; ++m) {
        mnqh_store_256(&pairs[m / 2][m % 2 * 8], sums[m < count ? m : 0]);
    }
    const mnqh_target to = {rows[0], MNQH_TILE_ROWS / 2, MNQH_PANEL, 0};
    mnqh_store_codes_avx2((count + 1) / 2, (const int32_t (*)[MNQH_PANEL])pairs, s->panel,
                          &s->layer->codes, to);
    for (size_t m = 0; m < count; ++m) {
        copy_half((const int8_t (*)[MNQH_PANEL])rows, m, 8, output + m * stride);
    }
}

/* The same for a panel of at most eight columns, all in the first register: `output` gets eight
 * columns a row. */
MNQH_AVX2_INLINE void half_tile(size_t count, const strip *s, const int16_t *input, int8_t *output,
                                size_t stride)
{
    const size_t depth = s->depth;
    const int16_t *weights = (const int16_t *)(s->panel + 1);
    __m256i sums[MNQH_TILE_ROWS];

    MNQH_UNROLL
    for (size_t m = 0; m < count; ++m) {
        sums[m] = mnqh_load_256(s->panel->start);
    }
    for (size_t k = 0; k < depth; k += 2, weights += 2 * MNQH_PANEL) {
        const __m256i low = mnqh_load_256(weights);
        MNQH_UNROLL
        for (size_t m = 0; m < count; ++m) {
            const __m256i values = pair(input + m * s->stride + k);
            sums[m] = mnqh_multiply_add(sums[m], values, low);
        }
    }
    if (s->panel->kind == MNQH_LINE_F32) {
        mnqh_store_half_line_codes(count, sums, &s->lines, false, output, stride);
    } else if (s->panel->kind == MNQH_BENT_F32) {
        mnqh_store_half_line_codes(count, sums, &s->lines, true, output, stride);
    } else {
        store_pairs(count, sums, s, output, stride);
    }
}

/* Tiles of a height below each other. */
typedef void tiles_function(const strip *s, size_t tiles, const int16_t *input, int8_t *output,
                            size_t stride);

/* Functions of their own: registers are short in the loop, and what a caller's loop would like to
 * keep in them ends up on the stack. */
#define MNQH_TILES(name, tile, count)                                                            \
    MNQH_AVX2 static void name##count(const strip *s, size_t tiles, const int16_t *input,        \
                                      int8_t *output, size_t stride)                             \
    {                                                                                            \
        for (; tiles > 0; --tiles, input += (count) * s->stride, output += (count) * stride) {   \
            tile(count, s, input, output, stride);                                               \
        }                                                                                        \
    }

MNQH_TILES(tiles, tile, 1)
MNQH_TILES(tiles, tile, 2)
MNQH_TILES(tiles, tile, 3)
MNQH_TILES(tiles, tile, 4)
MNQH_TILES(tiles, tile, 5)
MNQH_TILES(tiles, tile, 6)
MNQH_TILES(halves, half_tile, 1)
MNQH_TILES(halves, half_tile, 2)
MNQH_TILES(halves, half_tile, 3)
MNQH_TILES(halves, half_tile, 4)
MNQH_TILES(halves, half_tile, 5)
MNQH_TILES(halves, half_tile, 6)

/* By width and height. */
static tiles_function *const functions[2][MNQH_TILE_ROWS] = {
    {halves1, halves2, halves3, halves4, halves5, halves6},
    {tiles1, tiles2, tiles3, tiles4, tiles5, tiles6}};

/* Some tiles of `height` rows. They store eight or sixteen columns: what is too much must not get
 * into the next row. */
static void run_tiles(const strip *s, size_t height, size_t tiles, const int16_t *input,
                      int8_t *output)
{
    tiles_function *const run = functions[s->width > 8][height - 1];
    const size_t stride = s->layer->columns;
    if (s->width == 8 || s->width == MNQH_PANEL) {
        run(s, tiles, input, output, stride);
        return;
    }
    for (; tiles > 0; --tiles, input += height * s->stride, output += height * stride) {
        int8_t rows[MNQH_TILE_ROWS][MNQH_PANEL];
        run(s, 1, input, rows[0], MNQH_PANEL);
        for (size_t m = 0; m < height; ++m) {
            memcpy(output + m * stride, rows[m], s->width);
        }
    }
}

/* All rows of a strip. */
static void run_strip(const strip *s, size_t rows, const int16_t *input, int8_t *output)
{
    const mnqh_cut cut = mnqh_cut_rows(rows, MNQH_TILE_ROWS);
    const size_t tall_rows = cut.tall * cut.height;
    run_tiles(s, cut.height, cut.tall, input, output);
    if (cut.tall < cut.tiles) {
        run_tiles(s, cut.height - 1, cut.tiles - cut.tall, input + tall_rows * s->stride,
                  output + tall_rows * s->layer->columns);
    }
}

/* Panels that a single row meets at a time, for the sake of its loads. */
enum { ROW_PANELS = 4 };

/* One row times `count` panels of 8-bit weights (a constant after inlining), from `index` on. */
MNQH_AVX2_INLINE void row_tile(size_t count, const mnqh_gemm_s8_layer *layer, size_t index,
                               const int16_t *input, int8_t (*output)[MNQH_PANEL])
{
    const size_t depth = mnqh_even(layer->depth);
    const mnqh_panel_s8 *panels[ROW_PANELS];
    mnqh_s32x16 sums[ROW_PANELS];

    MNQH_UNROLL
    for (size_t i = 0; i < count; ++i) {
        panels[i] = mnqh_gemm_s8_panel(layer, index + i);
        sums[i] = mnqh_load_s32x16(panels[i]->start);
    }
    for (size_t k = 0; k < depth; k += 2) {
        const __m256i values = pair(input + k);
        MNQH_UNROLL
        for (size_t i = 0; i < count; ++i) {
            const int8_t *weights = (const int8_t *)(panels[i] + 1) + k * MNQH_PANEL;
            sums[i].low = mnqh_multiply_add(sums[i].low, values, mnqh_widen(weights));
            sums[i].high =
                mnqh_multiply_add(sums[i].high, values, mnqh_widen(weights + MNQH_PANEL));
        }
    }
    MNQH_UNROLL
    for (size_t i = 0; i < count; ++i) {
        const mnqh_lines lines = mnqh_load_lines(panels[i], &layer->codes);
        const mnqh_target to = {output[i], 1, MNQH_PANEL, 0};
        mnqh_store_tile(1, &sums[i], &lines, panels[i], &layer->codes, to);
    }
}

MNQH_AVX2 static void row_panels(const mnqh_gemm_s8_layer *layer, size_t index,
                                 const int16_t *input, int8_t (*output)[MNQH_PANEL])
{
    row_tile(ROW_PANELS, layer, index, input, output);
}

MNQH_AVX2 static void row_panel(const mnqh_gemm_s8_layer *layer, size_t index,
                                const int16_t *input, int8_t (*output)[MNQH_PANEL])
{
    row_tile(1, layer, index, input, output);
}

/* One row times all panels of 8-bit weights. */
static void single_row(const mnqh_gemm_s8_layer *layer, const int16_t *input, int8_t *output)
{
    int8_t(*rows)[MNQH_PANEL] = (int8_t(*)[MNQH_PANEL])output;
    const size_t whole = layer->columns / MNQH_PANEL;
    const size_t width = layer->columns % MNQH_PANEL;
    size_t index = 0;

    for (; index + ROW_PANELS <= whole; index += ROW_PANELS) {
        row_panels(layer, index, input, rows + index);
    }
    for (; index < whole; ++index) {
        row_panel(layer, index, input, rows + index);
    }
    if (width > 0) {
        int8_t last[1][MNQH_PANEL];
        row_panel(layer, index, input, last);
        if (width > 8) {
            memcpy(rows[index], last[0], width);
        } else {
            copy_half((const int8_t (*)[MNQH_PANEL])last, 0, width, rows[index]);
        }
    }
}

/* Widens `count` codes to 16 bits. */
MNQH_AVX2 static void widen_row(const int8_t *input, size_t count, int16_t *wide)
{
    size_t k = 0;
    for (; k + 16 <= count; k += 16) {
        mnqh_store_256(wide + k, mnqh_widen(input + k));
    }
    if (k < count && count >= 16) {
        mnqh_store_256(wide + count - 16, mnqh_widen(input + count - 16));
        return;
    }
    for (; k < count; ++k) {
        wide[k] = input[k];
    }
}

/* Widens rows to an even depth. */
static void widen_rows(const mnqh_gemm_s8_layer *layer, size_t rows, const int8_t *input,
                       int16_t *wide)
{
    const size_t even = mnqh_even(layer->depth);
    if (layer->depth == even) {
        widen_row(input, rows * layer->depth, wide);
        return;
    }
    for (size_t m = 0; m < rows; ++m, input += layer->depth, wide += even) {
        widen_row(input, layer->depth, wide);
        wide[layer->depth] = 0;
    }
}

MNQH_AVX2 void mnqh_gemm_s8_wide_avx2(const mnqh_gemm_s8_layer *layer, size_t rows,
                                      const int16_t *input, size_t input_stride, int8_t *output)
{
    strip s = {.layer = layer, .depth = mnqh_even(layer->depth), .stride = input_stride};

    for (size_t m = 0; layer->order == MNQH_PAIRS_S8 && m < rows; ++m) {
        single_row(layer, input + m * input_stride, output + m * layer->columns);
    }
    for (size_t n = 0; layer->order == MNQH_PAIRS_S16 && n < layer->columns; n += MNQH_PANEL) {
        s.panel = mnqh_gemm_s8_panel(layer, n / MNQH_PANEL);
        s.width = mnqh_min(MNQH_PANEL, layer->columns - n);
        s.lines = mnqh_load_lines(s.panel, &layer->codes);
        run_strip(&s, rows, input, output + n);
    }
}

void mnqh_gemm_s8_avx2(const mnqh_gemm_s8_layer *layer, size_t rows, const int8_t *input,
                       int8_t *output, void *scratch)
{
    size_t block = mnqh_gemm_s8_block_rows(layer->depth);
    for (size_t first = 0; first < rows; first += block) {
        block = mnqh_min(block, rows - first);
        widen_rows(layer, block, input + first * layer->depth, scratch);
        mnqh_gemm_s8_wide_avx2(layer, block, scratch, mnqh_even(layer->depth),
                               output + first * layer->columns);
    }
}
#endif
