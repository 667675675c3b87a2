#include "mnqh_depthwise_s8_simd.h"

#ifdef MNQH_HAS_AVX2_CODE
#include "mnqh_avx2_codes.h"
#include "mnqh_depthwise_ring_s8.h"

/* The sums of `across` neighbours of an output row, or of `down` = 2 rows (constants after
 * inlining, as `taps` of a kernel row may be); `at` is where the first of them is in a ring row. */
MNQH_AVX2_INLINE void convolve(size_t taps, size_t across, size_t down, const mnqh_slide *s,
                               size_t at, mnqh_s32x16 *sums)
{
    const size_t stride = s->stride;
    const size_t dilation = s->dilation;
    const size_t step = s->weight_step;
    const int16_t *weights = (const int16_t *)(s->panel + 1) + s->first_pair * taps * step;
    const mnqh_s32x16 start = mnqh_load_s32x16(s->panel->start);

    MNQH_UNROLL
    for (size_t i = 0; i < across * down; ++i) {
        sums[i] = start;
    }
    for (size_t pair = s->first_pair; pair < s->end_pair; ++pair) {
        const int16_t *tap = s->rows[pair] + at;
        for (size_t kx = 0; kx < taps; ++kx, weights += step, tap += dilation) {
            MNQH_UNROLL
            for (size_t half = 0; half < 2; ++half) {
                const int16_t *values = tap + half * MNQH_PANEL;
                const int16_t *factors = weights + half * MNQH_PANEL;
                const __m256i first = mnqh_load_256(factors);
                const __m256i second =
                    down == 2 ? mnqh_load_256(factors + 2 * MNQH_PANEL) : first;
                MNQH_UNROLL
                for (size_t i = 0; i < across; ++i) {
                    const __m256i value = mnqh_load_256(values + i * stride);
                    __m256i *sum = half ? &sums[i].high : &sums[i].low;
                    *sum = mnqh_multiply_add(*sum, value, first);
                    if (down == 2) {
                        sum = half ? &sums[across + i].high : &sums[across + i].low;
                        *sum = mnqh_multiply_add(*sum, value, second);
                    }
                }
            }
        }
    }
}

MNQH_AVX2_INLINE void tile(size_t taps, size_t across, size_t down, const mnqh_slide *s, size_t at,
                           int8_t *output, size_t stride, size_t line)
{
    const mnqh_target to = {output, across, stride, line};
    mnqh_s32x16 sums[MNQH_TILE_ROWS];
    convolve(taps, across, down, s, at, sums);
    mnqh_store_tile(across * down, sums, &s->lines, s->panel, &s->layer->codes, to);
}

/* Output pixels are `stride` bytes apart, output rows `line` bytes. */
typedef void tile_function(const mnqh_slide *s, size_t at, int8_t *output, size_t stride,
                           size_t line);

/* Functions of their own, for the reason given in gemm_s8_avx2.c. */
#define MNQH_TILE(name, taps, across, down)                                                      \
    MNQH_AVX2 static void name##across##x##down(const mnqh_slide *s, size_t at, int8_t *output,  \
                                                size_t stride, size_t line)                      \
    {                                                                                            \
        tile(taps, across, down, s, at, output, stride, line);                                   \
    }

/* All tiles for one width of kernel. */
#define MNQH_TILES(name, taps)                                                                   \
    MNQH_TILE(name, taps, 1, 1)                                                                  \
    MNQH_TILE(name, taps, 2, 1)                                                                  \
    MNQH_TILE(name, taps, 3, 1)                                                                  \
    MNQH_TILE(name, taps, 4, 1)                                                                  \
    MNQH_TILE(name, taps, 5, 1)                                                                  \
    MNQH_TILE(name, taps, 6, 1)                                                                  \
    MNQH_TILE(name, taps, 1, 2)                                                                  \
    MNQH_TILE(name, taps, 2, 2)                                                                  \
    MNQH_TILE(name, taps, 3, 2)                                                                  \
    static const tile_table name = {                                                             \
        {name##1x1, name##2x1, name##3x1, name##4x1, name##5x1, name##6x1},                      \
        {name##1x2, name##2x2, name##3x2}};

/* Tiles of one output row and of two, by their width. */
typedef struct {
    tile_function *one_row[MNQH_TILE_ROWS];
    tile_function *two_rows[MNQH_TILE_ROWS / 2];
} tile_table;

MNQH_TILES(three_taps, 3)
MNQH_TILES(five_taps, 5)
MNQH_TILES(any_taps, s->taps)

/* How output rows are cut into tiles, and what runs them. */
typedef struct {
    mnqh_cut cut;
    tile_function *const *tiles;
    size_t down;
} row_plan;

static row_plan make_plan(const mnqh_window *window, size_t down)
{
    const int32_t taps = window->kernel_width;
    const tile_table *table = taps == 3 ? &three_taps : taps == 5 ? &five_taps : &any_taps;
    const size_t most = MNQH_TILE_ROWS / down;
    return (row_plan){mnqh_cut_rows((size_t)window->output_width, most),
                      down == 2 ? table->two_rows : table->one_row, down};
}

/* One output row or two. */
static void run_rows(const mnqh_slide *s, const row_plan *plan, int8_t *output, size_t line)
{
    const size_t channels = s->layer->input_channels * s->layer->multiplier;
    size_t at = 0;

    for (size_t t = 0; t < plan->cut.tiles; ++t) {
        const size_t across = plan->cut.height - (t >= plan->cut.tall);
        tile_function *const run = plan->tiles[across - 1];
        if (s->width == MNQH_PANEL) {
            run(s, at, output, channels, line);
        } else {
            int8_t bytes[MNQH_TILE_ROWS][MNQH_PANEL];
            run(s, at, bytes[0], MNQH_PANEL, across * MNQH_PANEL);
            for (size_t i = 0; i < across * plan->down; ++i) {
                memcpy(output + i % across * channels + i / across * line, bytes[i], s->width);
            }
        }
        at += across * s->stride;
        output += across * channels;
    }
}

/* Output rows `first ..< end` of the slide's panel. */
static void run_band(mnqh_slide *s, const row_plan *plans, const int8_t *input, int8_t *output,
                     int32_t first, int32_t end)
{
    const mnqh_window *window = &s->layer->window;
    const size_t channels = s->layer->input_channels * s->layer->multiplier;
    const size_t line = (size_t)window->output_width * channels;
    const int32_t most = mnqh_makes_row_pairs(window) ? 2 : 1;
    int32_t down = most;

    output += (size_t)first * line + s->first;
    for (int32_t out_y = first; out_y < end; out_y += down, output += (size_t)down * line) {
        down = out_y + most <= end ? most : 1;
        mnqh_slide_down(s, input);
        run_rows(s, &plans[down - 1], output, line);
    }
}

void mnqh_depthwise_s8_avx2(const mnqh_depthwise_s8_layer *layer, const int8_t *input,
                            int8_t *output, void *scratch)
{
    const mnqh_window *window = &layer->window;
    const size_t panels = mnqh_panels(layer->input_channels * layer->multiplier);
    const row_plan plans[2] = {make_plan(window, 1), make_plan(window, 2)};
    const int32_t band = mnqh_band_rows(window, layer->input_channels);
    mnqh_slide s = mnqh_make_slide(layer, scratch);

    for (int32_t first = 0; first < window->output_height; first += band) {
        const int32_t rest = window->output_height - first;
        const int32_t end = first + (band < rest ? band : rest);
        for (size_t index = 0; index < panels; ++index) {
            mnqh_start_panel(&s, index, first);
            run_band(&s, plans, input, output, first, end);
        }
    }
}
#endif
