#ifndef MNQH_ELEMENTWISE_S8_SIMD_H
#define MNQH_ELEMENTWISE_S8_SIMD_H

#include "../Shared/mnqh_cpu.h"
#include "mnqh_elementwise_s8.h"

/* TensorFlow Lite's extra bits below the binary point of an addition. */
enum { MNQH_ADD_LEFT_SHIFT = 20 };

/* The upper half of a multiplier, rounded: a mantissa in Q0.15. */
int16_t mnqh_mantissa_s16(int32_t multiplier);

/* Codes of means from sums; `zero` is what the input's zero point adds to each. */
void mnqh_mean_codes_s8_scalar(const mnqh_mean_s8_layer *layer, uint32_t zero, size_t channels,
                               const int32_t *sums, int8_t *output);

#ifdef MNQH_HAS_AVX2_CODE
void mnqh_mean_codes_s8_avx2(const mnqh_mean_s8_layer *layer, uint32_t zero, size_t channels,
                             const int32_t *sums, int8_t *output);
void mnqh_lookup_s8_avx2(size_t count, const int8_t *input, const int8_t *table, int8_t *output);
void mnqh_hard_swish_s8_avx2(const mnqh_hard_swish_s8_layer *layer, size_t count,
                             const int8_t *input, int8_t *output);
void mnqh_add_s8_avx2(const mnqh_add_s8_layer *layer, size_t count, const int8_t *a,
                      const int8_t *b, int8_t *output);
void mnqh_scale_channels_s8_avx2(const mnqh_scale_channels_s8_layer *layer, size_t pixels,
                                 size_t channels, const int8_t *input, const int8_t *factors,
                                 int8_t *output);
void mnqh_sum_channels_s8_avx2(size_t pixels, size_t channels, const int8_t *input, int32_t *sums);
#endif

#ifdef MNQH_HAS_NEON_CODE
void mnqh_lookup_s8_neon(size_t count, const int8_t *input, const int8_t *table, int8_t *output);
#endif

#endif
