#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("omit-frame-pointer") /* see mnq_dsp_block.h */
#endif
#include "mnq_dsp_block.h"

/* A convolution as a matrix product: taps as pairs of 16 bits times weights of several output
 * channels.
 *
 * weights: int32_t [(output_channels + 1) / 2][kernel][pairs of a row], the weights of two channels
 * in the bytes of each halfword; channels: an even number. The taps of a kernel row pair up as 0 2,
 * 1 3, 4 6, 5 7, ...; the last one to three in order.
 * Taps of 16 bits (MNQ_WIDE) pair up as they lie in memory, and the words of four channels lie side
 * by side, but where the last one or two have a word to themselves.
 * scratch: the words of a block, or the pairs of one pixel, where the output has no more; where
 * windows are more than a pixel, then one kernel row of taps (two, of a block of 16-bit ones). */

#define CHANNELS (24 / BLOCK) /* of output, whose sums are kept at a time */

#if defined(MNQ_WIDE) && MNQ_WIDE == 16
/* Rows of taps of two pixels as pairs, side by side; returns where the next ones go. */
MNQ_APART int32_t *expand_block(const mnq_tap *const *from, int32_t count, int32_t rows,
                                int32_t pitch, int32_t *to, int32_t stream)
{
    const mnq_tap *x = from[0], *y = from[1];
    (void)stream;
    for (; rows > 0; --rows) {
        const mnq_tap *const end = x + (count & ~1);
        while (x != end) {
            mnq_memcpy(to, x, sizeof *to);
            mnq_memcpy(to + 1, y, sizeof *to);
            to += WORDS;
            x += 2;
            y += 2;
        }
        if (count & 1) {
            *to++ = mnq_pair(*x++, 0);
            *to++ = mnq_pair(*y++, 0);
        }
        x += pitch - count;
        y += pitch - count;
    }
    return to;
}

/* The same of one pixel. */
static int32_t *expand(const mnq_tap *restrict taps, int32_t count, int32_t *restrict pairs)
{
    for (; count >= 2; count -= 2) {
        mnq_memcpy(pairs++, taps, sizeof *pairs);
        taps += 2;
    }
    if (count > 0) {
        *pairs++ = mnq_pair(taps[0], 0);
    }
    return pairs;
}
#else
/* Rows of taps of four pixels as streams; returns where the next words of the first one go. */
MNQ_APART int32_t *expand_block(const int8_t *const *from, int32_t count, int32_t rows,
                                int32_t pitch, int32_t *to, int32_t stream)
{
    const int8_t *x = from[0], *y = from[1], *z = from[2], *t = from[3];
    for (; rows > 0; --rows) {
        const int8_t *const end = x + (count & ~3);
        while (x != end) {
            const mnq_four taps = mnq_next_words(&x, &y, &z, &t);
            mnq_store_two(to, even_taps(taps.first, taps.second),
                          odd_taps(taps.first, taps.second));
            mnq_store_two(to + stream, even_taps(taps.second, taps.third),
                          odd_taps(taps.second, taps.third));
            mnq_store_two(to + 2 * stream, even_taps(taps.third, taps.fourth),
                          odd_taps(taps.third, taps.fourth));
            to += 2;
        }
        if (count & 2) {
            to[0] = mnq_pair(joined(x[0], y[0]), joined(x[1], y[1]));
            to[stream] = mnq_pair(joined(y[0], z[0]), joined(y[1], z[1]));
            to[2 * stream] = mnq_pair(joined(z[0], t[0]), joined(z[1], t[1]));
            ++to;
            x += 2;
            y += 2;
            z += 2;
            t += 2;
        }
        if (count & 1) {
            const int32_t a = *x++, b = *y++, c = *z++, d = *t++;
            to[0] = joined(a, b);
            to[stream] = joined(b, c);
            to[2 * stream] = joined(c, d);
            ++to;
        }
        x += pitch - count;
        y += pitch - count;
        z += pitch - count;
        t += pitch - count;
    }
    return to;
}

/* The taps of one pixel as pairs. */
static int32_t *expand(const int8_t *restrict taps, int32_t count, int32_t *restrict pairs)
{
    for (; count >= 4; count -= 4) {
        const int32_t four = mnq_load_word(taps);
        pairs[0] = mnq_sxtb16(four);
        pairs[1] = mnq_sxtb16_odd(four);
        pairs += 2;
        taps += 4;
    }
    for (; count > 0; count -= 2) {
        *pairs++ = mnq_pair(taps[0], count > 1 ? taps[1] : 0);
        taps += 2;
    }
    return pairs;
}
#endif

/* Where the window of a pixel begins. */
typedef struct {
    int32_t x, y;
} place;

/* That of the next pixel. */
MNQ_INLINE place window_behind(const mnq_packed *layer, place window)
{
    const int32_t x = window.x + layer->stride.width;
    const int is_row = x < layer->output.width * layer->stride.width - layer->padding.width;
    const place next = {is_row ? x : -layer->padding.width,
                        is_row ? window.y : window.y + layer->stride.height};
    return next;
}

static int is_inside(const mnq_packed *layer, place window)
{
    return window.x >= 0 && window.y >= 0 && window.x + layer->kernel.width <= layer->input.width
           && window.y + layer->kernel.height <= layer->input.height;
}

/* The taps of one row of a window; `row` takes those of a row that crosses the image's edge. */
static const mnq_tap *window_row(const mnq_packed *layer, const mnq_tap *input, place window,
                                 int32_t ky, mnq_tap *row)
{
    const int32_t channels = layer->input_channels;
    const int32_t width = layer->kernel.width;
    const int32_t x = window.x, y = window.y + ky;
    const int32_t begin = mnq_min(mnq_max(-x, 0), width);
    const int32_t end = mnq_max(mnq_min(layer->input.width - x, width), begin);
    const int inside = y >= 0 && y < layer->input.height;

    if (inside && begin == 0 && end == width) {
        return input + (y * layer->input.width + x) * channels;
    }
    mnq_memset(row, layer->input_zero_point, (size_t)(width * channels) * sizeof *row);
    if (inside) {
        mnq_memcpy(row + begin * channels, input + (y * layer->input.width + x + begin) * channels,
                   (size_t)((end - begin) * channels) * sizeof *row);
    }
    return row;
}

/* The windows of the pixels of a block as streams. A row that crosses the image's edge is made
 * where its words will be, which catch up with it at its end, or in `row`. */
MNQ_APART void gather(const mnq_packed *layer, const mnq_tap *input, const place *windows,
                      int32_t *to, int32_t stream, mnq_tap *row)
{
    const int32_t channels = layer->input_channels;
    const int32_t count = layer->kernel.width * channels, pitch = layer->input.width * channels;
    const place first = windows[0], last = windows[BLOCK - 1];
    const mnq_tap *from[BLOCK];
    if (first.y == last.y && is_inside(layer, first) && is_inside(layer, last)) {
        for (int32_t i = 0; i < BLOCK; ++i) {
            from[i] = input + first.y * pitch + windows[i].x * channels;
        }
        expand_block(from, count, layer->kernel.height, pitch, to, stream);
        return;
    }
    for (int32_t ky = 0; ky < layer->kernel.height; ++ky) {
        int32_t *end = to + (count + 1) / 2;
        for (int32_t i = 0; i < BLOCK; ++i) {
            mnq_tap *const own = i < IN_PLACE ? (mnq_tap *)(void *)end - count
                                              : row + (i - IN_PLACE) * count;
            from[i] = window_row(layer, input, windows[i], ky, own);
            end += stream;
        }
        to = expand_block(from, count, 1, count, to, stream);
    }
}

/* The window of one pixel as pairs. */
static void gather_pixel(const mnq_packed *layer, const mnq_tap *input, place window,
                         int32_t *pairs, mnq_tap *row)
{
    const int32_t count = layer->kernel.width * layer->input_channels;
    for (int32_t ky = 0; ky < layer->kernel.height; ++ky) {
        pairs = expand(window_row(layer, input, window, ky, row), count, pairs);
    }
}

/* The codes of sums of channels of some pixels. */
MNQ_APART void finish_sums(const mnq_packed *layer, const int32_t *sums,
                           const mnq_channel *channels, int32_t count, int32_t pixels, block *on)
{
    const mnq_finish finish = mnq_finish_of(layer);
    for (; count > 0; --count) {
        const mnq_factor factor = mnq_factor_of(channels++);
        int8_t *to = on->to;
        for (int32_t i = 0; i < pixels; ++i) {
            mnq_put_dsp(layer, on->table, factor, sums[i], finish, to);
            to += on->pitch;
        }
        sums += BLOCK;
        on->to += mnq_bytes(finish);
    }
}

/* count pairs of one pixel times words of two channels, one every `step`. */
MNQ_APART two_sums multiply_pixel(const int32_t *pairs, const int32_t *weights, int32_t step,
                                  int32_t count, const mnq_channel *channels)
{
    const int32_t *const end = pairs + count, *const fours = pairs + (count & ~3);
    two_sums s = {channels[0].bias, channels[1].bias};
    while (GROUP == 2 && pairs != fours) {
        const mnq_four x = mnq_load_four(pairs, 0), w = mnq_load_four(weights, 0);
        s = multiply_word(x.second, w.second, multiply_word(x.first, w.first, s));
        s = multiply_word(x.fourth, w.fourth, multiply_word(x.third, w.third, s));
        pairs += 4;
        weights += 4;
    }
    while (pairs != end) {
        s = multiply_word(*pairs++, *weights, s);
        weights += step;
    }
    return s;
}

/* The codes of one pixel, whose pairs are in place. */
MNQ_APART void matrix_pixel(const mnq_packed *layer, const int32_t *pairs, int32_t count,
                            int8_t *output)
{
    const int32_t *weights = layer->weights;
    const mnq_channel *channels = layer->channels;
    const mnq_finish finish = mnq_finish_of(layer);
    const int8_t *const table = mnq_table_dsp(layer, finish);
    for (int32_t left = layer->output_channels, words = 1; left > 0; weights += words * count) {
        words = GROUP > 2 && left > 2 ? 2 : 1;
        for (int32_t i = 0; i < words && left > 0; ++i) {
            const two_sums s = multiply_pixel(pairs, weights + i, words, count, channels);
            mnq_put_dsp(layer, table, mnq_factor_of(channels), s.low, finish, output);
            output += mnq_bytes(finish);
            if (left > 1) {
                mnq_put_dsp(layer, table, mnq_factor_of(channels + 1), s.high, finish, output);
                output += mnq_bytes(finish);
            }
            channels += 2;
            left -= 2;
        }
    }
}

#if GROUP > 2
/* The last one or two channels of two pixels. */
MNQ_APART void multiply_rest(const block *on, int32_t *sums)
{
    const int32_t *weights = on->weights;
    two_sums s = {on->channels[0].bias, on->channels[1].bias}, t = s;
    for (const int32_t *pair = on->pairs; pair != on->end; pair += WORDS) {
        const mnq_two x = mnq_load_two(pair, 0);
        const int32_t word = *weights++;
        s = multiply_word(x.first, word, s);
        t = multiply_word(x.second, word, t);
    }
    sums[0] = s.low;
    sums[1] = t.low;
    sums[2] = s.high;
    sums[3] = t.high;
}
#endif

static int is_pointwise(const mnq_packed *layer)
{
    return layer->kernel.height == 1 && layer->kernel.width == 1 && layer->stride.height == 1
           && layer->stride.width == 1;
}

/* The codes of the first `pixels` of a block, whose words are in place. Of the channels before
 * `whole`, multiply_block makes codes, of the others sums. */
MNQ_INLINE void matrix_block(const mnq_packed *layer, block *on, const mnq_channel *whole,
                             int32_t pixels, int8_t *output)
{
    const mnq_channel *const end = layer->channels + layer->output_channels;
    int32_t sums[BLOCK * CHANNELS];
    on->weights = layer->weights;
    on->channels = layer->channels;
    on->to = output;
    while (on->channels < end) {
        const mnq_channel *const first = on->channels;
        const int32_t some = mnq_min((int32_t)(end - first), CHANNELS);
#if GROUP > 2
        if (some <= 2) {
            multiply_rest(on, sums);
            finish_sums(layer, sums, first, some, pixels, on);
            break;
        }
#endif
        /* All but one of a group are multiplied as one. */
        const int32_t grouped = (some + 1) & ~(GROUP - 1);
        on->finish = (int32_t)(first < whole ? mnq_finish_of(layer) : MNQ_FINISH_CLAMP);
        on->last = first < whole ? whole : first + grouped;
        on->sums = sums;
        multiply_block(on);
        if (on->finish == (int32_t)MNQ_FINISH_CLAMP) {
            finish_sums(layer, sums, first, mnq_min(some, grouped), pixels, on);
        }
    }
}

MNQ_KERNEL
void mnq_conv2d_dsp(const mnq_packed *layer, const int8_t *input, int8_t *output, void *scratch)
{
    int32_t *const pairs = scratch;
    const int32_t channels = layer->input_channels;
    const int32_t count = (layer->kernel.width * channels + 1) / 2 * layer->kernel.height;
    const int32_t stream = WORDS * count;
    const mnq_finish finish = mnq_finish_of(layer);
    const mnq_channel *const whole =
        layer->channels
        + (FINISHES_BLOCKS && finish != MNQ_FINISH_CLAMP ? layer->output_channels & ~(GROUP - 1) : 0);
    const int pointwise = is_pointwise(layer);
    const mnq_tap *image = (const mnq_tap *)(const void *)input;
    int32_t left = layer->output.height * layer->output.width;
    mnq_tap *const row = (mnq_tap *)(void *)(pairs + (left > 1 ? STREAMS * stream : count));
    place window = {-layer->padding.width, -layer->padding.height};
    block on = {0};
    on.pairs = pairs;
    on.end = pairs + stream;
    on.stream = stream * (int32_t)sizeof(int32_t);
    on.pitch = layer->output_channels * mnq_bytes(finish);
    on.table = mnq_table_dsp(layer, finish);
    on.skip = block_skip(count);

    for (; left > 1; left -= BLOCK) {
        const int32_t pixels = mnq_min(left, BLOCK);
        /* Behind the last pixel it comes again. */
        if (pointwise) {
            const mnq_tap *from[BLOCK];
            for (int32_t i = 0; i < BLOCK; ++i) {
                from[i] = image;
                image += i + 1 < left ? channels : 0;
            }
            expand_block(from, channels, 1, 0, pairs, stream);
        } else {
            place windows[BLOCK];
            for (int32_t i = 0; i < BLOCK; ++i) {
                windows[i] = window;
                window = i + 1 < left ? window_behind(layer, window) : window;
            }
            gather(layer, image, windows, pairs, stream, row);
        }
        matrix_block(layer, &on, pixels == BLOCK ? whole : layer->channels, pixels, output);
        output += BLOCK * on.pitch;
    }
    if (left == 1) {
        if (pointwise) {
            expand(image, channels, pairs);
        } else {
            gather_pixel(layer, image, window, pairs, row);
        }
        matrix_pixel(layer, pairs, count, output);
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
    const int32_t pixels = mnq_min(layer->output.height * layer->output.width, 2);
    const int32_t words = (pixels > 1 ? STREAMS * WORDS : 1) * pairs_of_window(layer);
    const int32_t rows = is_pointwise(layer) ? 0 : pixels > 1 ? BLOCK - IN_PLACE : 1;
    return words * (int32_t)sizeof(int32_t)
           + rows * layer->kernel.width * layer->input_channels * (int32_t)sizeof(mnq_tap);
}

int32_t mnq_conv2d_dsp_weights(const mnq_packed *layer)
{
    return (layer->output_channels + 1) / 2 * (int32_t)sizeof(int32_t) * pairs_of_window(layer);
}
#endif
