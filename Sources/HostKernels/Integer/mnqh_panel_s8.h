/* The packed form of 16 output channels.
 *
 * Registers do not hold channels in their natural order: packing 32 bits to 8 interleaves the two
 * halves of a register, and the high multiply swaps the two middle lanes of every four. Constants
 * are stored in the order in which they are needed, so that nothing is reordered at run time.
 */
#ifndef MNQH_PANEL_S8_H
#define MNQH_PANEL_S8_H

#include "../Shared/mnqh_cpu.h"
#include "mnqh_requantize.h"

/* Followed by the weights. Lanes without a channel are 0. */
typedef struct {
    /* In slots of the accumulator. The bias has input_zero_point * sum(weights) taken off, so that
     * a kernel multiplies the input's codes as they are. */
    int32_t bias[MNQH_PANEL];
    int32_t multipliers[MNQH_PANEL];
    int32_t shifts[MNQH_PANEL];
    /* max(-shift, 0), in slots of the high product. */
    int32_t right_shifts[MNQH_PANEL];
} mnqh_panel_s8;

/* Where packing wants column 0 ..< 16 of a panel: 0-3 and 8-11 in the first register. */
static inline size_t mnqh_slot(size_t column)
{
    return (column & 3) | (column & 8) >> 1 | (column & 4) << 1;
}

/* The slot that the high multiply moves to `slot`, and the other way round. */
static inline size_t mnqh_swapped(size_t slot)
{
    return (slot & ~(size_t)3) | (slot & 1) << 1 | (slot & 2) >> 1;
}

/* Packs one channel's constants, all but its weights, and says whether the fast requantization is
 * exact for it: double rounding, a right shift, and accumulators below 2^30 whatever the input.
 * `sum` and `magnitude` add up the channel's weights and their absolute values. */
bool mnqh_pack_channel_s8(const mnqh_channel_constants *constants, const mnqh_codes *codes,
                          size_t channel, int32_t sum, int32_t magnitude, size_t accumulator_slot,
                          mnqh_panel_s8 *panel);

/* The code of an accumulator: requantized, moved to the output's zero point, clamped. */
static inline int8_t mnqh_requantize_to_s8(int32_t accumulator, int32_t multiplier, int32_t shift,
                                           const mnqh_codes *codes)
{
    const int32_t product = mnqh_requantize(accumulator, multiplier, shift, codes->rounding);
    const int32_t code = (int32_t)((uint32_t)product + (uint32_t)codes->output_zero_point);
    const int32_t raised = code > codes->minimum ? code : codes->minimum;
    return (int8_t)(raised < codes->maximum ? raised : codes->maximum);
}

#endif
