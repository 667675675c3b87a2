/* How a 32-bit accumulator becomes an integer again: the one place where rounding is decided. */
#ifndef MNQ_REQUANTIZE_H
#define MNQ_REQUANTIZE_H

#include "mnq_arithmetic.h"
#include "mnq_runtime.h"

/* a * b / 2^31, to nearest, ties towards +infinity; not both INT32_MIN. */
static inline int32_t mnq_high_multiply(int32_t a, int32_t b)
{
    return (int32_t)(((int64_t)a * b + (INT64_C(1) << 30)) >> 31);
}

/* value * 2^count, saturated; count is 0 .. 31. */
static inline int32_t mnq_saturating_shift_left(int32_t value, int32_t count)
{
    const int64_t shifted = (int64_t)value * (INT64_C(1) << count);
    return shifted > INT32_MAX ? INT32_MAX : shifted < INT32_MIN ? INT32_MIN : (int32_t)shifted;
}

/* x / 2^count, to nearest, ties away from zero; count is 0 .. 31. */
static inline int32_t mnq_rounded_shift_right(int32_t x, int32_t count)
{
    const int32_t mask = (int32_t)((INT64_C(1) << count) - 1);
    const int32_t threshold = (mask >> 1) + (x < 0);
    return (x >> count) + ((x & mask) > threshold);
}

/* The high multiply rounds, then the right shift rounds again. */
static inline int32_t mnq_requantize_twice(mnq_requantization factor, int32_t accumulator)
{
    const int32_t left = mnq_max(factor.shift, 0);
    const int32_t right = mnq_max(-factor.shift, 0);
    const int32_t shifted = (int32_t)((uint32_t)accumulator << left);
    const int64_t product = (int64_t)shifted * factor.multiplier;
    const int32_t high = (int32_t)((product + (INT64_C(1) << 30)) >> 31);
    return mnq_rounded_shift_right(high, right);
}

/* accumulator times the factor. Twin: Swift Requantization.callAsFunction. */
static inline int32_t mnq_requantize(mnq_requantization factor, int32_t accumulator,
                                     mnq_rounding rounding)
{
    if (rounding == MNQ_ROUNDING_DOUBLE) {
        return mnq_requantize_twice(factor, accumulator);
    }
    const int32_t count = 31 - factor.shift;
    const int64_t product = (int64_t)accumulator * factor.multiplier;
    const int64_t half = INT64_C(1) << (count - 1);
    if (rounding == MNQ_ROUNDING_SINGLE_AWAY && product < 0) {
        return (int32_t)-((half - product) >> count);
    }
    return (int32_t)((product + half) >> count);
}

#endif
