#include "mnq_arithmetic.h"
#include "mnq_runtime.h"

/* One window position: all channels of it. */
static void largest_of_window(const mnq_max_pool *layer, const int8_t *input, int32_t origin_y,
                              int32_t origin_x, int8_t *pixel)
{
    const mnq_taps taps_y =
        mnq_taps_inside(origin_y, layer->input.height, layer->kernel.height, 1);
    const mnq_taps taps_x = mnq_taps_inside(origin_x, layer->input.width, layer->kernel.width, 1);

    for (int32_t c = 0; c < layer->channels; ++c) {
        int32_t largest = INT8_MIN;
        for (int32_t ky = taps_y.begin; ky < taps_y.end; ++ky) {
            for (int32_t kx = taps_x.begin; kx < taps_x.end; ++kx) {
                const int32_t position = (origin_y + ky) * layer->input.width + origin_x + kx;
                largest = mnq_max(largest, input[position * layer->channels + c]);
            }
        }
        pixel[c] = mnq_clamp(largest, layer->clamp_min, layer->clamp_max);
    }
}

MNQ_KERNEL
void mnq_max_pool_s8(const mnq_max_pool *layer, const int8_t *input, int8_t *output)
{
    for (int32_t out_y = 0; out_y < layer->output.height; ++out_y) {
        const int32_t origin_y = out_y * layer->stride.height - layer->padding.height;
        for (int32_t out_x = 0; out_x < layer->output.width; ++out_x) {
            const int32_t origin_x = out_x * layer->stride.width - layer->padding.width;
            largest_of_window(layer, input, origin_y, origin_x, output);
            output += layer->channels;
        }
    }
}
