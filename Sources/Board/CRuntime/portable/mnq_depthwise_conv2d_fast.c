#include "mnq_packed.h"

/* A depthwise convolution with a kernel of 3x3 or 5x5, channel by channel: a plane of taps with
 * its border, so that no tap needs a test.
 *
 * weights: int8_t [channels][kernel][kernel].
 * scratch: the plane, and SLACK bytes that are read past it for sums that nothing uses. */

enum { SLACK = 8 }; /* only the sizes of the kernel ask for it: no macro, which would be unused */
#define SUMS 32 /* made at a time; a multiple of 4 */

typedef struct {
    int8_t *taps;
    int32_t pitch;
} plane;

static void load_plane(const mnq_packed *layer, const int8_t *restrict input, plane to)
{
    const int32_t channels = layer->input_channels;
    for (int32_t y = 0; y < layer->input.height; ++y) {
        int8_t *restrict row =
            to.taps + (y + layer->padding.height) * to.pitch + layer->padding.width;
        const int8_t *end = row + layer->input.width;
        while (end - row >= 4) {
            row[0] = input[0];
            row[1] = input[channels];
            input += 2 * channels;
            row[2] = input[0];
            row[3] = input[channels];
            input += 2 * channels;
            row += 4;
        }
        while (row != end) {
            *row++ = *input;
            input += channels;
        }
    }
}

#if defined(__thumb__) && !defined(__thumb2__)
/* Eight registers hold three weights' products with taps that move on: kernel row by kernel row,
 * and of five weights the first three first. */
MNQ_INLINE void add_row(const int8_t *x, int32_t w0, int32_t w1, int32_t w2, int32_t count,
                        int32_t *to, int32_t stride)
{
    int32_t a = x[0], b = x[1];
    if (stride == 2) {
        for (; count > 0; --count) {
            const int32_t c = x[2];
            *to++ += a * w0 + x[1] * w1 + c * w2;
            a = c;
            x += 2;
        }
        return;
    }
    x += 2;
    for (; count > 0; count -= 2) {
        const int32_t c = x[0], d = x[1];
        to[0] += a * w0 + b * w1 + c * w2;
        to[1] += b * w0 + c * w1 + d * w2;
        a = c;
        b = d;
        x += 2;
        to += 2;
    }
}

MNQ_INLINE void multiply(const int8_t *taps, int32_t pitch, const int8_t *w, int32_t bias,
                         int32_t count, int32_t *to, int32_t size, int32_t stride)
{
    for (int32_t i = 0; i < count; ++i) {
        to[i] = bias;
    }
    for (int32_t ky = 0; ky < size; ++ky) {
        add_row(taps, w[0], w[1], w[2], count, to, stride);
        if (size == 5) {
            add_row(taps + 3, w[3], w[4], 0, count, to, stride);
        }
        taps += pitch;
        w += size;
    }
}
#else
typedef struct {
    int32_t s0, s1, s2, s3;
} quad;

/* One kernel row of four outputs. */
MNQ_INLINE quad multiply_row(const int8_t *x, const int8_t *w, int32_t size, int32_t stride,
                             quad s)
{
#define TAP(k)                                                                                    \
    s.s0 += x[k] * w[k];                                                                          \
    s.s1 += x[k + stride] * w[k];                                                                 \
    s.s2 += x[k + 2 * stride] * w[k];                                                             \
    s.s3 += x[k + 3 * stride] * w[k];
    TAP(0) TAP(1) TAP(2)
    if (size == 5) {
        TAP(3) TAP(4)
    }
    return s;
}

/* Sums of a row of outputs, four at a time: up to three past the end. */
MNQ_INLINE void multiply(const int8_t *taps, int32_t pitch, const int8_t *w, int32_t bias,
                         int32_t count, int32_t *to, int32_t size, int32_t stride)
{
    for (; count > 0; count -= 4) {
        quad s = {bias, bias, bias, bias};
        const int8_t *row = taps, *weights = w;
        for (int32_t ky = 0; ky < size; ++ky) {
            s = multiply_row(row, weights, size, stride, s);
            row += pitch;
            weights += size;
        }
        to[0] = s.s0;
        to[1] = s.s1;
        to[2] = s.s2;
        to[3] = s.s3;
        to += 4;
        taps += 4 * stride;
    }
}
#endif

MNQ_APART void multiply_some(const mnq_packed *layer, const int8_t *taps, int32_t pitch,
                             const int8_t *w, int32_t bias, int32_t count, int32_t *to)
{
    if (layer->kernel.width == 3 && layer->stride.width == 1) {
        multiply(taps, pitch, w, bias, count, to, 3, 1);
    } else if (layer->kernel.width == 3) {
        multiply(taps, pitch, w, bias, count, to, 3, 2);
    } else if (layer->stride.width == 1) {
        multiply(taps, pitch, w, bias, count, to, 5, 1);
    } else {
        multiply(taps, pitch, w, bias, count, to, 5, 2);
    }
}

MNQ_APART void finish_some(const mnq_packed *layer, const int32_t *sums, int32_t count,
                           const mnq_channel *channel, int8_t *output)
{
    if (mnq_finish_of(layer) == MNQ_FINISH_POSITIVE) {
        mnq_codes(layer, *channel, sums, count, output, MNQ_FINISH_POSITIVE);
    } else if (mnq_finish_of(layer) == MNQ_FINISH_TABLE) {
        mnq_codes(layer, *channel, sums, count, output, MNQ_FINISH_TABLE);
    } else {
        mnq_codes(layer, *channel, sums, count, output, MNQ_FINISH_CLAMP);
    }
}

static void convolve_plane(const mnq_packed *layer, plane from, const int8_t *w,
                           const mnq_channel *channel, int8_t *output)
{
    int32_t sums[SUMS];
    for (int32_t y = 0; y < layer->output.height; ++y) {
        const int8_t *taps = from.taps + y * layer->stride.height * from.pitch;
        for (int32_t left = layer->output.width; left > 0; left -= SUMS) {
            const int32_t count = mnq_min(left, SUMS);
            multiply_some(layer, taps, from.pitch, w, channel->bias, count, sums);
            finish_some(layer, sums, count, channel, output);
            taps += SUMS * layer->stride.width;
            output += count * layer->output_channels;
        }
    }
}

MNQ_KERNEL
void mnq_depthwise_conv2d_fast(const mnq_packed *layer, const int8_t *input, int8_t *output,
                               void *scratch)
{
    const mnq_extent kernel = layer->kernel, stride = layer->stride;
    const int32_t rows = mnq_max((layer->output.height - 1) * stride.height + kernel.height,
                                 layer->padding.height + layer->input.height);
    const plane taps = {scratch, mnq_max((layer->output.width - 1) * stride.width + kernel.width,
                                         layer->padding.width + layer->input.width)};
    const int8_t *weights = layer->weights;
    for (int32_t i = 0; i < rows * taps.pitch; ++i) {
        taps.taps[i] = (int8_t)layer->input_zero_point;
    }
    for (int32_t c = 0; c < layer->input_channels; ++c) {
        load_plane(layer, input + c, taps);
        convolve_plane(layer, taps, weights, layer->channels + c, output + c);
        weights += kernel.height * kernel.width;
    }
}

#if defined(MNQ_SIZES) && !defined(MNQ_CURVE)
#include "kernel_sizes.h"

int32_t mnq_depthwise_conv2d_fast_scratch(const mnq_packed *layer)
{
    const int32_t rows = mnq_max((layer->output.height - 1) * layer->stride.height
                                     + layer->kernel.height,
                                 layer->padding.height + layer->input.height);
    const int32_t columns = mnq_max((layer->output.width - 1) * layer->stride.width
                                        + layer->kernel.width,
                                    layer->padding.width + layer->input.width);
    return rows * columns + SLACK;
}

int32_t mnq_depthwise_conv2d_fast_weights(const mnq_packed *layer)
{
    return layer->kernel.height * layer->kernel.width * layer->output_channels;
}
#endif
