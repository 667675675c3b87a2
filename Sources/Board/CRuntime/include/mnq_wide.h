/* What kernels of layers with 16-bit codes need. Such a code is symmetric, with zero point 0. */
#ifndef MNQ_WIDE_H
#define MNQ_WIDE_H

#include "mnq_arithmetic.h"
#include "mnq_runtime.h"

/* accumulator times the factor with a mantissa of 15 bits, rounded once, ties towards +infinity;
 * shift is at most 14. Twin: Swift Requantization.reduced. */
MNQ_INLINE int32_t mnq_requantize_reduced(mnq_requantization factor, int32_t accumulator)
{
    const int32_t mantissa = factor.multiplier < INT32_C(0x7FFF0000)
                                 ? (factor.multiplier + (INT32_C(1) << 15)) >> 16
                                 : INT32_C(0x7FFF);
    const int32_t count = 15 - factor.shift;
    const int64_t product = (int64_t)accumulator * mantissa;
    return (int32_t)((product + (INT64_C(1) << (count - 1))) >> count);
}

/* What a curve makes of a code in -32768 .. 32767. points: as for mnq_curve_code where the output
 * has 8 bits, else 257 output codes; between two of them a line, to the nearest code, ties up.
 * Twin: Swift Curve.value. */
MNQ_INLINE int32_t mnq_wide_curve(const int16_t *points, int32_t output_bits, int32_t code)
{
    const int16_t *point = points + 128 + (code >> 8);
    const int32_t from = point[0], to = point[1];
    const int32_t line = from * 256 + (to - from) * (code & 255);
    return output_bits == 8 ? line >> 16 : (line + 128) >> 8;
}

/* The code at index of a tensor whose codes have 8 or 16 bits. */
MNQ_INLINE int32_t mnq_load(const int8_t *tensor, int32_t index, int32_t bits)
{
    return bits == 8 ? tensor[index] : ((const int16_t *)(const void *)tensor)[index];
}

MNQ_INLINE void mnq_store(int8_t *tensor, int32_t index, int32_t bits, int32_t code)
{
    if (bits == 8) {
        tensor[index] = (int8_t)code;
    } else {
        ((int16_t *)(void *)tensor)[index] = (int16_t)code;
    }
}

/* How the sums of a layer with weights become output codes. */
typedef struct {
    int32_t input_bits;
    int32_t output_bits;
    int32_t output_zero_point;
    int32_t clamp_min;
    int32_t clamp_max;
    mnq_rounding rounding;
    const int32_t *multipliers;
    const int8_t *shifts;
    const int16_t *curve; /* a null pointer where there is none */
} mnq_wide_finish;

/* The output code of a sum of channel o: sums of 16-bit codes are requantized with 15 bits. */
int32_t mnq_wide_code(const mnq_wide_finish *finish, int32_t accumulator, int32_t o);

#endif
