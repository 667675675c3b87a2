#include "mnq_arithmetic.h"
#include "mnq_runtime.h"

/* sum / count, to nearest, ties away from zero. */
static int32_t rounded_quotient(int32_t sum, int32_t count)
{
    return (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
}

/* One window position: all channels of it. */
static void average_window(const mnq_average_pool *layer, const int8_t *input, int32_t origin_y,
                           int32_t origin_x, int8_t *pixel)
{
    const mnq_taps taps_y =
        mnq_taps_inside(origin_y, layer->input.height, layer->kernel.height, 1);
    const mnq_taps taps_x = mnq_taps_inside(origin_x, layer->input.width, layer->kernel.width, 1);
    const int32_t count = (taps_y.end - taps_y.begin) * (taps_x.end - taps_x.begin);

    for (int32_t c = 0; c < layer->channels; ++c) {
        int32_t sum = 0;
        for (int32_t ky = taps_y.begin; ky < taps_y.end; ++ky) {
            for (int32_t kx = taps_x.begin; kx < taps_x.end; ++kx) {
                const int32_t position = (origin_y + ky) * layer->input.width + origin_x + kx;
                sum += input[position * layer->channels + c];
            }
        }
        pixel[c] = mnq_clamp(rounded_quotient(sum, count), layer->clamp_min, layer->clamp_max);
    }
}

MNQ_KERNEL
void mnq_average_pool_s8(const mnq_average_pool *layer, const int8_t *input, int8_t *output)
{
    for (int32_t out_y = 0; out_y < layer->output.height; ++out_y) {
        const int32_t origin_y = out_y * layer->stride.height - layer->padding.height;
        for (int32_t out_x = 0; out_x < layer->output.width; ++out_x) {
            const int32_t origin_x = out_x * layer->stride.width - layer->padding.width;
            average_window(layer, input, origin_y, origin_x, output);
            output += layer->channels;
        }
    }
}
