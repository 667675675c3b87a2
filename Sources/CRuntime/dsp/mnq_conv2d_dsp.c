#include <string.h>

#include "mnq_dsp.h"

/* A convolution as a matrix product. The taps of four pixels are laid out as pairs of 16 bits and
 * multiplied with two output channels at a time.
 *
 * weights: int32_t [(output_channels + 1) / 2][kernel][pairs of a row]. A halfword is
 * low + 256 * high, the weights of two channels for one tap: the raw word sums both, SXTB16 leaves
 * the lower one, and their difference is 256 times the sum of the upper, which fits in 24 bits.
 * The taps of a kernel row pair up as 0 2, 1 3, 4 6, 5 7, ...; the last one to three in order.
 * scratch: the pairs of four pixels (of one, where the output has fewer than four), then one
 * kernel row of taps. */

#define BLOCK 4 /* pixels */

/* count taps as pairs, one every `pitch` words; returns where the next one goes. */
static inline int32_t *expand(const int8_t *restrict taps, int32_t count, int32_t *restrict pairs,
                              int32_t pitch)
{
    for (; count >= 4; count -= 4) {
        uint32_t four;
        memcpy(&four, taps, sizeof four);
        pairs[0] = mnq_sxtb16((int32_t)four);
        pairs[pitch] = mnq_sxtb16((int32_t)(four >> 8 | four << 24));
        pairs += 2 * pitch;
        taps += 4;
    }
    for (; count > 0; count -= 2) {
        *pairs = mnq_pair(taps[0], count > 1 ? taps[1] : 0);
        pairs += pitch;
        taps += 2;
    }
    return pairs;
}

/* The taps of one row of a window; `row` takes those of a row that crosses the image's edge. */
static const int8_t *window_row(const mnq_packed *layer, const int8_t *input, int32_t y, int32_t x,
                                int8_t *row)
{
    const int32_t channels = layer->input_channels;
    const int32_t width = layer->kernel.width;
    const int32_t begin = mnq_min(mnq_max(-x, 0), width);
    const int32_t end = mnq_max(mnq_min(layer->input.width - x, width), begin);
    const int inside = y >= 0 && y < layer->input.height;

    if (inside && begin == 0 && end == width) {
        return input + (y * layer->input.width + x) * channels;
    }
    memset(row, layer->input_zero_point, (size_t)(width * channels));
    if (inside) {
        memcpy(row + begin * channels, input + (y * layer->input.width + x + begin) * channels,
               (size_t)((end - begin) * channels));
    }
    return row;
}

MNQ_APART void gather(const mnq_packed *layer, const int8_t *input, int32_t pixel, int32_t *pairs,
                      int32_t pitch, int8_t *row)
{
    const mnq_extent kernel = layer->kernel;
    const mnq_extent size = layer->input;
    const int32_t channels = layer->input_channels;
    const int32_t out_y = pixel / layer->output.width;
    const int32_t out_x = pixel - out_y * layer->output.width;
    const int32_t y = out_y * layer->stride.height - layer->padding.height;
    const int32_t x = out_x * layer->stride.width - layer->padding.width;

    if (x >= 0 && y >= 0 && x + kernel.width <= size.width && y + kernel.height <= size.height) {
        const int8_t *taps = input + (y * size.width + x) * channels;
        for (int32_t ky = 0; ky < kernel.height; ++ky) {
            pairs = expand(taps, kernel.width * channels, pairs, pitch);
            taps += size.width * channels;
        }
    } else {
        for (int32_t ky = 0; ky < kernel.height; ++ky) {
            pairs = expand(window_row(layer, input, y + ky, x, row), kernel.width * channels, pairs,
                           pitch);
        }
    }
}

typedef struct {
    int32_t b0, b1, b2, b3; /* of both channels */
    int32_t l0, l1, l2, l3; /* of the lower one */
} sums;

/* One word of weights times one pair of each of four pixels. A compiler keeps eight sums and
 * what they are made of in fourteen registers only when told all at once; Clang, which keeps one
 * for the frame, has none left for that. */
#if MNQ_HAS_DSP && defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__)
#define STEP                                                                                      \
    "ldr %[w], [%[weights]], #4\n"                                                                \
    "ldrd %[x], %[y], [%[pairs]], #8\n"                                                           \
    "sxtb16 %[l], %[w]\n"                                                                         \
    "smlad %[b0], %[x], %[w], %[b0]\n"                                                            \
    "smlad %[l0], %[x], %[l], %[l0]\n"                                                            \
    "smlad %[b1], %[y], %[w], %[b1]\n"                                                            \
    "smlad %[l1], %[y], %[l], %[l1]\n"                                                            \
    "ldrd %[x], %[y], [%[pairs]], #8\n"                                                           \
    "smlad %[b2], %[x], %[w], %[b2]\n"                                                            \
    "smlad %[l2], %[x], %[l], %[l2]\n"                                                            \
    "smlad %[b3], %[y], %[w], %[b3]\n"                                                            \
    "smlad %[l3], %[y], %[l], %[l3]\n"

#define STEPS(text)                                                                               \
    __asm__ volatile(text                                                                         \
                     : [b0] "+r"(b0), [b1] "+r"(b1), [b2] "+r"(b2), [b3] "+r"(b3), [l0] "+r"(l0), \
                       [l1] "+r"(l1), [l2] "+r"(l2), [l3] "+r"(l3), [weights] "+r"(weights),      \
                       [pairs] "+r"(pairs), [w] "=&r"(w), [l] "=&r"(l), [x] "=&r"(x),             \
                       [y] "=&r"(y)                                                               \
                     :                                                                            \
                     : "memory")

MNQ_INLINE sums multiply_block(const int32_t *pairs, const int32_t *weights, int32_t count,
                               int32_t bias)
{
    int32_t b0 = bias, b1 = bias, b2 = bias, b3 = bias;
    int32_t l0 = bias, l1 = bias, l2 = bias, l3 = bias;
    int32_t w, l, x, y;
    const int32_t *end = weights + (count & ~3);
    while (weights != end) {
        STEPS(STEP STEP STEP STEP);
    }
    for (end += count & 3; weights != end;) {
        STEPS(STEP);
    }
    return (sums){b0, b1, b2, b3, l0, l1, l2, l3};
}
#else
MNQ_INLINE sums multiply_block(const int32_t *pairs, const int32_t *weights, int32_t count,
                               int32_t bias)
{
    sums s = {bias, bias, bias, bias, bias, bias, bias, bias};
    for (; count > 0; --count) {
        const int32_t both = *weights++, low = mnq_sxtb16(both);
        s.b0 = mnq_smlad(pairs[0], both, s.b0);
        s.l0 = mnq_smlad(pairs[0], low, s.l0);
        s.b1 = mnq_smlad(pairs[1], both, s.b1);
        s.l1 = mnq_smlad(pairs[1], low, s.l1);
        s.b2 = mnq_smlad(pairs[2], both, s.b2);
        s.l2 = mnq_smlad(pairs[2], low, s.l2);
        s.b3 = mnq_smlad(pairs[3], both, s.b3);
        s.l3 = mnq_smlad(pairs[3], low, s.l3);
        pairs += BLOCK;
    }
    return s;
}
#endif

/* The accumulator of the upper of two channels. */
MNQ_INLINE int32_t upper(int32_t both, int32_t low, int32_t bias)
{
    return ((int32_t)((uint32_t)both - (uint32_t)low) >> 8) + bias;
}

/* The codes of one channel of four pixels. The step is read from the layer here, and not before
 * the loop, because four running pointers would take four registers. */
MNQ_INLINE void store_block(const mnq_packed *layer, mnq_channel channel, int32_t s0, int32_t s1,
                            int32_t s2, int32_t s3, int8_t *output, mnq_finish finish)
{
    const int32_t step = layer->output_channels;
    output[0] = mnq_code(layer, channel, s0, finish);
    output[step] = mnq_code(layer, channel, s1, finish);
    output += 2 * step;
    output[0] = mnq_code(layer, channel, s2, finish);
    output[step] = mnq_code(layer, channel, s3, finish);
}

/* pairs: count words of each pixel, the four interleaved. */
MNQ_INLINE void matrix_block(const mnq_packed *layer, const int32_t *pairs, int32_t count,
                             int8_t *output, mnq_finish finish)
{
    const int32_t *weights = layer->weights;
    const mnq_channel *channels = layer->channels;
    for (int32_t left = layer->output_channels; left > 0; left -= 2) {
        const sums s = multiply_block(pairs, weights, count, channels->bias);
        store_block(layer, *channels, s.l0, s.l1, s.l2, s.l3, output, finish);
        if (left > 1) {
            const mnq_channel channel = channels[1];
            store_block(layer, channel, upper(s.b0, s.l0, channel.bias),
                        upper(s.b1, s.l1, channel.bias), upper(s.b2, s.l2, channel.bias),
                        upper(s.b3, s.l3, channel.bias), output + 1, finish);
        }
        weights += count;
        channels += 2;
        output += 2;
    }
}

static void matrix_pixel(const mnq_packed *layer, const int32_t *pairs, int32_t count,
                         int8_t *output)
{
    const int32_t *weights = layer->weights;
    const mnq_channel *channels = layer->channels;
    for (int32_t left = layer->output_channels; left > 0; left -= 2) {
        int32_t both = channels->bias, low = both;
        for (int32_t i = 0; i < count; ++i) {
            const int32_t word = *weights++;
            both = mnq_smlad(pairs[i], word, both);
            low = mnq_smlad(pairs[i], mnq_sxtb16(word), low);
        }
        *output++ = mnq_code(layer, channels[0], low, mnq_finish_of(layer));
        if (left > 1) {
            const int32_t sum = upper(both, low, channels[1].bias);
            *output++ = mnq_code(layer, channels[1], sum, mnq_finish_of(layer));
        }
        channels += 2;
    }
}

MNQ_APART void matrix(const mnq_packed *layer, const int32_t *pairs, int32_t count, int32_t pixels,
                      int8_t *output)
{
    if (pixels == 1) {
        matrix_pixel(layer, pairs, count, output);
    } else if (mnq_finish_of(layer) == MNQ_FINISH_POSITIVE) {
        matrix_block(layer, pairs, count, output, MNQ_FINISH_POSITIVE);
    } else if (mnq_finish_of(layer) == MNQ_FINISH_SATURATE) {
        matrix_block(layer, pairs, count, output, MNQ_FINISH_SATURATE);
    } else {
        matrix_block(layer, pairs, count, output, MNQ_FINISH_CLAMP);
    }
}

static int is_pointwise(const mnq_packed *layer)
{
    return layer->kernel.height == 1 && layer->kernel.width == 1 && layer->stride.height == 1
           && layer->stride.width == 1;
}

void mnq_conv2d_dsp(const mnq_packed *layer, const int8_t *input, int8_t *output, void *scratch)
{
    int32_t *pairs = scratch;
    const int32_t total = layer->output.height * layer->output.width;
    const int32_t channels = layer->input_channels;
    const int32_t count = (layer->kernel.width * channels + 1) / 2 * layer->kernel.height;
    const int pointwise = is_pointwise(layer);
    int8_t *row = (int8_t *)(pairs + count * (total < BLOCK ? 1 : BLOCK));

    for (int32_t pixel = 0; pixel < total;) {
        const int32_t pixels = pixel + BLOCK <= total ? BLOCK : 1;
        for (int32_t i = 0; i < pixels; ++i) {
            if (pointwise) {
                expand(input + (pixel + i) * channels, channels, pairs + i, pixels);
            } else {
                gather(layer, input, pixel + i, pairs + i, pixels, row);
            }
        }
        matrix(layer, pairs, count, pixels, output);
        output += pixels * layer->output_channels;
        pixel += pixels;
    }
}
