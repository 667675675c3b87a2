#include "mnqh_training.h"

#include <stdbool.h>

#include "mnqh_vector_f32.h"

/* Where tap `tap` of the outputs `first ..< last` of one axis reads: input `first * stride + tap *
 * dilation - padding` and so on in steps of `stride`. */
typedef struct {
    size_t first;
    size_t last;
    /* Of the first output. */
    size_t input;
} axis;

/* The outputs of one axis whose tap lies within the input. */
MNQH_BODY axis reach(int32_t tap, int32_t inputs, int32_t outputs, int32_t stride,
                     int32_t dilation, int32_t padding)
{
    const int64_t shift = (int64_t)tap * dilation - padding;
    const int64_t first = shift >= 0 ? 0 : (-shift + stride - 1) / stride;
    const int64_t room = (int64_t)inputs - shift;
    int64_t last = room <= 0 ? 0 : (room + stride - 1) / stride;
    if (last > outputs) {
        last = outputs;
    }
    if (first >= last) {
        return (axis){0, 0, 0};
    }
    return (axis){(size_t)first, (size_t)last, (size_t)(first * stride + shift)};
}

MNQH_BODY axis reach_rows(const mnqh_window *w, int32_t tap)
{
    return reach(tap, w->input_height, w->output_height, w->stride_height, w->dilation_height,
                 w->padding_top);
}

MNQH_BODY axis reach_columns(const mnqh_window *w, int32_t tap)
{
    return reach(tap, w->input_width, w->output_width, w->stride_width, w->dilation_width,
                 w->padding_left);
}

/* The most taps whose sums stay in registers: a window of 5 x 5. */
enum { TAPS = 25 };

/* Rows `first ..< first + count` of a kernel that is `width` wide. */
typedef struct {
    size_t first;
    size_t count;
    size_t width;
} taps;

/* Adds an output pixel whose window begins in column `left` to the taps of rows `from ..< to`, all of
 * them inside the image or some outside. */
MNQH_BODY void add_pixel(const mnqh_window *w, taps t, size_t from, size_t to, bool isInside,
                         size_t channels, size_t lanes, int64_t left, mnqh_vector upstream,
                         const float *const *rows, mnqh_vector *sums)
{
    MNQH_UNROLL_ANYWHERE
    for (size_t ky = 0; ky < t.count; ++ky) {
        if (ky < from || ky >= to) {
            continue;
        }
        MNQH_UNROLL_ANYWHERE
        for (size_t kx = 0; kx < t.width; ++kx) {
            const int64_t column = left + (int64_t)kx * w->dilation_width;
            if (isInside || (column >= 0 && column < w->input_width)) {
                sums[ky * t.width + kx] +=
                    upstream * mnqh_get(rows[ky] + column * (int64_t)channels, lanes);
            }
        }
    }
}

/* Adds `t.count * t.width` taps of `lanes` channels over all pixels, in their order. */
MNQH_BODY void add_taps(const mnqh_window *w, taps t, size_t channels, size_t lanes,
                        const float *upstream, const float *input, float *gradient)
{
    const size_t width = (size_t)w->output_width;
    const size_t row = (size_t)w->input_width * channels;
    const int64_t last = w->input_width - (int64_t)(t.width - 1) * w->dilation_width;
    mnqh_vector sums[TAPS];
    MNQH_UNROLL_ANYWHERE
    for (size_t i = 0; i < t.count * t.width; ++i) {
        sums[i] = mnqh_splat(0);
    }
    for (int32_t y = 0; y < w->output_height; ++y, upstream += width * channels) {
        const float *rows[TAPS];
        size_t from = t.count, to = 0;
        MNQH_UNROLL_ANYWHERE
        for (size_t ky = 0; ky < t.count; ++ky) {
            const int32_t line = y * w->stride_height - w->padding_top +
                                 (int32_t)(t.first + ky) * w->dilation_height;
            rows[ky] = input;
            if (line >= 0 && line < w->input_height) {
                rows[ky] += (size_t)line * row;
                from = mnqh_min(from, ky);
                to = ky + 1;
            }
        }
        for (size_t x = 0; x < width; ++x) {
            const mnqh_vector g = mnqh_get(upstream + x * channels, lanes);
            const int64_t left = (int64_t)x * w->stride_width - w->padding_left;
            if (from == 0 && to == t.count && left >= 0 && left < last) {
                add_pixel(w, t, 0, t.count, true, channels, lanes, left, g, rows, sums);
            } else {
                add_pixel(w, t, from, to, false, channels, lanes, left, g, rows, sums);
            }
        }
    }
    MNQH_UNROLL_ANYWHERE
    for (size_t ky = 0; ky < t.count; ++ky) {
        MNQH_UNROLL_ANYWHERE
        for (size_t kx = 0; kx < t.width; ++kx) {
            float *place = gradient + ((t.first + ky) * t.width + kx) * channels;
            mnqh_put(place, mnqh_get(place, lanes) + sums[ky * t.width + kx], lanes);
        }
    }
}

/* All taps of `lanes` channels, `rows` rows of the kernel at a time. */
MNQH_BODY void add_channels(const mnqh_window *w, size_t rows, size_t width, size_t channels,
                            size_t lanes, const float *upstream, const float *input,
                            float *gradient)
{
    const size_t height = (size_t)w->kernel_height;
    size_t ky = 0;
    for (; ky + rows <= height; ky += rows) {
        add_taps(w, (taps){ky, rows, width}, channels, lanes, upstream, input, gradient);
    }
    for (; ky < height; ++ky) {
        add_taps(w, (taps){ky, 1, width}, channels, lanes, upstream, input, gradient);
    }
}

/* One tap of `lanes` channels. */
MNQH_BODY void add_tap(const mnqh_window *w, axis rows, axis columns, size_t channels,
                       size_t lanes, const float *upstream, const float *input, float *gradient)
{
    const size_t width = (size_t)w->input_width, outputs = (size_t)w->output_width;
    mnqh_vector sum = mnqh_splat(0);
    for (size_t y = rows.first, from = rows.input; y < rows.last;
         ++y, from += (size_t)w->stride_height) {
        const float *g = upstream + (y * outputs + columns.first) * channels;
        const float *x = input + (from * width + columns.input) * channels;
        for (size_t i = columns.first; i < columns.last; ++i) {
            sum += mnqh_get(g, lanes) * mnqh_get(x, lanes);
            g += channels;
            x += channels * (size_t)w->stride_width;
        }
    }
    mnqh_put(gradient, mnqh_get(gradient, lanes) + sum, lanes);
}

/* One tap of one output channel where there are several an input channel. */
MNQH_BODY void add_tap_of_many(const mnqh_window *w, axis rows, axis columns, size_t channels,
                               size_t multiplier, size_t output, const float *upstream,
                               const float *input, float *gradient)
{
    const size_t width = (size_t)w->input_width, outputs = (size_t)w->output_width;
    float sum = 0;
    for (size_t y = rows.first, from = rows.input; y < rows.last;
         ++y, from += (size_t)w->stride_height) {
        for (size_t i = columns.first, x = columns.input; i < columns.last;
             ++i, x += (size_t)w->stride_width) {
            sum += upstream[(y * outputs + i) * channels * multiplier + output] *
                   input[(from * width + x) * channels + output / multiplier];
        }
    }
    *gradient += sum;
}

/* Kernels of any width and with any number of output channels an input channel, tap by tap. */
MNQH_BODY void add_any(const mnqh_window *window, size_t channels, size_t multiplier, size_t first,
                       size_t count, const float *upstream, const float *input, float *gradient)
{
    for (int32_t ky = 0; ky < window->kernel_height; ++ky) {
        const axis rows = reach_rows(window, ky);
        for (int32_t kx = 0; kx < window->kernel_width; ++kx) {
            const axis columns = reach_columns(window, kx);
            const size_t tap = (size_t)(ky * window->kernel_width + kx);
            float *row = gradient + tap * channels * multiplier;
            for (size_t c = first; multiplier > 1 && c < first + count; ++c) {
                add_tap_of_many(window, rows, columns, channels, multiplier, c, upstream, input,
                                row + c);
            }
#define COLUMNS(c, lanes)                                                                        \
    add_tap(window, rows, columns, channels, lanes, upstream + first + (c), input + first + (c), \
            row + first + (c))
            if (multiplier == 1) {
                MNQH_FOR_CHANNELS(count, COLUMNS)
            }
#undef COLUMNS
        }
    }
}

/* `rows3` and `rows5` are the rows of kernels 3 and 5 wide whose sums stay in registers together. */
MNQH_BODY void add_weight_gradient(size_t rows3, size_t rows5, const mnqh_window *window,
                                   size_t channels, size_t multiplier, size_t first, size_t count,
                                   const float *upstream, const float *input, float *gradient)
{
#define THREE(c, lanes)                                                                          \
    add_channels(window, rows3, 3, channels, lanes, upstream + first + (c), input + first + (c), \
                 gradient + first + (c))
#define FIVE(c, lanes)                                                                           \
    add_channels(window, rows5, 5, channels, lanes, upstream + first + (c), input + first + (c), \
                 gradient + first + (c))
    if (multiplier == 1 && window->kernel_width == 3) {
        MNQH_FOR_CHANNELS(count, THREE)
    } else if (multiplier == 1 && window->kernel_width == 5) {
        MNQH_FOR_CHANNELS(count, FIVE)
    } else {
        add_any(window, channels, multiplier, first, count, upstream, input, gradient);
    }
#undef THREE
#undef FIVE
}

MNQH_BODY void narrow(const mnqh_window *window, size_t channels, size_t multiplier, size_t first,
                      size_t count, const float *upstream, const float *input, float *gradient)
{
    add_weight_gradient(2, 1, window, channels, multiplier, first, count, upstream, input,
                        gradient);
}

MNQH_BODY void wide(const mnqh_window *window, size_t channels, size_t multiplier, size_t first,
                    size_t count, const float *upstream, const float *input, float *gradient)
{
    add_weight_gradient(3, 5, window, channels, multiplier, first, count, upstream, input,
                        gradient);
}

MNQH_SIZED_TWINS(mnqh_depthwise_weight_gradient_f32,
                 (const mnqh_window *window, size_t channels, size_t multiplier, size_t first,
                  size_t count, const float *upstream, const float *input, float *gradient),
                 (window, channels, multiplier, first, count, upstream, input, gradient), narrow,
                 wide)

/* One tap of one row of outputs, for `lanes` channels. */
MNQH_BODY void spread_channels(size_t pixels, size_t channels, size_t lanes, size_t step,
                               const float *upstream, const float *weights, float *gradient)
{
    const mnqh_vector weight = mnqh_get(weights, lanes);
    for (size_t i = 0; i < pixels; ++i, upstream += channels, gradient += step) {
        mnqh_put(gradient, mnqh_get(gradient, lanes) + mnqh_get(upstream, lanes) * weight, lanes);
    }
}

/* The same for all channels. */
MNQH_BODY void spread_row(const mnqh_window *w, axis columns, size_t channels, size_t multiplier,
                          const float *upstream, const float *weights, float *gradient)
{
    const size_t step = channels * (size_t)w->stride_width;
    const size_t pixels = columns.last - columns.first;
    if (multiplier == 1) {
#define COLUMNS(c, lanes)                                                                        \
    spread_channels(pixels, channels, lanes, step, upstream + (c), weights + (c), gradient + (c))
        MNQH_FOR_CHANNELS(channels, COLUMNS)
#undef COLUMNS
        return;
    }
    for (size_t i = 0; i < pixels; ++i, upstream += channels * multiplier, gradient += step) {
        for (size_t o = 0; o < channels * multiplier; ++o) {
            gradient[o / multiplier] += upstream[o] * weights[o];
        }
    }
}

MNQH_BODY void mnqh_depthwise_input_gradient_f32_body(const mnqh_window *window, size_t channels,
                                                      size_t multiplier, const float *upstream,
                                                      const float *weights, float *gradient)
{
    const size_t width = (size_t)window->input_width, outputs = (size_t)window->output_width;
    const size_t all = channels * multiplier;
    for (int32_t ky = 0; ky < window->kernel_height; ++ky) {
        const axis rows = reach_rows(window, ky);
        for (size_t y = rows.first, to = rows.input; y < rows.last;
             ++y, to += (size_t)window->stride_height) {
            for (int32_t kx = 0; kx < window->kernel_width; ++kx) {
                const axis columns = reach_columns(window, kx);
                const size_t tap = (size_t)(ky * window->kernel_width + kx);
                spread_row(window, columns, channels, multiplier,
                           upstream + (y * outputs + columns.first) * all, weights + tap * all,
                           gradient + (to * width + columns.input) * channels);
            }
        }
    }
}

MNQH_TWINS(mnqh_depthwise_input_gradient_f32,
           (const mnqh_window *window, size_t channels, size_t multiplier, const float *upstream,
            const float *weights, float *gradient),
           (window, channels, multiplier, upstream, weights, gradient))
