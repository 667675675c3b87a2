#include "mnq_arithmetic.h"
#include "mnq_runtime.h"
#include "mnq_wide.h"

/* All output channels of the window that begins at origin_y, origin_x; pixel points at
 * [channels * channel_multiplier]. */
MNQ_INLINE void convolve_window(const mnq_depthwise_conv2d *layer, const mnq_wide_finish *finish,
                                const int8_t *input, int32_t origin_y, int32_t origin_x,
                                int32_t bits, int8_t *pixel)
{
    const mnq_taps taps_y = mnq_taps_inside(origin_y, layer->input.height, layer->kernel.height,
                                            layer->dilation.height);
    const mnq_taps taps_x = mnq_taps_inside(origin_x, layer->input.width, layer->kernel.width,
                                            layer->dilation.width);
    const int32_t zero_point = bits == 8 ? layer->input_zero_point : 0;
    const int32_t channels = layer->channels, multiplier = layer->channel_multiplier;
    const int32_t output_channels = channels * multiplier;
    const int32_t rows = taps_y.end - taps_y.begin, columns = taps_x.end - taps_x.begin;
    const int32_t y = origin_y + taps_y.begin * layer->dilation.height;
    const int32_t x = origin_x + taps_x.begin * layer->dilation.width;
    const int32_t next_column = layer->dilation.width * channels;
    const int32_t next_row = layer->dilation.height * layer->input.width * channels;
    int32_t value = (y * layer->input.width + x) * channels;
    const int8_t *weight =
        layer->weights + (taps_y.begin * layer->kernel.width + taps_x.begin) * output_channels;

    int32_t o = 0;
    for (int32_t c = 0; c < channels; ++c, ++value) {
        for (int32_t m = 0; m < multiplier; ++m, ++o, ++weight) {
            int32_t accumulator = layer->bias[o];
            const int8_t *weight_row = weight;
            int32_t value_row = value;
            for (int32_t ky = 0; ky < rows; ++ky) {
                for (int32_t kx = 0; kx < columns; ++kx) {
                    const int32_t tap = mnq_load(input, value_row + kx * next_column, bits);
                    accumulator += (tap - zero_point) * weight_row[kx * output_channels];
                }
                value_row += next_row;
                weight_row += layer->kernel.width * output_channels;
            }
            mnq_store(pixel, o, finish->output_bits, mnq_wide_code(finish, accumulator, o));
        }
    }
}

MNQ_KERNEL
void mnq_depthwise_conv2d_wide_s16(const mnq_depthwise_conv2d_wide *wide, const int8_t *input,
                                   int8_t *output)
{
    const mnq_depthwise_conv2d *layer = &wide->layer;
    const mnq_wide_finish finish = {
        wide->input_bits, wide->output_bits, layer->output_zero_point, layer->clamp_min,
        layer->clamp_max, layer->rounding, layer->multipliers, layer->shifts, layer->curve};
    const int32_t bytes =
        layer->channels * layer->channel_multiplier * (wide->output_bits / 8);

    for (int32_t out_y = 0; out_y < layer->output.height; ++out_y) {
        const int32_t origin_y = out_y * layer->stride.height - layer->padding.height;
        for (int32_t out_x = 0; out_x < layer->output.width; ++out_x) {
            const int32_t origin_x = out_x * layer->stride.width - layer->padding.width;
            if (wide->input_bits == 8) {
                convolve_window(layer, &finish, input, origin_y, origin_x, 8, output);
            } else {
                convolve_window(layer, &finish, input, origin_y, origin_x, 16, output);
            }
            output += bytes;
        }
    }
}
