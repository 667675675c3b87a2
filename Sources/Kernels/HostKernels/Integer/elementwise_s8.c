#include "mnqh_kernels_s8.h"

#include <float.h>
#include <math.h>

#include "mnq_requantize.h"
#include "mnqh_panel_s8.h"
#include "mnqh_steps.h"
#include "mnqh_twins_s8.h"

void mnqh_lookup_s8(size_t count, const int8_t *input, const int8_t *table, int8_t *output)
{
    MNQH_PREFER_IF(mnqh_runs_avx512_vbmi(), mnqh_lookup_s8_avx512(count, input, table, output))
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
    MNQH_PREFER_IF(
        layer->has_line && mnqh_runs_avx512_vnni(),
        mnqh_scale_channels_s8_avx512(layer, pixels, channels, input, factors, output))
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

/* One operand on the common scale. */
static uint32_t rescale(int32_t code, int32_t zero_point, mnqh_factor factor, int32_t rounding)
{
    const int32_t shifted = (code - zero_point) * (1 << MNQH_ADD_LEFT_SHIFT);
    return (uint32_t)mnqh_requantize(shifted, factor.multiplier, factor.shift, rounding);
}

static int8_t add(const mnqh_add_s8_layer *layer, uint32_t a, uint32_t b)
{
    return mnqh_requantize_to_s8((int32_t)(a + b), layer->output_factor.multiplier,
                                 layer->output_factor.shift, &layer->codes);
}

void mnqh_add_s8(const mnqh_add_s8_layer *layer, size_t count, const int8_t *a, const int8_t *b,
                 int8_t *output)
{
    MNQH_PREFER_IF(layer->has_line && mnqh_runs_avx512_vnni(),
                   mnqh_add_s8_avx512(layer, count, a, b, output))
    MNQH_PREFER_AVX2(mnqh_add_s8_avx2(layer, count, a, b, output))
    mnqh_add_s8_scalar(layer, count, a, b, output);
}

void mnqh_add_s8_scalar(const mnqh_add_s8_layer *layer, size_t count, const int8_t *a,
                        const int8_t *b, int8_t *output)
{
    const int32_t rounding = layer->codes.rounding;
    for (size_t i = 0; i < count; ++i) {
        output[i] = add(layer, rescale(a[i], layer->a_zero_point, layer->a_factor, rounding),
                        rescale(b[i], layer->b_zero_point, layer->b_factor, rounding));
    }
}

/* The codes of all pairs: `[256 codes of a][256 codes of b]`. */
static void add_all(const mnqh_add_s8_layer *layer, int8_t (*sums)[256])
{
    uint32_t b[256];
    for (int32_t code = INT8_MIN; code <= INT8_MAX; ++code) {
        b[code + 128] = rescale(code, layer->b_zero_point, layer->b_factor, layer->codes.rounding);
    }
    for (int32_t code = INT8_MIN; code <= INT8_MAX; ++code) {
        const uint32_t a =
            rescale(code, layer->a_zero_point, layer->a_factor, layer->codes.rounding);
        for (int32_t i = 0; i < 256; ++i) {
            sums[code + 128][i] = add(layer, a, b[i]);
        }
    }
}

/* Whether the layer's line gives these sums. */
static MNQH_FMA bool gives(const mnqh_add_s8_layer *layer, const int8_t (*sums)[256])
{
    const float minimum = (float)layer->codes.minimum;
    const float maximum = (float)layer->codes.maximum;
    const float a_scale = layer->a_scale;
    const float b_scale = layer->b_scale;
    const float offset = layer->offset;

    for (int32_t a = 0; a < 256; ++a) {
        int wrong = 0;
        for (int32_t b = 0; b < 256; ++b) {
            const float moved = fmaf((float)(b - 128), b_scale, offset);
            const float sum = rintf(fmaf((float)(a - 128), a_scale, moved));
            const float raised = sum > minimum ? sum : minimum;
            wrong |= (raised < maximum ? raised : maximum) != (float)sums[a][b];
        }
        if (wrong) {
            return false;
        }
    }
    return true;
}

/* The real number that a factor stands for. */
static double real(mnqh_factor factor)
{
    return ldexp(factor.multiplier, factor.shift - 31);
}

void mnqh_prepare_add_s8(mnqh_add_s8_layer *layer)
{
    /* Offsets to try: most pairs are far from a step, the few that are not want it moved a bit. */
    static const double moves[] = {0, 1, -1, 2, -2, 3, -3, 5, -5, 8, -8};
    const double output = ldexp(real(layer->output_factor), MNQH_ADD_LEFT_SHIFT);
    const double a = real(layer->a_factor) * output;
    const double b = real(layer->b_factor) * output;
    const double offset =
        layer->codes.output_zero_point - layer->a_zero_point * a - layer->b_zero_point * b;
    int8_t sums[256][256];
    layer->has_line = false;
    if (!mnqh_runs_lines()) {
        return;
    }
    add_all(layer, sums);

    layer->a_scale = (float)a;
    layer->b_scale = (float)b;
    for (size_t i = 0; i < sizeof moves / sizeof *moves; ++i) {
        layer->offset = (float)(offset + moves[i] * FLT_EPSILON * 16);
        layer->has_line = gives(layer, (const int8_t (*)[256])sums);
        if (layer->has_line) {
            return;
        }
    }
}

int16_t mnqh_mantissa_s16(int32_t multiplier)
{
    const int64_t rounded = ((int64_t)multiplier + (1 << 15)) >> 16;
    return (int16_t)(rounded < INT16_MAX ? rounded : INT16_MAX);
}

/* a * b / 2^15, to nearest, ties up. */
static int32_t multiply_high(int32_t a, int32_t b)
{
    return (a * b + (1 << 14)) >> 15;
}

static int32_t saturate(int32_t value)
{
    return mnq_min(mnq_max(value, INT16_MIN), INT16_MAX);
}

/* min(max(x + 3, 0), 6) / 6 in Q0.15, where `fine` is x in 1/128 of a step. */
static int32_t reluish(const mnqh_hard_swish_s8_layer *layer, int32_t fine)
{
    const int32_t shift = layer->reluish_factor.shift;
    int32_t value = fine;
    for (int32_t doubling = 1; doubling < shift; ++doubling) {
        value = saturate(2 * value);
    }
    value = multiply_high(value, mnqh_mantissa_s16(layer->reluish_factor.multiplier));
    value = shift > 0 ? saturate(2 * value) : mnq_rounded_shift_right(value, -shift);
    return (value + (1 << 15)) >> 1;
}

static int8_t hard_swish(const mnqh_hard_swish_s8_layer *layer, int8_t code)
{
    const int32_t fine = (code - layer->input_zero_point) * 128;
    const int32_t scaled =
        multiply_high(fine, mnqh_mantissa_s16(layer->output_factor.multiplier));
    const int32_t product = scaled * reluish(layer, fine) / (1 << 15);
    const int32_t output =
        mnq_rounded_shift_right(product, -layer->output_factor.shift) + layer->output_zero_point;
    return mnq_clamp(output, INT8_MIN, INT8_MAX);
}

bool mnqh_hard_swish_s8_is_fast(const mnqh_hard_swish_s8_layer *layer)
{
#ifdef MNQH_HAS_AVX2_CODE
    const int32_t output_shift = layer->output_factor.shift;
    const int32_t reluish_shift = layer->reluish_factor.shift;
    return mnqh_runs_avx2() && !mnqh_runs_avx512_vbmi() && output_shift >= -15 && output_shift < 0 && reluish_shift >= -15 &&
           reluish_shift <= 5;
#else
    (void)layer;
    return false;
#endif
}

void mnqh_hard_swish_s8(const mnqh_hard_swish_s8_layer *layer, size_t count, const int8_t *input,
                        int8_t *output)
{
    MNQH_PREFER_AVX2(mnqh_hard_swish_s8_avx2(layer, count, input, output))
    mnqh_hard_swish_s8_scalar(layer, count, input, output);
}

void mnqh_hard_swish_s8_scalar(const mnqh_hard_swish_s8_layer *layer, size_t count,
                               const int8_t *input, int8_t *output)
{
    for (size_t i = 0; i < count; ++i) {
        output[i] = hard_swish(layer, input[i]);
    }
}
