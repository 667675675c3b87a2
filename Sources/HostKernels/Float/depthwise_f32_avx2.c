#include "mnqh_depthwise_f32_simd.h"

#ifdef MNQH_HAS_AVX2_CODE
#include <string.h>

#include "mnqh_avx2_f32.h"

/* One panel of output channels on its way down the image. */
typedef struct {
    const mnqh_depthwise_f32_layer *layer;
    const mnqh_window *window;
    const float *panel;
    float *ring;
    size_t row_count; /* floats of a ring row */
    int32_t reach;
    size_t first;     /* output channel of lane 0 */
    size_t width;     /* lanes in use */
    size_t output_stride;
    int32_t top;      /* the slot of the output row's first tap */
} slide;

/* Copies this panel's channels of one pixel; lanes without a channel repeat the last one, and
 * their results are never stored. */
static void fill_pixel(const slide *s, const float *pixel, float *lanes)
{
    if (s->layer->multiplier == 1 && s->width == MNQH_PANEL) {
        memcpy(lanes, pixel + s->first, MNQH_PANEL * sizeof(float));
        return;
    }
    for (size_t lane = 0; lane < MNQH_PANEL; ++lane) {
        const size_t channel = s->first + mnqh_min(lane, s->width - 1);
        lanes[lane] = pixel[channel / s->layer->multiplier];
    }
}

/* Fills the ring's slot of padded row `row`. */
static void fill_row(const slide *s, const float *input, int32_t row)
{
    const mnqh_window *window = s->window;
    const int32_t y = row - window->padding_top;
    float *slot = s->ring + (size_t)(row % s->reach) * s->row_count;

    if (y < 0 || y >= window->input_height) {
        memset(slot, 0, s->row_count * sizeof(float));
        return;
    }
    const size_t channels = s->layer->input_channels;
    const float *line = input + (size_t)y * (size_t)window->input_width * channels;
    const int32_t width = mnqh_padded_width(window);
    for (int32_t column = 0; column < width; ++column, slot += MNQH_PANEL) {
        const int32_t x = column - window->padding_left;
        if (x < 0 || x >= window->input_width) {
            memset(slot, 0, MNQH_PANEL * sizeof(float));
        } else {
            fill_pixel(s, line + (size_t)x * channels, slot);
        }
    }
}

/* `count` neighbours of an output row (a constant after inlining), the first at `out_x`. */
MNQH_AVX2_INLINE void tile(size_t count, const slide *s, size_t out_x, float *output)
{
    const mnqh_window window = *s->window;
    const size_t step = (size_t)window.stride_width * MNQH_PANEL;
    const float *weights = s->panel;
    int32_t slot = s->top;
    __m256 low[MNQH_TILE_ROWS];
    __m256 high[MNQH_TILE_ROWS];

    MNQH_UNROLL
    for (size_t i = 0; i < count; ++i) {
        low[i] = _mm256_loadu_ps(weights);
        high[i] = _mm256_loadu_ps(weights + 8);
    }
    for (int32_t ky = 0; ky < window.kernel_height; ++ky) {
        const float *taps = s->ring + (size_t)slot * s->row_count + out_x * step;
        for (int32_t kx = 0; kx < window.kernel_width; ++kx) {
            weights += MNQH_PANEL;
            const mnqh_f32x16 weight = mnqh_load_f32x16(weights);
            MNQH_UNROLL
            for (size_t i = 0; i < count; ++i) {
                const mnqh_f32x16 value = mnqh_load_f32x16(taps + i * step);
                low[i] = _mm256_fmadd_ps(value.low, weight.low, low[i]);
                high[i] = _mm256_fmadd_ps(value.high, weight.high, high[i]);
            }
            taps += (size_t)window.dilation_width * MNQH_PANEL;
        }
        slot += window.dilation_height;
        slot = slot >= s->reach ? slot - s->reach : slot;
    }
    const mnqh_f32x16 range = mnqh_range_f32x16(s->layer->minimum, s->layer->maximum);
    MNQH_UNROLL
    for (size_t i = 0; i < count; ++i) {
        const mnqh_f32x16 sum = {low[i], high[i]};
        mnqh_store_f32x16(output + i * s->output_stride, mnqh_clamp_f32x16(sum, range), s->width);
    }
}

typedef void tile_function(const slide *s, size_t out_x, float *output);

/* Functions of their own, for the reason given in gemm_s8_avx2.c. */
#define MNQH_TILE(count)                                                                         \
    MNQH_AVX2 static void tile##count(const slide *s, size_t out_x, float *output)               \
    {                                                                                            \
        tile(count, s, out_x, output);                                                           \
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
    size_t out_x = 0;
    for (size_t t = 0; t < cut.tiles; ++t) {
        const size_t count = cut.height - (t >= cut.tall);
        tile_functions[count - 1](s, out_x, output);
        out_x += count;
        output += count * s->output_stride;
    }
}

void mnqh_depthwise_f32_avx2(const mnqh_depthwise_f32_layer *layer, const float *input,
                             float *output, float *scratch)
{
    const mnqh_window *window = &layer->window;
    const size_t channels = layer->input_channels * layer->multiplier;
    const size_t taps = (size_t)window->kernel_height * (size_t)window->kernel_width;
    slide s = {.layer = layer, .window = window, .panel = layer->packed, .ring = scratch};
    s.row_count = (size_t)mnqh_padded_width(window) * MNQH_PANEL;
    s.reach = mnqh_kernel_reach_y(window);
    s.output_stride = channels;
    const mnqh_cut cut = mnqh_cut_rows((size_t)window->output_width);

    for (; s.first < channels; s.first += MNQH_PANEL, s.panel += (1 + taps) * MNQH_PANEL) {
        s.width = mnqh_min(MNQH_PANEL, channels - s.first);
        int32_t filled = 0;
        for (int32_t out_y = 0; out_y < window->output_height; ++out_y) {
            const int32_t top = out_y * window->stride_height;
            for (filled = filled < top ? top : filled; filled < top + s.reach; ++filled) {
                fill_row(&s, input, filled);
            }
            const size_t row = (size_t)out_y * (size_t)window->output_width;
            s.top = top % s.reach;
            run_row(&s, cut, output + row * channels + s.first);
        }
    }
}
#endif
