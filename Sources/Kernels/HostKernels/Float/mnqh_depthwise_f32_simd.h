#ifndef MNQH_DEPTHWISE_F32_SIMD_H
#define MNQH_DEPTHWISE_F32_SIMD_H

#include "../Shared/mnqh_cpu.h"
#include "../Shared/mnqh_ring.h"
#include "mnqh_depthwise_f32.h"

#ifdef MNQH_HAS_AVX2_CODE
size_t mnqh_depthwise_f32_avx2_scratch_count(const mnqh_depthwise_f32_layer *layer);
void mnqh_depthwise_f32_avx2(const mnqh_depthwise_f32_layer *layer, const float *input,
                             float *output, float *scratch);
#endif

#endif
