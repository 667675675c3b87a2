/* Layers made ready when they are emitted, for kernels of one instruction set.
 *
 * Against mnq_conv2d and mnq_depthwise_conv2d: rounding is MNQ_ROUNDING_DOUBLE; there is one group
 * and no dilation; the input zero point is folded into the bias, so taps count as they are and one
 * outside the image is the zero point; the weights lie in the order in which the kernel reads them.
 * The emitter proves for each channel what mnq_rescale asks for, and counts the scratch memory of
 * each kernel into the arena: as many bytes as the kernel's file says under MNQ_SIZES. */
#ifndef MNQ_PACKED_H
#define MNQ_PACKED_H

#include "mnq_arithmetic.h"
#include "mnq_runtime.h"

/* How the accumulators of one output channel become codes: for mnq_rescale, and after it for
 * mnq_rescale_dsp. */
typedef struct {
    int32_t bias;
    int32_t multiplier; /* Q0.31, not negative */
    int32_t rounding;   /* ((2 * output zero point + 1) << (right - 1)) + (right > 1);
                         * (output zero point << right) + (1 << right >> 1) */
    uint8_t left;       /* max(shift, 0) + 2; max(shift, 0) + 1 */
    uint8_t right;      /* max(-shift, 0) + 1; max(-shift, 0) */
    int8_t lanes_left;  /* left - 1, as vectors shift; of mnq_conv2d_fast: see there */
    int8_t lanes_right; /* -right; of fast kernels 1, if mnq_rescale_small holds; of
                         * mnq_conv2d_dsp both are one number: less the sum of the weights */
} mnq_channel;

/* What the codes of a layer need. */
typedef enum {
    MNQ_FINISH_POSITIVE = 0, /* the output zero point is -128: saturation hides what lies below */
    MNQ_FINISH_SATURATE = 1, /* every shift is negative; codes fill their type */
    MNQ_FINISH_CLAMP = 2,    /* any shift, any clamp */
    MNQ_FINISH_TABLE = 3,    /* as saturated; then a table gives the code */
    MNQ_FINISH_CURVE = 4,    /* of mnq_packed_wide: a curve makes int8 of codes of 16 bits */
    MNQ_FINISH_16 = 5        /* of mnq_packed_wide: any clamp, then a curve, if there is one */
} mnq_finish;

typedef struct {
    mnq_extent input;
    mnq_extent output;
    mnq_extent kernel;
    mnq_extent stride;
    mnq_extent padding; /* rows above, columns to the left */
    int32_t input_channels;
    int32_t output_channels;
    int32_t input_zero_point;
    int32_t clamp_min;
    int32_t clamp_max;
    mnq_finish finish;
    const void *weights;         /* as the kernel says */
    const mnq_channel *channels; /* [output_channels] */
    const int8_t *table;         /* of MNQ_FINISH_TABLE: that of code q is at q + 128 */
} mnq_packed;

/* A convolution whose codes are 16 bits wide, and what makes int8 of them. Kernels named _curve
 * are their namesakes compiled with MNQ_CURVE, and are handed one of these. */
typedef struct {
    mnq_packed packed;    /* its finish is not MNQ_FINISH_POSITIVE */
    const int16_t *curve; /* see mnq_curve_code */
} mnq_packed_curve;

/* A convolution that reads or writes codes of 16 bits, by the DSP kernels compiled with MNQ_WIDE,
 * which is the bits that they read. Of 16 bits the zero point is 0, the weights of a word are its
 * bytes, and sums are rounded once (mnq_requantize_reduced). */
typedef struct {
    mnq_packed packed;    /* its finish is MNQ_FINISH_CLAMP, _CURVE or _16 */
    const int16_t *curve; /* see mnq_curve_code and mnq_wide_curve; a null pointer for none */
} mnq_packed_wide;

/* code = (a_slope * a + b_slope * b + offset) >> places, clamped: the emitter has tried all pairs
 * of codes. */
typedef struct {
    int32_t count;
    int32_t a_slope;
    int32_t b_slope;
    int32_t offset;
    int32_t places;
    int32_t clamp_min;
    int32_t clamp_max;
} mnq_packed_add;

/* Two tensors of one shape and their sum, at least one of the three with codes of 16 bits. */
typedef struct {
    int32_t count;
    int32_t a_bits; /* 8 or 16 */
    int32_t b_bits;
    int32_t output_bits;
    int32_t a_zero_point;
    int32_t b_zero_point;
    int32_t clamp_min;
    int32_t clamp_max;
    mnq_channel a_factor; /* from a code less its zero point to a common scale; biases are 0 */
    mnq_channel b_factor;
    mnq_channel output_factor;
} mnq_packed_add_wide;

/* Each pixel of a times b, which has one value a channel. */
typedef struct {
    int32_t pixels;
    int32_t channels;
    int32_t a_zero_point;
    int32_t b_zero_point;
    int32_t clamp_min;
    int32_t clamp_max;
    mnq_finish finish;  /* not MNQ_FINISH_POSITIVE */
    mnq_channel factor; /* of the product; its bias is 0 */
} mnq_packed_multiply;

#if defined(__ARM_ARCH_6M__) || defined(__ARM_ARCH_8M_BASE__)
#define MNQ_HAS_LONG_MULTIPLY 0
#else
#define MNQ_HAS_LONG_MULTIPLY 1
#endif

/* The bits of a * b above the lowest 32; b is not negative. */
MNQ_INLINE int32_t mnq_high_product(int32_t a, int32_t b)
{
#if !MNQ_HAS_LONG_MULTIPLY
    /* No long multiply, but no partial sum of 16-bit halves leaves 32 bits either. */
    const int32_t a_high = a >> 16, a_low = a & 0xFFFF;
    const int32_t b_high = b >> 16, b_low = b & 0xFFFF;
    const int32_t low = (int32_t)(((uint32_t)a_low * (uint32_t)b_low) >> 16);
    const int32_t middle = a_high * b_low + low;
    const int32_t carry = a_low * b_high + (middle & 0xFFFF);
    return a_high * b_high + (middle >> 16) + (carry >> 16);
#else
    return (int32_t)(((int64_t)a * b) >> 32);
#endif
}

/* mnq_high_product(a, b) + sum. */
MNQ_INLINE int32_t mnq_high_sum(int32_t a, int32_t b, int32_t sum)
{
#if defined(__ARM_FEATURE_DSP) && __ARM_FEATURE_DSP && defined(__GNUC__) && !defined(__clang__)
    /* One instruction, which no intrinsic names and GCC does not find. */
    int32_t result;
    __asm__("smmla %0, %1, %2, %3" : "=r"(result) : "r"(a), "r"(b), "r"(sum));
    return result;
#else
    return mnq_high_product(a, b) + sum;
#endif
}

/* mnq_high_sum of a multiple of four. */
MNQ_INLINE int32_t mnq_scaled_sum(int32_t fours, int32_t multiplier, int32_t sum)
{
#if MNQ_HAS_LONG_MULTIPLY
    return mnq_high_sum(fours, multiplier, sum);
#else
    /* A quarter has 30 bits: with a signed lower half no sum of products leaves 32. */
    const int32_t a = fours >> 2, a_low = (int16_t)a, a_high = (a - a_low) >> 16;
    const int32_t b_low = multiplier & 0xFFFF, b_high = multiplier >> 16;
    const int32_t middle = (a_low * b_low >> 16) + a_low * b_high + a_high * b_low;
    return a_high * (b_high * 4) + (middle >> 14) + sum;
#endif
}

/* Whether ties of negative values need care, where the second rounding is one or is none. */
MNQ_INLINE int mnq_rounds_down(mnq_finish finish, int is_rounded_twice)
{
    return finish == MNQ_FINISH_CLAMP ? is_rounded_twice : finish != MNQ_FINISH_POSITIVE;
}

/* mnq_requantize_twice, and the output zero point added, where neither the accumulator shifted
 * left nor the sum before the last shift leaves 32 bits.
 *
 * With p = accumulator << max(shift, 0) times the multiplier, the first rounding is
 * floor((p + 2^30) / 2^31) = floor((h + 1) / 2) for h = floor(p / 2^30), which is the high product
 * below. The second one adds half of 2^(right - 1), less 1 where the value is negative, and
 * divides: all its terms, doubled, are even, so they join h + 1 before one shift by `right`. Where
 * right is 1 there is no second rounding. At h = -1 the value is 0, yet taking it as negative
 * changes nothing, since half of the divisor absorbs it. */
MNQ_INLINE int32_t mnq_rescale(mnq_channel channel, int32_t accumulator, mnq_finish finish)
{
    const int32_t shifted = (int32_t)((uint32_t)accumulator << channel.left);
    int32_t rounding = channel.rounding;
    if (mnq_rounds_down(finish, channel.right > 1)) {
        rounding += (shifted >> 31) * 2;
    }
    return mnq_scaled_sum(shifted, channel.multiplier, rounding) >> channel.right;
}

/* value moved into -128 .. 127. */
MNQ_INLINE int32_t mnq_saturate(int32_t value)
{
#if defined(__ARM_FEATURE_SAT) && defined(__GNUC__)
    return (int32_t)__builtin_arm_ssat(value, 8);
#else
    return mnq_clamp(value, INT8_MIN, INT8_MAX);
#endif
}

/* value moved into -32768 .. 32767. */
MNQ_INLINE int32_t mnq_saturate_16(int32_t value)
{
#if defined(__ARM_FEATURE_SAT) && defined(__GNUC__)
    return (int32_t)__builtin_arm_ssat(value, 16);
#else
    return mnq_min(mnq_max(value, INT16_MIN), INT16_MAX);
#endif
}

/* Whether codes need no clamp but that of their type. */
MNQ_INLINE int mnq_is_full(int32_t clamp_min, int32_t clamp_max)
{
    return clamp_min == INT8_MIN && clamp_max == INT8_MAX;
}

/* The code of a value that mnq_rescale gave. */
MNQ_INLINE int8_t mnq_finished(const mnq_packed *layer, int32_t value, mnq_finish finish)
{
#ifdef MNQ_CURVE
    (void)finish;
    return mnq_curve_code(((const mnq_packed_curve *)layer)->curve, mnq_saturate_16(value));
#else
    if (finish == MNQ_FINISH_CLAMP) {
        return mnq_clamp(value, layer->clamp_min, layer->clamp_max);
    }
    value = mnq_saturate(value);
    return finish == MNQ_FINISH_TABLE ? layer->table[value + 128] : (int8_t)value;
#endif
}

/* The code of an accumulator. */
MNQ_INLINE int8_t mnq_code(const mnq_packed *layer, mnq_channel channel, int32_t accumulator,
                           mnq_finish finish)
{
    return mnq_finished(layer, mnq_rescale(channel, accumulator, finish), finish);
}

#if !MNQ_HAS_LONG_MULTIPLY
/* mnq_rescale of an accumulator of 20 bits and a sign, where `left` is 2, that no shift goes left:
 * the multiplier comes in parts of 11, 10 and 10 bits. */
MNQ_INLINE int32_t mnq_rescale_small(mnq_channel channel, int32_t a, mnq_finish finish)
{
    const int32_t high = channel.multiplier >> 20, middle = channel.multiplier >> 10 & 1023;
    const int32_t low = channel.multiplier & 1023;
    int32_t rounding = channel.rounding;
    if (mnq_rounds_down(finish, channel.right > 1)) {
        rounding += (a >> 31) * 2;
    }
    const int32_t product = a * high + ((a * middle + (a * low >> 10)) >> 10);
    return ((product >> 10) + rounding) >> channel.right;
}
#endif

/* The codes of one output channel of some pixels. */
MNQ_INLINE void mnq_codes(const mnq_packed *layer, mnq_channel channel, const int32_t *accumulators,
                          int32_t pixels, int8_t *output, mnq_finish finish)
{
    const int32_t step = layer->output_channels;
#if !MNQ_HAS_LONG_MULTIPLY
    if (channel.lanes_right > 0) {
        for (; pixels > 0; --pixels) {
            const int32_t value = mnq_rescale_small(channel, *accumulators++, finish);
            *output = mnq_finished(layer, value, finish);
            output += step;
        }
    }
#endif
    for (; pixels > 0; --pixels) {
        *output = mnq_code(layer, channel, *accumulators++, finish);
        output += step;
    }
}

/* How the kernel ends; nothing hides what lies below a code that goes through a curve. */
MNQ_INLINE mnq_finish mnq_finish_of(const mnq_packed *layer)
{
#ifdef MNQ_CURVE
    return layer->finish == MNQ_FINISH_SATURATE ? MNQ_FINISH_SATURATE : MNQ_FINISH_CLAMP;
#else
    return layer->finish;
#endif
}

/* Kernels of one instruction set, or of any (fast). Each names in its file the order of its weights
 * and what it keeps in scratch memory, which begins at a multiple of four bytes. `output` may lie
 * over `input` as far as the tool knows of the kernel. */
void mnq_conv2d_fast(const mnq_packed *layer, const int8_t *input, int8_t *output, void *scratch);
void mnq_depthwise_conv2d_fast(const mnq_packed *layer, const int8_t *input, int8_t *output,
                               void *scratch);
void mnq_add_fast(const mnq_packed_add *layer, const int8_t *a, const int8_t *b, int8_t *output);
void mnq_multiply_fast(const mnq_packed_multiply *layer, const int8_t *a, const int8_t *b,
                       int8_t *output);
void mnq_conv2d_dsp(const mnq_packed *layer, const int8_t *input, int8_t *output, void *scratch);
void mnq_depthwise_conv2d_dsp(const mnq_packed *layer, const int8_t *input, int8_t *output,
                              void *scratch);
void mnq_conv2d_mve(const mnq_packed *layer, const int8_t *input, int8_t *output, void *scratch);
void mnq_depthwise_conv2d_mve(const mnq_packed *layer, const int8_t *input, int8_t *output,
                              void *scratch);
void mnq_conv2d_fast_curve(const mnq_packed *layer, const int8_t *input, int8_t *output,
                           void *scratch);
void mnq_depthwise_conv2d_fast_curve(const mnq_packed *layer, const int8_t *input, int8_t *output,
                                     void *scratch);
void mnq_conv2d_dsp_curve(const mnq_packed *layer, const int8_t *input, int8_t *output,
                          void *scratch);
void mnq_depthwise_conv2d_dsp_curve(const mnq_packed *layer, const int8_t *input, int8_t *output,
                                    void *scratch);
void mnq_conv2d_wide_dsp(const mnq_packed *layer, const int8_t *input, int8_t *output,
                         void *scratch);
void mnq_conv2d_widening_dsp(const mnq_packed *layer, const int8_t *input, int8_t *output,
                             void *scratch);
void mnq_depthwise_conv2d_wide_dsp(const mnq_packed *layer, const int8_t *input, int8_t *output,
                                   void *scratch);
void mnq_depthwise_conv2d_widening_dsp(const mnq_packed *layer, const int8_t *input,
                                       int8_t *output, void *scratch);
void mnq_add_wide_dsp(const mnq_packed_add_wide *layer, const int8_t *a, const int8_t *b,
                      int8_t *output);
void mnq_add_mve(const mnq_packed_add *layer, const int8_t *a, const int8_t *b, int8_t *output);

#endif
