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

/* Each half of the pair, plus bytes 0 and 2, which are not negative. */
MNQ_INLINE int32_t mnq_uxtab16(int32_t pair, int32_t bytes)
{
#if MNQ_SPELLS_DSP
    /* Compilers do not agree on the types of the intrinsic. */
    int32_t sums;
    __asm__("uxtab16 %0, %1, %2" : "=r"(sums) : "r"(pair), "r"(bytes));
    return sums;
#else
    return mnq_pair(mnq_low(pair) + (uint8_t)bytes, mnq_high(pair) + (uint8_t)(bytes >> 16));
#endif
}

/* The same of bytes 1 and 3. */
MNQ_INLINE int32_t mnq_uxtab16_odd(int32_t pair, int32_t bytes)
{
#if MNQ_SPELLS_DSP
    int32_t sums;
    __asm__("uxtab16 %0, %1, %2, ror #8" : "=r"(sums) : "r"(pair), "r"(bytes));
    return sums;
#else
    return mnq_uxtab16(pair, bytes >> 8);
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

/* Four bytes from any address. */
MNQ_INLINE int32_t mnq_load_word(const int8_t *from)
{
    int32_t word;
    mnq_memcpy(&word, from, sizeof word);
    return word;
}

typedef struct {
    int32_t first, second;
} mnq_two;

typedef struct {
    int32_t first, second, third, fourth;
} mnq_four;

/* from[index] and those behind it, in loads that follow one another: the first takes two cycles,
 * each other one, where one instruction for two (LDRD) takes three. */
MNQ_INLINE mnq_two mnq_load_two(const int32_t *from, int32_t index)
{
#if MNQ_SPELLS_DSP
    mnq_two words;
    __asm__("ldr %0, [%2, %3]\n"
            "ldr %1, [%2, %4]"
            : "=&r"(words.first), "=r"(words.second)
            : "r"(from), "i"(4 * index), "i"(4 * index + 4),
              "m"(*(const int32_t(*)[2])(from + index)));
    return words;
#else
    const mnq_two words = {from[index], from[index + 1]};
    return words;
#endif
}

MNQ_INLINE mnq_four mnq_load_four(const int32_t *from, int32_t index)
{
#if MNQ_SPELLS_DSP
    mnq_four words;
    __asm__("ldr %0, [%4, %5]\n"
            "ldr %1, [%4, %6]\n"
            "ldr %2, [%4, %7]\n"
            "ldr %3, [%4, %8]"
            : "=&r"(words.first), "=&r"(words.second), "=&r"(words.third), "=r"(words.fourth)
            : "r"(from), "i"(4 * index), "i"(4 * index + 4), "i"(4 * index + 8),
              "i"(4 * index + 12), "m"(*(const int32_t(*)[4])(from + index)));
    return words;
#else
    const mnq_four words = {from[index], from[index + 1], from[index + 2], from[index + 3]};
    return words;
#endif
}

/* The next four bytes of each, from any addresses. */
MNQ_INLINE mnq_four mnq_next_words(const int8_t **x, const int8_t **y, const int8_t **z,
                                   const int8_t **t)
{
    mnq_four words;
#if MNQ_SPELLS_DSP
    __asm__ volatile("ldr %0, [%4], #4\n"
                     "ldr %1, [%5], #4\n"
                     "ldr %2, [%6], #4\n"
                     "ldr %3, [%7], #4"
                     : "=&r"(words.first), "=&r"(words.second), "=&r"(words.third),
                       "=&r"(words.fourth), "+&r"(*x), "+&r"(*y), "+&r"(*z), "+&r"(*t)
                     :
                     : "memory");
#else
    words.first = mnq_load_word(*x);
    words.second = mnq_load_word(*y);
    words.third = mnq_load_word(*z);
    words.fourth = mnq_load_word(*t);
    *x += 4;
    *y += 4;
    *z += 4;
    *t += 4;
#endif
    return words;
}

/* Two words to `to`: stores of one word take a cycle each, and one instruction for two (STRD)
 * three. */
MNQ_INLINE void mnq_store_two(int32_t *to, int32_t a, int32_t b)
{
#if MNQ_SPELLS_DSP
    __asm__ volatile("str %1, [%0]\n"
                     "str %2, [%0, #4]"
                     :
                     : "r"(to), "r"(a), "r"(b)
                     : "memory");
#else
    to[0] = a;
    to[1] = b;
#endif
}

/* What makes codes of a channel's sums. */
typedef struct {
    int32_t multiplier, rounding, left, right;
} mnq_factor;

/* In loads that follow one another: those of one instruction (LDRD) take a cycle more. */
MNQ_INLINE mnq_factor mnq_factor_of(const mnq_channel *channel)
{
#if MNQ_SPELLS_DSP
    mnq_factor factor;
    __asm__("ldr %0, [%4, %5]\n"
            "ldr %1, [%4, %6]\n"
            "ldrb %2, [%4, %7]\n"
            "ldrb %3, [%4, %8]"
            : "=&r"(factor.multiplier), "=&r"(factor.rounding), "=&r"(factor.left),
              "=r"(factor.right)
            : "r"(channel), "i"(offsetof(mnq_channel, multiplier)),
              "i"(offsetof(mnq_channel, rounding)), "i"(offsetof(mnq_channel, left)),
              "i"(offsetof(mnq_channel, right)), "m"(*channel));
    return factor;
#else
    const mnq_factor factor = {channel->multiplier, channel->rounding, channel->left,
                               channel->right};
    return factor;
#endif
}

/* What a channel's sums of taps that have 128 added are to begin at. */
MNQ_INLINE int32_t mnq_offset_dsp(const mnq_channel *channel)
{
    const uint32_t low = (uint8_t)channel->lanes_left, high = (uint8_t)channel->lanes_right;
    return (int16_t)(high << 8 | low) * 128;
}

/* mnq_rescale with the rounding multiply, of an accumulator shifted left: the first rounding is its
 * own, so that the sign alone moves ties of negative values away from zero. A value of 0 whose
 * accumulator is negative stays 0, since half of the divisor absorbs the sign. */
MNQ_INLINE int32_t mnq_rescale_dsp(mnq_factor factor, int32_t shifted, mnq_finish finish)
{
    int32_t value = mnq_smmlar(shifted, factor.multiplier, factor.rounding);
    if (mnq_rounds_down(finish, factor.right > 0)) {
        value += shifted >> 31;
    }
    return value >> factor.right;
}

/* Where the code of 0 stands in a layer's table. */
MNQ_INLINE const int8_t *mnq_table_dsp(const mnq_packed *layer, mnq_finish finish)
{
    return finish == MNQ_FINISH_TABLE ? layer->table + 128 : layer->table;
}

#ifdef MNQ_WIDE
#include "mnq_wide.h"

/* Bytes of a code that the kernel writes. */
MNQ_INLINE int32_t mnq_bytes(mnq_finish finish) { return finish == MNQ_FINISH_16 ? 2 : 1; }

/* What the kernel reads. Writes the code of an accumulator shifted left. Sums of 16-bit codes round
 * once, as their multiplier has 16 zeros behind its 15 bits: see PackedChannel in Swift. */
#if MNQ_WIDE == 16
typedef int16_t mnq_tap;
#define MNQ_LOAD_TAP "ldrsh.w"
#else
typedef int8_t mnq_tap;
#define MNQ_LOAD_TAP "ldrsb.w"
#endif
MNQ_INLINE void mnq_put_shifted_dsp(const mnq_packed *layer, const int8_t *table,
                                    mnq_factor factor, int32_t shifted, mnq_finish finish,
                                    int8_t *to)
{
    const int16_t *const curve = ((const mnq_packed_wide *)layer)->curve;
#if MNQ_WIDE == 16
    const int32_t value = mnq_high_sum(shifted, factor.multiplier, factor.rounding) >> factor.right;
#else
    const int32_t value = mnq_rescale_dsp(factor, shifted, MNQ_FINISH_CLAMP);
#endif
    (void)table;
    if (finish == MNQ_FINISH_CURVE) {
        *to = mnq_curve_code(curve, mnq_saturate_16(value));
    } else {
        const int32_t code = mnq_min(mnq_max(value, layer->clamp_min), layer->clamp_max);
        const int is_curved = finish == MNQ_FINISH_16 && curve;
        mnq_store(to, 0, 8 * mnq_bytes(finish), is_curved ? mnq_wide_curve(curve, 16, code) : code);
    }
}
#else
typedef int8_t mnq_tap;
#define MNQ_LOAD_TAP "ldrsb.w"

MNQ_INLINE int32_t mnq_bytes(mnq_finish finish)
{
    (void)finish;
    return 1;
}

MNQ_INLINE void mnq_put_shifted_dsp(const mnq_packed *layer, const int8_t *table,
                                    mnq_factor factor, int32_t shifted, mnq_finish finish,
                                    int8_t *to)
{
    const int32_t value = mnq_rescale_dsp(factor, shifted, finish);
    *to = finish == MNQ_FINISH_TABLE ? table[mnq_saturate(value)]
                                     : mnq_finished(layer, value, finish);
}
#endif

/* Writes the code of an accumulator; `table` is what mnq_table_dsp gives, kept in a register. */
MNQ_INLINE void mnq_put_dsp(const mnq_packed *layer, const int8_t *table, mnq_factor factor,
                            int32_t accumulator, mnq_finish finish, int8_t *to)
{
    const int32_t shifted = (int32_t)((uint32_t)accumulator << factor.left);
    mnq_put_shifted_dsp(layer, table, factor, shifted, finish, to);
}

#endif
