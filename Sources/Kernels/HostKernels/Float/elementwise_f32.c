#include "mnqh_kernels_f32.h"

#include <math.h>

#include "mnqh_twins_f32.h"

void mnqh_clamp_f32(size_t count, const float *input, float minimum, float maximum, float *output)
{
    MNQH_PREFER_AVX2(mnqh_clamp_f32_avx2(count, input, minimum, maximum, output))
    mnqh_clamp_f32_scalar(count, input, minimum, maximum, output);
}

void mnqh_clamp_f32_scalar(size_t count, const float *input, float minimum, float maximum,
                           float *output)
{
    for (size_t i = 0; i < count; ++i) {
        output[i] = mnqh_clamp_value(input[i], minimum, maximum);
    }
}

void mnqh_hard_sigmoid_f32(size_t count, const float *input, float alpha, float beta,
                           float *output)
{
    MNQH_PREFER_AVX2(mnqh_hard_sigmoid_f32_avx2(count, input, alpha, beta, output))
    mnqh_hard_sigmoid_f32_scalar(count, input, alpha, beta, output);
}

void mnqh_hard_sigmoid_f32_scalar(size_t count, const float *input, float alpha, float beta,
                                  float *output)
{
    for (size_t i = 0; i < count; ++i) {
        output[i] = mnqh_clamp_value(alpha * input[i] + beta, 0, 1);
    }
}

void mnqh_hard_swish_f32(size_t count, const float *input, float *output)
{
    MNQH_PREFER_AVX2(mnqh_hard_swish_f32_avx2(count, input, output))
    mnqh_hard_swish_f32_scalar(count, input, output);
}

void mnqh_hard_swish_f32_scalar(size_t count, const float *input, float *output)
{
    for (size_t i = 0; i < count; ++i) {
        output[i] = mnqh_hard_swish_value(input[i]);
    }
}

void mnqh_add_f32(size_t count, const float *a, const float *b, float minimum, float maximum,
                  float *output)
{
    MNQH_PREFER_AVX2(mnqh_add_f32_avx2(count, a, b, minimum, maximum, output))
    mnqh_add_f32_scalar(count, a, b, minimum, maximum, output);
}

void mnqh_add_f32_scalar(size_t count, const float *a, const float *b, float minimum,
                         float maximum, float *output)
{
    for (size_t i = 0; i < count; ++i) {
        output[i] = mnqh_clamp_value(a[i] + b[i], minimum, maximum);
    }
}

void mnqh_scale_channels_f32(size_t pixels, size_t channels, const float *input,
                             const float *factors, float *output)
{
    MNQH_PREFER_AVX2(mnqh_scale_channels_f32_avx2(pixels, channels, input, factors, output))
    mnqh_scale_channels_f32_scalar(pixels, channels, input, factors, output);
}

void mnqh_scale_channels_f32_scalar(size_t pixels, size_t channels, const float *input,
                                    const float *factors, float *output)
{
    for (size_t i = 0; i < pixels * channels; ++i) {
        output[i] = input[i] * factors[i % channels];
    }
}

void mnqh_mean_f32(size_t pixels, size_t channels, const float *input, float *output)
{
    MNQH_PREFER_AVX2(mnqh_mean_f32_avx2(pixels, channels, input, output))
    mnqh_mean_f32_scalar(pixels, channels, input, output);
}

void mnqh_mean_f32_scalar(size_t pixels, size_t channels, const float *input, float *output)
{
    for (size_t c = 0; c < channels; ++c) {
        double sum = 0;
        for (size_t pixel = 0; pixel < pixels; ++pixel) {
            sum += (double)input[pixel * channels + c];
        }
        output[c] = (float)(sum / (double)pixels);
    }
}

mnqh_range_f32_result mnqh_range_f32(size_t count, const float *input)
{
#ifdef MNQH_HAS_AVX2_CODE
    if (mnqh_runs_avx2()) {
        return mnqh_range_f32_avx2(count, input);
    }
#endif
    return mnqh_range_f32_scalar(count, input);
}

mnqh_range_f32_result mnqh_range_f32_scalar(size_t count, const float *input)
{
    mnqh_range_f32_result range = {.minimum = INFINITY, .maximum = -INFINITY};
    for (size_t i = 0; i < count; ++i) {
        range.minimum = input[i] < range.minimum ? input[i] : range.minimum;
        range.maximum = input[i] > range.maximum ? input[i] : range.maximum;
    }
    return range;
}

void mnqh_add_signal(const mnqh_signal_steps *steps, size_t count, const float *real,
                     const int8_t *codes, mnqh_signal_sums *sums)
{
    MNQH_PREFER_AVX2(mnqh_add_signal_avx2(steps, count, real, codes, sums))
    mnqh_add_signal_scalar(steps, count, real, codes, sums);
}

void mnqh_add_signal_scalar(const mnqh_signal_steps *steps, size_t count, const float *real,
                            const int8_t *codes, mnqh_signal_sums *sums)
{
    for (size_t i = 0; i < count; ++i) {
        const float x = real[i];
        const float q = (float)(codes[i] - steps->zero_point) * steps->scale;
        const float difference = x - q;
        sums->signal += (double)(x * x);
        sums->quantized += (double)(q * q);
        sums->noise += (double)(difference * difference);
        sums->product += (double)(x * q);
        sums->saturated += x < steps->lowest || x > steps->highest;
    }
}
