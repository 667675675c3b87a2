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

mnqh_slide mnqh_make_slide(const mnqh_depthwise_s8_layer *layer, void *scratch)
{
    const mnqh_window *window = &layer->window;
    const size_t channels = layer->input_channels * layer->multiplier;
    const int32_t width = mnqh_padded_width(window);
    const int32_t left = window->padding_left < width ? window->padding_left : width;
    const int32_t rest = width - left;
    const int32_t middle = rest < window->input_width ? rest : window->input_width;
    return (mnqh_slide){
        .layer = layer,
        .width = mnqh_min(MNQH_PANEL, channels),
        .pairs = (size_t)mnqh_row_pairs(window),
        .taps = (size_t)window->kernel_width,
        .weight_step = mnqh_depthwise_s8_step(window),
        .stride = (size_t)window->stride_width * MNQH_RING_PIXEL,
        .dilation = (size_t)window->dilation_width * MNQH_RING_PIXEL,
        .rows = scratch,
        .ring = (int16_t *)(void *)((char *)scratch + row_table_bytes(window)),
        .row_count = (size_t)width * MNQH_RING_PIXEL,
        .slots = ring_slots(window),
        .step = ring_step(window),
        .left = left,
        .middle = middle,
        .right = rest - middle,
    };
}

MNQH_AVX2 void mnqh_start_panel(mnqh_slide *slide, size_t index)
{
    const mnqh_depthwise_s8_layer *layer = slide->layer;
    const size_t bytes = mnqh_depthwise_s8_panel_bytes(&layer->window);
    const char *panel = (const char *)layer->packed + index * bytes;
    slide->panel = (const mnqh_panel_s8 *)(const void *)panel;
    slide->lines = mnqh_load_lines(slide->panel, &layer->codes);
    slide->first = mnqh_panel_first(index, layer->input_channels * layer->multiplier);
    slide->filled = 0;
}

/* Stores one pixel of a pair: 16 channels of the upper and of the lower row. */
MNQH_AVX2_INLINE void store_pixel(__m128i upper, __m128i lower, int16_t *to)
{
    const __m256i a = _mm256_cvtepi8_epi16(upper);
    const __m256i b = _mm256_cvtepi8_epi16(lower);
    mnqh_store_256(to, _mm256_unpacklo_epi16(a, b));
    mnqh_store_256(to + MNQH_PANEL, _mm256_unpackhi_epi16(a, b));
}

/* A row of pixels, or of padding: then there is one pixel, for all columns, and `step` is 0. */
typedef struct {
    const int8_t *pixel; /* at the panel's first channel */
    size_t step;
} source;

/* Stores `count` pixels of a pair and returns where the next one goes. */
MNQH_AVX2_INLINE int16_t *store_pixels(int32_t count, source upper, source lower, int16_t *to)
{
    for (int32_t i = 0; i < count; ++i, to += MNQH_RING_PIXEL) {
        store_pixel(mnqh_load_128(upper.pixel), mnqh_load_128(lower.pixel), to);
        upper.pixel += upper.step;
        lower.pixel += lower.step;
    }
    return to;
}

/* The same when the channels of a panel do not lie side by side, or are fewer than 16. */
MNQH_AVX2_INLINE int16_t *gather_pixels(const mnqh_slide *s, int32_t count, source upper,
                                        source lower, int16_t *to)
{
    const size_t multiplier = s->layer->multiplier;
    const size_t origin = s->first / multiplier;

    for (int32_t i = 0; i < count; ++i, to += MNQH_RING_PIXEL) {
        int8_t lanes[2][MNQH_PANEL];
        for (size_t lane = 0; lane < MNQH_PANEL; ++lane) {
            const size_t c = (s->first + mnqh_min(lane, s->width - 1)) / multiplier - origin;
            lanes[0][lane] = upper.pixel[upper.step ? c : 0];
            lanes[1][lane] = lower.pixel[lower.step ? c : 0];
        }
        store_pixel(mnqh_load_128(lanes[0]), mnqh_load_128(lanes[1]), to);
        upper.pixel += upper.step;
        lower.pixel += lower.step;
    }
    return to;
}

/* The slot of pair `row`. */
static int16_t *ring_row(const mnqh_slide *s, int32_t row)
{
    return s->ring + (size_t)(row / s->step % s->slots) * s->row_count;
}

/* Fills the slot of pair `row`. `padding` has 16 codes. */
MNQH_AVX2 static void fill_row(const mnqh_slide *s, const int8_t *input, const int8_t *padding,
                               int32_t row)
{
    const mnqh_window *window = &s->layer->window;
    const size_t channels = s->layer->input_channels;
    const size_t line = (size_t)window->input_width * channels;
    const int32_t y = row - window->padding_top;
    const int32_t next = y + window->dilation_height;
    const source outside = {padding, 0};
    source upper = outside;
    source lower = outside;
    input += s->first / s->layer->multiplier;
    if (y >= 0 && y < window->input_height) {
        upper = (source){input + (size_t)y * line, channels};
    }
    if (next >= 0 && next < window->input_height) {
        lower = (source){input + (size_t)next * line, channels};
    }
    int16_t *to = store_pixels(s->left, outside, outside, ring_row(s, row));
    if (s->layer->multiplier == 1 && s->width == MNQH_PANEL) {
        to = store_pixels(s->middle, upper, lower, to);
    } else {
        to = gather_pixels(s, s->middle, upper, lower, to);
    }
    store_pixels(s->right, outside, outside, to);
}

void mnqh_slide_to(mnqh_slide *slide, const int8_t *input, int32_t out_y)
{
    const mnqh_window *window = &slide->layer->window;
    const int32_t top = out_y * window->stride_height;
    const int32_t bottom = top + (slide->slots - 1) * slide->step;
    int8_t padding[MNQH_PANEL];
    memset(padding, slide->layer->codes.input_zero_point, sizeof padding);

    slide->filled = slide->filled < top ? top : slide->filled;
    for (; slide->filled <= bottom; slide->filled += slide->step) {
        fill_row(slide, input, padding, slide->filled);
    }
    for (size_t pair = 0; pair < slide->pairs; ++pair) {
        slide->rows[pair] = ring_row(slide, top + (int32_t)pair * 2 * window->dilation_height);
    }
}
#endif
