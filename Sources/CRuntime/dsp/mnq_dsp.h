/* The DSP instructions of Armv7E-M and Armv8-M, and what they compute: the C below them is their
 * definition, and what runs on a machine without them. */
#ifndef MNQ_DSP_H
#define MNQ_DSP_H

#include "mnq_packed.h"

#if defined(__ARM_FEATURE_DSP) && __ARM_FEATURE_DSP
#include <arm_acle.h>
#define MNQ_HAS_DSP 1
#else
#define MNQ_HAS_DSP 0
#endif

MNQ_INLINE int32_t mnq_pair(int32_t low, int32_t high)
{
    return (int32_t)((uint32_t)high << 16 | ((uint32_t)low & 0xFFFF));
}

MNQ_INLINE int32_t mnq_low(int32_t pair) { return (int16_t)((uint32_t)pair & 0xFFFF); }
MNQ_INLINE int32_t mnq_high(int32_t pair) { return pair >> 16; }

/* Sums wrap, as the instructions' do. */
MNQ_INLINE int32_t mnq_wrapping_sum(int32_t a, int32_t b)
{
    return (int32_t)((uint32_t)a + (uint32_t)b);
}

/* Bytes 0 and 2 as a pair. */
MNQ_INLINE int32_t mnq_sxtb16(int32_t bytes)
{
#if MNQ_HAS_DSP
    return __sxtb16(bytes);
#else
    return mnq_pair((int8_t)((uint32_t)bytes & 0xFF), (int8_t)((uint32_t)bytes >> 16 & 0xFF));
#endif
}

/* sum + low * low + high * high */
MNQ_INLINE int32_t mnq_smlad(int32_t a, int32_t b, int32_t sum)
{
#if MNQ_HAS_DSP
    return __smlad(a, b, sum);
#else
    return mnq_wrapping_sum(mnq_wrapping_sum(sum, mnq_low(a) * mnq_low(b)),
                            mnq_high(a) * mnq_high(b));
#endif
}

/* sum + low half of a * high half of b */
MNQ_INLINE int32_t mnq_smlabt(int32_t a, int32_t b, int32_t sum)
{
#if MNQ_HAS_DSP
    return __smlabt(a, b, sum);
#else
    return mnq_wrapping_sum(sum, mnq_low(a) * mnq_high(b));
#endif
}

/* sum + high half of a * low half of b */
MNQ_INLINE int32_t mnq_smlatb(int32_t a, int32_t b, int32_t sum)
{
#if MNQ_HAS_DSP
    return __smlatb(a, b, sum);
#else
    return mnq_wrapping_sum(sum, mnq_high(a) * mnq_low(b));
#endif
}

#endif
