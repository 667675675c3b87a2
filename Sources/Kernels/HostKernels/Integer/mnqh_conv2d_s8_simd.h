#ifndef MNQH_CONV2D_S8_SIMD_H
#define MNQH_CONV2D_S8_SIMD_H

#include "mnqh_conv2d_s8.h"
#include "mnqh_gemm_s8_simd.h"

#ifdef MNQH_HAS_AVX2_CODE
/* Whether a layer has kernel rows so short, like the first one of a network, that they can be
 * widened as they are gathered. */
bool mnqh_is_image_conv2d_s8(const mnqh_conv2d_s8_layer *layer);
size_t mnqh_image_conv2d_s8_scratch_bytes(const mnqh_conv2d_s8_layer *layer);
void mnqh_image_conv2d_s8_avx2(const mnqh_conv2d_s8_layer *layer, const int8_t *input,
                               int8_t *output, void *scratch);
#endif

#endif
