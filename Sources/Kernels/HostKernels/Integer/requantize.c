#include "mnqh_steps.h"

#include "mnq_requantize.h"

_Static_assert((int)MNQH_ROUND_DOUBLE == (int)MNQ_ROUNDING_DOUBLE
                   && (int)MNQH_ROUND_SINGLE_UP == (int)MNQ_ROUNDING_SINGLE_UP
                   && (int)MNQH_ROUND_SINGLE_AWAY == (int)MNQ_ROUNDING_SINGLE_AWAY,
               "the board's runtime names the roundings by the same numbers");

int32_t mnqh_requantize(int32_t accumulator, int32_t multiplier, int32_t shift, int32_t rounding)
{
    const mnq_requantization factor = {multiplier, shift};
    return mnq_requantize(factor, accumulator, (mnq_rounding)rounding);
}

/* The product of accumulator and multiplier from which on the result is at least k:
 * k * one - half, and `tie` more for results that are not positive. */
typedef struct {
    int64_t one;
    int64_t half;
    int64_t tie;
    int64_t divisor; /* the multiplier, with a left shift if that comes before the rounding */
} rule;

static rule make_rule(int32_t multiplier, int32_t shift, int32_t rounding)
{
    const int64_t one = INT64_C(1) << (31 - shift);
    switch (rounding) {
    case MNQH_ROUND_SINGLE_UP: return (rule){one, one / 2, 0, multiplier};
    case MNQH_ROUND_SINGLE_AWAY: return (rule){one, one / 2, 1, multiplier};
    default: break;
    }
    const int64_t high = INT64_C(1) << 31;
    if (shift >= 0) {
        return (rule){high, high / 2, 0, (int64_t)multiplier << shift};
    }
    return (rule){one, one / 2 + high / 2, high, multiplier};
}

/* a / b, rounded up; b is positive. */
static int64_t divide_up(int64_t a, int64_t b)
{
    return a / b + (a % b > 0);
}

bool mnqh_find_steps(const mnqh_codes *codes, int32_t multiplier, int32_t shift, int64_t lowest,
                     int64_t highest, mnqh_steps *steps)
{
    const int64_t limit = shift < 0 ? INT32_MAX : INT32_MAX >> 1 >> shift;
    if (lowest < -limit || highest > limit) {
        return false;
    }
    const int32_t zero_point = codes->output_zero_point;
    const int32_t rounding = codes->rounding;
    const rule rule = make_rule(multiplier, shift, rounding);
    const int32_t bottom =
        mnqh_requantize((int32_t)lowest, multiplier, shift, rounding) + zero_point;
    const int32_t top =
        mnqh_requantize((int32_t)highest, multiplier, shift, rounding) + zero_point;

    const int32_t first = mnq_clamp(bottom, codes->minimum, codes->maximum);
    const int32_t last = mnq_clamp(top, codes->minimum, codes->maximum);

    *steps = (mnqh_steps){.least_count = 0};
    if (first > codes->minimum) {
        steps->least[steps->least_count++] = (mnqh_step){(int32_t)lowest, first};
    }
    for (int32_t code = first + 1; code <= last; ++code) {
        const int64_t k = code - zero_point;
        const int64_t product = k * rule.one - rule.half + (k <= 0 ? rule.tie : 0);
        const int32_t accumulator = (int32_t)divide_up(product, rule.divisor);
        steps->least[steps->least_count++] = (mnqh_step){accumulator, code};
        steps->below[steps->below_count++] = (mnqh_step){accumulator - 1, code};
    }
    if (last < codes->maximum) {
        steps->below[steps->below_count++] = (mnqh_step){(int32_t)highest, last + 1};
    }
    return true;
}
