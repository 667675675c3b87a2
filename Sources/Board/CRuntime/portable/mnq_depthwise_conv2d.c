#include "mnq_arithmetic.h"
#include "mnq_requantize.h"
#include "mnq_runtime.h"

/* One window position: all output channels of it. pixel points at
 * [channels * channel_multiplier]. */
static void convolve_window(const mnq_depthwise_conv2d *layer, const int8_t *input,
                            int32_t origin_y, int32_t origin_x, int8_t *pixel)
{
    const mnq_taps taps_y = mnq_taps_inside(origin_y, layer->input.height, layer->kernel.height,
                                            layer->dilation.height);
    const mnq_taps taps_x = mnq_taps_inside(origin_x, layer->input.width, layer->kernel.width,
                                            layer->dilation.width);
    const int32_t output_channels = layer->channels * layer->channel_multiplier;

    for (int32_t o = 0; o < output_channels; ++o) {
        const int32_t c = o / layer->channel_multiplier;
        int32_t accumulator = layer->bias[o];
        for (int32_t ky = taps_y.begin; ky < taps_y.end; ++ky) {
            const int32_t y = origin_y + ky * layer->dilation.height;
            for (int32_t kx = taps_x.begin; kx < taps_x.end; ++kx) {
                const int32_t x = origin_x + kx * layer->dilation.width;
                const int32_t tap = input[(y * layer->input.width + x) * layer->channels + c]
                                    - layer->input_zero_point;
                accumulator +=
                    tap * layer->weights[(ky * layer->kernel.width + kx) * output_channels + o];
            }
        }
        const mnq_requantization factor = {layer->multipliers[o], layer->shifts[o]};
        pixel[o] = mnq_curved(
            mnq_requantize(factor, accumulator, layer->rounding) + layer->output_zero_point,
            layer->clamp_min, layer->clamp_max, layer->curve);
    }
}

MNQ_KERNEL
void mnq_depthwise_conv2d_s8(const mnq_depthwise_conv2d *layer, const int8_t *input,
                             int8_t *output)
{
    const int32_t output_channels = layer->channels * layer->channel_multiplier;

    for (int32_t out_y = 0; out_y < layer->output.height; ++out_y) {
        const int32_t origin_y = out_y * layer->stride.height - layer->padding.height;
        for (int32_t out_x = 0; out_x < layer->output.width; ++out_x) {
            const int32_t origin_x = out_x * layer->stride.width - layer->padding.width;
            convolve_window(layer, input, origin_y, origin_x, output);
            output += output_channels;
        }
    }
}
