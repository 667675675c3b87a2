#include "mnq_mve.h"

/* A depthwise convolution with a kernel of 3x3 or 5x5, channel by channel: a plane of taps with its
 * border, of which one load collects a window, as far as it reaches 255 bytes on.
 *
 * weights: int8_t [channels][kernel][kernel].
 * scratch: the plane. */

typedef struct {
    int8_t *taps;
    int32_t pitch;
} plane;

/* Fills the inside of a plane; what lies around it stays the zero point. */
static void load_plane(const mnq_packed *layer, const int8_t *input, plane to)
{
    const int32_t channels = layer->input_channels;
    const uint16x8_t places = vmulq_n_u16(vidupq_n_u16(0, 1), (uint16_t)channels);
    for (int32_t y = 0; y < layer->input.height; ++y) {
        int8_t *row = to.taps + (y + layer->padding.height) * to.pitch + layer->padding.width;
        int32_t left = layer->input.width;
        for (; left >= 8; left -= 8) {
            vstrbq_s16(row, vldrbq_gather_offset_s16(input, places));
            row += 8;
            input += 8 * channels;
        }
        if (left > 0) {
            const mve_pred16_t inside = vctp16q((uint32_t)left);
            vstrbq_p_s16(row, vldrbq_gather_offset_z_s16(input, places, inside), inside);
            input += left * channels;
        }
    }
}

/* Where the taps of a window lie, from its first one on: 16, then the rest. */
typedef struct {
    uint8x16_t first, second;
} window;

static window window_of(int32_t size, int32_t pitch)
{
    uint8_t places[32] = {0};
    for (int32_t i = 0; i < size * size; ++i) {
        places[i] = (uint8_t)(i / size * pitch + i % size);
    }
    return (window){vldrbq_u8(places), vldrbq_u8(places + 16)};
}

typedef struct {
    int8x16_t first, second;
} filter;

static filter kernel_of(const int8_t *weights, int32_t count)
{
    const mve_pred16_t second = vctp8q((uint32_t)mnq_max(count - 16, 0));
    return (filter){vldrbq_z_s8(weights, vctp8q((uint32_t)count)),
                    vldrbq_z_s8(weights + 16, second)};
}

MNQ_INLINE int32_t multiply(const int8_t *taps, window at, filter weights, int32_t size)
{
    const int32_t sum = vmladavq_s8(vldrbq_gather_offset_s8(taps, at.first), weights.first);
    return size == 3 ? sum : vmladavaq_s8(sum, vldrbq_gather_offset_s8(taps, at.second),
                                          weights.second);
}

/* Four outputs whose windows are `step` bytes apart. */
MNQ_INLINE int32x4_t multiply_four(const int8_t *taps, int32_t step, window at, filter weights,
                                   int32_t size)
{
    return mnq_lanes(multiply(taps, at, weights, size), multiply(taps + step, at, weights, size),
                     multiply(taps + 2 * step, at, weights, size),
                     multiply(taps + 3 * step, at, weights, size));
}

MNQ_INLINE void convolve_plane(const mnq_packed *layer, plane from, filter weights,
                               mnq_channel channel, int8_t *output, int32_t size, mnq_finish finish)
{
    const window at = window_of(size, from.pitch);
    const int32_t channels = layer->output_channels, width = layer->output.width;
    const int32_t step = layer->stride.width;
    const uint32x4_t places = vmulq_n_u32(vidupq_n_u32(0, 1), (uint32_t)channels);
    const mve_pred16_t rest = vctp32q((uint32_t)(width & 3));
    for (int32_t y = 0; y < layer->output.height; ++y) {
        const int8_t *taps = from.taps + y * layer->stride.height * from.pitch;
        for (int32_t blocks = width >> 2; blocks > 0; --blocks) {
            const int32x4_t sums = multiply_four(taps, step, at, weights, size);
            const int32x4_t values =
                mnq_rescale_lanes(channel, vaddq_n_s32(sums, channel.bias), finish);
            vstrbq_scatter_offset_s32(output, places, mnq_finished_lanes(layer, values, finish));
            taps += 4 * step;
            output += 4 * channels;
        }
        if (width & 3) {
            const int32x4_t sums = multiply_four(taps, step, at, weights, size);
            const int32x4_t values =
                mnq_rescale_lanes(channel, vaddq_n_s32(sums, channel.bias), finish);
            vstrbq_scatter_offset_p_s32(output, places, mnq_finished_lanes(layer, values, finish),
                                        rest);
            output += (width & 3) * channels;
        }
    }
}

MNQ_APART void convolve(const mnq_packed *layer, plane from, const int8_t *weights,
                        mnq_channel channel, int8_t *output)
{
    const int32_t size = layer->kernel.width;
    const filter taps = kernel_of(weights, size * size);
    if (size == 5 && layer->finish == MNQ_FINISH_TABLE) {
        convolve_plane(layer, from, taps, channel, output, 5, MNQ_FINISH_TABLE);
    } else if (size == 5) {
        convolve_plane(layer, from, taps, channel, output, 5, MNQ_FINISH_CLAMP);
    } else if (layer->finish == MNQ_FINISH_TABLE) {
        convolve_plane(layer, from, taps, channel, output, 3, MNQ_FINISH_TABLE);
    } else if (layer->finish == MNQ_FINISH_POSITIVE) {
        convolve_plane(layer, from, taps, channel, output, 3, MNQ_FINISH_POSITIVE);
    } else {
        convolve_plane(layer, from, taps, channel, output, 3, MNQ_FINISH_CLAMP);
    }
}

MNQ_KERNEL
void mnq_depthwise_conv2d_mve(const mnq_packed *layer, const int8_t *input, int8_t *output,
                              void *scratch)
{
    const mnq_extent kernel = layer->kernel, stride = layer->stride;
    const int32_t rows = mnq_max((layer->output.height - 1) * stride.height + kernel.height,
                                 layer->padding.height + layer->input.height);
    const plane taps = {scratch, mnq_max((layer->output.width - 1) * stride.width + kernel.width,
                                         layer->padding.width + layer->input.width)};
    const int8_t *weights = layer->weights;
    mnq_memset(taps.taps, layer->input_zero_point, (size_t)(rows * taps.pitch));
    for (int32_t c = 0; c < layer->input_channels; ++c) {
        load_plane(layer, input + c, taps);
        convolve(layer, taps, weights, layer->channels[c], output + c);
        weights += kernel.height * kernel.width;
    }
}

#if defined(MNQ_SIZES) && !defined(MNQ_CURVE)
#include "kernel_sizes.h"

int32_t mnq_depthwise_conv2d_mve_scratch(const mnq_packed *layer)
{
    const int32_t rows = mnq_max((layer->output.height - 1) * layer->stride.height
                                     + layer->kernel.height,
                                 layer->padding.height + layer->input.height);
    const int32_t columns = mnq_max((layer->output.width - 1) * layer->stride.width
                                        + layer->kernel.width,
                                    layer->padding.width + layer->input.width);
    return rows * columns + 8; /* read past the plane for sums that nothing uses */
}

int32_t mnq_depthwise_conv2d_mve_weights(const mnq_packed *layer)
{
    return layer->kernel.height * layer->kernel.width * layer->output_channels;
}
#endif
