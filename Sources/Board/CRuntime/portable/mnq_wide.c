#include "mnq_wide.h"

#include "mnq_requantize.h"

MNQ_KERNEL
int32_t mnq_wide_code(const mnq_wide_finish *finish, int32_t accumulator, int32_t o)
{
    const mnq_requantization factor = {finish->multipliers[o], finish->shifts[o]};
    const int32_t quantized = finish->input_bits == 8
                                  ? mnq_requantize(factor, accumulator, finish->rounding)
                                  : mnq_requantize_reduced(factor, accumulator);
    const int32_t code = mnq_min(
        mnq_max(quantized + finish->output_zero_point, finish->clamp_min), finish->clamp_max);
    return finish->curve ? mnq_wide_curve(finish->curve, finish->output_bits, code) : code;
}
