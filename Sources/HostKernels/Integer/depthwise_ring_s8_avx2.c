#include "../Shared/mnqh_cpu.h"

#ifdef MNQH_HAS_AVX2_CODE
#include "mnqh_depthwise_ring_s8.h"

static int32_t greatest_common_divisor(int32_t a, int32_t b)
{
    return b == 0 ? a : greatest_common_divisor(b, a % b);
}

/* Pairs of which one is needed: output rows and pairs of kernel rows are multiples of it apart. */
static int32_t ring_step(const mnqh_window *window)
{
    const int32_t advance = mnqh_makes_row_pairs(window) ? 2 : window->stride_height;
    return greatest_common_divisor(advance, 2 * window->dilation_height);
}

/* Slots from the first to the last pair of an output, both included. */
static int32_t ring_slots(const mnqh_window *window)
{
    return (mnqh_row_pairs(window) - 1) * 2 * window->dilation_height / ring_step(window) + 1;
}

/* Bytes of `rows`, which is at the start of the scratch; what follows stays aligned to 64. */
static size_t row_table_bytes(const mnqh_window *window)
{
    return ((size_t)mnqh_row_pairs(window) * sizeof(int16_t *) + 63) / 64 * 64;
}

size_t mnqh_depthwise_s8_avx2_scratch_bytes(const mnqh_window *window)
{
    const size_t pixels = (size_t)ring_slots(window) * (size_t)mnqh_padded_width(window);
    return row_table_bytes(window) + pixels * MNQH_RING_PIXEL * sizeof(int16_t);
}

MNQH_AVX2 mnqh_slide mnqh_make_slide(const mnqh_depthwise_s8_layer *layer, void *scratch)
{
    const mnqh_window *window = &layer->window;
    const size_t channels = layer->input_channels * layer->multiplier;
    const int32_t width = mnqh_padded_width(window);
    const int32_t left = window->padding_left < width ? window->padding_left : width;
    const int32_t rest = width - left;
    const int32_t advance = mnqh_makes_row_pairs(window) ? 2 : window->stride_height;
    const int32_t slots = ring_slots(window);
    const int32_t step = ring_step(window);
    int16_t *ring = (int16_t *)(void *)((char *)scratch + row_table_bytes(window));
    const size_t row_count = (size_t)width * MNQH_RING_PIXEL;
    memset(ring, 0, (size_t)slots * row_count * sizeof *ring);
    return (mnqh_slide){
        .zero_point = _mm256_set1_epi16((short)layer->codes.input_zero_point),
        .layer = layer,
        .width = mnqh_min(MNQH_PANEL, channels),
        .pairs = (size_t)mnqh_row_pairs(window),
        .taps = (size_t)window->kernel_width,
        .weight_step = mnqh_depthwise_s8_step(window),
        .stride = (size_t)window->stride_width * MNQH_RING_PIXEL,
        .dilation = (size_t)window->dilation_width * MNQH_RING_PIXEL,
        .rows = scratch,
        .ring = ring,
        .row_count = row_count,
        .slots = slots,
        .step = step,
        .pair_slots = 2 * window->dilation_height / step,
        .advance = advance,
        .advance_slots = advance / step % slots,
        .left = (size_t)left * MNQH_RING_PIXEL,
        .pixels = (size_t)(rest < window->input_width ? rest : window->input_width),
    };
}

MNQH_AVX2 void mnqh_start_panel(mnqh_slide *slide, size_t index, int32_t out_y)
{
    const mnqh_depthwise_s8_layer *layer = slide->layer;
    const size_t bytes = mnqh_depthwise_s8_panel_bytes(&layer->window);
    const char *panel = (const char *)layer->packed + index * bytes;
    slide->panel = (const mnqh_panel_s8 *)(const void *)panel;
    slide->lines = mnqh_load_lines(slide->panel, &layer->codes);
    slide->first = mnqh_panel_first(index, layer->input_channels * layer->multiplier);
    slide->top = slide->filled = out_y * layer->window.stride_height;
    slide->top_slot = slide->filled_slot = 0;
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

/* Fills the slot of pair `row`. */
MNQH_AVX2 static void fill_row(const mnqh_slide *s, const int8_t *input, int32_t row, int16_t *to)
{
    const mnqh_window *window = &s->layer->window;
    const size_t channels = s->layer->input_channels;
    const size_t line = (size_t)window->input_width * channels;
    const int32_t y = row - window->padding_top;
    const int32_t next = y + window->dilation_height;
    int8_t padding[MNQH_PANEL];
    mnqh_store_128(padding, _mm_set1_epi8((char)s->layer->codes.input_zero_point));
    source upper = {padding, 0};
    source lower = {padding, 0};
    input += s->first / s->layer->multiplier;
    if (y >= 0 && y < window->input_height) {
        upper = (source){input + (size_t)y * line, channels};
    }
    if (next >= 0 && next < window->input_height) {
        lower = (source){input + (size_t)next * line, channels};
    }
    to += s->left;
    if (s->layer->multiplier == 1 && s->width == MNQH_PANEL) {
        store_pixels(s->pixels, upper, lower, s->zero_point, to);
    } else {
        gather_pixels(s, upper, lower, to);
    }
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

/* The slot that follows by `steps`, less than all slots. */
static int32_t later_slot(const mnqh_slide *s, int32_t slot, int32_t steps)
{
    slot += steps;
    return slot < s->slots ? slot : slot - s->slots;
}

static int16_t *ring_row(const mnqh_slide *s, int32_t slot)
{
    return s->ring + (size_t)slot * s->row_count;
}

/* Fills all slots that the next output row reads and that are not filled yet. */
static void fill_ring(mnqh_slide *s, const int8_t *input)
{
    const mnqh_window *window = &s->layer->window;
    const int32_t bottom = s->top + (s->slots - 1) * s->step;

    if (s->filled < s->top) {
        s->filled = s->top;
        s->filled_slot = s->top_slot;
    }
    for (; s->filled <= bottom; s->filled += s->step) {
        if (!is_above(window, s->filled) && !is_below(window, s->filled)) {
            fill_row(s, input, s->filled, ring_row(s, s->filled_slot));
        }
        s->filled_slot = later_slot(s, s->filled_slot, 1);
    }
}

void mnqh_slide_down(mnqh_slide *slide, const int8_t *input)
{
    const mnqh_window *window = &slide->layer->window;
    fill_ring(slide, input);

    int32_t row = slide->top;
    int32_t slot = slide->top_slot;
    slide->first_pair = 0;
    slide->end_pair = 0;
    for (size_t pair = 0; pair < slide->pairs; ++pair) {
        slide->rows[pair] = ring_row(slide, slot);
        slide->first_pair += is_above(window, row);
        slide->end_pair += !is_below(window, row);
        row += 2 * window->dilation_height;
        slot = later_slot(slide, slot, slide->pair_slots);
    }
    slide->top += slide->advance;
    slide->top_slot = later_slot(slide, slide->top_slot, slide->advance_slots);
}
#endif
