#include "mnq_arithmetic.h"
#include "mnq_runtime.h"
#include "mnq_wide.h"

/* Where a window begins, and which of its taps lie inside the image. */
typedef struct {
    int32_t origin_y;
    int32_t origin_x;
    mnq_taps y;
    mnq_taps x;
} window;

/* The sums of `count` neighboring output channels from o on, 1 or 2, which share a group. */
MNQ_INLINE void sum(const mnq_conv2d *layer, const int8_t *input, const window *at, int32_t o,
                    int32_t bits, int32_t count, int32_t *sums)
{
    const int32_t depth = layer->input_channels / layer->groups;
    const int32_t taps = layer->kernel.height * layer->kernel.width * depth;
    const int32_t first = o / (layer->output_channels / layer->groups) * depth;
    const int32_t zero_point = bits == 8 ? layer->input_zero_point : 0;
    int32_t s0 = layer->bias[o], s1 = count == 2 ? layer->bias[o + 1] : 0;
    for (int32_t ky = at->y.begin; ky < at->y.end; ++ky) {
        const int32_t y = at->origin_y + ky * layer->dilation.height;
        for (int32_t kx = at->x.begin; kx < at->x.end; ++kx) {
            const int32_t x = at->origin_x + kx * layer->dilation.width;
            const int32_t pixel = (y * layer->input.width + x) * layer->input_channels + first;
            const int8_t *values = input + pixel * (bits / 8);
            const int8_t *weights =
                layer->weights + o * taps + (ky * layer->kernel.width + kx) * depth;
            for (int32_t i = 0; i < depth; ++i) {
                const int32_t value = mnq_load(values, i, bits) - zero_point;
                s0 += value * weights[i];
                if (count == 2) {
                    s1 += value * weights[taps + i];
                }
            }
        }
    }
    sums[0] = s0;
    sums[1] = s1;
}

/* All output channels of one window; pixel points at [output_channels]. */
MNQ_INLINE void convolve_window(const mnq_conv2d *layer, const mnq_wide_finish *finish,
                                const int8_t *input, const window *at, int32_t bits,
                                int8_t *pixel)
{
    const int32_t channels = layer->output_channels;
    int32_t sums[2];
    int32_t o = 0;
    for (; layer->groups == 1 && o + 2 <= channels; o += 2) {
        sum(layer, input, at, o, bits, 2, sums);
        mnq_store(pixel, o, finish->output_bits, mnq_wide_code(finish, sums[0], o));
        mnq_store(pixel, o + 1, finish->output_bits, mnq_wide_code(finish, sums[1], o + 1));
    }
    for (; o < channels; ++o) {
        sum(layer, input, at, o, bits, 1, sums);
        mnq_store(pixel, o, finish->output_bits, mnq_wide_code(finish, sums[0], o));
    }
}

MNQ_KERNEL
void mnq_conv2d_wide_s16(const mnq_conv2d_wide *wide, const int8_t *input, int8_t *output)
{
    const mnq_conv2d *layer = &wide->layer;
    const mnq_wide_finish finish = {
        wide->input_bits, wide->output_bits, layer->output_zero_point, layer->clamp_min,
        layer->clamp_max, layer->rounding, layer->multipliers, layer->shifts, layer->curve};
    for (int32_t out_y = 0; out_y < layer->output.height; ++out_y) {
        for (int32_t out_x = 0; out_x < layer->output.width; ++out_x) {
            window at;
            at.origin_y = out_y * layer->stride.height - layer->padding.height;
            at.origin_x = out_x * layer->stride.width - layer->padding.width;
            at.y = mnq_taps_inside(at.origin_y, layer->input.height, layer->kernel.height,
                                   layer->dilation.height);
            at.x = mnq_taps_inside(at.origin_x, layer->input.width, layer->kernel.width,
                                   layer->dilation.width);
            if (wide->input_bits == 8) {
                convolve_window(layer, &finish, input, &at, 8, output);
            } else {
                convolve_window(layer, &finish, input, &at, 16, output);
            }
            output += layer->output_channels * (wide->output_bits / 8);
        }
    }
}
