#include "mnq_arithmetic.h"
#include "mnq_runtime.h"

/* x / 2^count, to nearest, ties away from zero; count is 0 .. 31. */
static int32_t rounded_shift_right(int32_t x, int32_t count)
{
    const int32_t mask = (int32_t)((INT64_C(1) << count) - 1);
    const int32_t threshold = (mask >> 1) + (x < 0);
    return (x >> count) + ((x & mask) > threshold);
}

static int32_t rounded_twice(mnq_requantization factor, int32_t accumulator)
{
    const int32_t left = mnq_max(factor.shift, 0);
    const int32_t right = mnq_max(-factor.shift, 0);
    const int32_t shifted = (int32_t)((uint32_t)accumulator << left);
    const int64_t product = (int64_t)shifted * factor.multiplier;
    return rounded_shift_right((int32_t)((product + (INT64_C(1) << 30)) >> 31), right);
}

int32_t mnq_requantize(mnq_requantization factor, int32_t accumulator, mnq_rounding rounding)
{
    if (rounding == MNQ_ROUNDING_DOUBLE) {
        return rounded_twice(factor, accumulator);
    }
    const int32_t count = 31 - factor.shift;
    const int64_t product = (int64_t)accumulator * factor.multiplier;
    const int64_t half = INT64_C(1) << (count - 1);
    if (rounding == MNQ_ROUNDING_SINGLE_AWAY && product < 0) {
        return (int32_t)-((half - product) >> count);
    }
    return (int32_t)((product + half) >> count);
}
