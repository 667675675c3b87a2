#ifndef MNQH_CONV2D_F32_SIMD_H
#define MNQH_CONV2D_F32_SIMD_H

#include "../Shared/mnqh_cpu.h"
#include "mnqh_conv2d_f32.h"

#ifdef MNQH_HAS_AVX2_CODE
/* For kernels whose taps lie side by side: without dilation in a row. */
size_t mnqh_conv2d_f32_avx2_scratch_count(const mnqh_conv2d_f32_layer *layer);
void mnqh_conv2d_f32_avx2(const mnqh_conv2d_f32_layer *layer, const float *input, float *output,
                          float *scratch);
#endif

#endif
