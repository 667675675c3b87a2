#include "mnqh_signal_simd.h"

#ifdef MNQH_HAS_AVX2_CODE
#include <immintrin.h>
#include <string.h>

/* Pairs that are summed in single precision before the sums are widened. */
enum { BLOCK = 1024 };

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
    for (size_t first = 0; first < whole; first += BLOCK) {
        add_block(steps, mnqh_min(BLOCK, whole - first), real + first, codes + first, sums);
    }
    mnqh_add_signal_scalar(steps, count - whole, real + whole, codes + whole, sums);
}
#endif
