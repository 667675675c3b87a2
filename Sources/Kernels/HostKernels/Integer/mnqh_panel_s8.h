/* The packed form of 16 output channels.
 *
 * Registers do not hold channels in their natural order: packing 32 bits to 8 interleaves the two
 * halves of a register. Everything is stored in the order, of slots, in which it is needed.
 */
#ifndef MNQH_PANEL_S8_H
#define MNQH_PANEL_S8_H

#include "../Shared/mnqh_cpu.h"
#include "mnq_arithmetic.h"
#include "mnqh_kernels_s8.h"

/* How a panel's accumulators become codes. */
typedef enum {
    /* By a line that was proved to give the same codes; the second kind has an offset of its own for
     * negative numbers. */
    MNQH_LINE_F32,
    MNQH_BENT_F32,
    /* The second kind, right for all accumulators of a channel but one. That one is taken for the
     * next. */
    MNQH_MENDED_F32,
    /* By the integers themselves. */
    MNQH_EXACT
} mnqh_panel_kind;

/* Followed by the weights. Slots without a channel are 0. */
typedef struct {
    /* What accumulators start from: the bias less the center of the line. A kernel that multiplies
     * the input's codes as they are, and not less their zero point, takes that from it too. */
    int32_t start[MNQH_PANEL];
    struct {
        float scale[MNQH_PANEL];
        float offset[MNQH_PANEL];
        float negative_offset[MNQH_PANEL];
        int32_t mended[MNQH_PANEL];
    } line;
    int32_t center[MNQH_PANEL];
    int32_t multipliers[MNQH_PANEL];
    int32_t shifts[MNQH_PANEL];
    mnqh_panel_kind kind;
    int32_t unused[MNQH_PANEL - 1]; /* keeps the weights aligned */
} mnqh_panel_s8;

/* Where packing wants column 0 ..< 16 of a panel: 0-3 and 8-11 in the first register. */
static inline size_t mnqh_slot(size_t column)
{
    return (column & 3) | (column & 8) >> 1 | (column & 4) << 1;
}

/* What a channel's weights add up to, and the parts of that which are not negative and negative. */
typedef struct {
    int32_t positive;
    int32_t negative;
} mnqh_weight_sums;

static inline void mnqh_add_weight(mnqh_weight_sums *sums, int8_t weight)
{
    if (weight >= 0) {
        sums->positive += weight;
    } else {
        sums->negative += weight;
    }
}

/* One channel on its way into a panel. */
typedef struct {
    size_t channel;
    size_t slot;
    mnqh_weight_sums sums;
} mnqh_panel_channel;

/* Packs all of a panel but its weights: `count` channels, at most 16. Accumulators are sums over
 * codes less their zero point. */
void mnqh_pack_panel_s8(const mnqh_channel_constants *constants, const mnqh_codes *codes,
                        const mnqh_panel_channel *channels, size_t count, mnqh_panel_s8 *panel);

/* Takes what `zero` more in each of the input's codes adds to a channel's sum from where it starts. */
static inline void mnqh_take_from_start(mnqh_panel_s8 *panel, const mnqh_panel_channel *channel,
                                        int32_t zero)
{
    const int32_t sum = channel->sums.positive + channel->sums.negative;
    uint32_t start = (uint32_t)panel->start[channel->slot];
    start -= (uint32_t)zero * (uint32_t)sum;
    panel->start[channel->slot] = (int32_t)start;
}

/* The code of an accumulator that began at the panel's start. Defines the result. */
int8_t mnqh_panel_code(const mnqh_panel_s8 *panel, size_t slot, uint32_t accumulator,
                       const mnqh_codes *codes);

/* The code of an accumulator: requantized, moved to the output's zero point, clamped. */
static inline int8_t mnqh_requantize_to_s8(int32_t accumulator, int32_t multiplier, int32_t shift,
                                           const mnqh_codes *codes)
{
    const int32_t product = mnqh_requantize(accumulator, multiplier, shift, codes->rounding);
    const int32_t code = (int32_t)((uint32_t)product + (uint32_t)codes->output_zero_point);
    return mnq_clamp(code, codes->minimum, codes->maximum);
}

#endif
