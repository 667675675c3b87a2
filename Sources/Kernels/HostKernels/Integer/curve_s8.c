#include "mnqh_kernels_s8.h"

#include "../Shared/mnqh_im2col.h"
#include "mnq_arithmetic.h"

/* The taps of one window, over all input channels. */
static size_t tap_count(const mnqh_curve_s8_layer *layer)
{
    const mnqh_window *window = &layer->window;
    return (size_t)window->kernel_height * (size_t)window->kernel_width * layer->input_channels;
}

size_t mnqh_curve_s8_scratch_bytes(const mnqh_curve_s8_layer *layer)
{
    return layer->output_channels * sizeof(uint32_t)
           + tap_count(layer) * (sizeof(int16_t) + sizeof(int8_t));
}

/* Adds what each output channel makes of all taps. */
static void add_dense(const mnqh_curve_s8_layer *layer, const int16_t *taps, uint32_t *sums)
{
    const size_t count = tap_count(layer);
    const int8_t *weights = layer->constants.weights;
    for (size_t n = 0; n < layer->output_channels; ++n) {
        uint32_t sum = 0;
        for (size_t i = 0; i < count; ++i) {
            sum += (uint32_t)(taps[i] * weights[i]);
        }
        sums[n] += sum;
        weights += count;
    }
}

/* Adds what each channel makes of its own taps. */
static void add_depthwise(const mnqh_curve_s8_layer *layer, const int16_t *taps, uint32_t *sums)
{
    const size_t channels = layer->output_channels;
    const int8_t *weights = layer->constants.weights;
    const int16_t *end = taps + tap_count(layer);
    for (; taps != end; taps += channels) {
        for (size_t n = 0; n < channels; ++n) {
            sums[n] += (uint32_t)(taps[n] * weights[n]);
        }
        weights += channels;
    }
}

/* The code of a sum of channel n. */
static int8_t code(const mnqh_curve_s8_layer *layer, size_t n, int32_t sum)
{
    const mnqh_channel_constants *constants = &layer->constants;
    const int32_t wide =
        mnqh_requantize(sum, constants->multipliers[n], constants->shifts[n], layer->rounding);
    return mnq_curve_code(layer->points, mnq_min(mnq_max(wide, INT16_MIN), INT16_MAX));
}

void mnqh_curve_s8(const mnqh_curve_s8_layer *layer, const int8_t *input, int8_t *output,
                   void *scratch)
{
    const size_t pixels =
        (size_t)layer->window.output_height * (size_t)layer->window.output_width;
    const size_t count = tap_count(layer);
    uint32_t *sums = scratch;
    int16_t *taps = (int16_t *)(sums + layer->output_channels);
    int8_t *codes = (int8_t *)(taps + count);

    for (size_t pixel = 0; pixel < pixels; ++pixel) {
        mnqh_im2col(&layer->window, input, layer->input_channels, layer->input_zero_point, pixel,
                    1, codes);
        for (size_t i = 0; i < count; ++i) {
            taps[i] = (int16_t)(codes[i] - layer->input_zero_point);
        }
        for (size_t n = 0; n < layer->output_channels; ++n) {
            sums[n] = (uint32_t)layer->constants.bias[n];
        }
        if (layer->is_depthwise) {
            add_depthwise(layer, taps, sums);
        } else {
            add_dense(layer, taps, sums);
        }
        for (size_t n = 0; n < layer->output_channels; ++n) {
            *output++ = code(layer, n, (int32_t)sums[n]);
        }
    }
}
