#include "mnqh_elementwise_s8.h"

#include <math.h>

#include "mnqh_elementwise_s8_simd.h"
#include "mnqh_panel_s8.h"
#include "mnqh_steps.h"

void mnqh_lookup_s8(size_t count, const int8_t *input, const int8_t *table, int8_t *output)
{
    MNQH_PREFER_AVX2(mnqh_lookup_s8_avx2(count, input, table, output))
    MNQH_PREFER_NEON(mnqh_lookup_s8_neon(count, input, table, output))
    mnqh_lookup_s8_scalar(count, input, table, output);
}

void mnqh_lookup_s8_scalar(size_t count, const int8_t *input, const int8_t *table, int8_t *output)
{
    for (size_t i = 0; i < count; ++i) {
        output[i] = table[input[i] + 128];
    }
}

void mnqh_prepare_scale_channels_s8(mnqh_scale_channels_s8_layer *layer)
{
    /* The range of the products: one of the corners each. */
    const int32_t input[2] = {INT8_MIN - layer->codes.input_zero_point,
                              INT8_MAX - layer->codes.input_zero_point};
    const int32_t factors[2] = {INT8_MIN - layer->factors_zero_point,
                                INT8_MAX - layer->factors_zero_point};
    int32_t lowest = INT32_MAX;
    int32_t highest = INT32_MIN;
    for (int corner = 0; corner < 4; ++corner) {
        const int32_t product = input[corner / 2] * factors[corner % 2];
        lowest = product < lowest ? product : lowest;
        highest = product > highest ? product : highest;
    }
    mnqh_line line = {.scale = ldexp(layer->factor.multiplier, layer->factor.shift - 31),
                      .bent = mnqh_needs_bend(&layer->codes)};
    mnqh_steps steps;
    layer->has_line = mnqh_runs_lines() &&
                      mnqh_find_steps(&layer->codes, layer->factor.multiplier,
                                      layer->factor.shift, lowest, highest, &steps) &&
                      mnqh_fit_f32(&steps, &line);
    layer->bent = line.bent;
    layer->scale = (float)line.scale;
    layer->offset = (float)line.offset;
    layer->negative_offset = (float)line.negative_offset;
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

/* What a sum has to be less. */
static uint32_t zero_sum(const mnqh_mean_s8_layer *layer, size_t pixels)
{
    return (uint32_t)layer->codes.input_zero_point * (uint32_t)pixels;
}

void mnqh_mean_s8(const mnqh_mean_s8_layer *layer, size_t pixels, size_t channels,
                  const int8_t *input, int8_t *output, int32_t *sums)
{
    mnqh_sum_channels_s8(pixels, channels, input, sums);
    MNQH_PREFER_AVX2(
        mnqh_mean_codes_s8_avx2(layer, zero_sum(layer, pixels), channels, sums, output))
    mnqh_mean_codes_s8_scalar(layer, zero_sum(layer, pixels), channels, sums, output);
}

void mnqh_mean_s8_scalar(const mnqh_mean_s8_layer *layer, size_t pixels, size_t channels,
                         const int8_t *input, int8_t *output, int32_t *sums)
{
    mnqh_sum_channels_s8_scalar(pixels, channels, input, sums);
    mnqh_mean_codes_s8_scalar(layer, zero_sum(layer, pixels), channels, sums, output);
}

void mnqh_mean_codes_s8_scalar(const mnqh_mean_s8_layer *layer, uint32_t zero, size_t channels,
                               const int32_t *sums, int8_t *output)
{
    for (size_t c = 0; c < channels; ++c) {
        output[c] = mnqh_requantize_to_s8((int32_t)((uint32_t)sums[c] - zero),
                                          layer->factor.multiplier, layer->factor.shift,
                                          &layer->codes);
    }
}
