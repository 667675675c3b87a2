#include "../Shared/mnqh_cpu.h"

#ifdef MNQH_HAS_AVX2_CODE
#include "mnqh_depthwise_ring_s8.h"

/* How the ring goes down the image. */
typedef struct {
    int32_t pairs;   /* of kernel rows */
    int32_t advance; /* pairs from one step to the next */
    int32_t step;    /* only every `step`-th pair is ever needed: both are multiples of it apart */
    int32_t slots;   /* from the first to the last pair of a step, both included */
    size_t row_count; /* values of a ring row */
    size_t band_steps;
    size_t step_count;
    size_t fill_count; /* at most */
} ring_shape;

static int32_t greatest_common_divisor(int32_t a, int32_t b)
{
    return b == 0 ? a : greatest_common_divisor(b, a % b);
}

static ring_shape measure(const mnqh_window *window, size_t channels)
{
    const int32_t down = mnqh_makes_row_pairs(window) ? 2 : 1;
    const int32_t band = mnqh_band_rows(window, channels);
    const int32_t bands = (window->output_height + band - 1) / band;
    const int32_t apart = 2 * window->dilation_height;
    ring_shape shape = {
        .pairs = mnqh_row_pairs(window),
        .advance = down * window->stride_height,
        .row_count = (size_t)mnqh_padded_width(window) * MNQH_RING_PIXEL,
        .band_steps = (size_t)(band / down),
        .step_count = (size_t)((window->output_height + down - 1) / down),
    };
    shape.step = greatest_common_divisor(shape.advance, apart);
    shape.slots = (shape.pairs - 1) * apart / shape.step + 1;
    const size_t slots = (size_t)shape.slots;
    shape.fill_count = (size_t)bands * slots +
                       shape.step_count * mnqh_min((size_t)(shape.advance / shape.step), slots);
    return shape;
}

static size_t aligned(size_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

size_t mnqh_depthwise_s8_avx2_scratch_bytes(const mnqh_window *window, size_t channels)
{
    const ring_shape shape = measure(window, channels);
    return aligned((size_t)shape.slots * shape.row_count * sizeof(int16_t)) +
           aligned(shape.step_count * sizeof(mnqh_ring_step)) +
           aligned(shape.fill_count * sizeof(mnqh_ring_fill)) +
           aligned(shape.step_count * (size_t)shape.pairs * sizeof(int16_t *));
}

/* What planning writes. */
typedef struct {
    int16_t *ring;
    mnqh_ring_step *steps;
    mnqh_ring_fill *fills;
    const int16_t **rows;
} ring_plan;

static ring_plan place(const ring_shape *shape, void *scratch)
{
    const size_t ring_bytes = aligned((size_t)shape->slots * shape->row_count * sizeof(int16_t));
    char *steps = (char *)scratch + ring_bytes;
    char *fills = steps + aligned(shape->step_count * sizeof(mnqh_ring_step));
    char *rows = fills + aligned(shape->fill_count * sizeof(mnqh_ring_fill));
    memset(scratch, 0, ring_bytes);
    return (ring_plan){scratch, (mnqh_ring_step *)(void *)steps, (mnqh_ring_fill *)(void *)fills,
                       (const int16_t **)(void *)rows};
}

/* Whether pair `row` lies above or below the image. */
static bool is_above(const mnqh_window *window, int32_t row)
{
    return row - window->padding_top + window->dilation_height < 0;
}

static bool is_below(const mnqh_window *window, int32_t row)
{
    return row - window->padding_top >= window->input_height;
}

/* Where image row `y` begins. */
static ptrdiff_t row_start(const mnqh_window *window, size_t channels, int32_t y)
{
    return y < 0 || y >= window->input_height
               ? -1
               : (ptrdiff_t)y * window->input_width * (ptrdiff_t)channels;
}

/* The slot of pair `row`, a multiple of the step. */
static int16_t *slot(const ring_shape *shape, const ring_plan *plan, int32_t row)
{
    return plan->ring + (size_t)(row / shape->step % shape->slots) * shape->row_count;
}

/* Plans to fill pairs `*filled ... bottom`. Those of padding alone are left out. */
static mnqh_ring_fill *plan_fills(const mnqh_depthwise_s8_layer *layer, const ring_shape *shape,
                                  const ring_plan *plan, int32_t *filled, int32_t bottom,
                                  mnqh_ring_fill *next)
{
    const mnqh_window *window = &layer->window;
    for (; *filled <= bottom; *filled += shape->step) {
        if (!is_above(window, *filled) && !is_below(window, *filled)) {
            const int32_t y = *filled - window->padding_top;
            *next++ = (mnqh_ring_fill){
                slot(shape, plan, *filled), row_start(window, layer->input_channels, y),
                row_start(window, layer->input_channels, y + window->dilation_height)};
        }
    }
    return next;
}

static void plan_steps(const mnqh_depthwise_s8_layer *layer, const ring_shape *shape,
                       ring_plan plan)
{
    const mnqh_window *window = &layer->window;
    const size_t height = (size_t)window->output_height;
    const size_t most = mnqh_makes_row_pairs(window) ? 2 : 1;
    mnqh_ring_fill *fills = plan.fills;
    int32_t filled = 0;

    for (size_t index = 0; index < shape->step_count; ++index, ++plan.steps) {
        const int32_t top = (int32_t)index * shape->advance;
        const bool starts_over = index % shape->band_steps == 0;
        filled = starts_over || filled < top ? top : filled;
        *plan.steps = (mnqh_ring_step){.fills = fills,
                                       .rows = plan.rows,
                                       .down = mnqh_min(most, height - index * most)};
        fills = plan_fills(layer, shape, &plan, &filled, top + (shape->slots - 1) * shape->step,
                           fills);
        plan.steps->end_fill = fills;
        for (int32_t pair = 0; pair < shape->pairs; ++pair) {
            const int32_t row = top + pair * 2 * window->dilation_height;
            *plan.rows++ = slot(shape, &plan, row);
            plan.steps->first_pair += is_above(window, row);
            plan.steps->end_pair += !is_below(window, row);
        }
    }
}

MNQH_AVX2 mnqh_slide mnqh_make_slide(const mnqh_depthwise_s8_layer *layer, void *scratch)
{
    const mnqh_window *window = &layer->window;
    const ring_shape shape = measure(window, layer->input_channels);
    const ring_plan plan = place(&shape, scratch);
    const int32_t width = mnqh_padded_width(window);
    const int32_t left = window->padding_left < width ? window->padding_left : width;
    const int32_t rest = width - left;
    plan_steps(layer, &shape, plan);
    return (mnqh_slide){
        .zero_point = _mm256_set1_epi16((short)layer->codes.input_zero_point),
        .layer = layer,
        .width = mnqh_min(MNQH_PANEL, layer->input_channels * layer->multiplier),
        .taps = (size_t)window->kernel_width,
        .weight_step = mnqh_depthwise_s8_step(window),
        .stride = (size_t)window->stride_width * MNQH_RING_PIXEL,
        .dilation = (size_t)window->dilation_width * MNQH_RING_PIXEL,
        .left = (size_t)left * MNQH_RING_PIXEL,
        .pixels = (size_t)(rest < window->input_width ? rest : window->input_width),
        .steps = plan.steps,
        .band_steps = shape.band_steps,
        .step_count = shape.step_count,
    };
}

MNQH_AVX2 void mnqh_start_panel(mnqh_slide *slide, size_t index)
{
    const mnqh_depthwise_s8_layer *layer = slide->layer;
    const size_t bytes = mnqh_depthwise_s8_panel_bytes(&layer->window, layer->order);
    const char *panel = (const char *)layer->packed + index * bytes;
    slide->panel = (const mnqh_panel_s8 *)(const void *)panel;
    slide->lines = mnqh_load_lines(slide->panel, &layer->codes);
    slide->first = mnqh_panel_first(index, layer->input_channels * layer->multiplier);
}

/* A row of pixels, or of padding: then there is one pixel, for all columns, and `step` is 0. */
typedef struct {
    const int8_t *pixel; /* at the panel's first channel */
    size_t step;
} source;

/* Stores one pixel of a pair: 16 channels of the upper and of the lower row. */
MNQH_AVX2_INLINE void store_pixel(const int8_t *upper, const int8_t *lower, __m256i zero_point,
                                  int16_t *to)
{
    const __m256i a = _mm256_sub_epi16(mnqh_widen(upper), zero_point);
    const __m256i b = _mm256_sub_epi16(mnqh_widen(lower), zero_point);
    mnqh_store_256(to, _mm256_unpacklo_epi16(a, b));
    mnqh_store_256(to + MNQH_PANEL, _mm256_unpackhi_epi16(a, b));
}

/* Stores `count` pixels of a pair. A function of its own, for the sake of its registers. */
MNQH_AVX2 __attribute__((noinline)) static void store_pixels(size_t count, source upper,
                                                             source lower, __m256i zero_point,
                                                             int16_t *to)
{
    for (; count > 0; --count, to += MNQH_RING_PIXEL) {
        store_pixel(upper.pixel, lower.pixel, zero_point, to);
        upper.pixel += upper.step;
        lower.pixel += lower.step;
    }
}

/* The same when the channels of a panel do not lie side by side, or are fewer than 16. */
MNQH_AVX2_INLINE void gather_pixels(const mnqh_slide *s, source upper, source lower, int16_t *to)
{
    const size_t multiplier = s->layer->multiplier;
    const size_t origin = s->first / multiplier;

    for (size_t i = 0; i < s->pixels; ++i, to += MNQH_RING_PIXEL) {
        int8_t lanes[2][MNQH_PANEL];
        for (size_t lane = 0; lane < MNQH_PANEL; ++lane) {
            const size_t c = (s->first + mnqh_min(lane, s->width - 1)) / multiplier - origin;
            lanes[0][lane] = upper.pixel[upper.step ? c : 0];
            lanes[1][lane] = lower.pixel[lower.step ? c : 0];
        }
        store_pixel(lanes[0], lanes[1], s->zero_point, to);
        upper.pixel += upper.step;
        lower.pixel += lower.step;
    }
}

MNQH_AVX2 void mnqh_fill_ring(const mnqh_slide *slide, const int8_t *input)
{
    const mnqh_depthwise_s8_layer *layer = slide->layer;
    const mnqh_ring_step *step = slide->step;
    const size_t channels = layer->input_channels;
    int8_t padding[MNQH_PANEL];
    mnqh_store_128(padding, _mm_set1_epi8((char)layer->codes.input_zero_point));
    input += slide->first / layer->multiplier;

    for (const mnqh_ring_fill *fill = step->fills; fill != step->end_fill; ++fill) {
        const source none = {padding, 0};
        const source upper = fill->upper < 0 ? none : (source){input + fill->upper, channels};
        const source lower = fill->lower < 0 ? none : (source){input + fill->lower, channels};
        int16_t *to = fill->to + slide->left;
        if (layer->multiplier == 1 && slide->width == MNQH_PANEL) {
            store_pixels(slide->pixels, upper, lower, slide->zero_point, to);
        } else {
            gather_pixels(slide, upper, lower, to);
        }
    }
}
#endif
