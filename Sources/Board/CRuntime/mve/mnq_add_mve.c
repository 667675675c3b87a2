#include "mnq_mve.h"

/* The sum of two tensors of one shape: a straight line in both codes. */

MNQ_INLINE int32x4_t sums(const mnq_packed_add *layer, int32x4_t a, int32x4_t b)
{
    const int32x4_t low = vdupq_n_s32(layer->clamp_min), high = vdupq_n_s32(layer->clamp_max);
    const int32x4_t line =
        vaddq_n_s32(vmlaq_n_s32(vmulq_n_s32(a, layer->a_slope), b, layer->b_slope), layer->offset);
    return vminq_s32(vmaxq_s32(vshlq_r_s32(line, -layer->places), low), high);
}

MNQ_KERNEL
void mnq_add_mve(const mnq_packed_add *layer, const int8_t *a, const int8_t *b, int8_t *output)
{
    const mnq_packed_add line = *layer; /* which no store can change */
    for (int32_t steps = line.count >> 2; steps > 0; --steps) {
        vstrbq_s32(output, sums(&line, vldrbq_s32(a), vldrbq_s32(b)));
        a += 4;
        b += 4;
        output += 4;
    }
    const mve_pred16_t rest = vctp32q((uint32_t)line.count & 3);
    vstrbq_p_s32(output, sums(&line, vldrbq_z_s32(a, rest), vldrbq_z_s32(b, rest)), rest);
}
