/* The matrix kernel of int8 for the instructions of mnqh_vnni.h: weights of a panel are
 * `[depth / 4][16 channels][4]`, rows are copied as codes without sign. */
#include "mnqh_vnni.h"

/* Some panels of columns and the rows they meet. */
typedef struct {
    const mnqh_gemm_s8_layer *layer;
    const char *panel; /* the first */
    size_t panel_bytes;
    size_t quads;  /* of a row */
    size_t stride; /* codes from one row to the next */
    size_t columns;
    mnqh_panel_kind kind; /* the slowest of the panels */
} strip;

static inline const mnqh_panel_s8 *panel_at(const strip *s, size_t index)
{
    return (const mnqh_panel_s8 *)(const void *)(s->panel + index * s->panel_bytes);
}

/* Stores the codes of a tile, four vectors at a time. */
MNQH_VNNI_INLINE void store_codes(size_t count, size_t panels, const strip *s,
                                  const mnqh_vector *codes, int8_t *output)
{
    const size_t across = panels == 8 ? 4 : panels; /* vectors of a row in a register of bytes */
    const size_t rows = MNQH_PACKED / across;
    /* Own, as the output could alias them. */
    const mnqh_codes ends = s->layer->codes;
    const size_t columns = s->layer->columns;
    const size_t width = s->columns;

    MNQH_UNROLL
    for (size_t i = 0; i < count * panels; i += rows * across) {
        mnqh_vector four[MNQH_PACKED];
        MNQH_UNROLL
        for (size_t j = 0; j < MNQH_PACKED; ++j) {
            const bool has = j < rows * across && i + j < count * panels;
            four[j] = codes[has ? i + j : i];
        }
        const mnqh_vector bytes = mnqh_pack(four, &ends);
        MNQH_UNROLL
        for (size_t row = 0; row < rows && i + row * across < count * panels; ++row) {
            const size_t at = i + row * across;
            const size_t first = at % panels * MNQH_PANEL;
            const bool closes = at % panels + across == panels;
            mnqh_store_lanes(output + at / panels * columns + first, bytes, row * across, across,
                             closes ? width - first : across * MNQH_PANEL);
        }
    }
}

/* `count` rows times `panels` panels (constants after inlining). */
MNQH_VNNI_INLINE void tile(size_t count, size_t panels, const strip *s, const uint8_t *input,
                           int8_t *output)
{
    const size_t stride = s->stride;
    const size_t panel_bytes = s->panel_bytes;
    const char *weights = s->panel + sizeof(mnqh_panel_s8);
    /* Two rows and those of a pointer are told apart by the address of an instruction. */
    const uint8_t *rows[MNQH_MOST_SUMS / 3 + 1];
    mnqh_vector sums[MNQH_MOST_SUMS];

    MNQH_UNROLL
    for (size_t m = 0; m < count; ++m) {
        MNQH_UNROLL
        for (size_t p = 0; p < panels; ++p) {
            sums[m * panels + p] = mnqh_load(panel_at(s, p)->start);
        }
        rows[m / 3] = m % 3 ? rows[m / 3] : input + m * stride;
    }
    for (size_t k = 0; k < s->quads; ++k, weights += 4 * MNQH_PANEL) {
        mnqh_vector factors[MNQH_ROW_PANELS];
        MNQH_UNROLL
        for (size_t p = 0; p < panels; ++p) {
            factors[p] = mnqh_load(weights + p * panel_bytes);
        }
        MNQH_UNROLL
        for (size_t m = 0; m < count; ++m) {
            const mnqh_vector codes = mnqh_quad(rows[m / 3] + m % 3 * stride);
            MNQH_UNROLL
            for (size_t p = 0; p < panels; ++p) {
                sums[m * panels + p] = mnqh_dot(sums[m * panels + p], codes, factors[p]);
            }
        }
        MNQH_UNROLL
        for (size_t m = 0; m < count; m += 3) {
            rows[m / 3] += 4;
        }
    }
    MNQH_UNROLL
    for (size_t p = 0; p < panels; ++p) {
        mnqh_make_codes(count, panels, panel_at(s, p), panel_at(s, p)->kind, &s->layer->codes, sums + p);
    }
    store_codes(count, panels, s, sums, output);
}

MNQH_VNNI void MNQH_VNNI_NAME(mnqh_make_codes_s8)(size_t count, int32_t (*sums)[MNQH_PANEL],
                                                  const mnqh_panel_s8 *panel,
                                                  const mnqh_codes *codes)
{
    for (size_t i = 0; i < count; ++i) {
        if (panel->kind == MNQH_EXACT) {
            mnqh_make_exact_codes_avx2(sums[i], panel, codes);
        } else {
            mnqh_store(sums[i], mnqh_line_code(mnqh_load(sums[i]), panel, MNQH_MENDED_F32));
        }
    }
}

/* Copies rows as codes without sign, each to a multiple of four; what is behind an end may be anything. */
MNQH_VNNI static void turn_rows(size_t depth, size_t rows, const int8_t *input, uint8_t *to)
{
    const size_t stride = 4 * mnqh_quads(depth);
    if (depth == stride) {
        mnqh_turn(rows * depth, input, to);
        return;
    }
    for (size_t m = 0; m < rows; ++m, input += depth, to += stride) {
        mnqh_turn(depth, input, to);
    }
}

typedef void tile_function(const strip *s, const uint8_t *input, int8_t *output);

/* Functions of their own, for the reason given in gemm_s8_avx2.c. */
#define TILE(rows, panels)                                                                       \
    MNQH_VNNI static void tile_##rows##x##panels(const strip *s, const uint8_t *input,           \
                                                 int8_t *output)                                 \
    {                                                                                            \
        tile(rows, panels, s, input, output);                                                    \
    }

TILE(1, 1)
TILE(2, 1)
TILE(3, 1)
TILE(4, 1)
TILE(5, 1)
TILE(6, 1)
#if MNQH_VNNI_BITS == 512
TILE(7, 1)
TILE(8, 1)
TILE(9, 1)
TILE(10, 1)
TILE(11, 1)
TILE(12, 1)
TILE(1, 2)
TILE(2, 2)
TILE(3, 2)
TILE(4, 2)
TILE(5, 2)
TILE(6, 2)
TILE(7, 2)
TILE(8, 2)
TILE(9, 2)
TILE(10, 2)
TILE(11, 2)
TILE(12, 2)
TILE(1, 3)
TILE(2, 3)
TILE(3, 3)
TILE(4, 3)
TILE(5, 3)
TILE(6, 3)
TILE(7, 3)
TILE(8, 3)
TILE(1, 4)
TILE(2, 4)
TILE(3, 4)
TILE(4, 4)
TILE(5, 4)
TILE(6, 4)
TILE(1, 8)

static tile_function *const tiles_1[] = {tile_1x1, tile_2x1,  tile_3x1,  tile_4x1,
                                         tile_5x1, tile_6x1,  tile_7x1,  tile_8x1,
                                         tile_9x1, tile_10x1, tile_11x1, tile_12x1};
static tile_function *const tiles_2[] = {tile_1x2, tile_2x2,  tile_3x2,  tile_4x2,
                                         tile_5x2, tile_6x2,  tile_7x2,  tile_8x2,
                                         tile_9x2, tile_10x2, tile_11x2, tile_12x2};
static tile_function *const tiles_3[] = {tile_1x3, tile_2x3, tile_3x3, tile_4x3,
                                         tile_5x3, tile_6x3, tile_7x3, tile_8x3};
static tile_function *const tiles_4[] = {tile_1x4, tile_2x4, tile_3x4,
                                         tile_4x4, tile_5x4, tile_6x4};
static tile_function *const tiles_8[] = {tile_1x8};
#else
TILE(1, 4)

static tile_function *const tiles_1[] = {tile_1x1, tile_2x1, tile_3x1,
                                         tile_4x1, tile_5x1, tile_6x1};
static tile_function *const tiles_4[] = {tile_1x4};
#endif

/* Tiles of some panels, by their rows. */
typedef struct {
    size_t panels;
    size_t most_rows;
    tile_function *const *tiles;
} shape;

/* How the next of `panels` panels are covered. */
static shape choose_shape(size_t panels, size_t rows)
{
#if MNQH_VNNI_BITS == 512
    if (rows == 1 && panels >= 8) {
        return (shape){8, 1, tiles_8};
    }
    switch (panels) {
    case 1: return (shape){1, 12, tiles_1};
    case 2: return (shape){2, 12, tiles_2};
    case 3:
    case 5:
    case 6:
    case 9: return (shape){3, 8, tiles_3};
    default: return (shape){4, 6, tiles_4};
    }
#else
    return rows == 1 && panels >= 4 ? (shape){4, 1, tiles_4} : (shape){1, 6, tiles_1};
#endif
}

/* All rows of a strip, tile by tile. */
static void run_strip(const strip *s, shape by, size_t rows, const uint8_t *input,
                      int8_t *output)
{
    const mnqh_cut cut = mnqh_cut_rows(rows, by.most_rows);
    for (size_t t = 0; t < cut.tiles; ++t) {
        const size_t height = cut.height - (t >= cut.tall);
        by.tiles[height - 1](s, input, output);
        input += height * s->stride;
        output += height * s->layer->columns;
    }
}

void MNQH_VNNI_NAME(mnqh_gemm_s8_turned)(const mnqh_gemm_s8_layer *layer, size_t rows,
                                         const uint8_t *input, size_t stride, int8_t *output)
{
    strip s = {.layer = layer,
               .panel = layer->packed,
               .panel_bytes = mnqh_gemm_s8_panel_bytes(layer->depth, layer->order),
               .quads = mnqh_quads(layer->depth),
               .stride = stride};
    for (size_t n = 0; n < layer->columns; n += s.columns) {
        const shape by = choose_shape(mnqh_panels(layer->columns - n), rows);
        s.columns = mnqh_min(by.panels * MNQH_PANEL, layer->columns - n);
        s.kind = MNQH_LINE_F32;
        for (size_t p = 0; p < by.panels; ++p) {
            const mnqh_panel_kind kind = panel_at(&s, p)->kind;
            s.kind = kind > s.kind ? kind : s.kind;
        }
        run_strip(&s, by, rows, input, output + n);
        s.panel += by.panels * s.panel_bytes;
    }
}

void MNQH_VNNI_NAME(mnqh_gemm_s8)(const mnqh_gemm_s8_layer *layer, size_t rows,
                                  const int8_t *input, int8_t *output, void *scratch)
{
    const size_t stride = 4 * mnqh_quads(layer->depth);
    size_t block = mnqh_gemm_s8_block_rows(layer->depth);
    for (size_t first = 0; first < rows; first += block) {
        block = mnqh_min(block, rows - first);
        turn_rows(layer->depth, block, input + first * layer->depth, scratch);
        MNQH_VNNI_NAME(mnqh_gemm_s8_turned)(layer, block, scratch, stride,
                                            output + first * layer->columns);
    }
}
