#include "mnqh_twins_f32.h"

#ifdef MNQH_HAS_AVX2_CODE
#include <string.h>

#include "mnqh_simd_f32.h"
#include "mnqh_depthwise_f32_simd.h"

/* Whether the channels of a panel do not lie side by side, or are fewer than 16. */
static int must_spread(const mnqh_depthwise_f32_layer *layer)
{
    return layer->multiplier > 1 || layer->input_channels < MNQH_PANEL;
}

static size_t output_channels(const mnqh_depthwise_f32_layer *layer)
{
    return layer->input_channels * layer->multiplier;
}

/* Channels of a pixel, or what a load of the last panel takes for them. */
static size_t pixel_count(const mnqh_depthwise_f32_layer *layer)
{
    const size_t channels = output_channels(layer);
    return channels < MNQH_PANEL ? MNQH_PANEL : channels;
}

/* Floats of the table of pixels, which is at the start of the scratch; what follows stays aligned
 * to 64 bytes. */
static size_t table_count(const mnqh_window *window)
{
    const size_t pointers = (size_t)window->kernel_height * (size_t)mnqh_padded_width(window);
    return (pointers * sizeof(float *) + 63) / 64 * 64 / sizeof(float);
}

size_t mnqh_depthwise_f32_avx2_scratch_count(const mnqh_depthwise_f32_layer *layer)
{
    const mnqh_window *window = &layer->window;
    const size_t pixels = (size_t)window->input_height * (size_t)window->input_width;
    return table_count(window) + pixel_count(layer) * (must_spread(layer) ? 1 + pixels : 1);
}

/* Copies the image so that output channel c of a pixel finds its input at c; the last one is
 * repeated where there are fewer than 16. */
static void spread(const mnqh_depthwise_f32_layer *layer, const float *input, float *to)
{
    const mnqh_window *window = &layer->window;
    const size_t pixels = (size_t)window->input_height * (size_t)window->input_width;
    const size_t channels = output_channels(layer);
    const size_t pixel = pixel_count(layer);

    for (size_t i = 0; i < pixels; ++i, input += layer->input_channels) {
        for (size_t c = 0; c < pixel; ++c) {
            to[c] = input[mnqh_min(c, channels - 1) / layer->multiplier];
        }
        to += pixel;
    }
}

/* Points at the pixels of padded row `y`, which lies in the image. */
static void point_row(const slide *s, int32_t y, const float **to)
{
    const mnqh_window *window = &s->layer->window;
    const int32_t width = mnqh_padded_width(window);
    const int32_t left = window->padding_left < width ? window->padding_left : width;
    const int32_t rest = width - left;
    const int32_t middle = rest < window->input_width ? rest : window->input_width;
    const float *pixel = s->image + (size_t)y * (size_t)window->input_width * s->pixel;
    int32_t x = 0;

    for (; x < left; ++x) {
        to[x] = s->zeros;
    }
    for (; x < left + middle; ++x, pixel += s->pixel) {
        to[x] = pixel;
    }
    for (; x < width; ++x) {
        to[x] = s->zeros;
    }
}

/* Points at what output row `out_y` sees. */
static void point(slide *s, int32_t out_y)
{
    const mnqh_window *window = &s->layer->window;
    int32_t y = out_y * window->stride_height - window->padding_top;

    s->rows = 0;
    s->skipped = 0;
    for (int32_t ky = 0; ky < window->kernel_height; ++ky, y += window->dilation_height) {
        if (y < 0) {
            s->skipped += s->kernel_width;
        } else if (y < window->input_height) {
            point_row(s, y, s->pixels + s->rows * s->row_count);
            s->rows += 1;
        }
    }
}

/* Adds the taps of a tile to its sums: `weights` are those of its first row, its channels begin
 * with `first`. `t` is constant after inlining. A value is loaded once for all taps that use it. */
MNQH_AVX2_INLINE void add_taps(shape t, const slide *s, const float *const *pixels, size_t first,
                               const float *weights, __m256 (*sums)[TILE])
{
    for (size_t ky = 0; ky < s->rows; ++ky, pixels += s->row_count) {
        __m256 row[WIDEST][2];
        MNQH_UNROLL
        for (size_t kx = 0; kx < t.kernel_width; ++kx, weights += MNQH_PANEL) {
            MNQH_UNROLL
            for (size_t half = 0; half < t.halves; ++half) {
                row[kx][half] = _mm256_loadu_ps(weights + 8 * half);
            }
        }
        MNQH_UNROLL
        for (size_t x = 0; x < (t.count - 1) * t.stride + t.kernel_width; ++x) {
            const float *pixel = pixels[x] + first;
            MNQH_UNROLL
            for (size_t half = 0; half < t.halves; ++half) {
                const __m256 value = _mm256_loadu_ps(pixel + 8 * half);
                MNQH_UNROLL
                for (size_t i = 0; i < t.count; ++i) {
                    if (x >= i * t.stride && x - i * t.stride < t.kernel_width) {
                        sums[half][i] =
                            _mm256_fmadd_ps(value, row[x - i * t.stride][half], sums[half][i]);
                    }
                }
            }
        }
    }
}

/* The same for kernels of any width, stride and dilation. */
MNQH_AVX2_INLINE void add_any_taps(shape t, const slide *s, const float *const *pixels,
                                   size_t first, const float *weights, __m256 (*sums)[TILE])
{
    for (size_t ky = 0; ky < s->rows; ++ky, pixels += s->row_count) {
        const float *const *tap = pixels;
        for (size_t kx = 0; kx < s->kernel_width; ++kx, tap += s->dilation) {
            MNQH_UNROLL
            for (size_t half = 0; half < t.halves; ++half) {
                const __m256 weight = _mm256_loadu_ps(weights + 8 * half);
                MNQH_UNROLL
                for (size_t i = 0; i < t.count; ++i) {
                    const float *pixel = tap[i * s->stride] + first + 8 * half;
                    sums[half][i] = _mm256_fmadd_ps(_mm256_loadu_ps(pixel), weight, sums[half][i]);
                }
            }
            weights += MNQH_PANEL;
        }
    }
}

/* Channels `first ..< first + 8 * t.halves` of a tile; `panel` begins with their biases. */
MNQH_AVX2_INLINE void tile(shape t, const slide *s, const float *const *pixels, size_t first,
                           const float *panel, float *output)
{
    __m256 sums[2][TILE];
    const float *weights = panel + (1 + s->skipped) * MNQH_PANEL;

    MNQH_UNROLL
    for (size_t i = 0; i < t.count; ++i) {
        MNQH_UNROLL
        for (size_t half = 0; half < t.halves; ++half) {
            sums[half][i] = _mm256_loadu_ps(panel + 8 * half);
        }
    }
    if (t.kernel_width > 0) {
        add_taps(t, s, pixels, first, weights, sums);
    } else {
        add_any_taps(t, s, pixels, first, weights, sums);
    }
    MNQH_UNROLL
    for (size_t half = 0; half < t.halves; ++half) {
        mnqh_end_f32x8(s->ending, t.count, sums[half]);
    }
    output += first;
    MNQH_UNROLL
    for (size_t i = 0; i < t.count; ++i) {
        MNQH_UNROLL
        for (size_t half = 0; half < t.halves; ++half) {
            float *to = output + i * s->channels + 8 * half;
            const size_t c = first + 8 * half;
            if (s->channels >= MNQH_PANEL) {
                _mm256_storeu_ps(to, sums[half][i]);
            } else if (s->channels > c) {
                _mm256_maskstore_ps(to, mnqh_mask_f32x8(s->channels - c), sums[half][i]);
            }
        }
    }
}

/* All panels of the group. */
MNQH_AVX2_INLINE void tiles(shape t, const slide *s, const float *const *pixels, float *output)
{
    for (size_t index = s->first; index < s->end; ++index) {
        const size_t first = mnqh_panel_first(index, s->channels);
        const float *panel = s->layer->packed + index * s->panel_count;
        tile(t, s, pixels, first, panel, output);
        if (t.halves == 1 && s->channels > first + 8) {
            tile(t, s, pixels, first + 8, panel + 8, output);
        }
    }
}

MNQH_TILES_OF_ALL_KERNELS(MNQH_AVX2, mnqh_choose_tiles_avx2)

/* One output row. */
static void run_row(const slide *s, mnqh_cut cut, float *output)
{
    const float *const *pixels = s->pixels;
    for (size_t t = 0; t < cut.tiles; ++t) {
        const size_t count = cut.height - (t >= cut.tall);
        s->tiles[count - 1](s, pixels, output);
        pixels += count * s->stride;
        output += count * s->channels;
    }
}

MNQH_AVX2 static slide make_slide(const mnqh_depthwise_f32_layer *layer, const float *input,
                                  float *scratch)
{
    const mnqh_window *window = &layer->window;
    const size_t taps = (size_t)window->kernel_height * (size_t)window->kernel_width;
    float *zeros = scratch + table_count(window);

    memset(zeros, 0, pixel_count(layer) * sizeof(float));
    if (must_spread(layer)) {
        spread(layer, input, zeros + pixel_count(layer));
        input = zeros + pixel_count(layer);
    }
    return (slide){
        .ending = mnqh_prepare_ending(layer->ending),
        .layer = layer,
        .channels = output_channels(layer),
        .pixel = pixel_count(layer),
        .image = input,
        .zeros = zeros,
        .pixels = (const float **)(void *)scratch,
        .row_count = (size_t)mnqh_padded_width(window),
        .panel_count = (1 + taps) * MNQH_PANEL,
        .kernel_width = (size_t)window->kernel_width,
        .stride = (size_t)window->stride_width,
        .dilation = (size_t)window->dilation_width,
        .tiles = mnqh_runs_avx512() ? mnqh_choose_tiles_avx512(window)
                                    : mnqh_choose_tiles_avx2(window),
    };
}

/* Output rows `first ..< end` of the present group of panels. */
static void run_band(slide *s, mnqh_cut cut, float *output, int32_t first, int32_t end)
{
    const size_t line = (size_t)s->layer->window.output_width * s->channels;
    for (int32_t out_y = first; out_y < end; ++out_y) {
        point(s, out_y);
        run_row(s, cut, output + (size_t)out_y * line);
    }
}

/* Panels that are worked through before the next row: as many as leave what the kernel sees of
 * them in a 32 KiB first-level cache. */
static size_t group_panels(const slide *s)
{
    const size_t pixels = s->row_count * (size_t)s->layer->window.kernel_height;
    const size_t panels = 16 * 1024 / (pixels * MNQH_PANEL * sizeof(float));
    return panels > 0 ? panels : 1;
}

void mnqh_depthwise_f32_avx2(const mnqh_depthwise_f32_layer *layer, const float *input,
                             float *output, float *scratch)
{
    const mnqh_window *window = &layer->window;
    const mnqh_cut cut = mnqh_cut_rows((size_t)window->output_width, TILE);
    slide s = make_slide(layer, input, scratch);
    const int32_t band = mnqh_band_rows(window, s.pixel * sizeof(float));
    const size_t panels = mnqh_panels(s.channels);
    const size_t group = group_panels(&s);

    for (int32_t first = 0; first < window->output_height; first += band) {
        const int32_t rest = window->output_height - first;
        const int32_t end = first + (band < rest ? band : rest);
        for (s.first = 0; s.first < panels; s.first = s.end) {
            s.end = mnqh_min(s.first + group, panels);
            run_band(&s, cut, output, first, end);
        }
    }
}
#endif
