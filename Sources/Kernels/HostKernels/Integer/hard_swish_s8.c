#include "mnq_requantize.h"
#include "mnqh_elementwise_s8_simd.h"

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
    return mnqh_runs_avx2() && output_shift >= -15 && output_shift < 0 && reluish_shift >= -15 &&
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
