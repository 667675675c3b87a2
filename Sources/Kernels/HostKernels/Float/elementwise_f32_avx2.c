#include "mnqh_twins_f32.h"

#ifdef MNQH_HAS_AVX2_CODE
#include <math.h>
#include <string.h>

#include "mnqh_simd_f32.h"

/* Vectors of four channels whose means are found side by side. */
enum { MEAN_VECTORS = 4 };

/* Maps whole vectors, then the rest by the scalar twin: `map` and `rest` see `i`, the next one. */
#define MNQH_MAP(count, map, rest)                                                               \
    size_t i = 0;                                                                                \
    for (; i + 8 <= (count); i += 8) {                                                           \
        _mm256_storeu_ps(output + i, map);                                                       \
    }                                                                                            \
    rest

MNQH_AVX2 void mnqh_clamp_f32_avx2(size_t count, const float *input, float minimum, float maximum,
                                   float *output)
{
    const mnqh_f32x16 range = mnqh_range_f32x16(minimum, maximum);
    MNQH_MAP(count, mnqh_clamp_f32x8(_mm256_loadu_ps(input + i), range),
             mnqh_clamp_f32_scalar(count - i, input + i, minimum, maximum, output + i);)
}

MNQH_AVX2 void mnqh_hard_sigmoid_f32_avx2(size_t count, const float *input, float alpha,
                                          float beta, float *output)
{
    const mnqh_f32x16 unit = mnqh_range_f32x16(0, 1);
    const __m256 slope = _mm256_set1_ps(alpha);
    const __m256 offset = _mm256_set1_ps(beta);
    MNQH_MAP(count,
             mnqh_clamp_f32x8(_mm256_fmadd_ps(slope, _mm256_loadu_ps(input + i), offset), unit),
             mnqh_hard_sigmoid_f32_scalar(count - i, input + i, alpha, beta, output + i);)
}

MNQH_AVX2 void mnqh_hard_swish_f32_avx2(size_t count, const float *input, float *output)
{
    MNQH_MAP(count, mnqh_hard_swish_f32x8(_mm256_loadu_ps(input + i)),
             mnqh_hard_swish_f32_scalar(count - i, input + i, output + i);)
}

MNQH_AVX2 void mnqh_add_f32_avx2(size_t count, const float *a, const float *b, float minimum,
                                 float maximum, float *output)
{
    const mnqh_f32x16 range = mnqh_range_f32x16(minimum, maximum);
    MNQH_MAP(count,
             mnqh_clamp_f32x8(_mm256_add_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i)), range),
             mnqh_add_f32_scalar(count - i, a + i, b + i, minimum, maximum, output + i);)
}

MNQH_AVX2_INLINE void scale_pixel(size_t channels, const float *input, const float *factors,
                                  float *output)
{
    MNQH_MAP(channels, _mm256_mul_ps(_mm256_loadu_ps(input + i), _mm256_loadu_ps(factors + i)), )
    for (; i < channels; ++i) {
        output[i] = input[i] * factors[i];
    }
}

MNQH_AVX2 void mnqh_scale_channels_f32_avx2(size_t pixels, size_t channels, const float *input,
                                            const float *factors, float *output)
{
    for (size_t pixel = 0; pixel < pixels; ++pixel) {
        scale_pixel(channels, input + pixel * channels, factors, output + pixel * channels);
    }
}

/* Means of `count` times four channels (a constant after inlining). */
MNQH_AVX2_INLINE void mean(size_t count, size_t pixels, size_t channels, const float *input,
                           float *output)
{
    const __m256d divisor = _mm256_set1_pd((double)pixels);
    __m256d sums[MEAN_VECTORS];

    MNQH_UNROLL
    for (size_t i = 0; i < count; ++i) {
        sums[i] = _mm256_setzero_pd();
    }
    for (size_t pixel = 0; pixel < pixels; ++pixel, input += channels) {
        MNQH_UNROLL
        for (size_t i = 0; i < count; ++i) {
            sums[i] = _mm256_add_pd(sums[i], _mm256_cvtps_pd(_mm_loadu_ps(input + 4 * i)));
        }
    }
    MNQH_UNROLL
    for (size_t i = 0; i < count; ++i) {
        _mm_storeu_ps(output + 4 * i, _mm256_cvtpd_ps(_mm256_div_pd(sums[i], divisor)));
    }
}

MNQH_AVX2 void mnqh_mean_f32_avx2(size_t pixels, size_t channels, const float *input,
                                  float *output)
{
    size_t c = 0;
    for (; c + 4 * MEAN_VECTORS <= channels; c += 4 * MEAN_VECTORS) {
        mean(MEAN_VECTORS, pixels, channels, input + c, output + c);
    }
    for (; c + 4 <= channels; c += 4) {
        mean(1, pixels, channels, input + c, output + c);
    }
    for (; c < channels; ++c) {
        double sum = 0;
        for (size_t pixel = 0; pixel < pixels; ++pixel) {
            sum += (double)input[pixel * channels + c];
        }
        output[c] = (float)(sum / (double)pixels);
    }
}

/* The minimum and maximum instructions return their second operand when one is NaN. */
MNQH_AVX2 mnqh_range_f32_result mnqh_range_f32_avx2(size_t count, const float *input)
{
    mnqh_f32x16 range = mnqh_range_f32x16(INFINITY, -INFINITY);
    size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        const __m256 value = _mm256_loadu_ps(input + i);
        range.low = _mm256_min_ps(value, range.low);
        range.high = _mm256_max_ps(value, range.high);
    }
    float minima[8];
    float maxima[8];
    _mm256_storeu_ps(minima, range.low);
    _mm256_storeu_ps(maxima, range.high);
    mnqh_range_f32_result result = mnqh_range_f32_scalar(count - i, input + i);
    for (size_t lane = 0; lane < 8; ++lane) {
        result.minimum = minima[lane] < result.minimum ? minima[lane] : result.minimum;
        result.maximum = maxima[lane] > result.maximum ? maxima[lane] : result.maximum;
    }
    return result;
}

/* Pairs that are summed in single precision before the sums are widened. */
enum { SIGNAL_BLOCK = 1024 };

/* The sum of eight lanes. */
MNQH_AVX2_INLINE double total(__m256 lanes)
{
    float values[8];
    double sum = 0;
    _mm256_storeu_ps(values, lanes);
    for (size_t i = 0; i < 8; ++i) {
        sum += (double)values[i];
    }
    return sum;
}

/* The real values of eight codes. */
MNQH_AVX2_INLINE __m256 real_values(const mnqh_signal_steps *steps, const int8_t *codes)
{
    int64_t bytes;
    memcpy(&bytes, codes, sizeof bytes);
    const __m256i levels = _mm256_sub_epi32(_mm256_cvtepi8_epi32(_mm_cvtsi64_si128(bytes)),
                                            _mm256_set1_epi32(steps->zero_point));
    return _mm256_mul_ps(_mm256_cvtepi32_ps(levels), _mm256_set1_ps(steps->scale));
}

/* Adds a multiple of eight pairs. */
MNQH_AVX2_INLINE void add_block(const mnqh_signal_steps *steps, size_t count, const float *real,
                                const int8_t *codes, mnqh_signal_sums *sums)
{
    __m256 signal = _mm256_setzero_ps();
    __m256 quantized = signal;
    __m256 noise = signal;
    __m256 product = signal;

    for (size_t i = 0; i < count; i += 8) {
        const __m256 x = _mm256_loadu_ps(real + i);
        const __m256 q = real_values(steps, codes + i);
        const __m256 difference = _mm256_sub_ps(x, q);
        signal = _mm256_fmadd_ps(x, x, signal);
        quantized = _mm256_fmadd_ps(q, q, quantized);
        noise = _mm256_fmadd_ps(difference, difference, noise);
        product = _mm256_fmadd_ps(x, q, product);
        const __m256 outside =
            _mm256_or_ps(_mm256_cmp_ps(x, _mm256_set1_ps(steps->lowest), _CMP_LT_OQ),
                         _mm256_cmp_ps(x, _mm256_set1_ps(steps->highest), _CMP_GT_OQ));
        sums->saturated += (size_t)__builtin_popcount((unsigned)_mm256_movemask_ps(outside));
    }
    sums->signal += total(signal);
    sums->quantized += total(quantized);
    sums->noise += total(noise);
    sums->product += total(product);
}

MNQH_AVX2 void mnqh_add_signal_avx2(const mnqh_signal_steps *steps, size_t count,
                                    const float *real, const int8_t *codes,
                                    mnqh_signal_sums *sums)
{
    const size_t whole = count - count % 8;
    for (size_t first = 0; first < whole; first += SIGNAL_BLOCK) {
        add_block(steps, mnqh_min(SIGNAL_BLOCK, whole - first), real + first, codes + first, sums);
    }
    mnqh_add_signal_scalar(steps, count - whole, real + whole, codes + whole, sums);
}
#endif
