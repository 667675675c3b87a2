#include "mnq_packed.h"

/* A convolution as a matrix product in plain C: four pixels at a time, two of them in a word, so
 * that one multiplication by a weight serves two.
 *
 * A word holds a tap of two pixels, a + b * 2^16. What a few words times their weights add up to is
 * A + B * 2^16, and comes apart as long as A fits 16 bits, which holds for lanes_left words of a
 * channel in a row, 1 to 3: from the first word on by threes or by twos, and those that are left.
 * B is what the sum and a half have above 16 bits. The sums of all sums and of all Bs give that of
 * all As.
 *
 * weights: int8_t [output_channels][kernel][kernel][input_channels].
 * scratch: the words of four windows; behind them a row of each, where a window has a border. */

#define PIXELS 4
#define CHANNELS 8 /* whose sums are made before codes are made of them */

/* Half of what the upper product counts. Compilers for few registers, if they knew it, would make it
 * anew each time. */
MNQ_INLINE int32_t half_word(void)
{
    int32_t half = 0x8000;
#if defined(__GNUC__) || defined(__clang__)
    __asm__("" : "+r"(half));
#endif
    return half;
}

/* The row and the column of a window's first tap. */
typedef struct {
    int32_t y, x;
} position;

/* The taps of one kernel row of a window, where they are or, with a border, in `row`. */
MNQ_INLINE const int8_t *window_row(const mnq_packed *layer, const int8_t *input, position at,
                                    int8_t *row)
{
    const int32_t channels = layer->input_channels, width = layer->kernel.width;
    const int inside = at.y >= 0 && at.y < layer->input.height;
    const int32_t begin = mnq_min(mnq_max(-at.x, 0), width);
    const int32_t end = mnq_max(mnq_min(layer->input.width - at.x, width), begin);
    const int32_t first = at.y * layer->input.width + at.x;
    if (inside && end - begin == width) {
        return input + first * channels;
    }
    mnq_memset(row, layer->input_zero_point, (size_t)(width * channels));
    if (inside) {
        mnq_memcpy(row + begin * channels, input + (first + begin) * channels,
                   (size_t)((end - begin) * channels));
    }
    return row;
}

/* The words of `count` taps of four pixels: of the first two, of the others, of the first two... */
MNQ_APART int32_t *pack(const int8_t *const *taps, int32_t count, int32_t *words)
{
    const int8_t *a = taps[0], *b = taps[1], *c = taps[2], *d = taps[3];
    int32_t *const end = words + 2 * count;
    while (words != end) {
        words[0] = *a++ + *b++ * 65536;
        words[1] = *c++ + *d++ * 65536;
        words += 2;
    }
    return words;
}

/* The words of four windows. */
MNQ_APART void gather(const mnq_packed *layer, const int8_t *input, const position *at,
                      int32_t *words)
{
    const int32_t count = layer->kernel.width * layer->input_channels;
    const int32_t pitch = layer->input.width * layer->input_channels;
    const position last = {layer->input.height - layer->kernel.height,
                           layer->input.width - layer->kernel.width};
    int8_t *const rows = (int8_t *)(words + PIXELS / 2 * layer->kernel.height * count);
    const int8_t *taps[PIXELS];
    int inside = 1;
    for (int32_t i = 0; i < PIXELS; ++i) {
        const position first = at[i];
        inside = inside && first.y >= 0 && first.x >= 0 && first.y <= last.y && first.x <= last.x;
        taps[i] = input + (inside ? first.y * pitch + first.x * layer->input_channels : 0);
    }
    for (int32_t ky = 0; ky < layer->kernel.height; ++ky) {
        for (int32_t i = 0; i < PIXELS; ++i) {
            if (!inside) {
                const position row = {at[i].y + ky, at[i].x};
                taps[i] = window_row(layer, input, row, rows + i * count);
            } else if (ky > 0) {
                taps[i] += pitch;
            }
        }
        words = pack(taps, count, words);
    }
}

/* Sums of two pixels: that of all words, and what is above 16 bits of each. */
typedef struct {
    uint32_t all;
    int32_t upper;
} split;

typedef struct {
    split a, b; /* of the first two pixels, of the others */
} quad;

MNQ_INLINE split add(split s, int32_t sum)
{
    s.all += (uint32_t)sum;
    s.upper += sum >> 16;
    return s;
}

MNQ_INLINE int32_t dot(const int32_t *words, const int8_t *w, int32_t terms)
{
    int32_t sum = words[0] * w[0];
    if (terms > 1) {
        sum += words[2] * w[1];
    }
    if (terms > 2) {
        sum += words[4] * w[2];
    }
    return sum;
}

MNQ_INLINE quad add_terms(quad q, const int32_t *words, const int8_t *w, int32_t terms,
                          int32_t half)
{
    q.a = add(q.a, dot(words, w, terms) + half);
    q.b = add(q.b, dot(words + 1, w, terms) + half);
    return q;
}

MNQ_INLINE void store(quad q, int32_t bias, int32_t *sums)
{
    sums[0] = (int32_t)(q.a.all - (uint32_t)q.a.upper * 65536) + bias;
    sums[1] = q.a.upper + bias;
    sums[2] = (int32_t)(q.b.all - (uint32_t)q.b.upper * 65536) + bias;
    sums[3] = q.b.upper + bias;
}

/* What sums of `count` words begin with, by terms: as many halves less as there are parts. */
static void starts_of(int32_t count, uint32_t *starts)
{
    const uint32_t half = (uint32_t)half_word(), words = (uint32_t)count;
    const uint32_t threes = words / 3, rest = words - 3 * threes;
    starts[1] = 0 - half * words;
    starts[2] = 0 - half * ((words + 1) >> 1);
    starts[3] = 0 - half * (threes + ((rest + 1) >> 1));
}

/* Sums of one output channel or two. */
MNQ_INLINE void multiply(const int32_t *words, const int8_t *w, int32_t count,
                         const mnq_channel *channel, int channels, const uint32_t *starts,
                         int32_t *sums)
{
    const int32_t half = half_word();
    const int32_t terms = mnq_min(channel[0].lanes_left, channel[channels - 1].lanes_left);
    const uint32_t start = starts[terms];
    quad q = {{start, 0}, {start, 0}}, r = q;
    const int8_t *x = w + count;
    int32_t left = count;
#define STEP(terms)                                                                               \
    {                                                                                             \
        q = add_terms(q, words, w, terms, half);                                                  \
        if (channels == 2) {                                                                      \
            r = add_terms(r, words, x, terms, half);                                              \
            x += terms;                                                                           \
        }                                                                                         \
        w += terms;                                                                               \
        words += 2 * terms;                                                                       \
        left -= terms;                                                                            \
    }
    if (terms == 3) {
        while (left >= 3) {
            STEP(3)
        }
        if (left == 2) {
            STEP(2)
        }
    } else if (terms == 2) {
        while (left >= 2) {
            STEP(2)
        }
    }
    while (left > 0) {
        STEP(1)
    }
    store(q, channel[0].bias, sums);
    if (channels == 2) {
        store(r, channel[1].bias, sums + PIXELS);
    }
}

/* Sums of some output channels; where registers bear it, of two at a time. */
MNQ_APART void multiply_some(const int32_t *words, const int8_t *w, int32_t count,
                             const mnq_channel *channel, const mnq_channel *end,
                             const uint32_t *starts, int32_t *sums)
{
#ifndef __arm__
    for (; end - channel >= 2; channel += 2) {
        multiply(words, w, count, channel, 2, starts, sums);
        w += 2 * count;
        sums += 2 * PIXELS;
    }
#endif
    for (; channel != end; ++channel) {
        multiply(words, w, count, channel, 1, starts, sums);
        w += count;
        sums += PIXELS;
    }
}

/* Sums of some output channels of one pixel, whose taps are bytes. */
MNQ_APART void multiply_alone(const int8_t *taps, const int8_t *w, int32_t count,
                              const mnq_channel *channel, const mnq_channel *end, int32_t *sums)
{
    for (; channel != end; ++channel) {
        int32_t sum = channel->bias;
        for (int32_t i = 0; i < count; ++i) {
            sum += taps[i] * w[i];
        }
        w += count;
        *sums = sum;
        sums += PIXELS;
    }
}

/* The codes of `filled` pixels; taps: words, or without `starts` the bytes of one pixel. */
MNQ_INLINE void matrix(const mnq_packed *layer, const void *taps, int32_t filled,
                       const uint32_t *starts, int32_t count, int8_t *output, mnq_finish finish)
{
    const int8_t *weights = layer->weights;
    const mnq_channel *channel = layer->channels;
    const mnq_channel *const end = channel + layer->output_channels;
    while (channel != end) {
        int32_t sums[CHANNELS * PIXELS];
        const mnq_channel *const last = end - channel > CHANNELS ? channel + CHANNELS : end;
        if (starts) {
            multiply_some(taps, weights, count, channel, last, starts, sums);
        } else {
            multiply_alone(taps, weights, count, channel, last, sums);
        }
        weights += (last - channel) * count;
        const int32_t *sum = sums;
        for (; channel != last; ++channel) {
            mnq_codes(layer, *channel, sum, filled, output++, finish);
            sum += PIXELS;
        }
    }
}

MNQ_INLINE void finish_block(const mnq_packed *layer, const void *taps, int32_t filled,
                             const uint32_t *starts, int32_t count, int8_t *output)
{
    if (mnq_finish_of(layer) == MNQ_FINISH_POSITIVE) {
        matrix(layer, taps, filled, starts, count, output, MNQ_FINISH_POSITIVE);
    } else if (layer->finish == MNQ_FINISH_SATURATE) {
        matrix(layer, taps, filled, starts, count, output, MNQ_FINISH_SATURATE);
    } else if (layer->finish == MNQ_FINISH_TABLE) {
        matrix(layer, taps, filled, starts, count, output, MNQ_FINISH_TABLE);
    } else {
        matrix(layer, taps, filled, starts, count, output, MNQ_FINISH_CLAMP);
    }
}

MNQ_KERNEL
void mnq_conv2d_fast(const mnq_packed *layer, const int8_t *input, int8_t *output, void *scratch)
{
    const int32_t total = layer->output.height * layer->output.width;
    const int32_t count = layer->kernel.height * layer->kernel.width * layer->input_channels;
    const int pointwise = layer->kernel.height == 1 && layer->kernel.width == 1
                          && layer->stride.height == 1 && layer->stride.width == 1;
    const int32_t row_end = layer->output.width * layer->stride.width - layer->padding.width;
    uint32_t starts[4];
    starts_of(count, starts);
    position next = {-layer->padding.height, -layer->padding.width};
    for (int32_t left = total; left > 0; left -= PIXELS) {
        const int alone = pointwise && left == 1;
        if (alone) {
            mnq_memcpy(scratch, input, (size_t)count);
        } else if (pointwise) {
            const int8_t *taps[PIXELS];
            for (int32_t i = 0; i < PIXELS; ++i) {
                taps[i] = input;
                input += i + 1 < left ? count : 0; /* the last one again */
            }
            pack(taps, count, scratch);
        } else {
            position at[PIXELS];
            for (int32_t i = 0; i < PIXELS; ++i) {
                at[i] = next;
                next.x += i + 1 < left ? layer->stride.width : 0;
                if (next.x == row_end) {
                    next.x = -layer->padding.width;
                    next.y += layer->stride.height;
                }
            }
            gather(layer, input, at, scratch);
        }
        finish_block(layer, scratch, mnq_min(left, PIXELS), alone ? 0 : starts, count,
                     output);
        output += PIXELS * layer->output_channels;
    }
}

#if defined(MNQ_SIZES) && !defined(MNQ_CURVE)
#include "kernel_sizes.h"

int32_t mnq_conv2d_fast_scratch(const mnq_packed *layer)
{
    const int32_t row = layer->kernel.width * layer->input_channels;
    const int32_t count = layer->kernel.height * row;
    const int pointwise = layer->kernel.height == 1 && layer->kernel.width == 1
                          && layer->stride.height == 1 && layer->stride.width == 1;
    if (!pointwise) {
        return 2 * PIXELS * count + PIXELS * row;
    }
    return layer->output.height * layer->output.width == 1 ? count : 2 * PIXELS * count;
}

int32_t mnq_conv2d_fast_weights(const mnq_packed *layer)
{
    return layer->output_channels * layer->kernel.height * layer->kernel.width
           * layer->input_channels;
}
#endif
