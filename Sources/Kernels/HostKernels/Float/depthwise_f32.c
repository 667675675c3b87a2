#include "mnqh_kernels_f32.h"

#include "mnqh_twins_f32.h"

size_t mnqh_depthwise_f32_packed_count(size_t taps, size_t output_channels)
{
    return mnqh_panels(output_channels) * (1 + taps) * MNQH_PANEL;
}

void mnqh_pack_depthwise_f32(const float *weights, const float *bias, size_t taps,
                             size_t output_channels, float *packed)
{
    for (size_t index = 0; index < mnqh_panels(output_channels); ++index) {
        const size_t first = mnqh_panel_first(index, output_channels);
        for (size_t row = 0; row <= taps; ++row, packed += MNQH_PANEL) {
            for (size_t lane = 0; lane < MNQH_PANEL; ++lane) {
                const size_t c = first + lane;
                float value = 0;
                if (c < output_channels && row > 0) {
                    value = weights[(row - 1) * output_channels + c];
                } else if (c < output_channels && bias) {
                    value = bias[c];
                }
                packed[lane] = value;
            }
        }
    }
}

size_t mnqh_depthwise_f32_scratch_count(const mnqh_depthwise_f32_layer *layer)
{
#ifdef MNQH_HAS_AVX2_CODE
    return mnqh_depthwise_f32_avx2_scratch_count(layer);
#else
    (void)layer;
    return 0;
#endif
}

void mnqh_depthwise_f32(const mnqh_depthwise_f32_layer *layer, const float *input, float *output,
                        float *scratch)
{
    MNQH_PREFER_AVX2(mnqh_depthwise_f32_avx2(layer, input, output, scratch))
    (void)scratch;
    mnqh_depthwise_f32_scalar(layer, input, output);
}

/* One output value: the taps inside the image. `column` is the channel's lane of its panel. */
static float convolve(const mnqh_depthwise_f32_layer *layer, const float *input, int32_t out_y,
                      int32_t out_x, const float *column)
{
    const mnqh_window *window = &layer->window;
    float sum = *column;

    for (int32_t ky = 0; ky < window->kernel_height; ++ky) {
        const int32_t y = out_y * window->stride_height - window->padding_top +
                          ky * window->dilation_height;
        for (int32_t kx = 0; kx < window->kernel_width; ++kx) {
            const int32_t x = out_x * window->stride_width - window->padding_left +
                              kx * window->dilation_width;
            column += MNQH_PANEL;
            if (y >= 0 && y < window->input_height && x >= 0 && x < window->input_width) {
                const size_t pixel = (size_t)y * (size_t)window->input_width + (size_t)x;
                sum += input[pixel * layer->input_channels] * *column;
            }
        }
    }
    return sum;
}

void mnqh_depthwise_f32_scalar(const mnqh_depthwise_f32_layer *layer, const float *input,
                               float *output)
{
    const mnqh_window *window = &layer->window;
    const size_t channels = layer->input_channels * layer->multiplier;
    const size_t taps = (size_t)window->kernel_height * (size_t)window->kernel_width;

    for (int32_t out_y = 0; out_y < window->output_height; ++out_y) {
        for (int32_t out_x = 0; out_x < window->output_width; ++out_x) {
            for (size_t c = 0; c < channels; ++c) {
                const size_t index = c / MNQH_PANEL;
                const float *panel = layer->packed + index * (1 + taps) * MNQH_PANEL;
                const float sum = convolve(layer, input + c / layer->multiplier, out_y, out_x,
                                           panel + c - mnqh_panel_first(index, channels));
                *output++ = mnqh_end_value(sum, layer->ending);
            }
        }
    }
}
