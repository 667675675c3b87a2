#include "mnqh_panel_s8.h"

bool mnqh_pack_channel_s8(const mnqh_channel_constants *constants, const mnqh_codes *codes,
                          size_t channel, int32_t sum, int32_t magnitude, size_t accumulator_slot,
                          mnqh_panel_s8 *panel)
{
    const int32_t bias = constants->bias[channel];
    const int32_t zero_point = codes->input_zero_point;
    const int32_t multiplier = constants->multipliers[channel];
    /* A factor of 0 gives 0 whatever the shift. */
    const int32_t shift = multiplier == 0 ? -1 : constants->shifts[channel];
    const int64_t reach = zero_point < 0 ? 127 - zero_point : 128 + zero_point;
    const int64_t bound = (bias < 0 ? -(int64_t)bias : bias) + reach * magnitude;

    panel->bias[accumulator_slot] =
        (int32_t)((uint32_t)bias - (uint32_t)zero_point * (uint32_t)sum);
    panel->multipliers[accumulator_slot] = multiplier;
    panel->shifts[accumulator_slot] = shift;
    panel->right_shifts[mnqh_swapped(accumulator_slot)] = shift < 0 ? -shift : 0;
    return codes->rounding == MNQH_ROUND_DOUBLE && shift < 0 && bound < INT64_C(1) << 30;
}
