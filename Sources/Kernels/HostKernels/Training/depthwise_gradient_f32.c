#include "mnqh_training.h"

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

/* Vectors of channels that a sum over pixels goes through at once, to hide the latency of an
 * addition. */
enum { GROUP = 4 };

/* One tap of `vectors` vectors of channels, the last of which has `tail` of eight. */
MNQH_BODY void add_tap(const mnqh_window *w, axis rows, axis columns, size_t channels,
                       size_t vectors, size_t tail, const float *upstream, const float *input,
                       float *gradient)
{
    mnqh_f32x8 sums[GROUP];
    for (size_t v = 0; v < GROUP; ++v) {
        sums[v] = mnqh_splat_f32x8(0);
    }
    const size_t width = (size_t)w->input_width, outputs = (size_t)w->output_width;
    for (size_t y = rows.first, from = rows.input; y < rows.last;
         ++y, from += (size_t)w->stride_height) {
        const float *g = upstream + (y * outputs + columns.first) * channels;
        const float *x = input + (from * width + columns.input) * channels;
        for (size_t i = columns.first; i < columns.last; ++i) {
            MNQH_UNROLL_ANYWHERE
            for (size_t v = 0; v < GROUP; ++v) {
                if (v < vectors) {
                    const size_t count = v + 1 == vectors ? tail : MNQH_LANES;
                    sums[v] += mnqh_get_f32x8(g + v * MNQH_LANES, count) *
                               mnqh_get_f32x8(x + v * MNQH_LANES, count);
                }
            }
            g += channels;
            x += channels * (size_t)w->stride_width;
        }
    }
    for (size_t v = 0; v < vectors; ++v) {
        const size_t count = v + 1 == vectors ? tail : MNQH_LANES;
        float *place = gradient + v * MNQH_LANES;
        mnqh_put_f32x8(place, mnqh_get_f32x8(place, count) + sums[v], count);
    }
}

/* As `add_tap` where the output has several channels an input channel. */
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

MNQH_BODY void mnqh_depthwise_weight_gradient_f32_body(const mnqh_window *window, size_t channels,
                                                       size_t multiplier, size_t first,
                                                       size_t count, const float *upstream,
                                                       const float *input, float *gradient)
{
    const size_t last = first + count;
    for (int32_t ky = 0; ky < window->kernel_height; ++ky) {
        const axis rows = reach_rows(window, ky);
        for (int32_t kx = 0; kx < window->kernel_width; ++kx) {
            const axis columns = reach_columns(window, kx);
            const size_t tap = (size_t)(ky * window->kernel_width + kx);
            float *row = gradient + tap * channels * multiplier;
            if (multiplier > 1) {
                for (size_t c = first; c < last; ++c) {
                    add_tap_of_many(window, rows, columns, channels, multiplier, c, upstream,
                                    input, row + c);
                }
                continue;
            }
            size_t c = first;
            for (; c + GROUP * MNQH_LANES <= last; c += GROUP * MNQH_LANES) {
                add_tap(window, rows, columns, channels, GROUP, MNQH_LANES, upstream + c,
                        input + c, row + c);
            }
            for (; c < last; c += MNQH_LANES) {
                add_tap(window, rows, columns, channels, 1, mnqh_min(MNQH_LANES, last - c),
                        upstream + c, input + c, row + c);
            }
        }
    }
}

MNQH_TWINS(mnqh_depthwise_weight_gradient_f32,
           (const mnqh_window *window, size_t channels, size_t multiplier, size_t first,
            size_t count, const float *upstream, const float *input, float *gradient),
           (window, channels, multiplier, first, count, upstream, input, gradient))

/* One tap of one row of outputs. */
MNQH_BODY void spread_row(const mnqh_window *w, axis columns, size_t channels, size_t multiplier,
                          const float *upstream, const float *weights, float *gradient)
{
    const size_t step = channels * (size_t)w->stride_width;
    for (size_t i = columns.first; i < columns.last; ++i) {
        if (multiplier == 1) {
            for (size_t c = 0; c < channels; ++c) {
                gradient[c] += upstream[c] * weights[c];
            }
        } else {
            for (size_t o = 0; o < channels * multiplier; ++o) {
                gradient[o / multiplier] += upstream[o] * weights[o];
            }
        }
        upstream += channels * multiplier;
        gradient += step;
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
