#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("omit-frame-pointer") /* see mnq_dsp_block.h */
#endif
#include "mnq_dsp_block.h"

/* A convolution as a matrix product. The taps of two pixels are laid out as pairs of 16 bits and
 * multiplied with four output channels at a time.
 *
 * weights: int32_t [(output_channels + 3) / 4][kernel][pairs of a row][2], of which the last one or
 * two channels take one word where the others take two; channels: an even number.
 * A halfword of weights is
 * low + 256 * high, the weights of two channels for one tap: the raw word sums both, SXTB16 leaves
 * the lower one, and their difference is 256 times the sum of the upper, which fits in 24 bits.
 * The taps of a kernel row pair up as 0 2, 1 3, 4 6, 5 7, ...; the last one to three in order.
 * Sums of 16-bit codes leave 24 bits: with MNQ_WIDE the two bytes of a halfword are the weights, and
 * taps of 16 bits pair up as they lie in memory.
 * scratch: the pairs of two pixels (of one, where the output has no more), then one kernel row of
 * taps of each. */

#define CHANNELS 16 /* of output, whose sums are kept at a time */

#if defined(MNQ_WIDE) && MNQ_WIDE == 16
/* Rows of taps of two pixels as pairs, side by side; returns where the next ones go. */
MNQ_APART int32_t *expand_block(const mnq_tap *x, const mnq_tap *y, int32_t count, int32_t rows,
                                int32_t pitch, int32_t *pairs)
{
    for (; rows > 0; --rows) {
        const mnq_tap *const end = x + (count & ~1);
        while (x != end) {
            mnq_memcpy(pairs, x, sizeof *pairs);
            mnq_memcpy(pairs + 1, y, sizeof *pairs);
            pairs += BLOCK;
            x += 2;
            y += 2;
        }
        if (count & 1) {
            *pairs++ = mnq_pair(*x++, 0);
            *pairs++ = mnq_pair(*y++, 0);
        }
        x += pitch - count;
        y += pitch - count;
    }
    return pairs;
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
/* Rows of taps of two pixels as pairs, side by side; returns where the next ones go. */
MNQ_APART int32_t *expand_block(const int8_t *x, const int8_t *y, int32_t count,
                                int32_t rows, int32_t pitch, int32_t *pairs)
{
    for (; rows > 0; --rows) {
        const int8_t *const end = x + (count & ~7);
        while (x != end) {
            const mnq_four taps = mnq_next_bytes(&x, &y);
            mnq_store_four(&pairs, mnq_sxtb16(taps.first), mnq_sxtb16(taps.third),
                           mnq_sxtb16_odd(taps.first), mnq_sxtb16_odd(taps.third));
            mnq_store_four(&pairs, mnq_sxtb16(taps.second), mnq_sxtb16(taps.fourth),
                           mnq_sxtb16_odd(taps.second), mnq_sxtb16_odd(taps.fourth));
        }
        if (count & 4) {
            const int32_t a = mnq_load_word(x), b = mnq_load_word(y);
            mnq_store_four(&pairs, mnq_sxtb16(a), mnq_sxtb16(b), mnq_sxtb16_odd(a),
                           mnq_sxtb16_odd(b));
            x += 4;
            y += 4;
        }
        if (count & 2) {
            *pairs++ = mnq_pair(x[0], x[1]);
            *pairs++ = mnq_pair(y[0], y[1]);
            x += 2;
            y += 2;
        }
        if (count & 1) {
            *pairs++ = mnq_pair(*x++, 0);
            *pairs++ = mnq_pair(*y++, 0);
        }
        x += pitch - count;
        y += pitch - count;
    }
    return pairs;
}

/* The same of one pixel. */
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

static place window_of(const mnq_packed *layer, int32_t pixel)
{
    const int32_t y = pixel / layer->output.width;
    const int32_t x = pixel - y * layer->output.width;
    const place window = {x * layer->stride.width - layer->padding.width,
                          y * layer->stride.height - layer->padding.height};
    return window;
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

/* The windows of one or two pixels from `pixel` on as pairs. */
MNQ_APART void gather(const mnq_packed *layer, const mnq_tap *input, int32_t pixel, int32_t pixels,
                      int32_t *pairs, mnq_tap *row)
{
    const place first = window_of(layer, pixel), second = window_of(layer, pixel + pixels - 1);
    const int32_t count = layer->kernel.width * layer->input_channels;
    const int32_t pitch = layer->input.width * layer->input_channels;
    if (pixels == BLOCK && is_inside(layer, first) && is_inside(layer, second)) {
        const mnq_tap *x = input + first.y * pitch + first.x * layer->input_channels;
        const mnq_tap *y = input + second.y * pitch + second.x * layer->input_channels;
        expand_block(x, y, count, layer->kernel.height, pitch, pairs);
        return;
    }
    for (int32_t ky = 0; ky < layer->kernel.height; ++ky) {
        const mnq_tap *const x = window_row(layer, input, first, ky, row);
        const mnq_tap *const y = window_row(layer, input, second, ky, row + (pixels - 1) * count);
        pairs = pixels == BLOCK ? expand_block(x, y, count, 1, count, pairs)
                                : expand(x, count, pairs);
    }
}

/* The codes of sums of channels of two pixels. */
MNQ_APART void finish_sums(const mnq_packed *layer, const int32_t *sums,
                           const mnq_channel *channels, int32_t count, block *on)
{
    const mnq_finish finish = mnq_finish_of(layer);
    const int32_t bytes = mnq_bytes(finish);
    for (; count > 0; --count) {
        const mnq_factor factor = mnq_factor_of(channels++);
        mnq_put_dsp(layer, on->table, factor, *sums++, finish, on->x);
        mnq_put_dsp(layer, on->table, factor, *sums++, finish, on->y);
        on->x += bytes;
        on->y += bytes;
    }
}

/* One word of weights times pairs of two pixels, count times. */
MNQ_APART void multiply_pair(const block *on, int32_t *sums)
{
    const int32_t *weights = on->weights;
    const int32_t first = on->channels[0].bias, second = on->channels[1].bias;
    pixel_sums s = {first, first}, t = s;
    for (const int32_t *pair = on->pairs; pair != on->end; pair += BLOCK) {
        const mnq_two x = mnq_load_two(pair, 0);
        const int32_t word = *weights++;
        s = multiply_word(x.first, word, s);
        t = multiply_word(x.second, word, t);
    }
    sums[0] = s.low;
    sums[1] = t.low;
    sums[2] = upper(s, first, second);
    sums[3] = upper(t, first, second);
}

/* count pairs of one pixel times the words of four channels; of the last one or two, times one
 * word. */
MNQ_APART void multiply_pixel(const int32_t *pairs, const int32_t *weights, int32_t width,
                              int32_t count, const mnq_channel *channels, pixel_sums *to)
{
    const int32_t *const end = pairs + count, *const twos = pairs + (count & ~1);
    const int32_t first = channels[0].bias, second = width > 1 ? channels[2].bias : 0;
    pixel_sums s = {first, first}, t = {second, second};
    if (width > 1) {
        while (pairs != twos) {
            const mnq_four w = mnq_load_four(weights, 0);
            const mnq_two x = mnq_load_two(pairs, 0);
            s = multiply_word(x.second, w.third, multiply_word(x.first, w.first, s));
            t = multiply_word(x.second, w.fourth, multiply_word(x.first, w.second, t));
            pairs += 2;
            weights += 4;
        }
        if (pairs != end) {
            s = multiply_word(*pairs, weights[0], s);
            t = multiply_word(*pairs, weights[1], t);
        }
    } else {
        while (pairs != end) {
            s = multiply_word(*pairs++, *weights++, s);
        }
    }
    to[0] = s;
    to[1] = t;
}

/* The codes of one pixel, whose pairs are in place. */
MNQ_APART void matrix_pixel(const mnq_packed *layer, const int32_t *pairs, int32_t count,
                            int8_t *output)
{
    const int32_t *weights = layer->weights;
    const mnq_channel *channels = layer->channels;
    const mnq_finish finish = mnq_finish_of(layer);
    const int8_t *const table = mnq_table_dsp(layer, finish);
    for (int32_t left = layer->output_channels; left > 0; left -= GROUP) {
        const int32_t width = left > 2 ? 2 : 1, some = mnq_min(left, GROUP);
        pixel_sums s[2];
        multiply_pixel(pairs, weights, width, count, channels, s);
        for (int32_t i = 0; i < some; ++i) {
            const pixel_sums *const two = s + i / 2;
            const int32_t sum = i & 1 ? upper(*two, channels[-1].bias, channels->bias) : two->low;
            mnq_put_dsp(layer, table, mnq_factor_of(channels++), sum, finish, output);
            output += mnq_bytes(finish);
        }
        weights += width * count;
    }
}

static int is_pointwise(const mnq_packed *layer)
{
    return layer->kernel.height == 1 && layer->kernel.width == 1 && layer->stride.height == 1
           && layer->stride.width == 1;
}

/* The codes of two pixels, whose pairs are in place. */
MNQ_INLINE void matrix_block(const mnq_packed *layer, block *on, mnq_finish finish, int8_t *output)
{
    const mnq_channel *const end = layer->channels + layer->output_channels;
    int32_t sums[BLOCK * CHANNELS];
    on->weights = layer->weights;
    on->channels = layer->channels;
    on->x = output;
    on->y = output + layer->output_channels * mnq_bytes(finish);
    while (end - on->channels > 2) {
        /* Three are multiplied as four. */
        const mnq_channel *const first = on->channels;
        const int32_t left = (int32_t)(end - first);
        const int is_finished = FINISHES_BLOCKS && finish != MNQ_FINISH_CLAMP && left >= GROUP;
        const int32_t most = is_finished ? left : CHANNELS;
        const int32_t some = left < GROUP ? left : mnq_min(left & ~(GROUP - 1), most);
        on->finish = (int32_t)(is_finished ? finish : MNQ_FINISH_CLAMP);
        on->last = first + ((some + 1) & ~1);
        on->sums = sums;
        multiply_block(on);
        if (on->finish == (int32_t)MNQ_FINISH_CLAMP) {
            finish_sums(layer, sums, first, some, on);
        }
    }
    if (on->channels < end) {
        multiply_pair(on, sums);
        finish_sums(layer, sums, on->channels, (int32_t)(end - on->channels), on);
    }
}

MNQ_KERNEL
void mnq_conv2d_dsp(const mnq_packed *layer, const int8_t *input, int8_t *output, void *scratch)
{
    int32_t *const pairs = scratch;
    const int32_t channels = layer->input_channels;
    const int32_t count = (layer->kernel.width * channels + 1) / 2 * layer->kernel.height;
    const int32_t total = layer->output.height * layer->output.width, twos = total & ~1;
    const mnq_finish finish = mnq_finish_of(layer);
    const int pointwise = is_pointwise(layer);
    const mnq_tap *const image = (const mnq_tap *)(const void *)input;
    mnq_tap *const row = (mnq_tap *)(void *)(pairs + count * mnq_min(total, BLOCK));
    block on = {0};
    on.pairs = pairs;
    on.end = pairs + BLOCK * count;
    on.table = mnq_table_dsp(layer, finish);
    on.skip = block_skip(count);

    for (int32_t pixel = 0; pixel < twos; pixel += BLOCK) {
        if (pointwise) {
            const mnq_tap *const taps = image + pixel * channels;
            expand_block(taps, taps + channels, channels, 1, 0, pairs);
        } else {
            gather(layer, image, pixel, BLOCK, pairs, row);
        }
        matrix_block(layer, &on, finish, output);
        output += BLOCK * layer->output_channels * mnq_bytes(finish);
    }
    if (twos != total) {
        if (pointwise) {
            expand(image + twos * channels, channels, pairs);
        } else {
            gather(layer, image, twos, 1, pairs, row);
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
    const int32_t pixels = mnq_min(layer->output.height * layer->output.width, BLOCK);
    return pixels * ((int32_t)sizeof(int32_t) * pairs_of_window(layer)
                     + layer->kernel.width * layer->input_channels * (int32_t)sizeof(mnq_tap));
}

int32_t mnq_conv2d_dsp_weights(const mnq_packed *layer)
{
    return (layer->output_channels + 1) / 2 * (int32_t)sizeof(int32_t) * pairs_of_window(layer);
}
#endif
