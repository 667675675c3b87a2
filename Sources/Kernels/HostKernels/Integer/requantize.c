#include "mnqh_requantize.h"

_Static_assert(-1 >> 1 == -1, "right shifts of negative numbers must be arithmetic");

/* x / 2^count, to nearest, ties away from zero. count is 0 ... 31. */
static int32_t rounded_shift_right(int32_t x, int32_t count)
{
    const int32_t mask = (int32_t)((INT64_C(1) << count) - 1);
    const int32_t threshold = (mask >> 1) + (x < 0);
    return (x >> count) + ((x & mask) > threshold);
}

int32_t mnqh_requantize(int32_t accumulator, int32_t multiplier, int32_t shift, int32_t rounding)
{
    if (rounding == MNQH_ROUND_DOUBLE) {
        const int32_t left = shift > 0 ? shift : 0;
        const int32_t shifted = (int32_t)((uint32_t)accumulator << left);
        const int64_t high = ((int64_t)shifted * multiplier + (INT64_C(1) << 30)) >> 31;
        return rounded_shift_right((int32_t)high, shift < 0 ? -shift : 0);
    }
    const int64_t product = (int64_t)accumulator * multiplier;
    const int64_t half = INT64_C(1) << (30 - shift);
    if (rounding == MNQH_ROUND_SINGLE_UP) {
        return (int32_t)((product + half) >> (31 - shift));
    }
    const int64_t magnitude = ((product < 0 ? -product : product) + half) >> (31 - shift);
    return (int32_t)(product < 0 ? -magnitude : magnitude);
}
