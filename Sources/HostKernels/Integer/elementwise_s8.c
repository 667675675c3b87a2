#include "mnqh_elementwise_s8.h"

#include "mnqh_elementwise_s8_simd.h"
#include "mnqh_panel_s8.h"

void mnqh_lookup_s8(size_t count, const int8_t *input, const int8_t *table, int8_t *output)
{
    MNQH_PREFER_AVX2(mnqh_lookup_s8_avx2(count, input, table, output))
    mnqh_lookup_s8_scalar(count, input, table, output);
}

void mnqh_lookup_s8_scalar(size_t count, const int8_t *input, const int8_t *table, int8_t *output)
{
    for (size_t i = 0; i < count; ++i) {
        output[i] = table[input[i] + 128];
    }
}

void mnqh_add_s8(const mnqh_add_s8_layer *layer, size_t count, const int8_t *a, const int8_t *b,
                 int8_t *output)
{
    MNQH_PREFER_AVX2(mnqh_add_s8_avx2(layer, count, a, b, output))
    mnqh_add_s8_scalar(layer, count, a, b, output);
}

/* One operand on the common scale. */
static uint32_t rescale(int32_t code, int32_t zero_point, mnqh_factor factor, int32_t rounding)
{
    const int32_t shifted = (code - zero_point) * (1 << MNQH_ADD_LEFT_SHIFT);
    return (uint32_t)mnqh_requantize(shifted, factor.multiplier, factor.shift, rounding);
}

void mnqh_add_s8_scalar(const mnqh_add_s8_layer *layer, size_t count, const int8_t *a,
                        const int8_t *b, int8_t *output)
{
    const mnqh_codes *codes = &layer->codes;
    for (size_t i = 0; i < count; ++i) {
        const uint32_t sum = rescale(a[i], layer->a_zero_point, layer->a_factor, codes->rounding) +
                             rescale(b[i], layer->b_zero_point, layer->b_factor, codes->rounding);
        output[i] = mnqh_requantize_to_s8((int32_t)sum, layer->output_factor.multiplier,
                                          layer->output_factor.shift, codes);
    }
}

void mnqh_scale_channels_s8(const mnqh_scale_channels_s8_layer *layer, size_t pixels,
                            size_t channels, const int8_t *input, const int8_t *factors,
                            int8_t *output)
{
    MNQH_PREFER_AVX2(
        mnqh_scale_channels_s8_avx2(layer, pixels, channels, input, factors, output))
    mnqh_scale_channels_s8_scalar(layer, pixels, channels, input, factors, output);
}

void mnqh_scale_channels_s8_scalar(const mnqh_scale_channels_s8_layer *layer, size_t pixels,
                                   size_t channels, const int8_t *input, const int8_t *factors,
                                   int8_t *output)
{
    for (size_t pixel = 0; pixel < pixels; ++pixel) {
        for (size_t c = 0; c < channels; ++c, ++input, ++output) {
            const int32_t product = (*input - layer->codes.input_zero_point) *
                                    (factors[c] - layer->factors_zero_point);
            *output = mnqh_requantize_to_s8(product, layer->factor.multiplier,
                                            layer->factor.shift, &layer->codes);
        }
    }
}

void mnqh_sum_channels_s8(size_t pixels, size_t channels, const int8_t *input, int32_t *sums)
{
    MNQH_PREFER_AVX2(mnqh_sum_channels_s8_avx2(pixels, channels, input, sums))
    mnqh_sum_channels_s8_scalar(pixels, channels, input, sums);
}

void mnqh_sum_channels_s8_scalar(size_t pixels, size_t channels, const int8_t *input,
                                 int32_t *sums)
{
    for (size_t c = 0; c < channels; ++c) {
        sums[c] = 0;
        for (size_t pixel = 0; pixel < pixels; ++pixel) {
            sums[c] += input[pixel * channels + c];
        }
    }
}

/* From sums to means. There are as many as channels: one by one is fast enough. */
static void requantize_sums(const mnqh_mean_s8_layer *layer, size_t pixels, size_t channels,
                            const int32_t *sums, int8_t *output)
{
    const uint32_t zero = (uint32_t)layer->codes.input_zero_point * (uint32_t)pixels;
    for (size_t c = 0; c < channels; ++c) {
        const int32_t centered = (int32_t)((uint32_t)sums[c] - zero);
        output[c] = mnqh_requantize_to_s8(centered, layer->factor.multiplier, layer->factor.shift,
                                          &layer->codes);
    }
}

void mnqh_mean_s8(const mnqh_mean_s8_layer *layer, size_t pixels, size_t channels,
                  const int8_t *input, int8_t *output, int32_t *sums)
{
    mnqh_sum_channels_s8(pixels, channels, input, sums);
    requantize_sums(layer, pixels, channels, sums, output);
}

void mnqh_mean_s8_scalar(const mnqh_mean_s8_layer *layer, size_t pixels, size_t channels,
                         const int8_t *input, int8_t *output, int32_t *sums)
{
    mnqh_sum_channels_s8_scalar(pixels, channels, input, sums);
    requantize_sums(layer, pixels, channels, sums, output);
}
