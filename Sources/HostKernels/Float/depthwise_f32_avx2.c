#include "mnqh_depthwise_f32_simd.h"

#ifdef MNQH_HAS_AVX2_CODE
#include <string.h>

#include "mnqh_avx2_f32.h"

/* One panel of output channels on its way down the image. */
typedef struct {
    mnqh_f32x16 range; /* of the clamp */
    const mnqh_depthwise_f32_layer *layer;
    const float *panel;
    size_t first;         /* output channel of lane 0 */
    size_t width;         /* lanes in use */
    size_t output_stride; /* floats from one output pixel to the next */
    const float **rows;   /* the ring rows of the present output row, one for each kernel row */
    float *ring;
    size_t row_count; /* floats of a ring row */
    int32_t reach;    /* rows of the ring */
    size_t kernel_height;
    size_t kernel_width;
    size_t stride;   /* floats from one output's taps to the next one's */
    size_t dilation; /* floats from one tap to the next */
} slide;

/* Bytes of `rows`, which is at the start of the scratch; what follows stays aligned to 64. */
static size_t row_table_bytes(const mnqh_window *window)
{
    return ((size_t)window->kernel_height * sizeof(float *) + 63) / 64 * 64;
}

size_t mnqh_depthwise_f32_avx2_scratch_count(const mnqh_window *window)
{
    return row_table_bytes(window) / sizeof(float) +
           (size_t)mnqh_kernel_reach_y(window) * (size_t)mnqh_padded_width(window) * MNQH_PANEL;
}

/* Copies this panel's channels of `count` pixels and returns where the next one goes. */
MNQH_AVX2_INLINE float *copy_pixels(const slide *s, int32_t count, const float *pixel, float *to)
{
    const size_t channels = s->layer->input_channels;
    pixel += s->first;
    for (int32_t i = 0; i < count; ++i, pixel += channels, to += MNQH_PANEL) {
        _mm256_storeu_ps(to, _mm256_loadu_ps(pixel));
        _mm256_storeu_ps(to + 8, _mm256_loadu_ps(pixel + 8));
    }
    return to;
}

/* The same when the channels of a panel do not lie side by side, or are fewer than 16: lanes
 * without a channel repeat the last one, and their results are never stored. */
static float *gather_pixels(const slide *s, int32_t count, const float *pixel, float *to)
{
    const size_t channels = s->layer->input_channels;
    for (int32_t i = 0; i < count; ++i, pixel += channels, to += MNQH_PANEL) {
        for (size_t lane = 0; lane < MNQH_PANEL; ++lane) {
            const size_t channel = s->first + mnqh_min(lane, s->width - 1);
            to[lane] = pixel[channel / s->layer->multiplier];
        }
    }
    return to;
}

/* Fills the slot of padded row `row`. */
MNQH_AVX2 static void fill_row(const slide *s, const float *input, int32_t row, float *slot)
{
    const mnqh_window *window = &s->layer->window;
    const size_t channels = s->layer->input_channels;
    const int32_t y = row - window->padding_top;
    const int32_t width = mnqh_padded_width(window);
    const int32_t left = window->padding_left < width ? window->padding_left : width;
    const int32_t rest = width - left;
    const int32_t middle = rest < window->input_width ? rest : window->input_width;

    if (y < 0 || y >= window->input_height) {
        memset(slot, 0, s->row_count * sizeof(float));
        return;
    }
    const float *line = input + (size_t)y * (size_t)window->input_width * channels;
    memset(slot, 0, (size_t)left * MNQH_PANEL * sizeof(float));
    slot += (size_t)left * MNQH_PANEL;
    if (s->layer->multiplier == 1 && s->width == MNQH_PANEL) {
        slot = copy_pixels(s, middle, line, slot);
    } else {
        slot = gather_pixels(s, middle, line, slot);
    }
    memset(slot, 0, (size_t)(rest - middle) * MNQH_PANEL * sizeof(float));
}

/* `count` neighbours of an output row (a constant after inlining); `at` is where the taps of the
 * first one are in a ring row. */
MNQH_AVX2_INLINE void tile(size_t count, const slide *s, size_t at, float *output)
{
    const size_t stride = s->stride;
    const size_t dilation = s->dilation;
    const size_t kernel_width = s->kernel_width;
    const float *weights = s->panel;
    mnqh_f32x16 sums[MNQH_TILE_ROWS];

    MNQH_UNROLL
    for (size_t i = 0; i < count; ++i) {
        sums[i] = mnqh_load_f32x16(weights);
    }
    for (size_t ky = 0; ky < s->kernel_height; ++ky) {
        const float *tap = s->rows[ky] + at;
        for (size_t kx = 0; kx < kernel_width; ++kx, tap += dilation) {
            weights += MNQH_PANEL;
            const mnqh_f32x16 weight = mnqh_load_f32x16(weights);
            MNQH_UNROLL
            for (size_t i = 0; i < count; ++i) {
                const mnqh_f32x16 value = mnqh_load_f32x16(tap + i * stride);
                sums[i].low = _mm256_fmadd_ps(value.low, weight.low, sums[i].low);
                sums[i].high = _mm256_fmadd_ps(value.high, weight.high, sums[i].high);
            }
        }
    }
    MNQH_UNROLL
    for (size_t i = 0; i < count; ++i) {
        mnqh_store_f32x16(output + i * s->output_stride, mnqh_clamp_f32x16(sums[i], s->range),
                          s->width);
    }
}

typedef void tile_function(const slide *s, size_t at, float *output);

/* Functions of their own, for the reason given in gemm_s8_avx2.c. */
#define MNQH_TILE(count)                                                                         \
    MNQH_AVX2 static void tile##count(const slide *s, size_t at, float *output)               \
    {                                                                                            \
        tile(count, s, at, output);                                                              \
    }

MNQH_TILE(1)
MNQH_TILE(2)
MNQH_TILE(3)
MNQH_TILE(4)
MNQH_TILE(5)
MNQH_TILE(6)

static tile_function *const tile_functions[MNQH_TILE_ROWS] = {tile1, tile2, tile3,
                                                              tile4, tile5, tile6};

/* One output row. */
static void run_row(const slide *s, mnqh_cut cut, float *output)
{
    size_t at = 0;
    for (size_t t = 0; t < cut.tiles; ++t) {
        const size_t count = cut.height - (t >= cut.tall);
        tile_functions[count - 1](s, at, output);
        at += count * s->stride;
        output += count * s->output_stride;
    }
}

/* The slot of a padded row. */
static float *ring_row(const slide *s, int32_t row)
{
    return s->ring + (size_t)(row % s->reach) * s->row_count;
}

/* Output rows `first ..< end` of the slide's panel. */
static void run_band(const slide *s, mnqh_cut cut, const float *input, float *output,
                     int32_t first, int32_t end)
{
    const mnqh_window *window = &s->layer->window;
    const size_t line = (size_t)window->output_width * s->output_stride;
    int32_t filled = 0;

    output += (size_t)first * line + s->first;
    for (int32_t out_y = first; out_y < end; ++out_y, output += line) {
        const int32_t top = out_y * window->stride_height;
        for (filled = filled < top ? top : filled; filled < top + s->reach; ++filled) {
            fill_row(s, input, filled, ring_row(s, filled));
        }
        for (int32_t ky = 0; ky < window->kernel_height; ++ky) {
            s->rows[ky] = ring_row(s, top + ky * window->dilation_height);
        }
        run_row(s, cut, output);
    }
}

MNQH_AVX2 static slide make_slide(const mnqh_depthwise_f32_layer *layer, float *scratch)
{
    const mnqh_window *window = &layer->window;
    const size_t channels = layer->input_channels * layer->multiplier;
    return (slide){
        .range = mnqh_range_f32x16(layer->minimum, layer->maximum),
        .layer = layer,
        .width = mnqh_min(MNQH_PANEL, channels),
        .output_stride = channels,
        .rows = (const float **)(void *)scratch,
        .ring = scratch + row_table_bytes(window) / sizeof(float),
        .row_count = (size_t)mnqh_padded_width(window) * MNQH_PANEL,
        .reach = mnqh_kernel_reach_y(window),
        .kernel_height = (size_t)window->kernel_height,
        .kernel_width = (size_t)window->kernel_width,
        .stride = (size_t)window->stride_width * MNQH_PANEL,
        .dilation = (size_t)window->dilation_width * MNQH_PANEL,
    };
}

void mnqh_depthwise_f32_avx2(const mnqh_depthwise_f32_layer *layer, const float *input,
                             float *output, float *scratch)
{
    const mnqh_window *window = &layer->window;
    const size_t channels = layer->input_channels * layer->multiplier;
    const size_t taps = (size_t)window->kernel_height * (size_t)window->kernel_width;
    const mnqh_cut cut = mnqh_cut_rows((size_t)window->output_width, MNQH_TILE_ROWS);
    const int32_t band = mnqh_band_rows(window, layer->input_channels * sizeof(float));
    slide s = make_slide(layer, scratch);

    for (int32_t first = 0; first < window->output_height; first += band) {
        const int32_t rest = window->output_height - first;
        const int32_t end = first + (band < rest ? band : rest);
        for (size_t index = 0; index < mnqh_panels(channels); ++index) {
            s.panel = layer->packed + index * (1 + taps) * MNQH_PANEL;
            s.first = mnqh_panel_first(index, channels);
            run_band(&s, cut, input, output, first, end);
        }
    }
}
#endif
