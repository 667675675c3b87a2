#include "mnq_packed.h"

/* A convolution as a matrix product in plain C: two pixels with two output channels at a time, so
 * that a load serves two multiplications.
 *
 * weights: int8_t [output_channels][kernel][kernel][input_channels].
 * scratch: the taps of two windows; none for a kernel of one tap. */

#define BLOCK 2 /* pixels */

/* Copies the taps of one window, kernel row by kernel row, with its border. */
static void gather(const mnq_packed *layer, const int8_t *input, int32_t pixel, int8_t *taps)
{
    const int32_t channels = layer->input_channels, width = layer->kernel.width;
    const int32_t out_y = pixel / layer->output.width;
    const int32_t out_x = pixel - out_y * layer->output.width;
    const int32_t y = out_y * layer->stride.height - layer->padding.height;
    const int32_t x = out_x * layer->stride.width - layer->padding.width;
    const int32_t begin = mnq_min(mnq_max(-x, 0), width);
    const int32_t end = mnq_max(mnq_min(layer->input.width - x, width), begin);

    for (int32_t ky = 0; ky < layer->kernel.height; ++ky) {
        const int inside = y + ky >= 0 && y + ky < layer->input.height;
        if (!inside || end - begin < width) {
            mnq_memset(taps, layer->input_zero_point, (size_t)(width * channels));
        }
        if (inside) {
            const int8_t *row = input + ((y + ky) * layer->input.width + x + begin) * channels;
            mnq_memcpy(taps + begin * channels, row, (size_t)((end - begin) * channels));
        }
        taps += width * channels;
    }
}

typedef struct {
    int32_t a0, a1; /* the first pixel */
    int32_t b0, b1; /* the second one */
} sums;

#if defined(__thumb__) && !defined(__thumb2__)
/* Eight registers hold one pixel's sums; the second pixel comes after. */
MNQ_INLINE void multiply_pixel(const int8_t *taps, const int8_t *w0, const int8_t *w1,
                               int32_t count, int32_t *sum0, int32_t *sum1)
{
    int32_t s0 = *sum0, s1 = *sum1;
    taps += count;
    w0 += count;
    w1 += count;
    for (int32_t i = -count; i != 0; ++i) {
        const int32_t tap = taps[i];
        s0 += tap * w0[i];
        s1 += tap * w1[i];
    }
    *sum0 = s0;
    *sum1 = s1;
}
#endif

MNQ_INLINE sums multiply(const int8_t *a, const int8_t *b, const int8_t *w0, const int8_t *w1,
                         int32_t count, int32_t bias0, int32_t bias1)
{
    sums s = {bias0, bias1, bias0, bias1};
#if defined(__thumb__) && !defined(__thumb2__)
    multiply_pixel(a, w0, w1, count, &s.a0, &s.a1);
    multiply_pixel(b, w0, w1, count, &s.b0, &s.b1);
#else
    int32_t i = 0;
    for (; i + 4 <= count; i += 4) {
#define STEP(k)                                                                                   \
    s.a0 += a[i + k] * w0[i + k];                                                                 \
    s.a1 += a[i + k] * w1[i + k];                                                                 \
    s.b0 += b[i + k] * w0[i + k];                                                                 \
    s.b1 += b[i + k] * w1[i + k];
        STEP(0) STEP(1) STEP(2) STEP(3)
    }
    for (; i < count; ++i) {
        STEP(0)
    }
#endif
    return s;
}

/* a, b: the taps of two pixels; of the same one, where there is one alone. */
MNQ_INLINE void matrix(const mnq_packed *layer, const int8_t *a, const int8_t *b, int32_t count,
                       int8_t *a_codes, int8_t *b_codes, mnq_finish finish)
{
    const int8_t *weights = layer->weights;
    const mnq_channel *channel = layer->channels;
    for (int32_t left = layer->output_channels; left > 0; left -= 2) {
        const int32_t second = left > 1;
        const sums s = multiply(a, b, weights, weights + second * count, count, channel->bias,
                                channel[second].bias);
        b_codes[0] = mnq_code(layer, channel[0], s.b0, finish);
        a_codes[0] = mnq_code(layer, channel[0], s.a0, finish);
        if (second) {
            b_codes[1] = mnq_code(layer, channel[1], s.b1, finish);
            a_codes[1] = mnq_code(layer, channel[1], s.a1, finish);
        }
        a_codes += 2;
        b_codes += 2;
        channel += 2;
        weights += 2 * count;
    }
}

MNQ_KERNEL
void mnq_conv2d_fast(const mnq_packed *layer, const int8_t *input, int8_t *output, void *scratch)
{
    const int32_t total = layer->output.height * layer->output.width;
    const int32_t count = layer->kernel.height * layer->kernel.width * layer->input_channels;
    const int pointwise = layer->kernel.height == 1 && layer->kernel.width == 1
                          && layer->stride.height == 1 && layer->stride.width == 1;
    for (int32_t pixel = 0; pixel < total; pixel += BLOCK) {
        const int32_t second = pixel + 1 < total;
        const int8_t *taps = input + pixel * count;
        if (!pointwise) {
            gather(layer, input, pixel, scratch);
            if (second) {
                gather(layer, input, pixel + 1, (int8_t *)scratch + count);
            }
            taps = scratch;
        }
        int8_t *next = output + second * layer->output_channels;
        if (mnq_finish_of(layer) == MNQ_FINISH_POSITIVE) {
            matrix(layer, taps, taps + second * count, count, output, next, MNQ_FINISH_POSITIVE);
        } else if (layer->finish == MNQ_FINISH_SATURATE) {
            matrix(layer, taps, taps + second * count, count, output, next, MNQ_FINISH_SATURATE);
        } else if (layer->finish == MNQ_FINISH_TABLE) {
            matrix(layer, taps, taps + second * count, count, output, next, MNQ_FINISH_TABLE);
        } else {
            matrix(layer, taps, taps + second * count, count, output, next, MNQ_FINISH_CLAMP);
        }
        output += BLOCK * layer->output_channels;
    }
}

#if defined(MNQ_SIZES) && !defined(MNQ_CURVE)
#include "kernel_sizes.h"

int32_t mnq_conv2d_fast_scratch(const mnq_packed *layer)
{
    const int pointwise = layer->kernel.height == 1 && layer->kernel.width == 1
                          && layer->stride.height == 1 && layer->stride.width == 1;
    return pointwise ? 0
                     : BLOCK * layer->kernel.height * layer->kernel.width * layer->input_channels;
}

int32_t mnq_conv2d_fast_weights(const mnq_packed *layer)
{
    return layer->output_channels * layer->kernel.height * layer->kernel.width
           * layer->input_channels;
}
#endif
