#include "mnqh_twins_s8.h"

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
    const int16_t *weights =
        (const int16_t *)(s->panel + 1) + s->step->first_pair * taps * step;
    const mnqh_s32x16 start = mnqh_load_s32x16(s->panel->start);

    MNQH_UNROLL
    for (size_t i = 0; i < across * down; ++i) {
        sums[i] = start;
    }
    for (size_t pair = s->step->first_pair; pair < s->step->end_pair; ++pair) {
        const int16_t *tap = s->step->rows[pair] + at;
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
                           int8_t *output, size_t pixel, size_t line)
{
    const mnqh_target to = {output, across, pixel, line};
    mnqh_s32x16 sums[MNQH_TILE_ROWS];
    convolve(taps, across, down, s, at, sums);
    mnqh_store_tile(across * down, sums, &s->lines, s->panel, &s->layer->codes, to);
}

/* Functions of their own, for the reason given in gemm_s8_avx2.c. */
#define MNQH_TILE(name, taps, across, down)                                                      \
    MNQH_AVX2 static void name##across(const mnqh_slide *s, size_t at, int8_t *output,           \
                                       size_t pixel, size_t line)                                \
    {                                                                                            \
        tile(taps, across, down, s, at, output, pixel, line);                                    \
    }

/* All tiles of one row, for one width of kernel. */
#define MNQH_ROW_TILES(name, taps)                                                               \
    MNQH_TILE(name, taps, 1, 1)                                                                  \
    MNQH_TILE(name, taps, 2, 1)                                                                  \
    MNQH_TILE(name, taps, 3, 1)                                                                  \
    MNQH_TILE(name, taps, 4, 1)                                                                  \
    MNQH_TILE(name, taps, 5, 1)                                                                  \
    MNQH_TILE(name, taps, 6, 1)                                                                  \
    static mnqh_tile_function *const name[] = {name##1, name##2, name##3,                        \
                                               name##4, name##5, name##6};

MNQH_ROW_TILES(three_taps, 3)
MNQH_ROW_TILES(five_taps, 5)
MNQH_ROW_TILES(any_taps, s->taps)

MNQH_TILE(two_rows, s->taps, 1, 2)
MNQH_TILE(two_rows, s->taps, 2, 2)
MNQH_TILE(two_rows, s->taps, 3, 2)
static mnqh_tile_function *const two_rows[] = {two_rows1, two_rows2, two_rows3};

/* How output rows are cut into tiles, and what runs them. */
typedef struct {
    mnqh_cut cut;
    mnqh_tile_function *const *tiles;
} row_plan;

static row_plan make_plan(const mnqh_window *window, size_t down)
{
    const int32_t taps = window->kernel_width;
    mnqh_tile_widths widths = {taps == 3 ? three_taps : taps == 5 ? five_taps : any_taps,
                               MNQH_TILE_ROWS};
    if (down == 2) {
        widths = mnqh_unrolled_tiles(window);
        if (widths.most == 0) {
            widths = (mnqh_tile_widths){two_rows, MNQH_TILE_ROWS / 2};
        }
    }
    return (row_plan){mnqh_cut_rows((size_t)window->output_width, widths.most), widths.tiles};
}

/* The present step's output rows; a row has `line` bytes. */
static void run_rows(const mnqh_slide *s, const row_plan *plan, int8_t *output, size_t line)
{
    const size_t channels = s->layer->input_channels * s->layer->multiplier;
    size_t at = 0;

    for (size_t t = 0; t < plan->cut.tiles; ++t) {
        const size_t across = plan->cut.height - (t >= plan->cut.tall);
        mnqh_tile_function *const run = plan->tiles[across - 1];
        if (s->width == MNQH_PANEL) {
            run(s, at, output, channels, line);
        } else {
            int8_t bytes[2 * MNQH_TILE_ROWS][MNQH_PANEL];
            run(s, at, bytes[0], MNQH_PANEL, across * MNQH_PANEL);
            for (size_t i = 0; i < across * s->step->down; ++i) {
                memcpy(output + i % across * channels + i / across * line, bytes[i], s->width);
            }
        }
        at += across * s->stride;
        output += across * channels;
    }
}

void mnqh_depthwise_s8_avx2(const mnqh_depthwise_s8_layer *layer, const int8_t *input,
                            int8_t *output, void *scratch)
{
    const mnqh_window *window = &layer->window;
    const size_t channels = layer->input_channels * layer->multiplier;
    const size_t line = (size_t)window->output_width * channels;
    const row_plan plans[2] = {make_plan(window, 1), make_plan(window, 2)};
    mnqh_slide s = mnqh_make_slide(layer, scratch);
    const mnqh_ring_step *const end = s.steps + s.step_count;

    for (const mnqh_ring_step *band = s.steps; band < end; band += s.band_steps) {
        const size_t rest = (size_t)(end - band);
        const mnqh_ring_step *const band_end = band + mnqh_min(s.band_steps, rest);
        for (size_t index = 0; index < mnqh_panels(channels); ++index) {
            mnqh_start_panel(&s, index);
            int8_t *row = output + s.first;
            for (s.step = band; s.step < band_end; ++s.step) {
                mnqh_fill_ring(&s, input);
                run_rows(&s, &plans[s.step->down - 1], row, line);
                row += s.step->down * line;
            }
        }
        output += (size_t)(band_end - band) * band->down * line;
    }
}
#endif
