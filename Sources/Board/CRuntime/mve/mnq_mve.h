/* What the MVE kernels share: vectors of sums become codes. */
#ifndef MNQ_MVE_H
#define MNQ_MVE_H

#include "mnq_packed.h"

#if defined(__ARM_FEATURE_MVE) && (__ARM_FEATURE_MVE & 1)
#include <arm_mve.h>
#define MNQ_HAS_MVE 1
#else
#define MNQ_HAS_MVE 0

/* The vector instructions that the MVE kernels use, as C: their definition, and what runs on a
 * machine without them. Names and arguments are those of arm_mve.h, so that the kernels are the
 * same text everywhere.
 *
 * Source: Armv8-M Architecture Reference Manual (DDI 0553) and Arm C Language Extensions. Sums and
 * products wrap. A predicate has a bit a byte of the vector; a lane counts where its lowest bit is
 * set. Loads and stores of bytes into wider lanes extend the sign and keep the lowest byte. */
#include "mnq_arithmetic.h"

typedef uint16_t mve_pred16_t;

typedef struct { int8_t at[16]; } int8x16_t;
typedef struct { int16_t at[8]; } int16x8_t;
typedef struct { uint16_t at[8]; } uint16x8_t;
typedef struct { int32_t at[4]; } int32x4_t;
typedef struct { uint32_t at[4]; } uint32x4_t;
typedef struct { int8x16_t val[4]; } int8x16x4_t;

#define MNQ_EACH(i, count) for (int i = 0; i < (count); ++i)

MNQ_INLINE int mnq_counts(mve_pred16_t lanes, int byte) { return lanes >> byte & 1; }
MNQ_INLINE int32_t mnq_wrapped(uint32_t value) { return (int32_t)value; }

/* The first `count` lanes. */
MNQ_INLINE mve_pred16_t vctp8q(uint32_t count)
{
    return (mve_pred16_t)(count < 16 ? (1u << count) - 1 : 0xFFFF);
}
MNQ_INLINE mve_pred16_t vctp16q(uint32_t count) { return vctp8q(count < 8 ? 2 * count : 16); }
MNQ_INLINE mve_pred16_t vctp32q(uint32_t count) { return vctp8q(count < 4 ? 4 * count : 16); }

MNQ_INLINE int8x16_t vldrbq_z_s8(const int8_t *from, mve_pred16_t lanes)
{
    int8x16_t result;
    MNQ_EACH(i, 16) { result.at[i] = mnq_counts(lanes, i) ? from[i] : 0; }
    return result;
}
MNQ_INLINE int8x16_t vldrbq_s8(const int8_t *from) { return vldrbq_z_s8(from, 0xFFFF); }
MNQ_INLINE int32x4_t vldrbq_z_s32(const int8_t *from, mve_pred16_t lanes)
{
    int32x4_t result;
    MNQ_EACH(i, 4) { result.at[i] = mnq_counts(lanes, 4 * i) ? from[i] : 0; }
    return result;
}
MNQ_INLINE int32x4_t vldrbq_s32(const int8_t *from) { return vldrbq_z_s32(from, 0xFFFF); }

MNQ_INLINE int16x8_t vldrbq_gather_offset_z_s16(const int8_t *from, uint16x8_t places,
                                                mve_pred16_t lanes)
{
    int16x8_t result;
    MNQ_EACH(i, 8) { result.at[i] = mnq_counts(lanes, 2 * i) ? from[places.at[i]] : 0; }
    return result;
}
MNQ_INLINE int16x8_t vldrbq_gather_offset_s16(const int8_t *from, uint16x8_t places)
{
    return vldrbq_gather_offset_z_s16(from, places, 0xFFFF);
}
MNQ_INLINE int32x4_t vldrbq_gather_offset_s32(const int8_t *from, uint32x4_t places)
{
    int32x4_t result;
    MNQ_EACH(i, 4) { result.at[i] = from[places.at[i]]; }
    return result;
}

/* The lowest byte of each lane. */
MNQ_INLINE int8_t mnq_low_byte(int32_t value) { return (int8_t)(uint8_t)(value & 0xFF); }

MNQ_INLINE void vstrbq_p_s8(int8_t *to, int8x16_t value, mve_pred16_t lanes)
{
    MNQ_EACH(i, 16)
    {
        if (mnq_counts(lanes, i)) {
            to[i] = value.at[i];
        }
    }
}
MNQ_INLINE void vstrbq_s8(int8_t *to, int8x16_t value) { vstrbq_p_s8(to, value, 0xFFFF); }
/* The first bytes of the four, then the second ones, and so on. */
MNQ_INLINE void vst4q_s8(int8_t *to, int8x16x4_t value)
{
    MNQ_EACH(i, 64) { to[i] = value.val[i & 3].at[i >> 2]; }
}
MNQ_INLINE void vstrbq_p_s16(int8_t *to, int16x8_t value, mve_pred16_t lanes)
{
    MNQ_EACH(i, 8)
    {
        if (mnq_counts(lanes, 2 * i)) {
            to[i] = mnq_low_byte(value.at[i]);
        }
    }
}
MNQ_INLINE void vstrbq_s16(int8_t *to, int16x8_t value) { vstrbq_p_s16(to, value, 0xFFFF); }
MNQ_INLINE void vstrbq_scatter_offset_p_s32(int8_t *to, uint32x4_t places, int32x4_t value,
                                            mve_pred16_t lanes)
{
    MNQ_EACH(i, 4)
    {
        if (mnq_counts(lanes, 4 * i)) {
            to[places.at[i]] = mnq_low_byte(value.at[i]);
        }
    }
}
MNQ_INLINE void vstrbq_scatter_offset_s32(int8_t *to, uint32x4_t places, int32x4_t value)
{
    vstrbq_scatter_offset_p_s32(to, places, value, 0xFFFF);
}
MNQ_INLINE void vstrbq_p_s32(int8_t *to, int32x4_t value, mve_pred16_t lanes)
{
    const uint32x4_t places = {{0, 1, 2, 3}};
    vstrbq_scatter_offset_p_s32(to, places, value, lanes);
}
MNQ_INLINE void vstrbq_s32(int8_t *to, int32x4_t value) { vstrbq_p_s32(to, value, 0xFFFF); }

MNQ_INLINE int8x16_t vdupq_n_s8(int8_t value)
{
    int8x16_t result;
    MNQ_EACH(i, 16) { result.at[i] = value; }
    return result;
}
MNQ_INLINE int32x4_t vdupq_n_s32(int32_t value)
{
    const int32x4_t result = {{value, value, value, value}};
    return result;
}
MNQ_INLINE uint32x4_t vdupq_n_u32(uint32_t value)
{
    const uint32x4_t result = {{value, value, value, value}};
    return result;
}
/* first, first + step, and so on. */
MNQ_INLINE uint16x8_t vidupq_n_u16(uint32_t first, int step)
{
    uint16x8_t result;
    MNQ_EACH(i, 8) { result.at[i] = (uint16_t)(first + (uint32_t)(i * step)); }
    return result;
}
MNQ_INLINE uint32x4_t vidupq_n_u32(uint32_t first, int step)
{
    uint32x4_t result;
    MNQ_EACH(i, 4) { result.at[i] = first + (uint32_t)(i * step); }
    return result;
}
MNQ_INLINE int32x4_t vsetq_lane_s32(int32_t value, int32x4_t to, int lane)
{
    to.at[lane] = value;
    return to;
}
MNQ_INLINE int32x4_t vuninitializedq_s32(void) { return vdupq_n_s32(0); }

MNQ_INLINE uint32x4_t vreinterpretq_u32_s32(int32x4_t value)
{
    uint32x4_t result;
    mnq_memcpy(&result, &value, sizeof result);
    return result;
}

MNQ_INLINE int32x4_t vaddq_n_s32(int32x4_t a, int32_t b)
{
    MNQ_EACH(i, 4) { a.at[i] = mnq_wrapped((uint32_t)a.at[i] + (uint32_t)b); }
    return a;
}
MNQ_INLINE uint32x4_t vaddq_u32(uint32x4_t a, uint32x4_t b)
{
    MNQ_EACH(i, 4) { a.at[i] += b.at[i]; }
    return a;
}
MNQ_INLINE int32x4_t vmulq_n_s32(int32x4_t a, int32_t b)
{
    MNQ_EACH(i, 4) { a.at[i] = mnq_wrapped((uint32_t)a.at[i] * (uint32_t)b); }
    return a;
}
MNQ_INLINE uint32x4_t vmulq_n_u32(uint32x4_t a, uint32_t b)
{
    MNQ_EACH(i, 4) { a.at[i] *= b; }
    return a;
}
MNQ_INLINE uint16x8_t vmulq_n_u16(uint16x8_t a, uint16_t b)
{
    MNQ_EACH(i, 8) { a.at[i] = (uint16_t)((uint32_t)a.at[i] * b); }
    return a;
}
/* sum + a * b */
MNQ_INLINE int32x4_t vmlaq_n_s32(int32x4_t sum, int32x4_t a, int32_t b)
{
    MNQ_EACH(i, 4)
    {
        sum.at[i] = mnq_wrapped((uint32_t)sum.at[i] + (uint32_t)a.at[i] * (uint32_t)b);
    }
    return sum;
}
/* sum plus all products of two lanes */
MNQ_INLINE int32_t vmladavaq_s8(int32_t sum, int8x16_t a, int8x16_t b)
{
    MNQ_EACH(i, 16) { sum = mnq_wrapped((uint32_t)sum + (uint32_t)(a.at[i] * b.at[i])); }
    return sum;
}
MNQ_INLINE int32_t vmladavq_s8(int8x16_t a, int8x16_t b) { return vmladavaq_s8(0, a, b); }
/* The high half of 2 * a * b, saturated, not rounded. */
MNQ_INLINE int32x4_t vqdmulhq_n_s32(int32x4_t a, int32_t b)
{
    MNQ_EACH(i, 4)
    {
        const int64_t product = (int64_t)a.at[i] * b;
        a.at[i] = product == INT64_C(1) << 62 ? INT32_MAX : (int32_t)(product >> 31);
    }
    return a;
}

MNQ_INLINE int32x4_t vminq_s32(int32x4_t a, int32x4_t b)
{
    MNQ_EACH(i, 4) { a.at[i] = mnq_min(a.at[i], b.at[i]); }
    return a;
}
MNQ_INLINE int32x4_t vmaxq_s32(int32x4_t a, int32x4_t b)
{
    MNQ_EACH(i, 4) { a.at[i] = mnq_max(a.at[i], b.at[i]); }
    return a;
}
MNQ_INLINE uint32x4_t vminq_u32(uint32x4_t a, uint32x4_t b)
{
    MNQ_EACH(i, 4) { a.at[i] = a.at[i] < b.at[i] ? a.at[i] : b.at[i]; }
    return a;
}

/* To the left, or to the right where `places` is negative; -31 ... 31 of them. */
MNQ_INLINE int32x4_t vshlq_r_s32(int32x4_t a, int32_t places)
{
    MNQ_EACH(i, 4)
    {
        a.at[i] = places < 0 ? a.at[i] >> -places : mnq_wrapped((uint32_t)a.at[i] << places);
    }
    return a;
}
MNQ_INLINE uint32x4_t vshrq_n_u32(uint32x4_t a, int places)
{
    MNQ_EACH(i, 4) { a.at[i] >>= places; }
    return a;
}
MNQ_INLINE int32x4_t vshrq_n_s32(int32x4_t a, int places) { return vshlq_r_s32(a, -places); }
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

/* Keeps loads that follow behind the multiplication that made `sum`: a core that issues in order does
 * both at once only where they take turns, and compilers put loads first. */
#if MNQ_HAS_MVE && defined(__GNUC__)
#define MNQ_THEN(sum) __asm__ volatile("" : "+r"(sum) : : "memory")
#else
#define MNQ_THEN(sum) (void)(sum)
#endif

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

/* The least and the greatest code, in all lanes. */
typedef struct {
    int32x4_t low, high;
} mnq_clamp_lanes;

MNQ_INLINE mnq_clamp_lanes mnq_clamp_of(const mnq_packed *layer)
{
    const mnq_clamp_lanes clamp = {vdupq_n_s32(layer->clamp_min), vdupq_n_s32(layer->clamp_max)};
    return clamp;
}

/* The codes of what mnq_rescale_lanes gave. */
MNQ_INLINE int32x4_t mnq_finished_lanes(const mnq_packed *layer, int32x4_t values,
                                        mnq_clamp_lanes clamp, mnq_finish finish)
{
    return mnq_looked_up_lanes(layer, vminq_s32(vmaxq_s32(values, clamp.low), clamp.high), finish);
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
