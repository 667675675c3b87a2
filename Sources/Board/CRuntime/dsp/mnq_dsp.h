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

/* Instructions that no intrinsic names and GCC does not find. */
#if MNQ_HAS_DSP && defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__)
#define MNQ_SPELLS_DSP 1
#else
#define MNQ_SPELLS_DSP 0
#endif

MNQ_INLINE int32_t mnq_pair(int32_t low, int32_t high)
{
#if MNQ_SPELLS_DSP
    int32_t pair;
    __asm__("pkhbt %0, %1, %2, lsl #16" : "=r"(pair) : "r"(low), "r"(high));
    return pair;
#else
    return (int32_t)((uint32_t)high << 16 | ((uint32_t)low & 0xFFFF));
#endif
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

/* Bytes 1 and 3 as a pair. */
MNQ_INLINE int32_t mnq_sxtb16_odd(int32_t bytes)
{
#if MNQ_SPELLS_DSP
    int32_t pair;
    __asm__("sxtb16 %0, %1, ror #8" : "=r"(pair) : "r"(bytes));
    return pair;
#else
    return mnq_sxtb16((int32_t)((uint32_t)bytes >> 8 | (uint32_t)bytes << 24));
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

/* sum + a * b / 2^32, to nearest, ties up. */
MNQ_INLINE int32_t mnq_smmlar(int32_t a, int32_t b, int32_t sum)
{
#if MNQ_SPELLS_DSP
    int32_t result;
    __asm__("smmlar %0, %1, %2, %3" : "=r"(result) : "r"(a), "r"(b), "r"(sum));
    return result;
#else
    return (int32_t)(((int64_t)a * b + (INT64_C(1) << 31)) >> 32) + sum;
#endif
}

typedef struct {
    int32_t first, second;
} mnq_two;

/* from[index] and the next, in one load. */
MNQ_INLINE mnq_two mnq_load_two(const int32_t *from, int32_t index)
{
#if MNQ_SPELLS_DSP
    mnq_two words;
    __asm__ volatile("ldrd %0, %1, [%2, %3]"
                     : "=r"(words.first), "=r"(words.second)
                     : "r"(from), "i"(4 * index)
                     : "memory");
    return words;
#else
    const mnq_two words = {from[index], from[index + 1]};
    return words;
#endif
}

/* mnq_rescale with the rounding multiply: the first rounding is its own, so that the sign alone
 * moves ties of negative values away from zero. A value of 0 whose accumulator is negative stays
 * 0, since half of the divisor absorbs the sign. */
MNQ_INLINE int32_t mnq_rescale_dsp(mnq_channel channel, int32_t accumulator, mnq_finish finish)
{
    const int32_t shifted = (int32_t)((uint32_t)accumulator << channel.left);
    int32_t value = mnq_smmlar(shifted, channel.multiplier, channel.rounding);
    if (mnq_rounds_down(finish, channel.right > 0)) {
        value += accumulator >> 31;
    }
    return value >> channel.right;
}

/* Where the code of 0 stands in a layer's table. */
MNQ_INLINE const int8_t *mnq_table_dsp(const mnq_packed *layer, mnq_finish finish)
{
    return finish == MNQ_FINISH_TABLE ? layer->table + 128 : layer->table;
}

/* The code of an accumulator; `table` is what mnq_table_dsp gives, kept in a register. */
MNQ_INLINE int8_t mnq_code_dsp(const mnq_packed *layer, const int8_t *table, mnq_channel channel,
                               int32_t accumulator, mnq_finish finish)
{
    const int32_t value = mnq_rescale_dsp(channel, accumulator, finish);
    return finish == MNQ_FINISH_TABLE ? table[mnq_saturate(value)]
                                      : mnq_finished(layer, value, finish);
}

#endif
