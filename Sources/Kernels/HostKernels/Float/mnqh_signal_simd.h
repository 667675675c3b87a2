#ifndef MNQH_SIGNAL_SIMD_H
#define MNQH_SIGNAL_SIMD_H

#include "../Shared/mnqh_cpu.h"
#include "mnqh_signal.h"

#ifdef MNQH_HAS_AVX2_CODE
void mnqh_add_signal_avx2(const mnqh_signal_steps *steps, size_t count, const float *real,
                          const int8_t *codes, mnqh_signal_sums *sums);
#endif

#endif
