/* Sixteen floats as one AVX-512 register: one panel of channels. */
#ifndef MNQH_AVX512_F32_H
#define MNQH_AVX512_F32_H

#include <immintrin.h>

#include "../Shared/mnqh_cpu.h"
#include "mnqh_kernels_f32.h"

/* As `mnqh_end_value`: a NaN stays one, since the instructions return their second operand then. */
MNQH_AVX512_INLINE __m512 mnqh_end_f32x16_avx512(mnqh_ending_f32 ending, __m512 x)
{
    if (!ending.hard_swish) {
        return _mm512_min_ps(_mm512_set1_ps(ending.maximum),
                             _mm512_max_ps(_mm512_set1_ps(ending.minimum), x));
    }
    const __m512 shifted = _mm512_add_ps(x, _mm512_set1_ps(3));
    const __m512 gate = _mm512_min_ps(_mm512_set1_ps(6),
                                      _mm512_max_ps(_mm512_setzero_ps(), shifted));
    return _mm512_mul_ps(_mm512_mul_ps(x, gate), _mm512_set1_ps(1.0F / 6));
}

#endif
