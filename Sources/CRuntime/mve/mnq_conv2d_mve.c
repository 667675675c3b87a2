#include <string.h>

#include "mnq_mve.h"

/* A convolution as a matrix product: 16 taps of four pixels with one output channel at a time.
 *
 * weights: int8_t [output_channels][kernel][kernel][input_channels], then 16 bytes that are read
 * and count for nothing.
 * scratch: the taps of four windows; none for a kernel of one tap. */

#define BLOCK 4 /* pixels */

static void copy(int8_t *to, const int8_t *from, int32_t count)
{
#if MNQ_HAS_MVE
    for (; count > 16; count -= 16) {
        vstrbq_s8(to, vldrbq_s8(from));
        to += 16;
        from += 16;
    }
    const mve_pred16_t inside = vctp8q((uint32_t)count);
    vstrbq_p_s8(to, vldrbq_z_s8(from, inside), inside);
#else
    memcpy(to, from, (size_t)count);
#endif
}

/* Copies the taps of a window that crosses the image's edge, kernel row by kernel row. */
MNQ_APART void gather_border(const mnq_packed *layer, const int8_t *input, int32_t y, int32_t x,
                             int8_t *taps)
{
    const int32_t channels = layer->input_channels, width = layer->kernel.width;
    const int32_t begin = mnq_min(mnq_max(-x, 0), width);
    const int32_t end = mnq_max(mnq_min(layer->input.width - x, width), begin);
    for (int32_t ky = 0; ky < layer->kernel.height; ++ky) {
        const int inside = y + ky >= 0 && y + ky < layer->input.height;
        memset(taps, layer->input_zero_point, (size_t)(width * channels));
        if (inside) {
            const int8_t *row = input + ((y + ky) * layer->input.width + x + begin) * channels;
            copy(taps + begin * channels, row, (end - begin) * channels);
        }
        taps += width * channels;
    }
}

/* Copies the taps of one window. */
MNQ_INLINE void gather(const mnq_packed *layer, const int8_t *input, int32_t y, int32_t x,
                       int8_t *taps)
{
    const mnq_extent size = layer->input, kernel = layer->kernel;
    if (x < 0 || y < 0 || x + kernel.width > size.width || y + kernel.height > size.height) {
        gather_border(layer, input, y, x, taps);
        return;
    }
    const int32_t count = kernel.width * layer->input_channels;
    const int32_t pitch = size.width * layer->input_channels;
    const int8_t *row = input + y * pitch + x * layer->input_channels;
    for (int32_t ky = kernel.height; ky > 0; --ky) {
        copy(taps, row, count);
        row += pitch;
        taps += count;
    }
}

#if MNQ_HAS_MVE
/* At most 16 taps: those of the four pixels stay in registers. */
MNQ_INLINE void matrix_short(const mnq_packed *layer, const int8_t *const *x, int32_t count,
                             int8_t *output, uint32x4_t places, mnq_finish finish)
{
    const mve_pred16_t inside = vctp8q((uint32_t)count);
    const int8x16_t x0 = vldrbq_z_s8(x[0], inside), x1 = vldrbq_z_s8(x[1], inside);
    const int8x16_t x2 = vldrbq_z_s8(x[2], inside), x3 = vldrbq_z_s8(x[3], inside);
    const int8_t *weights = layer->weights;
    const mnq_channel *const end = layer->channels + layer->output_channels;
    for (const mnq_channel *channel = layer->channels; channel != end; ++channel) {
        const int8x16_t w = vldrbq_s8(weights);
        const int32x4_t sums = mnq_lanes(vmladavq_s8(x0, w), vmladavq_s8(x1, w),
                                         vmladavq_s8(x2, w), vmladavq_s8(x3, w));
        const int32x4_t values = mnq_rescale_lanes(*channel, sums, finish);
        vstrbq_scatter_offset_s32(output++, places, mnq_clamp_lanes(layer, values, finish));
        weights += count;
    }
}

MNQ_INLINE void matrix_long(const mnq_packed *layer, const int8_t *const *x, int32_t count,
                            int8_t *output, uint32x4_t places, mnq_finish finish)
{
    const mve_pred16_t inside = vctp8q((uint32_t)(count & 15));
    const int8_t *weights = layer->weights;
    const mnq_channel *const end = layer->channels + layer->output_channels;
    for (const mnq_channel *channel = layer->channels; channel != end; ++channel) {
        const int8_t *a = x[0], *b = x[1], *c = x[2], *d = x[3], *w = weights;
        int32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0;
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
        vstrbq_scatter_offset_s32(output++, places, mnq_clamp_lanes(layer, values, finish));
        weights += count;
    }
}

MNQ_INLINE void matrix_finish(const mnq_packed *layer, const int8_t *const *x, int32_t count,
                              int8_t *output, uint32x4_t places, mnq_finish finish)
{
    if (count <= 16) {
        matrix_short(layer, x, count, output, places, finish);
    } else {
        matrix_long(layer, x, count, output, places, finish);
    }
}

/* x: the taps of four pixels. Of fewer than four, the last one comes again, to the same place. */
MNQ_APART void matrix(const mnq_packed *layer, const int8_t *const *x, int32_t count,
                      int32_t pixels, int8_t *output)
{
    const uint32x4_t order = vminq_u32(vidupq_n_u32(0, 1), vdupq_n_u32((uint32_t)pixels - 1));
    const uint32x4_t places = vmulq_n_u32(order, (uint32_t)layer->output_channels);
    if (layer->finish == MNQ_FINISH_POSITIVE) {
        matrix_finish(layer, x, count, output, places, MNQ_FINISH_POSITIVE);
    } else if (layer->finish == MNQ_FINISH_SATURATE) {
        matrix_finish(layer, x, count, output, places, MNQ_FINISH_SATURATE);
    } else {
        matrix_finish(layer, x, count, output, places, MNQ_FINISH_CLAMP);
    }
}
#else
static void matrix(const mnq_packed *layer, const int8_t *const *x, int32_t count, int32_t pixels,
                   int8_t *output)
{
    const int8_t *weights = layer->weights;
    for (int32_t channel = 0; channel < layer->output_channels; ++channel) {
        for (int32_t pixel = 0; pixel < pixels; ++pixel) {
            int32_t sum = layer->channels[channel].bias;
            for (int32_t i = 0; i < count; ++i) {
                sum += x[pixel][i] * weights[i];
            }
            output[pixel * layer->output_channels + channel] =
                mnq_code(layer, layer->channels[channel], sum, layer->finish);
        }
        weights += count;
    }
}
#endif

void mnq_conv2d_mve(const mnq_packed *layer, const int8_t *input, int8_t *output, void *scratch)
{
    const int32_t total = layer->output.height * layer->output.width;
    const int32_t count = layer->kernel.height * layer->kernel.width * layer->input_channels;
    const int pointwise = layer->kernel.height == 1 && layer->kernel.width == 1
                          && layer->stride.height == 1 && layer->stride.width == 1;
    const int32_t left = -layer->padding.width;
    const int32_t right = left + layer->output.width * layer->stride.width;
    int32_t y = -layer->padding.height, x = left;
    for (int32_t pixel = 0; pixel < total; pixel += BLOCK) {
        const int32_t pixels = mnq_min(BLOCK, total - pixel);
        int8_t *window = scratch;
        const int8_t *taps[BLOCK];
        for (int32_t i = 0; i < BLOCK; ++i) {
            if (i >= pixels) {
                taps[i] = taps[i - 1];
            } else if (pointwise) {
                taps[i] = input + (pixel + i) * count;
            } else {
                gather(layer, input, y, x, window);
                taps[i] = window;
                window += count;
                x += layer->stride.width;
                if (x == right) {
                    x = left;
                    y += layer->stride.height;
                }
            }
        }
        matrix(layer, taps, count, pixels, output);
        output += pixels * layer->output_channels;
    }
}
