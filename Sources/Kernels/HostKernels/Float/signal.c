#include "mnqh_signal.h"

#include "mnqh_signal_simd.h"

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
