#include "mnqh_kernels_s8.h"

#include <string.h>

#include "mnqh_twins_s8.h"

/* In 256 bits fours are faster where all taps below each other are one, for two rows at a time. */
static mnqh_weights_order choose_order(const mnqh_window *window)
{
    const bool suits = mnqh_makes_two_rows(window, MNQH_QUADS_S8) && window->kernel_height < 4;
    return mnqh_runs_avx512_vnni() || (mnqh_runs_vnni() && suits) ? MNQH_QUADS_S8
                                                                 : MNQH_PAIRS_S16;
}

size_t mnqh_depthwise_s8_packed_bytes(const mnqh_window *window, size_t output_channels)
{
    return mnqh_panels(output_channels) * mnqh_depthwise_s8_panel_bytes(window, choose_order(window));
}

static size_t slot_of(const mnqh_depthwise_s8_layer *layer, size_t column)
{
    return layer->order == MNQH_QUADS_S8 ? column : mnqh_slot(column);
}

/* Packs the weights of channel `c` into its slot of a panel, and adds them up. */
static mnqh_weight_sums pack_weights(const int8_t *weights, const mnqh_depthwise_s8_layer *layer,
                                     size_t c, size_t slot, mnqh_panel_s8 *panel)
{
    const mnqh_window *window = &layer->window;
    const size_t channels = layer->input_channels * layer->multiplier;
    const int32_t output_rows = mnqh_makes_two_rows(window, layer->order) ? 2 : 1;
    mnqh_weight_sums sums = {0, 0};

    for (int32_t ky = 0; ky < window->kernel_height; ++ky) {
        for (int32_t kx = 0; kx < window->kernel_width; ++kx) {
            const int8_t weight = weights[(ky * window->kernel_width + kx) * (int32_t)channels +
                                          (int32_t)c];
            for (int32_t row = 0; row < output_rows; ++row) {
                if (layer->order == MNQH_QUADS_S8) {
                    ((int8_t *)(panel + 1))[mnqh_depthwise_s8_quad_weight(window, ky, kx, slot,
                                                                          row)] = weight;
                } else {
                    ((int16_t *)(panel + 1))[mnqh_depthwise_s8_weight(window, ky, kx, slot,
                                                                      row)] = weight;
                }
            }
            mnqh_add_weight(&sums, weight);
        }
    }
    return sums;
}

mnqh_depthwise_s8_layer mnqh_pack_depthwise_s8(const mnqh_channel_constants *constants,
                                               const mnqh_codes *codes, const mnqh_window *window,
                                               size_t input_channels, size_t multiplier,
                                               void *packed)
{
    const mnqh_depthwise_s8_layer layer = {*window, input_channels, multiplier,
                                           packed,  *codes,         choose_order(window)};
    const size_t channels = input_channels * multiplier;
    const size_t width = mnqh_min(MNQH_PANEL, channels);
    char *next = packed;
    memset(packed, 0, mnqh_depthwise_s8_packed_bytes(window, channels));

    for (size_t index = 0; index < mnqh_panels(channels); ++index) {
        mnqh_panel_s8 *panel = (mnqh_panel_s8 *)(void *)next;
        mnqh_panel_channel lanes[MNQH_PANEL];
        for (size_t column = 0; column < width; ++column) {
            const size_t channel = mnqh_panel_first(index, channels) + column;
            const size_t slot = slot_of(&layer, column);
            lanes[column] = (mnqh_panel_channel){
                channel, slot,
                pack_weights(constants->weights, &layer, channel, slot, panel)};
        }
        mnqh_pack_panel_s8(constants, codes, lanes, width, panel);
        for (size_t lane = 0; layer.order == MNQH_QUADS_S8 && lane < width; ++lane) {
            mnqh_take_from_start(panel, &lanes[lane], codes->input_zero_point + 128);
        }
        next += mnqh_depthwise_s8_panel_bytes(window, layer.order);
    }
    return layer;
}

size_t mnqh_depthwise_s8_scratch_bytes(const mnqh_depthwise_s8_layer *layer)
{
#ifdef MNQH_HAS_AVX2_CODE
    if (layer->order == MNQH_QUADS_S8) {
        return mnqh_quads((size_t)layer->window.kernel_height) *
               (size_t)mnqh_padded_width(&layer->window) * 4 * MNQH_PANEL;
    }
    return mnqh_depthwise_s8_avx2_scratch_bytes(&layer->window, layer->input_channels);
#else
    (void)layer;
    return 0;
#endif
}

void mnqh_depthwise_s8(const mnqh_depthwise_s8_layer *layer, const int8_t *input, int8_t *output,
                       void *scratch)
{
#ifdef MNQH_HAS_AVX2_CODE
    if (layer->order == MNQH_QUADS_S8 && mnqh_runs_avx512_vnni()) {
        mnqh_depthwise_s8_avx512(layer, input, output, scratch);
        return;
    }
    if (layer->order == MNQH_QUADS_S8 && mnqh_runs_avx_vnni()) {
        mnqh_depthwise_s8_avxvnni(layer, input, output, scratch);
        return;
    }
    if (layer->order == MNQH_PAIRS_S16 && mnqh_runs_avx2()) {
        mnqh_depthwise_s8_avx2(layer, input, output, scratch);
        return;
    }
#endif
    (void)scratch;
#ifdef MNQH_HAS_NEON_CODE
    if (mnqh_depthwise_s8_runs_neon(layer)) {
        mnqh_depthwise_s8_neon(layer, input, output);
        return;
    }
#endif
    mnqh_depthwise_s8_scalar(layer, input, output);
}

/* The accumulator of one output; `input` is at the channel of pixel 0. */
static uint32_t convolve(const mnqh_depthwise_s8_layer *layer, const int8_t *input, int32_t out_y,
                        int32_t out_x, const mnqh_panel_s8 *panel, size_t slot)
{
    const mnqh_window *window = &layer->window;
    const bool has_quads = layer->order == MNQH_QUADS_S8;
    const int16_t *pairs = (const int16_t *)(panel + 1);
    const int8_t *quads = (const int8_t *)(panel + 1);
    const int32_t zero = has_quads ? -128 : layer->codes.input_zero_point;
    uint32_t sum = (uint32_t)panel->start[slot];

    for (int32_t ky = 0; ky < window->kernel_height; ++ky) {
        const int32_t y = out_y * window->stride_height - window->padding_top +
                          ky * window->dilation_height;
        for (int32_t kx = 0; kx < window->kernel_width; ++kx) {
            const int32_t x = out_x * window->stride_width - window->padding_left +
                              kx * window->dilation_width;
            int32_t code = layer->codes.input_zero_point;
            if (y >= 0 && y < window->input_height && x >= 0 && x < window->input_width) {
                const size_t pixel = (size_t)y * (size_t)window->input_width + (size_t)x;
                code = input[pixel * layer->input_channels];
            }
            const int32_t weight =
                has_quads ? quads[mnqh_depthwise_s8_quad_weight(window, ky, kx, slot, 0)]
                          : pairs[mnqh_depthwise_s8_weight(window, ky, kx, slot, 0)];
            sum += (uint32_t)((code - zero) * weight);
        }
    }
    return sum;
}

void mnqh_depthwise_s8_scalar(const mnqh_depthwise_s8_layer *layer, const int8_t *input,
                              int8_t *output)
{
    const mnqh_window *window = &layer->window;
    const size_t channels = layer->input_channels * layer->multiplier;
    const size_t panel_bytes = mnqh_depthwise_s8_panel_bytes(window, layer->order);

    for (int32_t out_y = 0; out_y < window->output_height; ++out_y) {
        for (int32_t out_x = 0; out_x < window->output_width; ++out_x) {
            for (size_t c = 0; c < channels; ++c) {
                const size_t index = c / MNQH_PANEL;
                const size_t slot = slot_of(layer, c - mnqh_panel_first(index, channels));
                const mnqh_panel_s8 *panel = (const mnqh_panel_s8 *)(const void *)(
                    (const char *)layer->packed + index * panel_bytes);
                const uint32_t sum =
                    convolve(layer, input + c / layer->multiplier, out_y, out_x, panel, slot);
                *output++ = mnqh_panel_code(panel, slot, sum, &layer->codes);
            }
        }
    }
}
