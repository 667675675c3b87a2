#include "mnq_mve.h"

/* A convolution as a matrix product: 16 taps of three pixels with two output channels at a time, or
 * of four with one.
 *
 * weights: int8_t [output_channels][kernel][kernel][input_channels], then 16 bytes that are read
 * and count for nothing.
 * scratch: the taps of three windows, each with zeros up to a multiple of 16, or of four; none for
 * a kernel of one tap. */

#define BLOCK 4  /* pixels with one channel */
#define PAIRED 3 /* pixels with two */

static int is_pointwise(const mnq_packed *layer)
{
    return layer->kernel.height == 1 && layer->kernel.width == 1 && layer->stride.height == 1
           && layer->stride.width == 1;
}

/* Taps of a window in scratch, and the zeros that follow them. */
static inline int32_t padded(int32_t count) { return (count + 15) & ~15; }

/* Whether channels are multiplied by twos: not where pixels in place have no zeros behind their
 * taps, nor where one step makes a sum. */
static int are_paired(const mnq_packed *layer, int32_t count)
{
    const int whole = !is_pointwise(layer) || padded(count) == count;
    return count > 16 && whole && layer->output_channels > 1;
}

/* rows of count bytes, pitch apart, to one row. */
MNQ_INLINE int8_t *copy(int8_t *to, const int8_t *from, int32_t count, int32_t pitch, int32_t rows)
{
    const mve_pred16_t inside = vctp8q((uint32_t)(count & 15));
    if (count < 16) {
        for (; rows > 0; --rows) {
            vstrbq_p_s8(to, vldrbq_z_s8(from, inside), inside);
            to += count;
            from += pitch;
        }
        return to;
    }
    if (count == 48) { /* three columns of 16 channels */
        for (; rows > 0; --rows) {
            vstrbq_s8(to, vldrbq_s8(from));
            vstrbq_s8(to + 16, vldrbq_s8(from + 16));
            vstrbq_s8(to + 32, vldrbq_s8(from + 32));
            to += 48;
            from += pitch;
        }
        return to;
    }
    for (; rows > 0; --rows) {
        const int8_t *row = from;
        int32_t steps = count >> 4;
        do {
            vstrbq_s8(to, vldrbq_s8(row));
            to += 16;
            row += 16;
        } while (--steps > 0);
        if (count & 15) {
            vstrbq_p_s8(to, vldrbq_z_s8(row, inside), inside);
            to += count & 15;
        }
        from += pitch;
    }
    return to;
}

static int8_t *fill(int8_t *to, int8_t value, int32_t count)
{
    for (; count > 0; count -= 16) {
        vstrbq_p_s8(to, vdupq_n_s8(value), vctp8q((uint32_t)count));
        to += mnq_min(count, 16);
    }
    return to;
}

/* Copies the taps of a window that crosses the image's edge, kernel row by kernel row. */
MNQ_APART void gather_border(const mnq_packed *layer, const int8_t *input, int32_t y, int32_t x,
                             int8_t *taps)
{
    const int32_t channels = layer->input_channels, width = layer->kernel.width;
    const int32_t begin = mnq_min(mnq_max(-x, 0), width);
    const int32_t end = mnq_max(mnq_min(layer->input.width - x, width), begin);
    const int8_t zero = (int8_t)layer->input_zero_point;
    for (int32_t ky = 0; ky < layer->kernel.height; ++ky) {
        if (y + ky >= 0 && y + ky < layer->input.height) {
            const int8_t *row = input + ((y + ky) * layer->input.width + x + begin) * channels;
            taps = fill(taps, zero, begin * channels);
            if (end > begin) {
                taps = copy(taps, row, (end - begin) * channels, 0, 1);
            }
            taps = fill(taps, zero, (width - end) * channels);
        } else {
            taps = fill(taps, zero, width * channels);
        }
    }
}

/* Copies the taps of one window of an image whose rows lie pitch bytes apart. */
MNQ_INLINE void gather(const mnq_packed *layer, const int8_t *input, int32_t y, int32_t x,
                       int32_t pitch, mnq_extent last, int8_t *taps)
{
    if (x < 0 || y < 0 || x > last.width || y > last.height) {
        gather_border(layer, input, y, x, taps);
    } else {
        copy(taps, input + y * pitch + x * layer->input_channels,
             layer->kernel.width * layer->input_channels, pitch, layer->kernel.height);
    }
}

/* At most 16 taps: those of the four pixels stay in registers. */
MNQ_INLINE void matrix_short(const mnq_packed *layer, const int8_t *const *x, int32_t count,
                             int8_t *output, uint32x4_t places, mnq_finish finish)
{
    const mve_pred16_t inside = vctp8q((uint32_t)count);
    const int8x16_t x0 = vldrbq_z_s8(x[0], inside), x1 = vldrbq_z_s8(x[1], inside);
    const int8x16_t x2 = vldrbq_z_s8(x[2], inside), x3 = vldrbq_z_s8(x[3], inside);
    const mnq_clamp_lanes clamp = mnq_clamp_of(layer);
    const int8_t *weights = layer->weights;
    const mnq_channel *const end = layer->channels + layer->output_channels;
    for (const mnq_channel *channel = layer->channels; channel != end; ++channel) {
        const int8x16_t w = vldrbq_s8(weights);
        const int32x4_t sums = mnq_lanes(vmladavq_s8(x0, w), vmladavq_s8(x1, w),
                                         vmladavq_s8(x2, w), vmladavq_s8(x3, w));
        const int32x4_t values =
            mnq_rescale_lanes(*channel, vaddq_n_s32(sums, channel->bias), finish);
        vstrbq_scatter_offset_s32(output++, places,
                                  mnq_finished_lanes(layer, values, clamp, finish));
        weights += count;
    }
}

/* One channel with up to three pixels whose taps are as matrix_pairs wants them. */
MNQ_APART void matrix_last(const mnq_packed *layer, const int8_t *const *x, int32_t count,
                           int32_t pixels, int8_t *output)
{
    const int32_t channels = layer->output_channels;
    const mnq_channel channel = layer->channels[channels - 1];
    const int8_t *const all = layer->weights;
    for (int32_t pixel = 0; pixel < pixels; ++pixel) {
        const int8_t *taps = x[pixel], *weights = all + (channels - 1) * count;
        int32_t sum = channel.bias;
        for (int32_t left = count; left > 0; left -= 16) {
            sum = vmladavaq_s8(sum, vldrbq_s8(taps), vldrbq_s8(weights));
            taps += 16;
            weights += 16;
        }
        output[(pixel + 1) * channels - 1] = mnq_code(layer, channel, sum, layer->finish);
    }
}

/* Two channels with three pixels: six sums of the seven registers that a multiply can add to beside
 * a loop's. The pixels' taps are a multiple of 16 or followed by zeros up to one. */
MNQ_INLINE void matrix_pairs(const mnq_packed *layer, const int8_t *const *x, int32_t count,
                             int8_t *output, uint32x4_t places, mnq_finish finish)
{
    const mnq_clamp_lanes clamp = mnq_clamp_of(layer);
    const int32_t back = padded(count) - count;
    const int8_t *v = layer->weights;
    const mnq_channel *channel = layer->channels;
    const mnq_channel *const end = channel + (layer->output_channels & ~1);
    while (channel != end) {
        const int8_t *a = x[0], *b = x[1], *c = x[2], *w = v + count;
        int32_t a0 = channel[0].bias, b0 = a0, c0 = a0;
        int32_t a1 = channel[1].bias, b1 = a1, c1 = a1;
        int8x16_t v16 = vldrbq_s8(v), w16 = vldrbq_s8(w), a16 = vldrbq_s8(a), b16, c16;
        /* The loads of the next step between the multiplications of this one. */
#define STEP(next_a, next_v, next_w)                                                              \
    a0 = vmladavaq_s8(a0, a16, v16);                                                              \
    MNQ_THEN(a0);                                                                                 \
    b16 = vldrbq_s8(b);                                                                           \
    a1 = vmladavaq_s8(a1, a16, w16);                                                              \
    MNQ_THEN(a1);                                                                                 \
    c16 = vldrbq_s8(c);                                                                           \
    b0 = vmladavaq_s8(b0, b16, v16);                                                              \
    MNQ_THEN(b0);                                                                                 \
    next_a;                                                                                       \
    b1 = vmladavaq_s8(b1, b16, w16);                                                              \
    c0 = vmladavaq_s8(c0, c16, v16);                                                              \
    MNQ_THEN(c0);                                                                                 \
    next_v;                                                                                       \
    c1 = vmladavaq_s8(c1, c16, w16);                                                              \
    MNQ_THEN(c1);                                                                                 \
    next_w
        for (int32_t left = padded(count) - 16; left > 0; left -= 16) {
            a += 16;
            v += 16;
            w += 16;
            STEP(a16 = vldrbq_s8(a), v16 = vldrbq_s8(v), w16 = vldrbq_s8(w));
            b += 16;
            c += 16;
        }
        STEP((void)0, (void)0, (void)0);
        v = w + 16 - back;
        const int32x4_t lower = mnq_rescale_lanes(channel[0], mnq_lanes(a0, b0, c0, c0), finish);
        vstrbq_scatter_offset_s32(output, places,
                                  mnq_finished_lanes(layer, lower, clamp, finish));
        const int32x4_t upper = mnq_rescale_lanes(channel[1], mnq_lanes(a1, b1, c1, c1), finish);
        vstrbq_scatter_offset_s32(output + 1, places,
                                  mnq_finished_lanes(layer, upper, clamp, finish));
        channel += 2;
        output += 2;
    }
}

MNQ_INLINE void matrix_long(const mnq_packed *layer, const int8_t *const *x, int32_t count,
                            int8_t *output, uint32x4_t places, mnq_finish finish)
{
    const mve_pred16_t inside = vctp8q((uint32_t)(count & 15));
    const mnq_clamp_lanes clamp = mnq_clamp_of(layer);
    const int8_t *weights = layer->weights;
    const mnq_channel *const end = layer->channels + layer->output_channels;
    for (const mnq_channel *channel = layer->channels; channel != end; ++channel) {
        const int8_t *a = x[0], *b = x[1], *c = x[2], *d = x[3], *w = weights;
        int32_t s0 = channel->bias, s1 = s0, s2 = s0, s3 = s0;
        for (int32_t steps = count >> 4; steps > 0; --steps) {
            const int8x16_t w16 = vldrbq_s8(w);
            s0 = vmladavaq_s8(s0, vldrbq_s8(a), w16);
            s1 = vmladavaq_s8(s1, vldrbq_s8(b), w16);
            s2 = vmladavaq_s8(s2, vldrbq_s8(c), w16);
            s3 = vmladavaq_s8(s3, vldrbq_s8(d), w16);
            a += 16;
            b += 16;
            c += 16;
            d += 16;
            w += 16;
        }
        if (count & 15) {
            const int8x16_t w16 = vldrbq_s8(w);
            s0 = vmladavaq_s8(s0, vldrbq_z_s8(a, inside), w16);
            s1 = vmladavaq_s8(s1, vldrbq_z_s8(b, inside), w16);
            s2 = vmladavaq_s8(s2, vldrbq_z_s8(c, inside), w16);
            s3 = vmladavaq_s8(s3, vldrbq_z_s8(d, inside), w16);
        }
        const int32x4_t values =
            mnq_rescale_lanes(*channel, mnq_lanes(s0, s1, s2, s3), finish);
        vstrbq_scatter_offset_s32(output++, places,
                                  mnq_finished_lanes(layer, values, clamp, finish));
        weights += count;
    }
}

MNQ_INLINE void matrix_finish(const mnq_packed *layer, const int8_t *const *x, int32_t count,
                              int paired, int8_t *output, uint32x4_t places, mnq_finish finish)
{
    if (count <= 16) {
        matrix_short(layer, x, count, output, places, finish);
    } else if (paired) {
        matrix_pairs(layer, x, count, output, places, finish);
    } else {
        matrix_long(layer, x, count, output, places, finish);
    }
}

/* x: the taps of four pixels. Of fewer than four, the last one comes again, to the same place. */
MNQ_APART void matrix(const mnq_packed *layer, const int8_t *const *x, int32_t count,
                      int32_t pixels, int paired, int8_t *output)
{
    if (paired && (layer->output_channels & 1)) {
        matrix_last(layer, x, count, pixels, output);
    }
    const uint32x4_t order = vminq_u32(vidupq_n_u32(0, 1), vdupq_n_u32((uint32_t)pixels - 1));
    const uint32x4_t places = vmulq_n_u32(order, (uint32_t)layer->output_channels);
    if (layer->finish == MNQ_FINISH_POSITIVE) {
        matrix_finish(layer, x, count, paired, output, places, MNQ_FINISH_POSITIVE);
    } else if (layer->finish == MNQ_FINISH_SATURATE) {
        matrix_finish(layer, x, count, paired, output, places, MNQ_FINISH_SATURATE);
    } else if (layer->finish == MNQ_FINISH_TABLE) {
        matrix_finish(layer, x, count, paired, output, places, MNQ_FINISH_TABLE);
    } else {
        matrix_finish(layer, x, count, paired, output, places, MNQ_FINISH_CLAMP);
    }
}

/* Of each pixel in turn the taps, where they lie. */
static void convolve_pixels(const mnq_packed *layer, const int8_t *input, int8_t *output)
{
    const int32_t count = layer->input_channels;
    const int paired = are_paired(layer, count);
    const int32_t together = paired ? PAIRED : BLOCK;
    const int8_t *taps[BLOCK];
    for (int32_t left = layer->output.height * layer->output.width; left > 0; left -= together) {
        const int32_t pixels = mnq_min(together, left);
        for (int32_t i = 0; i < BLOCK; ++i) {
            taps[i] = input + mnq_min(i, pixels - 1) * count;
        }
        matrix(layer, taps, count, pixels, paired, output);
        input += pixels * count;
        output += pixels * layer->output_channels;
    }
}

/* Of each pixel in turn the taps, copied side by side. */
static void convolve_windows(const mnq_packed *layer, const int8_t *input, int8_t *output,
                             int8_t *scratch)
{
    const mnq_extent kernel = layer->kernel, size = layer->input;
    const int32_t count = kernel.height * kernel.width * layer->input_channels;
    const int paired = are_paired(layer, count);
    const int32_t together = paired ? PAIRED : BLOCK, room = paired ? padded(count) : count;
    const mnq_extent last = {size.height - kernel.height, size.width - kernel.width};
    const int32_t pitch = size.width * layer->input_channels, step = layer->stride.width;
    const int32_t begin = -layer->padding.width, end = begin + layer->output.width * step;
    int32_t y = -layer->padding.height, x = begin;
    const int8_t *taps[BLOCK];
    for (int32_t i = 0; i < BLOCK; ++i) {
        taps[i] = scratch + mnq_min(i, together - 1) * room;
    }
    mnq_memset(scratch, 0, (size_t)(together * room));
    for (int32_t left = layer->output.height * layer->output.width; left > 0; left -= together) {
        const int32_t pixels = mnq_min(together, left);
        for (int32_t i = 0; i < pixels; ++i) {
            gather(layer, input, y, x, pitch, last, scratch + i * room);
            x += step;
            if (x == end) {
                x = begin;
                y += layer->stride.height;
            }
        }
        for (int32_t i = pixels; i < BLOCK; ++i) {
            taps[i] = taps[i - 1];
        }
        matrix(layer, taps, count, pixels, paired, output);
        output += pixels * layer->output_channels;
    }
}

MNQ_KERNEL
void mnq_conv2d_mve(const mnq_packed *layer, const int8_t *input, int8_t *output, void *scratch)
{
    if (is_pointwise(layer)) {
        convolve_pixels(layer, input, output);
    } else {
        convolve_windows(layer, input, output, scratch);
    }
}

#if defined(MNQ_SIZES) && !defined(MNQ_CURVE)
#include "kernel_sizes.h"

int32_t mnq_conv2d_mve_scratch(const mnq_packed *layer)
{
    const int32_t count = layer->kernel.height * layer->kernel.width * layer->input_channels;
    if (is_pointwise(layer)) {
        return 0;
    }
    return are_paired(layer, count) ? PAIRED * padded(count) : BLOCK * count;
}

int32_t mnq_conv2d_mve_weights(const mnq_packed *layer)
{
    return layer->output_channels * layer->kernel.height * layer->kernel.width
               * layer->input_channels
           + 16;
}
#endif
