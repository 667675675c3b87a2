#ifndef MNQH_ELEMENTWISE_F32_SIMD_H
#define MNQH_ELEMENTWISE_F32_SIMD_H

#include "../Shared/mnqh_cpu.h"
#include "mnqh_elementwise_f32.h"

#ifdef MNQH_HAS_AVX2_CODE
void mnqh_clamp_f32_avx2(size_t count, const float *input, float minimum, float maximum,
                         float *output);
void mnqh_hard_sigmoid_f32_avx2(size_t count, const float *input, float alpha, float beta,
                                float *output);
void mnqh_hard_swish_f32_avx2(size_t count, const float *input, float *output);
void mnqh_add_f32_avx2(size_t count, const float *a, const float *b, float minimum, float maximum,
                       float *output);
void mnqh_scale_channels_f32_avx2(size_t pixels, size_t channels, const float *input,
                                  const float *factors, float *output);
void mnqh_mean_f32_avx2(size_t pixels, size_t channels, const float *input, float *output);
mnqh_range_f32_result mnqh_range_f32_avx2(size_t count, const float *input);
#endif

#endif
