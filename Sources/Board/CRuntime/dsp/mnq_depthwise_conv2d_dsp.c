#include "mnq_dsp.h"

/* A depthwise convolution with a kernel of 3x3 or 5x5 at stride 1 or 2, channel by channel: a
 * plane of 16-bit taps with its border, whose neighbors make the pairs that SMLAD multiplies.
 *
 * weights: int8_t [channels][kernel][kernel].
 * scratch: the plane, then sums of some rows of outputs, up to three past their end. */

#define MAXIMUM_KERNEL 5
#define SLACK 4 /* words read past the last row, for sums that nothing uses */
#define SUMS 64 /* of short rows, made at once */

/* What one channel after another is made of. */
typedef struct {
    int32_t *taps;   /* the plane */
    int32_t pitch;   /* words from a row of it to the next */
    int32_t *sums;
    int32_t rows;    /* of outputs, whose sums are made at once */
    int32_t width;   /* sums of a row */
    int32_t weights[MAXIMUM_KERNEL * (MAXIMUM_KERNEL - 1)]; /* as pairs */
} work;

/* Fills the inside of a plane; what lies around it stays the zero point. */
static void load_plane(const mnq_packed *layer, const int8_t *restrict input, const work *to)
{
    const int32_t channels = layer->input_channels, pitch = 2 * to->pitch;
    const int32_t rest = layer->input.width & 3;
    const int32_t fours = (layer->input.width - rest) * channels;
    int16_t *row = (int16_t *)to->taps + layer->padding.height * pitch + layer->padding.width;
    for (int32_t y = layer->input.height; y > 0; --y) {
        int16_t *restrict next = row;
        const int8_t *const end = input + fours;
        while (input != end) {
            const int32_t first = mnq_pair(input[0], input[channels]);
            const int32_t third = input[2 * channels];
            input += 4 * channels;
            const int32_t second = mnq_pair(third, input[-channels]);
            mnq_memcpy(next, &first, sizeof first);
            mnq_memcpy(next + 2, &second, sizeof second);
            next += 4;
        }
        for (int32_t x = rest; x > 0; --x) {
            *next++ = *input;
            input += channels;
        }
        row += pitch;
    }
}

/* All pairs of neighboring weights, row by row. */
MNQ_INLINE void load_weights(const int8_t *weights, int32_t size, int32_t *pairs)
{
    const int32_t *const end = pairs + size * (size - 1);
    while (pairs != end) {
        const int32_t a = weights[0], b = weights[1], c = weights[2];
        *pairs++ = mnq_pair(a, b);
        *pairs++ = mnq_pair(b, c);
        if (size == 5) {
            const int32_t d = weights[3], e = weights[4];
            *pairs++ = mnq_pair(c, d);
            *pairs++ = mnq_pair(d, e);
        }
        weights += size;
    }
}

typedef struct {
    int32_t s0, s1, s2, s3;
} quad;

/* One kernel row of four outputs. Word x_i of the plane holds taps 2i (low) and 2i + 1 (high), the
 * first output's taps from x0 on; the weights of a row are the pairs 01, 12, and for 5x5 23, 34,
 * low half first. What each output adds up, in this order:
 *
 *            stride 1                     stride 2
 *     3x3 0  x0*01  x1l*2                 x0*01  x1l*2
 *         1  x0h*0  x1*12                 x1*01  x2l*2
 *         2  x1*01  x2l*2                 x2*01  x3l*2
 *         3  x1h*0  x2*12                 x3*01  x4l*2
 *     5x5 0  x0*01  x1*23  x2l*4          x0*01  x1*23  x2l*4
 *         1  x0h*0  x1*12  x2*34          x1*01  x2*23  x3l*4
 *         2  x1*01  x2*23  x3l*4          x2*01  x3*23  x4l*4
 *         3  x1h*0  x2*12  x3*34          x3*01  x4*23  x5l*4
 *
 * A word times a pair is SMLAD. xl is the low half alone, times the high half of the last pair
 * (SMLABT); xh is the high half, times the low half of the first one (SMLATB). */
MNQ_INLINE quad multiply_3(const int32_t *x, const int32_t *weights, int32_t row, int32_t stride,
                           quad s)
{
    const mnq_two w = mnq_load_two(weights, 2 * row), a = mnq_load_two(x, 0);
    const int32_t c = x[2];
    s.s0 = mnq_smlabt(a.second, w.second, mnq_smlad(a.first, w.first, s.s0));
    if (stride == 1) {
        s.s1 = mnq_smlad(a.second, w.second, mnq_smlatb(a.first, w.first, s.s1));
        s.s2 = mnq_smlabt(c, w.second, mnq_smlad(a.second, w.first, s.s2));
        s.s3 = mnq_smlad(c, w.second, mnq_smlatb(a.second, w.first, s.s3));
    } else {
        const mnq_two d = mnq_load_two(x, 3);
        s.s1 = mnq_smlabt(c, w.second, mnq_smlad(a.second, w.first, s.s1));
        s.s2 = mnq_smlabt(d.first, w.second, mnq_smlad(c, w.first, s.s2));
        s.s3 = mnq_smlabt(d.second, w.second, mnq_smlad(d.first, w.first, s.s3));
    }
    return s;
}

MNQ_INLINE quad multiply_5(const int32_t *x, const int32_t *weights, int32_t row, int32_t stride,
                           quad s)
{
    const mnq_two w = mnq_load_two(weights, 4 * row);
    const mnq_two a = mnq_load_two(x, 0), b = mnq_load_two(x, 2);
    s.s0 = mnq_smlad(a.first, w.first, s.s0);
    if (stride == 1) {
        s.s1 = mnq_smlad(a.second, w.second, mnq_smlatb(a.first, w.first, s.s1));
        s.s2 = mnq_smlad(a.second, w.first, s.s2);
        s.s3 = mnq_smlad(b.first, w.second, mnq_smlatb(a.second, w.first, s.s3));
    } else {
        s.s1 = mnq_smlad(a.second, w.first, s.s1);
        s.s2 = mnq_smlad(b.first, w.first, s.s2);
        s.s3 = mnq_smlad(b.second, w.first, s.s3);
    }
    const mnq_two v = mnq_load_two(weights, 4 * row + 2);
    s.s0 = mnq_smlabt(b.first, v.second, mnq_smlad(a.second, v.first, s.s0));
    if (stride == 1) {
        s.s1 = mnq_smlad(b.first, v.second, s.s1);
        s.s2 = mnq_smlabt(b.second, v.second, mnq_smlad(b.first, v.first, s.s2));
        s.s3 = mnq_smlad(b.second, v.second, s.s3);
    } else {
        const mnq_two c = mnq_load_two(x, 4);
        s.s1 = mnq_smlabt(b.second, v.second, mnq_smlad(b.first, v.first, s.s1));
        s.s2 = mnq_smlabt(c.first, v.second, mnq_smlad(b.second, v.first, s.s2));
        s.s3 = mnq_smlabt(c.second, v.second, mnq_smlad(c.first, v.first, s.s3));
    }
    return s;
}

/* The sums of rows of outputs, four at a time: up to three past the end of each. */
MNQ_INLINE void multiply(const mnq_packed *layer, const work *on, const int32_t *taps, int32_t rows,
                         int32_t bias, int32_t size, int32_t stride)
{
    const int32_t pitch = on->pitch, width = on->width, *const w = on->weights;
    const int32_t next = layer->stride.height * pitch - width / 2 * stride;
    int32_t *to = on->sums, *const last = to + rows * width;
    do {
        int32_t *const end = to + width;
        do {
            quad s = {bias, bias, bias, bias};
            const int32_t *x = taps;
            if (size == 3) {
                s = multiply_3(x, w, 0, stride, s);
                s = multiply_3(x += pitch, w, 1, stride, s);
                s = multiply_3(x += pitch, w, 2, stride, s);
            } else {
                s = multiply_5(x, w, 0, stride, s);
                s = multiply_5(x += pitch, w, 1, stride, s);
                s = multiply_5(x += pitch, w, 2, stride, s);
                s = multiply_5(x += pitch, w, 3, stride, s);
                s = multiply_5(x += pitch, w, 4, stride, s);
            }
            to[0] = s.s0;
            to[1] = s.s1;
            to[2] = s.s2;
            to[3] = s.s3;
            to += 4;
            taps += 2 * stride;
        } while (to != end);
        taps += next;
    } while (to != last);
}

#define MULTIPLY(size, stride)                                                                    \
    MNQ_APART void multiply_##size##_##stride(const mnq_packed *layer, const work *on,            \
                                              const int32_t *taps, int32_t rows, int32_t bias)    \
    {                                                                                             \
        multiply(layer, on, taps, rows, bias, size, stride);                                      \
    }
MULTIPLY(3, 1)
MULTIPLY(3, 2)
MULTIPLY(5, 1)
MULTIPLY(5, 2)

/* The codes of lines of sums of one channel. */
MNQ_INLINE void finish(const mnq_packed *layer, const int32_t *sums, int32_t pitch, int32_t lines,
                       int32_t length, mnq_channel channel, int8_t *output, mnq_finish finish)
{
    const int32_t step = layer->output_channels;
    const int8_t *const table = mnq_table_dsp(layer, finish);
    for (; lines > 0; --lines) {
        const int32_t *sum = sums;
        for (int32_t left = length & 3; left > 0; --left) {
            *output = mnq_code_dsp(layer, table, channel, *sum++, finish);
            output += step;
        }
        for (int32_t left = length >> 2; left > 0; --left) {
            const mnq_two a = mnq_load_two(sum, 0);
            *output = mnq_code_dsp(layer, table, channel, a.first, finish);
            output += step;
            *output = mnq_code_dsp(layer, table, channel, a.second, finish);
            output += step;
            const mnq_two b = mnq_load_two(sum, 2);
            *output = mnq_code_dsp(layer, table, channel, b.first, finish);
            output += step;
            *output = mnq_code_dsp(layer, table, channel, b.second, finish);
            output += step;
            sum += 4;
        }
        sums += pitch;
    }
}

/* Whole rows of sums are one line. */
MNQ_APART void finish_rows(const mnq_packed *layer, const work *on, int32_t rows,
                           const mnq_channel *channel, int8_t *output)
{
    const int32_t *sums = on->sums;
    const int32_t pitch = on->width, width = layer->output.width;
    const int32_t lines = pitch == width ? 1 : rows;
    const int32_t length = pitch == width ? rows * width : width;
    if (mnq_finish_of(layer) == MNQ_FINISH_POSITIVE) {
        finish(layer, sums, pitch, lines, length, *channel, output, MNQ_FINISH_POSITIVE);
    } else if (mnq_finish_of(layer) == MNQ_FINISH_SATURATE) {
        finish(layer, sums, pitch, lines, length, *channel, output, MNQ_FINISH_SATURATE);
    } else if (mnq_finish_of(layer) == MNQ_FINISH_TABLE) {
        finish(layer, sums, pitch, lines, length, *channel, output, MNQ_FINISH_TABLE);
    } else {
        finish(layer, sums, pitch, lines, length, *channel, output, MNQ_FINISH_CLAMP);
    }
}

static void convolve_channel(const mnq_packed *layer, work *on, const int8_t *weights,
                             const mnq_channel *channel, int8_t *output)
{
    const int32_t size = layer->kernel.width, stride = layer->stride.width;
    const int32_t *taps = on->taps;
    if (size == 3) {
        load_weights(weights, 3, on->weights);
    } else {
        load_weights(weights, 5, on->weights);
    }
    for (int32_t left = layer->output.height; left > 0; left -= on->rows) {
        const int32_t rows = mnq_min(on->rows, left);
        if (size == 3 && stride == 1) {
            multiply_3_1(layer, on, taps, rows, channel->bias);
        } else if (size == 3) {
            multiply_3_2(layer, on, taps, rows, channel->bias);
        } else if (stride == 1) {
            multiply_5_1(layer, on, taps, rows, channel->bias);
        } else {
            multiply_5_2(layer, on, taps, rows, channel->bias);
        }
        finish_rows(layer, on, rows, channel, output);
        taps += rows * layer->stride.height * on->pitch;
        output += rows * layer->output.width * layer->output_channels;
    }
}

MNQ_KERNEL
void mnq_depthwise_conv2d_dsp(const mnq_packed *layer, const int8_t *input, int8_t *output,
                              void *scratch)
{
    const mnq_extent kernel = layer->kernel, stride = layer->stride;
    const int32_t rows = mnq_max((layer->output.height - 1) * stride.height + kernel.height,
                                 layer->padding.height + layer->input.height);
    const int32_t columns = mnq_max((layer->output.width - 1) * stride.width + kernel.width,
                                    layer->padding.width + layer->input.width);
    const int8_t *weights = layer->weights;
    work on;
    on.taps = scratch;
    on.pitch = (columns + 1) / 2;
    on.sums = on.taps + rows * on.pitch + SLACK;
    on.width = (layer->output.width + 3) / 4 * 4;
    on.rows = mnq_max(SUMS / on.width, 1);
    for (int32_t *word = on.taps; word != on.sums; ++word) {
        *word = mnq_pair(layer->input_zero_point, layer->input_zero_point);
    }
    for (int32_t c = 0; c < layer->input_channels; ++c) {
        load_plane(layer, input + c, &on);
        convolve_channel(layer, &on, weights, layer->channels + c, output + c);
        weights += kernel.height * kernel.width;
    }
}

#if defined(MNQ_SIZES) && !defined(MNQ_CURVE)
#include "kernel_sizes.h"

int32_t mnq_depthwise_conv2d_dsp_scratch(const mnq_packed *layer)
{
    const int32_t rows = mnq_max((layer->output.height - 1) * layer->stride.height
                                     + layer->kernel.height,
                                 layer->padding.height + layer->input.height);
    const int32_t columns = mnq_max((layer->output.width - 1) * layer->stride.width
                                        + layer->kernel.width,
                                    layer->padding.width + layer->input.width);
    const int32_t width = (layer->output.width + 3) / 4 * 4;
    const int32_t together = mnq_min(mnq_max(SUMS / width, 1), layer->output.height);
    const int32_t words = rows * ((columns + 1) / 2) + SLACK + together * width;
    return (int32_t)sizeof(int32_t) * words;
}

int32_t mnq_depthwise_conv2d_dsp_weights(const mnq_packed *layer)
{
    return layer->kernel.height * layer->kernel.width * layer->output_channels;
}
#endif
