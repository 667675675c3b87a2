/* What the MVE kernels share: vectors of sums become codes. */
#ifndef MNQ_MVE_H
#define MNQ_MVE_H

#include "mnq_packed.h"

#if defined(__ARM_FEATURE_MVE) && (__ARM_FEATURE_MVE & 1)
#include <arm_mve.h>
#define MNQ_HAS_MVE 1
#else
#include "mnq_mve_lanes.h"
#define MNQ_HAS_MVE 0
#endif

/* Four sums as lanes. */
MNQ_INLINE int32x4_t mnq_lanes(int32_t s0, int32_t s1, int32_t s2, int32_t s3)
{
#if MNQ_HAS_MVE && defined(__GNUC__) && !defined(__clang__)
    /* Two lanes an instruction, which no intrinsic names. */
    int32x4_t lanes;
    __asm__("vmov %q0[2], %q0[0], %1, %2\n"
            "vmov %q0[3], %q0[1], %3, %4"
            : "=&w"(lanes)
            : "r"(s0), "r"(s2), "r"(s1), "r"(s3));
    return lanes;
#else
    int32x4_t lanes = vsetq_lane_s32(s0, vuninitializedq_s32(), 0);
    lanes = vsetq_lane_s32(s1, lanes, 1);
    lanes = vsetq_lane_s32(s2, lanes, 2);
    return vsetq_lane_s32(s3, lanes, 3);
#endif
}

/* What the layer's table, where it has one, makes of codes. */
MNQ_INLINE int32x4_t mnq_looked_up_lanes(const mnq_packed *layer, int32x4_t codes,
                                         mnq_finish finish)
{
    if (finish != MNQ_FINISH_TABLE) {
        return codes;
    }
    const uint32x4_t places = vreinterpretq_u32_s32(vaddq_n_s32(codes, 128));
    return vldrbq_gather_offset_s32(layer->table, places);
}

/* The codes of what mnq_rescale_lanes gave, in the lowest byte of each lane. */
MNQ_INLINE int32x4_t mnq_finished_lanes(const mnq_packed *layer, int32x4_t values,
                                        mnq_finish finish)
{
    if (finish == MNQ_FINISH_CLAMP) {
        values = vmaxq_s32(values, vdupq_n_s32(layer->clamp_min));
        return vminq_s32(values, vdupq_n_s32(layer->clamp_max));
    }
    if (finish == MNQ_FINISH_TABLE) {
        values = vminq_s32(vmaxq_s32(values, vdupq_n_s32(INT8_MIN)), vdupq_n_s32(INT8_MAX));
        return mnq_looked_up_lanes(layer, values, finish);
    }
    /* To 16 bits in the lower half of each lane, then to 8 in its lowest byte. */
    const int16x8_t halves = vqmovnbq_s32(vreinterpretq_s16_s32(values), values);
    return vreinterpretq_s32_s8(vqmovnbq_s16(vreinterpretq_s8_s16(halves), halves));
}

/* mnq_rescale of four accumulators of one channel. */
MNQ_INLINE int32x4_t mnq_rescale_lanes(mnq_channel channel, int32x4_t sums, mnq_finish finish)
{
    /* The doubling multiply makes up for one place of the shift. */
    int32x4_t high = vqdmulhq_n_s32(vshlq_r_s32(sums, channel.lanes_left), channel.multiplier);
    if (mnq_rounds_down(finish, channel.right > 1)) {
        high = vmlaq_n_s32(high, vshrq_n_s32(high, 31), 2);
    }
    return vshlq_r_s32(vaddq_n_s32(high, channel.rounding), channel.lanes_right);
}

#endif
