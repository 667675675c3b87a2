#include "mnqh_depthwise_s8_simd.h"

#ifdef MNQH_HAS_AVX2_CODE
#include "mnqh_avx2_narrow.h"
#include "mnqh_avx2_requantize.h"

/* 16-bit values of a ring pixel: 16 slots of two rows, in pairs. */
enum { PIXEL = 2 * MNQH_PANEL };

/* One panel of channels on its way down the image, with a ring of padded row pairs: pair r has
 * padded rows r and r + dilation_height, interleaved. Only every `step`-th pair is ever needed. */
typedef struct {
    mnqh_narrow narrow;
    mnqh_s32x16 bias; /* doubled for the narrow requantization, like the ring */
    const mnqh_depthwise_s8_layer *layer;
    const mnqh_panel_s8 *panel;
    int16_t *ring;
    size_t row_count; /* values of a ring row */
    size_t first;     /* channel of the panel's first column */
    size_t width;     /* columns in use */
    int32_t step;
    int32_t slots;
    const int16_t **rows; /* the row pairs of the present output row */
    size_t pairs;
    size_t taps;     /* of a kernel row */
    size_t stride;   /* values from one output's taps to the next one's */
    size_t dilation; /* values from one tap to the next */
    /* Columns of a padded row: of padding, of the image, of padding. */
    int32_t left;
    int32_t middle;
    int32_t right;
} slide;

static int32_t greatest_common_divisor(int32_t a, int32_t b)
{
    return b == 0 ? a : greatest_common_divisor(b, a % b);
}

static int32_t ring_step(const mnqh_window *window)
{
    return greatest_common_divisor(window->stride_height, 2 * window->dilation_height);
}

/* Padded rows from the first to the last pair of an output, in steps, both included. */
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
    return row_table_bytes(window) + pixels * PIXEL * sizeof(int16_t);
}

/* Stores one pixel of a pair: 16 channels of the upper and of the lower row. */
MNQH_AVX2_INLINE void store_pixel(__m128i upper, __m128i lower, __m128i doubling, int16_t *to)
{
    const __m256i a = _mm256_sll_epi16(_mm256_cvtepi8_epi16(upper), doubling);
    const __m256i b = _mm256_sll_epi16(_mm256_cvtepi8_epi16(lower), doubling);
    mnqh_store_256(to, _mm256_unpacklo_epi16(a, b));
    mnqh_store_256(to + MNQH_PANEL, _mm256_unpackhi_epi16(a, b));
}

/* A row of pixels, or of padding: then there is one pixel, for all columns, and `step` is 0. */
typedef struct {
    const int8_t *pixel; /* at the panel's first channel */
    size_t step;
} source;

/* Stores `count` pixels of a pair and returns where the next one goes. */
MNQH_AVX2_INLINE int16_t *store_pixels(int32_t count, source upper, source lower, __m128i doubling,
                                       int16_t *to)
{
    for (int32_t i = 0; i < count; ++i, to += PIXEL) {
        store_pixel(mnqh_load_128(upper.pixel), mnqh_load_128(lower.pixel), doubling, to);
        upper.pixel += upper.step;
        lower.pixel += lower.step;
    }
    return to;
}

/* The same when the channels of a panel do not lie side by side, or are fewer than 16. */
MNQH_AVX2_INLINE int16_t *gather_pixels(const slide *s, int32_t count, source upper, source lower,
                                        __m128i doubling, int16_t *to)
{
    const size_t multiplier = s->layer->multiplier;
    const size_t origin = s->first / multiplier;

    for (int32_t i = 0; i < count; ++i, to += PIXEL) {
        int8_t lanes[2][MNQH_PANEL];
        for (size_t lane = 0; lane < MNQH_PANEL; ++lane) {
            const size_t c = (s->first + mnqh_min(lane, s->width - 1)) / multiplier - origin;
            lanes[0][lane] = upper.pixel[upper.step ? c : 0];
            lanes[1][lane] = lower.pixel[lower.step ? c : 0];
        }
        store_pixel(mnqh_load_128(lanes[0]), mnqh_load_128(lanes[1]), doubling, to);
        upper.pixel += upper.step;
        lower.pixel += lower.step;
    }
    return to;
}

/* The slot of pair `row`. */
static int16_t *ring_row(const slide *s, int32_t row)
{
    return s->ring + (size_t)(row / s->step % s->slots) * s->row_count;
}

/* Fills the slot of pair `row`. `padding` has 16 codes. */
MNQH_AVX2 static void fill_row(const slide *s, const int8_t *input, const int8_t *padding,
                               int32_t row)
{
    const mnqh_window *window = &s->layer->window;
    const size_t channels = s->layer->input_channels;
    const size_t line = (size_t)window->input_width * channels;
    const __m128i doubling = _mm_cvtsi32_si128(s->layer->narrow);
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
    int16_t *to = ring_row(s, row);
    to = store_pixels(s->left, outside, outside, doubling, to);
    if (s->layer->multiplier == 1 && s->width == MNQH_PANEL) {
        to = store_pixels(s->middle, upper, lower, doubling, to);
    } else {
        to = gather_pixels(s, s->middle, upper, lower, doubling, to);
    }
    store_pixels(s->right, outside, outside, doubling, to);
}

/* The sums of `count` neighbours of an output row (a constant after inlining); `at` is where the
 * first of them is in a ring row. */
MNQH_AVX2_INLINE void convolve(size_t count, const slide *s, size_t at, mnqh_s32x16 *sums)
{
    const size_t stride = s->stride;
    const size_t dilation = s->dilation;
    const size_t width = s->taps;
    const int16_t *weights = (const int16_t *)(s->panel + 1);

    MNQH_UNROLL
    for (size_t i = 0; i < count; ++i) {
        sums[i] = s->bias;
    }
    for (size_t pair = 0; pair < s->pairs; ++pair) {
        const int16_t *taps = s->rows[pair] + at;
        for (size_t kx = 0; kx < width; ++kx, weights += PIXEL, taps += dilation) {
            const __m256i low = mnqh_load_256(weights);
            const __m256i high = mnqh_load_256(weights + MNQH_PANEL);
            MNQH_UNROLL
            for (size_t i = 0; i < count; ++i) {
                const int16_t *tap = taps + i * stride;
                sums[i] = mnqh_multiply_add(sums[i], mnqh_load_256(tap), low,
                                            mnqh_load_256(tap + MNQH_PANEL), high);
            }
        }
    }
}

MNQH_AVX2_INLINE void tile(size_t count, mnqh_epilogue epilogue, const slide *s, size_t at, int8_t *output, size_t stride)
{
    mnqh_s32x16 sums[MNQH_TILE_ROWS];
    convolve(count, s, at, sums);
    MNQH_UNROLL
    for (size_t i = 0; i < count; i += 2) {
        const size_t next = i + 1 < count ? i + 1 : i;
        const __m256i bytes =
            mnqh_narrow_bytes(mnqh_narrow_codes(sums[i], &s->narrow, epilogue),
                              mnqh_narrow_codes(sums[next], &s->narrow, epilogue), &s->narrow,
                              epilogue);
        mnqh_store_128(output + i * stride, mnqh_swap_bytes(_mm256_castsi256_si128(bytes)));
        mnqh_store_128(output + next * stride,
                       mnqh_swap_bytes(_mm256_extracti128_si256(bytes, 1)));
    }
}

typedef void tile_function(const slide *s, size_t at, int8_t *output,
                           size_t stride);

/* Functions of their own, for the reason given in gemm_s8_avx2.c. */
#define MNQH_TILE(count)                                                                         \
    MNQH_AVX2 static void clamp##count(const slide *s, size_t at,              \
                                       int8_t *output, size_t stride)                            \
    {                                                                                            \
        tile(count, MNQH_CLAMP, s, at, output, stride);                                \
    }                                                                                            \
    MNQH_AVX2 static void saturate##count(const slide *s, size_t at,           \
                                          int8_t *output, size_t stride)                         \
    {                                                                                            \
        tile(count, MNQH_SATURATE, s, at, output, stride);                             \
    }                                                                                            \
    MNQH_AVX2 static void rectify##count(const slide *s, size_t at,            \
                                         int8_t *output, size_t stride)                          \
    {                                                                                            \
        tile(count, MNQH_RECTIFY, s, at, output, stride);                              \
    }

MNQH_TILE(1)
MNQH_TILE(2)
MNQH_TILE(3)
MNQH_TILE(4)
MNQH_TILE(5)
MNQH_TILE(6)

/* Any factors, one output. */
MNQH_AVX2 static void general1(const slide *s, size_t at, int8_t *output,
                               size_t stride)
{
    mnqh_s32x16 sums[1];
    (void)stride;
    convolve(1, s, at, sums);
    mnqh_store_128(output, mnqh_general_bytes(s->panel, sums[0], &s->layer->codes));
}

static tile_function *const tile_functions[MNQH_EPILOGUES][MNQH_TILE_ROWS] = {
    [MNQH_CLAMP] = {clamp1, clamp2, clamp3, clamp4, clamp5, clamp6},
    [MNQH_SATURATE] = {saturate1, saturate2, saturate3, saturate4, saturate5, saturate6},
    [MNQH_RECTIFY] = {rectify1, rectify2, rectify3, rectify4, rectify5, rectify6},
};

/* One output row; pixels are `channels` bytes apart. */
static void run_row(const slide *s, mnqh_cut cut, int8_t *output, size_t channels)
{
    const mnqh_epilogue epilogue = mnqh_choose_epilogue(&s->layer->codes);
    size_t at = 0;

    for (size_t t = 0; t < cut.tiles; ++t) {
        const size_t count = cut.height - (t >= cut.tall);
        tile_function *const run =
            s->layer->narrow ? tile_functions[epilogue][count - 1] : general1;
        if (s->width == MNQH_PANEL) {
            run(s, at, output, channels);
        } else {
            int8_t bytes[MNQH_TILE_ROWS][MNQH_PANEL];
            run(s, at, bytes[0], MNQH_PANEL);
            for (size_t i = 0; i < count; ++i) {
                memcpy(output + i * channels, bytes[i], s->width);
            }
        }
        at += count * s->stride;
        output += count * channels;
    }
}

/* All output rows of a panel. */
static void run_panel(const slide *s, const int8_t *input, int8_t *output, size_t channels)
{
    const mnqh_window *window = &s->layer->window;
    const size_t width = (size_t)window->output_width;
    const mnqh_cut each = {1, width, width};
    const mnqh_cut cut = s->layer->narrow ? mnqh_cut_rows(width) : each;
    const int32_t down = 2 * window->dilation_height;
    int8_t padding[MNQH_PANEL];
    memset(padding, s->layer->codes.input_zero_point, sizeof padding);

    int32_t filled = 0;
    for (int32_t out_y = 0; out_y < window->output_height; ++out_y) {
        const int32_t top = out_y * window->stride_height;
        const int32_t bottom = top + (s->slots - 1) * s->step;
        for (filled = filled < top ? top : filled; filled <= bottom; filled += s->step) {
            fill_row(s, input, padding, filled);
        }
        for (size_t pair = 0; pair < s->pairs; ++pair) {
            s->rows[pair] = ring_row(s, top + (int32_t)pair * down);
        }
        run_row(s, cut, output, channels);
        output += width * channels;
    }
}

MNQH_AVX2 void mnqh_depthwise_s8_avx2(const mnqh_depthwise_s8_layer *layer, const int8_t *input,
                                      int8_t *output, void *scratch)
{
    const mnqh_window *window = &layer->window;
    const size_t channels = layer->input_channels * layer->multiplier;
    const char *panel = layer->packed;
    slide s = {.layer = layer, .rows = scratch, .width = mnqh_min(MNQH_PANEL, channels)};
    s.pairs = (size_t)mnqh_row_pairs(window);
    s.ring = (int16_t *)((char *)scratch + row_table_bytes(window));
    s.taps = (size_t)window->kernel_width;
    s.stride = (size_t)window->stride_width * PIXEL;
    s.dilation = (size_t)window->dilation_width * PIXEL;
    s.row_count = (size_t)mnqh_padded_width(window) * PIXEL;
    const int32_t padded = mnqh_padded_width(window);
    s.left = window->padding_left < padded ? window->padding_left : padded;
    s.middle = padded - s.left < window->input_width ? padded - s.left : window->input_width;
    s.right = padded - s.left - s.middle;
    s.step = ring_step(window);
    s.slots = ring_slots(window);

    for (size_t index = 0; index < mnqh_panels(channels); ++index) {
        s.first = mnqh_panel_first(index, channels);
        s.panel = (const mnqh_panel_s8 *)(const void *)panel;
        s.bias = mnqh_load_s32x16(s.panel->bias);
        if (layer->narrow) {
            s.narrow = mnqh_prepare_narrow(s.panel, &layer->codes);
            s.bias.low = _mm256_add_epi32(s.bias.low, s.bias.low);
            s.bias.high = _mm256_add_epi32(s.bias.high, s.bias.high);
        }
        run_panel(&s, input, output + s.first, channels);
        panel += mnqh_depthwise_s8_panel_bytes(window);
    }
}
#endif
