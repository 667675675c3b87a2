#include "mnq_dsp.h"
#include <stddef.h>

/* A convolution as a matrix product. The taps of four pixels are laid out as pairs of 16 bits and
 * multiplied with two output channels at a time.
 *
 * weights: int32_t [(output_channels + 1) / 2][kernel][pairs of a row]; channels: an even number.
 * A halfword of weights is
 * low + 256 * high, the weights of two channels for one tap: the raw word sums both, SXTB16 leaves
 * the lower one, and their difference is 256 times the sum of the upper, which fits in 24 bits.
 * The taps of a kernel row pair up as 0 2, 1 3, 4 6, 5 7, ...; the last one to three in order.
 * scratch: the pairs of four pixels (of one, where the output has fewer than four), then one
 * kernel row of taps. */

#define BLOCK 4 /* pixels */
#define CHANNELS 16 /* of output, whose sums are kept at a time */

/* count taps as pairs, one every `pitch` words; returns where the next one goes. */
static inline int32_t *expand(const int8_t *restrict taps, int32_t count, int32_t *restrict pairs,
                              int32_t pitch)
{
    for (; count >= 4; count -= 4) {
        uint32_t four;
        mnq_memcpy(&four, taps, sizeof four);
        pairs[0] = mnq_sxtb16((int32_t)four);
        pairs[pitch] = mnq_sxtb16_odd((int32_t)four);
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

/* The same of four neighboring pixels, whose pairs lie side by side. */
static void expand_block(const int8_t *restrict taps, int32_t count, int32_t *restrict pairs)
{
    const int8_t *const end = taps + (count & ~3);
    while (taps != end) {
        int32_t a, b, c, d;
        mnq_memcpy(&a, taps, sizeof a);
        mnq_memcpy(&b, taps + count, sizeof b);
        mnq_memcpy(&c, taps + 2 * count, sizeof c);
        mnq_memcpy(&d, taps + 3 * count, sizeof d);
        pairs[0] = mnq_sxtb16(a);
        pairs[1] = mnq_sxtb16(b);
        pairs[2] = mnq_sxtb16(c);
        pairs[3] = mnq_sxtb16(d);
        pairs[4] = mnq_sxtb16_odd(a);
        pairs[5] = mnq_sxtb16_odd(b);
        pairs[6] = mnq_sxtb16_odd(c);
        pairs[7] = mnq_sxtb16_odd(d);
        pairs += 2 * BLOCK;
        taps += 4;
    }
    if (count & 3) {
        for (int32_t i = 0; i < BLOCK; ++i) {
            expand(taps + i * count, count & 3, pairs + i, BLOCK);
        }
    }
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
    mnq_memset(row, layer->input_zero_point, (size_t)(width * channels));
    if (inside) {
        mnq_memcpy(row + begin * channels, input + (y * layer->input.width + x + begin) * channels,
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

/* The sums of one output channel. */
typedef struct {
    int32_t pixels[BLOCK];
} sums;

/* The accumulator of the upper of two channels. */
MNQ_INLINE int32_t upper(int32_t both, int32_t low, int32_t bias)
{
    return ((int32_t)((uint32_t)both - (uint32_t)low) >> 8) + bias;
}

#if MNQ_SPELLS_DSP
/* One word of weights times one pair of each of four pixels. A compiler keeps eight sums and
 * what they are made of in fourteen registers only when told all at once; Clang, which keeps one
 * for the frame, has none left for that. The first step begins at the bias in l3, and the loop is
 * entered where the rest of the words fill it. */
#define STEP(b0, b1, b2, b3, l0, l1, l2, l3)                                                      \
    "ldr.w %[w], [%[weights]], #4\n"                                                              \
    "ldrd %[x], %[y], [%[pair]], #8\n"                                                            \
    "sxtb16 %[l], %[w]\n"                                                                         \
    "smlad %[b0], %[x], %[w], %[" b0 "]\n"                                                        \
    "smlad %[l0], %[x], %[l], %[" l0 "]\n"                                                        \
    "smlad %[b1], %[y], %[w], %[" b1 "]\n"                                                        \
    "smlad %[l1], %[y], %[l], %[" l1 "]\n"                                                        \
    "ldrd %[x], %[y], [%[pair]], #8\n"                                                            \
    "smlad %[b2], %[x], %[w], %[" b2 "]\n"                                                        \
    "smlad %[l2], %[x], %[l], %[" l2 "]\n"                                                        \
    "smlad %[b3], %[y], %[w], %[" b3 "]\n"                                                        \
    "smlad %[l3], %[y], %[l], %[" l3 "]\n"
#define FIRST_STEP STEP("l3", "l3", "l3", "l3", "l3", "l3", "l3", "l3")
#define NEXT_STEP STEP("b0", "b1", "b2", "b3", "l0", "l1", "l2", "l3")
#define STEP_BYTES 48
#define TEXT(number) #number
#define TEXT_OF(number) TEXT(number)

/* What the code below knows of the structs that it reads and writes. */
typedef char a_channel_is_16_bytes[sizeof(mnq_channel) == 16 ? 1 : -1];
typedef char a_channel_begins_with_the_bias[offsetof(mnq_channel, bias) == 0 ? 1 : -1];
typedef char a_channel_has_16_bytes_of_sums[sizeof(sums) == 16 ? 1 : -1];

__attribute__((optimize("omit-frame-pointer"))) /* whatever the rest is compiled with */
MNQ_APART const int32_t *multiply_block(const int32_t *pairs, const int32_t *weights, int32_t count,
                                        const mnq_channel *channels, sums *to, const sums *last)
{
    const int32_t *const end = pairs + BLOCK * count;
    int32_t b0, b1, b2, b3, l0, l1, l2, l3, w, l, x, y;
    int32_t entry = (8 - ((count - 1) & 7)) * STEP_BYTES + 1; /* an odd address runs Thumb code */
    const int32_t *pair;
    __asm__("adr.w %[w], 1f\n"
            "ldr %[x], %[entry]\n"
            "add %[w], %[w], %[x]\n"
            "str %[w], %[entry]\n"
            "0: ldr %[w], %[channels]\n"
            "ldr %[l3], [%[w]], #16\n"
            "str %[w], %[channels]\n"
            "ldr %[pair], %[pairs]\n"
            FIRST_STEP "ldr pc, %[entry]\n"
            ".p2align 2\n"
            "1:\n" NEXT_STEP NEXT_STEP NEXT_STEP NEXT_STEP NEXT_STEP NEXT_STEP NEXT_STEP NEXT_STEP
            ".ifne . - 1b - 8 * " TEXT_OF(STEP_BYTES) "\n"
            ".error \"a step is not STEP_BYTES long\"\n"
            ".endif\n"
            "ldr %[w], %[end]\n"
            "cmp %[pair], %[w]\n"
            "bne.w 1b\n"
            "ldr %[w], %[channels]\n"
            "ldr %[x], [%[w]], #16\n"
            "str %[w], %[channels]\n"
            "sub %[b0], %[b0], %[l0]\n"
            "sub %[b1], %[b1], %[l1]\n"
            "sub %[b2], %[b2], %[l2]\n"
            "sub %[b3], %[b3], %[l3]\n"
            "add %[b0], %[x], %[b0], asr #8\n"
            "add %[b1], %[x], %[b1], asr #8\n"
            "add %[b2], %[x], %[b2], asr #8\n"
            "add %[b3], %[x], %[b3], asr #8\n"
            "ldr %[w], %[to]\n"
            "ldr %[x], %[last]\n"
            "strd %[l0], %[l1], [%[w]], #8\n"
            "strd %[l2], %[l3], [%[w]], #8\n"
            "strd %[b0], %[b1], [%[w]], #8\n"
            "strd %[b2], %[b3], [%[w]], #8\n"
            "str %[w], %[to]\n"
            "cmp %[w], %[x]\n"
            "blo.w 0b\n"
            : [b0] "=&r"(b0), [b1] "=&r"(b1), [b2] "=&r"(b2), [b3] "=&r"(b3), [l0] "=&r"(l0),
              [l1] "=&r"(l1), [l2] "=&r"(l2), [l3] "=&r"(l3), [weights] "+r"(weights),
              [pair] "=&r"(pair), [w] "=&r"(w), [l] "=&r"(l), [x] "=&r"(x), [y] "=&r"(y),
              [channels] "+m"(channels), [to] "+m"(to), [entry] "+m"(entry)
            : [pairs] "m"(pairs), [end] "m"(end), [last] "m"(last)
            : "memory", "cc");
    return weights;
}
#else
static const int32_t *multiply_block(const int32_t *pairs, const int32_t *weights, int32_t count,
                                     const mnq_channel *channels, sums *to, const sums *last)
{
    for (; to < last; to += 2) {
        const int32_t *pair = pairs, bias = channels->bias;
        sums low = {{bias, bias, bias, bias}}, both = low;
        for (int32_t left = count; left > 0; --left) {
            const int32_t word = *weights++, bytes = mnq_sxtb16(word);
            for (int32_t i = 0; i < BLOCK; ++i) {
                low.pixels[i] = mnq_smlad(*pair, bytes, low.pixels[i]);
                both.pixels[i] = mnq_smlad(*pair++, word, both.pixels[i]);
            }
        }
        for (int32_t i = 0; i < BLOCK; ++i) {
            both.pixels[i] = upper(both.pixels[i], low.pixels[i], channels[1].bias);
        }
        to[0] = low;
        to[1] = both;
        channels += 2;
    }
    return weights;
}
#endif

/* The codes of four pixels, channel by channel. */
MNQ_INLINE void finish_block(const mnq_packed *layer, const sums *from, const sums *last,
                             const mnq_channel *channels, int8_t *output, mnq_finish finish)
{
    const int32_t step = layer->output_channels;
    const int8_t *const table = mnq_table_dsp(layer, finish);
    do {
        const mnq_channel channel = *channels++;
        const mnq_two a = mnq_load_two(from->pixels, 0);
        int8_t *to = output++;
        to[0] = mnq_code_dsp(layer, table, channel, a.first, finish);
        to[step] = mnq_code_dsp(layer, table, channel, a.second, finish);
        to += 2 * step;
        const mnq_two b = mnq_load_two(from->pixels, 2);
        to[0] = mnq_code_dsp(layer, table, channel, b.first, finish);
        to[step] = mnq_code_dsp(layer, table, channel, b.second, finish);
    } while (++from != last);
}

/* pairs: count words of each pixel, the four interleaved. */
static void matrix_block(const mnq_packed *layer, const int32_t *pairs, int32_t count,
                         int8_t *output)
{
    const int32_t *weights = layer->weights;
    const mnq_channel *channels = layer->channels;
    const mnq_finish finish = mnq_finish_of(layer);
    sums some[CHANNELS];
    for (int32_t left = layer->output_channels; left > 0; left -= CHANNELS) {
        const sums *const last = some + mnq_min(left, CHANNELS);
        weights = multiply_block(pairs, weights, count, channels, some, last);
        if (finish == MNQ_FINISH_POSITIVE) {
            finish_block(layer, some, last, channels, output, MNQ_FINISH_POSITIVE);
        } else if (finish == MNQ_FINISH_SATURATE) {
            finish_block(layer, some, last, channels, output, MNQ_FINISH_SATURATE);
        } else if (finish == MNQ_FINISH_TABLE) {
            finish_block(layer, some, last, channels, output, MNQ_FINISH_TABLE);
        } else {
            finish_block(layer, some, last, channels, output, MNQ_FINISH_CLAMP);
        }
        channels += CHANNELS;
        output += CHANNELS;
    }
}

typedef struct {
    int32_t low, both;
} pixel_sums;

MNQ_INLINE pixel_sums multiply_word(int32_t pair, int32_t word, pixel_sums s)
{
    s.both = mnq_smlad(pair, word, s.both);
    s.low = mnq_smlad(pair, mnq_sxtb16(word), s.low);
    return s;
}

MNQ_APART pixel_sums multiply_pixel(const int32_t *pairs, const int32_t *weights, int32_t count,
                                    int32_t bias)
{
    pixel_sums s = {bias, bias};
    const int32_t *const end = weights + count, *const fours = weights + (count & ~3);
    while (weights != fours) {
        const mnq_two x = mnq_load_two(pairs, 0), w = mnq_load_two(weights, 0);
        s = multiply_word(x.second, w.second, multiply_word(x.first, w.first, s));
        const mnq_two y = mnq_load_two(pairs, 2), v = mnq_load_two(weights, 2);
        s = multiply_word(y.second, v.second, multiply_word(y.first, v.first, s));
        pairs += 4;
        weights += 4;
    }
    while (weights != end) {
        s = multiply_word(*pairs++, *weights++, s);
    }
    return s;
}

static void matrix_pixel(const mnq_packed *layer, const int32_t *pairs, int32_t count,
                         int8_t *output)
{
    const int32_t *weights = layer->weights;
    const mnq_channel *channels = layer->channels;
    const mnq_finish finish = mnq_finish_of(layer);
    const int8_t *const table = mnq_table_dsp(layer, finish);
    for (int32_t left = layer->output_channels; left > 0; left -= 2) {
        const pixel_sums s = multiply_pixel(pairs, weights, count, channels->bias);
        *output++ = mnq_code_dsp(layer, table, channels[0], s.low, finish);
        if (left > 1) {
            const int32_t sum = upper(s.both, s.low, channels[1].bias);
            *output++ = mnq_code_dsp(layer, table, channels[1], sum, finish);
        }
        weights += count;
        channels += 2;
    }
}

MNQ_APART void matrix(const mnq_packed *layer, const int32_t *pairs, int32_t count, int32_t pixels,
                      int8_t *output)
{
    if (pixels == 1) {
        matrix_pixel(layer, pairs, count, output);
    } else {
        matrix_block(layer, pairs, count, output);
    }
}

static int is_pointwise(const mnq_packed *layer)
{
    return layer->kernel.height == 1 && layer->kernel.width == 1 && layer->stride.height == 1
           && layer->stride.width == 1;
}

MNQ_KERNEL
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
        if (pointwise && pixels == BLOCK) {
            expand_block(input + pixel * channels, channels, pairs);
        } else if (pointwise) {
            expand(input + pixel * channels, channels, pairs, 1);
        } else {
            for (int32_t i = 0; i < pixels; ++i) {
                gather(layer, input, pixel + i, pairs + i, pixels, row);
            }
        }
        matrix(layer, pairs, count, pixels, output);
        output += pixels * layer->output_channels;
        pixel += pixels;
    }
}

#if defined(MNQ_SIZES) && !defined(MNQ_CURVE)
#include "kernel_sizes.h"

static int32_t pairs_of_window(const mnq_packed *layer)
{
    return (layer->kernel.width * layer->input_channels + 1) / 2 * layer->kernel.height;
}

int32_t mnq_conv2d_dsp_scratch(const mnq_packed *layer)
{
    const int32_t pixels = layer->output.height * layer->output.width < BLOCK ? 1 : BLOCK;
    return (int32_t)sizeof(int32_t) * pixels * pairs_of_window(layer)
           + layer->kernel.width * layer->input_channels;
}

int32_t mnq_conv2d_dsp_weights(const mnq_packed *layer)
{
    return (layer->output_channels + 1) / 2 * (int32_t)sizeof(int32_t) * pairs_of_window(layer);
}
#endif
