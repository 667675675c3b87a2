#include "mnqh_gemm_s8_simd.h"

#ifdef MNQH_HAS_AVX2_CODE
#include "mnqh_avx2_codes.h"

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

/* The same for a panel of at most eight columns, all in the first register: two rows at a time
 * become codes as if they were the halves of one, and `output` gets half as many rows. */
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
    mnqh_s32x16 pairs[MNQH_TILE_ROWS / 2];
    MNQH_UNROLL
    for (size_t m = 0; m < count; m += 2) {
        pairs[m / 2] = (mnqh_s32x16){sums[m], sums[m + 1 < count ? m + 1 : m]};
    }
    const mnqh_target to = {output, (count + 1) / 2, stride, 0};
    mnqh_store_tile((count + 1) / 2, pairs, &s->lines, s->panel, &s->layer->codes, to);
}

typedef void tile_function(const strip *s, const int16_t *input, int8_t *output, size_t stride);

/* Functions of their own: registers are short in the loop, and what a caller's loop would like to
 * keep in them ends up on the stack. */
#define MNQH_TILE(count)                                                                         \
    MNQH_AVX2 static void tile##count(const strip *s, const int16_t *input, int8_t *output,      \
                                      size_t stride)                                             \
    {                                                                                            \
        tile(count, s, input, output, stride);                                                   \
    }                                                                                            \
    MNQH_AVX2 static void half##count(const strip *s, const int16_t *input, int8_t *output,      \
                                      size_t stride)                                             \
    {                                                                                            \
        half_tile(count, s, input, output, stride);                                              \
    }

MNQH_TILE(1)
MNQH_TILE(2)
MNQH_TILE(3)
MNQH_TILE(4)
MNQH_TILE(5)
MNQH_TILE(6)

static tile_function *const tiles[MNQH_TILE_ROWS] = {tile1, tile2, tile3, tile4, tile5, tile6};
static tile_function *const halves[MNQH_TILE_ROWS] = {half1, half2, half3, half4, half5, half6};

/* Copies the columns of row `m` from where a tile has left them. Up to eight are in the first and
 * third quarter of a row, or in the second and fourth one that they share with the row before. */
static void copy_columns(const int8_t (*rows)[MNQH_PANEL], size_t m, size_t width, int8_t *output)
{
    const int8_t *half = rows[m / 2] + (m & 1) * 4;
    if (width > 8) {
        memcpy(output, rows[m], width);
    } else if (width == 8) {
        memcpy(output, half, 4);
        memcpy(output + 4, half + 8, 4);
    } else {
        for (size_t column = 0; column < width; ++column) {
            output[column] = half[(column & 3) | (column & 4) << 1];
        }
    }
}

/* All rows of a strip, tile by tile. */
static void run_tiles(const strip *s, size_t rows, const int16_t *input, int8_t *output)
{
    const mnqh_cut cut = mnqh_cut_rows(rows, MNQH_TILE_ROWS);
    const size_t stride = s->layer->columns;
    tile_function *const *functions = s->width <= 8 ? halves : tiles;

    for (size_t t = 0; t < cut.tiles; ++t) {
        const size_t height = cut.height - (t >= cut.tall);
        if (s->width == MNQH_PANEL) {
            functions[height - 1](s, input, output, stride);
        } else {
            int8_t bytes[MNQH_TILE_ROWS][MNQH_PANEL];
            functions[height - 1](s, input, bytes[0], MNQH_PANEL);
            for (size_t m = 0; m < height; ++m) {
                copy_columns((const int8_t (*)[MNQH_PANEL])bytes, m, s->width,
                             output + m * stride);
            }
        }
        input += height * s->stride;
        output += height * stride;
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
        copy_columns((const int8_t(*)[MNQH_PANEL])last, 0, width, rows[index]);
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

    for (size_t m = 0; !layer->wide && m < rows; ++m) {
        single_row(layer, input + m * input_stride, output + m * layer->columns);
    }
    for (size_t n = 0; layer->wide && n < layer->columns; n += MNQH_PANEL) {
        s.panel = mnqh_gemm_s8_panel(layer, n / MNQH_PANEL);
        s.width = mnqh_min(MNQH_PANEL, layer->columns - n);
        s.lines = mnqh_load_lines(s.panel, &layer->codes);
        run_tiles(&s, rows, input, output + n);
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
