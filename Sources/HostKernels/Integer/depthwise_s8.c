#include "mnqh_depthwise_s8.h"

#include <string.h>

#include "mnqh_depthwise_s8_simd.h"

size_t mnqh_depthwise_s8_packed_bytes(const mnqh_window *window, size_t output_channels)
{
    return mnqh_panels(output_channels) * mnqh_depthwise_s8_panel_bytes(window);
}

/* Packs channel `c` into a lane of its panel; says whether it is narrow. */
static bool pack_channel(const mnqh_channel_constants *constants,
                         const mnqh_depthwise_s8_layer *layer, size_t c, size_t slot,
                         mnqh_panel_s8 *panel)
{
    const mnqh_window *window = &layer->window;
    const size_t channels = layer->input_channels * layer->multiplier;
    const int8_t *weight = constants->weights + c;
    int16_t *weights = (int16_t *)(panel + 1);
    int32_t sum = 0;
    int32_t magnitude = 0;

    for (int32_t ky = 0; ky < window->kernel_height; ++ky) {
        for (int32_t kx = 0; kx < window->kernel_width; ++kx, weight += channels) {
            weights[mnqh_depthwise_s8_weight(window, ky, kx, slot)] = *weight;
            sum += *weight;
            magnitude += *weight < 0 ? -*weight : *weight;
        }
    }
    return mnqh_pack_channel_s8(constants, &layer->codes, c, sum, magnitude, slot, panel);
}

mnqh_depthwise_s8_layer mnqh_pack_depthwise_s8(const mnqh_channel_constants *constants,
                                               const mnqh_codes *codes, const mnqh_window *window,
                                               size_t input_channels, size_t multiplier,
                                               void *packed)
{
    mnqh_depthwise_s8_layer layer = {*window, input_channels, multiplier, packed, *codes, true};
    const size_t channels = input_channels * multiplier;
    const size_t panel_bytes = mnqh_depthwise_s8_panel_bytes(window);
    memset(packed, 0, mnqh_depthwise_s8_packed_bytes(window, channels));

    for (size_t index = 0; index < mnqh_panels(channels); ++index) {
        mnqh_panel_s8 *panel = (mnqh_panel_s8 *)(void *)((char *)packed + index * panel_bytes);
        const size_t first = mnqh_panel_first(index, channels);
        for (size_t column = 0; column < mnqh_min(MNQH_PANEL, channels); ++column) {
            layer.narrow &=
                pack_channel(constants, &layer, first + column, mnqh_slot(column), panel);
        }
    }
    return layer;
}

size_t mnqh_depthwise_s8_scratch_bytes(const mnqh_depthwise_s8_layer *layer)
{
#ifdef MNQH_HAS_AVX2_CODE
    return mnqh_depthwise_s8_avx2_scratch_bytes(&layer->window);
#else
    (void)layer;
    return 0;
#endif
}

void mnqh_depthwise_s8(const mnqh_depthwise_s8_layer *layer, const int8_t *input, int8_t *output,
                       void *scratch)
{
    MNQH_PREFER_AVX2(mnqh_depthwise_s8_avx2(layer, input, output, scratch))
    (void)scratch;
    mnqh_depthwise_s8_scalar(layer, input, output);
}

/* The accumulator of one output; `input` is at the channel of pixel 0. */
static int32_t convolve(const mnqh_depthwise_s8_layer *layer, const int8_t *input, int32_t out_y,
                        int32_t out_x, const mnqh_panel_s8 *panel, size_t slot)
{
    const mnqh_window *window = &layer->window;
    const int16_t *weights = (const int16_t *)(panel + 1);
    uint32_t sum = (uint32_t)panel->bias[slot];

    for (int32_t ky = 0; ky < window->kernel_height; ++ky) {
        const int32_t y = out_y * window->stride_height - window->padding_top +
                          ky * window->dilation_height;
        for (int32_t kx = 0; kx < window->kernel_width; ++kx) {
            const int32_t x = out_x * window->stride_width - window->padding_left +
                              kx * window->dilation_width;
            int32_t value = layer->codes.input_zero_point;
            if (y >= 0 && y < window->input_height && x >= 0 && x < window->input_width) {
                const size_t pixel = (size_t)y * (size_t)window->input_width + (size_t)x;
                value = input[pixel * layer->input_channels];
            }
            sum += (uint32_t)(value * weights[mnqh_depthwise_s8_weight(window, ky, kx, slot)]);
        }
    }
    return (int32_t)sum;
}

void mnqh_depthwise_s8_scalar(const mnqh_depthwise_s8_layer *layer, const int8_t *input,
                              int8_t *output)
{
    const mnqh_window *window = &layer->window;
    const size_t channels = layer->input_channels * layer->multiplier;
    const size_t panel_bytes = mnqh_depthwise_s8_panel_bytes(window);

    for (int32_t out_y = 0; out_y < window->output_height; ++out_y) {
        for (int32_t out_x = 0; out_x < window->output_width; ++out_x) {
            for (size_t c = 0; c < channels; ++c) {
                const size_t index = c / MNQH_PANEL;
                const size_t slot = mnqh_slot(c - mnqh_panel_first(index, channels));
                const mnqh_panel_s8 *panel = (const mnqh_panel_s8 *)(const void *)(
                    (const char *)layer->packed + index * panel_bytes);
                const int32_t sum =
                    convolve(layer, input + c / layer->multiplier, out_y, out_x, panel, slot);
                *output++ = mnqh_requantize_to_s8(sum, panel->multipliers[slot],
                                                  panel->shifts[slot], &layer->codes);
            }
        }
    }
}
