#include "mnq_packed.h"

/* A depthwise convolution with a kernel of 3x3 or 5x5, channel by channel: a plane of taps with
 * its border, so that no tap needs a test.
 *
 * weights: int8_t [channels][kernel][kernel].
 * scratch: the plane. */

typedef struct {
    int8_t *taps;
    int32_t pitch;
} plane;

static void load_plane(const mnq_packed *layer, const int8_t *restrict input, plane to)
{
    const int32_t channels = layer->input_channels;
    for (int32_t y = 0; y < layer->input.height; ++y) {
        int8_t *restrict row =
            to.taps + (y + layer->padding.height) * to.pitch + layer->padding.width;
        const int8_t *end = row + layer->input.width;
        while (end - row >= 4) {
            row[0] = input[0];
            row[1] = input[channels];
            input += 2 * channels;
            row[2] = input[0];
            row[3] = input[channels];
            input += 2 * channels;
            row += 4;
        }
        while (row != end) {
            *row++ = *input;
            input += channels;
        }
    }
}

MNQ_INLINE void convolve_plane(const mnq_packed *layer, plane from, const int8_t *w,
                               mnq_channel channel, int8_t *output, int32_t size, mnq_finish finish)
{
    const int32_t step = layer->output_channels;
    for (int32_t y = 0; y < layer->output.height; ++y) {
        const int8_t *taps = from.taps + y * layer->stride.height * from.pitch;
        for (int32_t x = 0; x < layer->output.width; ++x) {
            int32_t sum = channel.bias;
            const int8_t *row = taps, *weights = w;
            for (int32_t ky = 0; ky < size; ++ky) {
                sum += row[0] * weights[0] + row[1] * weights[1] + row[2] * weights[2];
                if (size == 5) {
                    sum += row[3] * weights[3] + row[4] * weights[4];
                }
                row += from.pitch;
                weights += size;
            }
            *output = mnq_code(layer, channel, sum, finish);
            output += step;
            taps += layer->stride.width;
        }
    }
}

void mnq_depthwise_conv2d_fast(const mnq_packed *layer, const int8_t *input, int8_t *output,
                               void *scratch)
{
    const mnq_extent kernel = layer->kernel, stride = layer->stride;
    const int32_t rows = mnq_max((layer->output.height - 1) * stride.height + kernel.height,
                                 layer->padding.height + layer->input.height);
    const plane taps = {scratch, mnq_max((layer->output.width - 1) * stride.width + kernel.width,
                                         layer->padding.width + layer->input.width)};
    const int8_t *weights = layer->weights;
    for (int32_t i = 0; i < rows * taps.pitch; ++i) {
        taps.taps[i] = (int8_t)layer->input_zero_point;
    }
    for (int32_t c = 0; c < layer->input_channels; ++c) {
        load_plane(layer, input + c, taps);
        if (kernel.width == 5) {
            convolve_plane(layer, taps, weights, layer->channels[c], output + c, 5,
                           MNQ_FINISH_CLAMP);
        } else if (mnq_finish_of(layer) == MNQ_FINISH_POSITIVE) {
            convolve_plane(layer, taps, weights, layer->channels[c], output + c, 3,
                           MNQ_FINISH_POSITIVE);
        } else {
            convolve_plane(layer, taps, weights, layer->channels[c], output + c, 3,
                           MNQ_FINISH_CLAMP);
        }
        weights += kernel.height * kernel.width;
    }
}
