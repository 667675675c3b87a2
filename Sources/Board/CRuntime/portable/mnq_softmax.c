#include "mnq_arithmetic.h"
#include "mnq_requantize.h"
#include "mnq_runtime.h"

/* exp(x) in Q0.31, for x in Q5.26, not positive. Twin: Swift Int32.exponential. */
static int32_t exponential(int32_t x)
{
    /* exp(-2^bit) in Q0.31, bit from -2 to 4. */
    static const int32_t powers[7] = {
        1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242,
    };
    const int32_t exponent_of_eighth = 1895147668;
    const int32_t third = 715827883;
    const int32_t quarter = INT32_C(1) << 24;
    if (x >= 0) {
        return INT32_MAX;
    }
    const int32_t below_quarter = (x & (quarter - 1)) - quarter;
    const int32_t y = mnq_saturating_shift_left(below_quarter, 5) + (INT32_C(1) << 28);
    const int32_t square = mnq_high_multiply(y, y);
    const int32_t cube = mnq_high_multiply(square, y);
    const int32_t fourth = mnq_high_multiply(square, square);
    const int32_t tail =
        mnq_high_multiply(mnq_rounded_shift_right(fourth, 2) + cube, third) + square;
    int32_t result = exponent_of_eighth
                     + mnq_high_multiply(exponent_of_eighth, y + mnq_rounded_shift_right(tail, 1));
    const int32_t remainder = below_quarter - x;
    for (int32_t bit = 0; bit < 7; ++bit) {
        if (remainder & (quarter << bit)) {
            result = mnq_high_multiply(result, powers[bit]);
        }
    }
    return result;
}

/* 1 / (1 + x) in Q0.31, for x in Q0.31, not negative. Twin: Swift Int32.reciprocalOfOnePlus. */
static int32_t reciprocal_of_one_plus(int32_t x)
{
    const int32_t half = (int32_t)(((int64_t)x + INT32_MAX + 1) / 2);
    int32_t y = 1515870810 + mnq_high_multiply(half, -1010580540);
    for (int32_t step = 0; step < 3; ++step) {
        const int32_t error = (INT32_C(1) << 29) - mnq_high_multiply(half, y);
        y += mnq_saturating_shift_left(mnq_high_multiply(y, error), 2);
    }
    return mnq_saturating_shift_left(y, 1);
}

/* exp(value - largest) in Q0.31; 0 where it is 0 in 8 bits. */
static int32_t exponential_of_difference(const mnq_softmax *layer, int32_t value, int32_t largest)
{
    const int32_t difference = value - largest;
    return difference < layer->smallest_difference
               ? 0
               : exponential(mnq_requantize_twice(layer->factor, difference));
}

MNQ_KERNEL
void mnq_softmax_s8(const mnq_softmax *layer, const int8_t *input, int8_t *output)
{
    int32_t largest = INT8_MIN;
    for (int32_t i = 0; i < layer->depth; ++i) {
        largest = mnq_max(largest, input[i]);
    }
    int32_t sum = 0; /* Q12.19; the largest value alone adds 1.0 */
    for (int32_t i = 0; i < layer->depth; ++i) {
        sum += mnq_rounded_shift_right(exponential_of_difference(layer, input[i], largest), 12);
    }
    int32_t leading_zeros = 1;
    while ((uint32_t)sum << leading_zeros < UINT32_C(1) << 31) {
        ++leading_zeros;
    }
    const int32_t fraction =
        (int32_t)(((uint32_t)sum << leading_zeros) - (UINT32_C(1) << 31));
    const int32_t reciprocal = reciprocal_of_one_plus(fraction);
    const int32_t places = 35 - leading_zeros;
    for (int32_t i = 0; i < layer->depth; ++i) {
        const int32_t exponent = exponential_of_difference(layer, input[i], largest);
        const int32_t product = mnq_high_multiply(reciprocal, exponent);
        /* Beyond 31 places nothing but 0 is left. */
        const int32_t quantized = places > 31 ? 0 : mnq_rounded_shift_right(product, places);
        output[i] = mnq_clamp(quantized - 128, INT8_MIN, INT8_MAX);
    }
}
