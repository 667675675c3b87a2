#include "mnq_arithmetic.h"
#include "mnq_requantize.h"
#include "mnq_runtime.h"

/* 128 / sqrt(sum), where a sum of 0 counts as 1. Twin: Swift
 * Requantization.init(inverseRootOf:). */
static mnq_requantization factor_of(int32_t sum)
{
    mnq_requantization factor = {INT32_MAX, 7};
    if (sum <= 1) {
        return factor;
    }
    int32_t places = 11;
    for (; sum >= INT32_C(1) << 29; ++places) {
        sum /= 4;
    }
    for (; sum < INT32_C(1) << 27; --places) {
        sum *= 4;
    }
    const int32_t half = mnq_rounded_shift_right(sum >> 1, 1);
    int32_t x = INT32_C(1) << 28; /* Q3.28 */
    for (int32_t step = 0; step < 5; ++step) {
        const int32_t square = mnq_high_multiply(x, x);
        const int32_t cube = mnq_saturating_shift_left(mnq_high_multiply(square, x), 6);
        x = mnq_saturating_shift_left(
            mnq_high_multiply(INT32_C(3) << 27, x) - mnq_high_multiply(half, cube), 3);
    }
    x = mnq_high_multiply(x, 1518500250); /* the root of a half */
    factor.multiplier = places < 0 ? x * (INT32_C(1) << -places) : x;
    factor.shift = places < 0 ? 7 : 7 - places;
    return factor;
}

MNQ_KERNEL
void mnq_l2_normalization_s8(const mnq_l2_normalization *layer, const int8_t *input,
                             int8_t *output)
{
    int32_t sum = 0;
    for (int32_t i = 0; i < layer->depth; ++i) {
        const int32_t difference = input[i] - layer->input_zero_point;
        sum += difference * difference;
    }
    const mnq_requantization factor = factor_of(sum);
    for (int32_t i = 0; i < layer->depth; ++i) {
        const int32_t difference = input[i] - layer->input_zero_point;
        output[i] = mnq_clamp(mnq_requantize_twice(factor, difference), INT8_MIN, INT8_MAX);
    }
}
