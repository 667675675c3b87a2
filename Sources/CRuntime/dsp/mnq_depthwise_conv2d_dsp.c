#include <string.h>

#include "mnq_dsp.h"

/* A depthwise convolution with a kernel of 3x3 or 5x5 at stride 1 or 2, channel by channel: a
 * plane of 16-bit taps with its border, whose neighbors make the pairs that SMLAD multiplies.
 *
 * weights: int8_t [channels][kernel][kernel].
 * scratch: the plane, then sums of some rows of outputs, up to three past their end. */

#define MAXIMUM_KERNEL 5
#define SLACK 8 /* halfwords read past the last row, for sums that nothing uses */
#define SUMS 64 /* of short rows, made at once */

typedef struct {
    int16_t *taps;
    int32_t pitch; /* halfwords from a row to the next; even */
} plane;

/* Two neighbors, wherever they begin. */
MNQ_INLINE int32_t taps_at(const int16_t *taps, int32_t index)
{
    int32_t pair;
    memcpy(&pair, taps + 2 * index, sizeof pair);
    return pair;
}

/* Fills the inside of a plane; what lies around it stays the zero point. */
static void load_plane(const mnq_packed *layer, const int8_t *restrict input, plane to)
{
    const int32_t channels = layer->input_channels;
    const int32_t width = layer->input.width;
    for (int32_t y = 0; y < layer->input.height; ++y) {
        int16_t *restrict row =
            to.taps + (y + layer->padding.height) * to.pitch + layer->padding.width;
        int32_t x = width;
        for (; x >= 4; x -= 4) {
            const int32_t first = mnq_pair(input[0], input[channels]);
            input += 2 * channels;
            const int32_t second = mnq_pair(input[0], input[channels]);
            input += 2 * channels;
            memcpy(row, &first, sizeof first);
            memcpy(row + 2, &second, sizeof second);
            row += 4;
        }
        for (; x > 0; --x) {
            *row++ = *input;
            input += channels;
        }
    }
}

/* All pairs of neighboring weights, row by row. */
MNQ_INLINE void load_weights(const int8_t *weights, int32_t size, int32_t *pairs)
{
    for (int32_t ky = 0; ky < size; ++ky) {
        for (int32_t k = 1; k < size; ++k) {
            *pairs++ = mnq_pair(weights[k - 1], weights[k]);
        }
        weights += size;
    }
}

typedef struct {
    int32_t s0, s1, s2, s3;
} sums;

/* One kernel row of four outputs. w: the pairs of weights 0 1, 1 2, and so on. */
MNQ_INLINE sums multiply_3(const int16_t *x, const int32_t *w, int32_t stride, sums s)
{
    const int32_t w01 = w[0], w12 = w[1];
    const int32_t x0 = taps_at(x, 0), x1 = taps_at(x, 1), x2 = taps_at(x, 2);
    s.s0 = mnq_smlabt(x1, w12, mnq_smlad(x0, w01, s.s0));
    if (stride == 1) {
        s.s1 = mnq_smlad(x1, w12, mnq_smlatb(x0, w01, s.s1));
        s.s2 = mnq_smlabt(x2, w12, mnq_smlad(x1, w01, s.s2));
        s.s3 = mnq_smlad(x2, w12, mnq_smlatb(x1, w01, s.s3));
    } else {
        s.s1 = mnq_smlabt(x2, w12, mnq_smlad(x1, w01, s.s1));
        s.s2 = mnq_smlabt(taps_at(x, 3), w12, mnq_smlad(x2, w01, s.s2));
        s.s3 = mnq_smlabt(taps_at(x, 4), w12, mnq_smlad(taps_at(x, 3), w01, s.s3));
    }
    return s;
}

MNQ_INLINE sums multiply_5(const int16_t *x, const int32_t *w, int32_t stride, sums s)
{
    const int32_t w01 = w[0], w12 = w[1], w23 = w[2], w34 = w[3];
    const int32_t x0 = taps_at(x, 0), x1 = taps_at(x, 1), x2 = taps_at(x, 2), x3 = taps_at(x, 3);
    s.s0 = mnq_smlabt(x2, w34, mnq_smlad(x1, w23, mnq_smlad(x0, w01, s.s0)));
    if (stride == 1) {
        s.s1 = mnq_smlad(x2, w34, mnq_smlad(x1, w12, mnq_smlatb(x0, w01, s.s1)));
        s.s2 = mnq_smlabt(x3, w34, mnq_smlad(x2, w23, mnq_smlad(x1, w01, s.s2)));
        s.s3 = mnq_smlad(x3, w34, mnq_smlad(x2, w12, mnq_smlatb(x1, w01, s.s3)));
    } else {
        s.s1 = mnq_smlabt(x3, w34, mnq_smlad(x2, w23, mnq_smlad(x1, w01, s.s1)));
        s.s2 = mnq_smlabt(taps_at(x, 4), w34, mnq_smlad(x3, w23, mnq_smlad(x2, w01, s.s2)));
        s.s3 = mnq_smlad(taps_at(x, 4), w23, mnq_smlad(x3, w01, s.s3));
        s.s3 = mnq_smlabt(taps_at(x, 5), w34, s.s3);
    }
    return s;
}

MNQ_INLINE sums multiply(const int16_t *x, int32_t pitch, const int32_t *w, int32_t size,
                         int32_t stride, int32_t bias)
{
    sums s = {bias, bias, bias, bias};
    if (size == 3) {
        s = multiply_3(x, w, stride, s);
        x += pitch;
        s = multiply_3(x, w + 2, stride, s);
        x += pitch;
        return multiply_3(x, w + 4, stride, s);
    }
    for (int32_t ky = 0; ky < 5; ++ky) {
        s = multiply_5(x, w, stride, s);
        x += pitch;
        w += 4;
    }
    return s;
}

/* The sums of one row of outputs, four at a time: up to three past the end. */
MNQ_INLINE void multiply_taps(const int16_t *taps, int32_t pitch, const int32_t *pairs,
                              int32_t width, int32_t bias, int32_t *row, int32_t size,
                              int32_t stride)
{
    for (; width > 0; width -= 4) {
        const sums s = multiply(taps, pitch, pairs, size, stride, bias);
        row[0] = s.s0;
        row[1] = s.s1;
        row[2] = s.s2;
        row[3] = s.s3;
        row += 4;
        taps += 4 * stride;
    }
}

/* The codes of rows of sums of one channel, `step` bytes apart. */
MNQ_INLINE void finish_rows(const mnq_packed *layer, const int32_t *sums, int32_t rows,
                            int32_t pitch, mnq_channel channel, int8_t *output, mnq_finish finish)
{
    const int32_t step = layer->output_channels, width = layer->output.width;
    for (; rows > 0; --rows) {
        const int32_t *sum = sums;
        for (int32_t left = width & 3; left > 0; --left) {
            *output = mnq_code(layer, channel, *sum++, finish);
            output += step;
        }
        for (; sum != sums + width; sum += 4) {
            *output = mnq_code(layer, channel, sum[0], finish);
            output += step;
            *output = mnq_code(layer, channel, sum[1], finish);
            output += step;
            *output = mnq_code(layer, channel, sum[2], finish);
            output += step;
            *output = mnq_code(layer, channel, sum[3], finish);
            output += step;
        }
        sums += pitch;
    }
}

static int32_t rows_together(const mnq_packed *layer, int32_t pitch)
{
    const int one = layer->stride.width == 1 && layer->stride.height == 1;
    return one ? mnq_max(SUMS / pitch, 1) : 1;
}

/* Rows of outputs at stride 1 run on into one another, through the border of the plane, so that a
 * small image is one run of `positions`. */
static void convolve_channel(const mnq_packed *layer, plane from, const int32_t *pairs,
                             mnq_channel channel, int32_t *sums, int8_t *output)
{
    const int32_t width = layer->output.width, stride = layer->stride.width;
    const int32_t size = layer->kernel.width, pitch = from.pitch;
    const int32_t together = rows_together(layer, pitch);
    const int16_t *taps = from.taps;
    for (int32_t y = 0; y < layer->output.height; y += together) {
        const int32_t rows = mnq_min(together, layer->output.height - y);
        const int32_t positions = (rows - 1) * pitch + width;
        if (size == 3 && stride == 1) {
            multiply_taps(taps, pitch, pairs, positions, channel.bias, sums, 3, 1);
        } else if (size == 3) {
            multiply_taps(taps, pitch, pairs, positions, channel.bias, sums, 3, 2);
        } else if (stride == 1) {
            multiply_taps(taps, pitch, pairs, positions, channel.bias, sums, 5, 1);
        } else {
            multiply_taps(taps, pitch, pairs, positions, channel.bias, sums, 5, 2);
        }
        if (mnq_finish_of(layer) == MNQ_FINISH_POSITIVE) {
            finish_rows(layer, sums, rows, pitch, channel, output, MNQ_FINISH_POSITIVE);
        } else if (mnq_finish_of(layer) == MNQ_FINISH_SATURATE) {
            finish_rows(layer, sums, rows, pitch, channel, output, MNQ_FINISH_SATURATE);
        } else {
            finish_rows(layer, sums, rows, pitch, channel, output, MNQ_FINISH_CLAMP);
        }
        taps += rows * layer->stride.height * pitch;
        output += rows * width * layer->output_channels;
    }
}

void mnq_depthwise_conv2d_dsp(const mnq_packed *layer, const int8_t *input, int8_t *output,
                              void *scratch)
{
    const mnq_extent kernel = layer->kernel, stride = layer->stride;
    const int32_t rows = mnq_max((layer->output.height - 1) * stride.height + kernel.height,
                                 layer->padding.height + layer->input.height);
    const int32_t columns = mnq_max((layer->output.width - 1) * stride.width + kernel.width,
                                    layer->padding.width + layer->input.width);
    const plane taps = {scratch, (columns + 1) / 2 * 2};
    const int32_t size = rows * taps.pitch + SLACK;
    int32_t *sums = (int32_t *)scratch + size / 2;
    const int8_t *weights = layer->weights;
    int32_t pairs[MAXIMUM_KERNEL * (MAXIMUM_KERNEL - 1)];
    for (int32_t i = 0; i < size; ++i) {
        taps.taps[i] = (int16_t)layer->input_zero_point;
    }
    for (int32_t c = 0; c < layer->input_channels; ++c) {
        load_plane(layer, input + c, taps);
        load_weights(weights, kernel.width, pairs);
        weights += kernel.height * kernel.width;
        convolve_channel(layer, taps, pairs, layer->channels[c], sums, output + c);
    }
}
