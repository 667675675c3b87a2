#include "mnq_mve.h"

/* The sum of two tensors of one shape: a straight line in both codes. */

void mnq_add_mve(const mnq_packed_add *layer, const int8_t *a, const int8_t *b, int8_t *output)
{
#if MNQ_HAS_MVE
    const int32x4_t low = vdupq_n_s32(layer->clamp_min), high = vdupq_n_s32(layer->clamp_max);
    for (int32_t left = layer->count; left > 0; left -= 4) {
        const mve_pred16_t inside = vctp32q((uint32_t)left);
        int32x4_t sums = vmulq_n_s32(vldrbq_z_s32(a, inside), layer->a_slope);
        sums = vmlaq_n_s32(sums, vldrbq_z_s32(b, inside), layer->b_slope);
        sums = vshlq_r_s32(vaddq_n_s32(sums, layer->offset), -layer->places);
        vstrbq_p_s32(output, vminq_s32(vmaxq_s32(sums, low), high), inside);
        a += 4;
        b += 4;
        output += 4;
    }
#else
    for (int32_t i = 0; i < layer->count; ++i) {
        const int32_t sum = a[i] * layer->a_slope + b[i] * layer->b_slope + layer->offset;
        output[i] = mnq_clamp(sum >> layer->places, layer->clamp_min, layer->clamp_max);
    }
#endif
}
