#include "mnqh_panel_s8.h"

#include <math.h>
#include <string.h>

#include "mnqh_steps.h"

/* Finds the steps of a channel, and what its line is looked for with. */
static bool prepare(const mnqh_channel_constants *constants, const mnqh_codes *codes,
                    const mnqh_panel_channel *channel, mnqh_steps *steps, mnqh_line *line)
{
    const mnqh_weight_sums sums = channel->sums;
    const int64_t most = INT8_MAX - codes->input_zero_point;
    const int64_t least = INT8_MIN - codes->input_zero_point;
    const int64_t bias = constants->bias[channel->channel];
    const int64_t lowest = bias + sums.positive * least + sums.negative * most;
    const int64_t highest = bias + sums.positive * most + sums.negative * least;
    const int32_t multiplier = constants->multipliers[channel->channel];
    const int32_t shift = constants->shifts[channel->channel];

    if (!mnqh_find_steps(codes, multiplier, shift, lowest, highest, steps)) {
        return false;
    }
    *line = (mnqh_line){.scale = ldexp(multiplier, shift - 31), .mirrored = mnqh_is_mirrored(codes)};
    if (!line->mirrored && steps->least_count > 0) {
        /* Numbers on both sides of 0 are the most precise ones. */
        line->center = steps->least[steps->least_count / 2].accumulator;
        const bool fits = lowest - line->center >= INT32_MIN && highest - line->center <= INT32_MAX;
        line->center = fits ? line->center : 0;
    }
    return true;
}

/* Fits lines to all channels, in one precision; false if one of them has none. */
static bool fit_lines(const mnqh_channel_constants *constants, const mnqh_codes *codes,
                      const mnqh_panel_channel *channels, size_t count, bool single,
                      mnqh_line *lines)
{
    mnqh_steps steps;
    for (size_t i = 0; i < count; ++i) {
        if (!prepare(constants, codes, &channels[i], &steps, &lines[i])) {
            return false;
        }
        const bool fitted = single ? mnqh_fit_f32(&steps, codes->output_zero_point, &lines[i])
                                   : mnqh_fit_f64(&steps, codes->output_zero_point, &lines[i]);
        if (!fitted) {
            return false;
        }
    }
    return true;
}

static mnqh_panel_kind choose_kind(const mnqh_channel_constants *constants,
                                   const mnqh_codes *codes, const mnqh_panel_channel *channels,
                                   size_t count, mnqh_line *lines)
{
    if (!mnqh_runs_lines()) {
        return MNQH_EXACT;
    }
    if (fit_lines(constants, codes, channels, count, true, lines)) {
        return mnqh_is_mirrored(codes) ? MNQH_MIRRORED_F32 : MNQH_LINE_F32;
    }
    if (fit_lines(constants, codes, channels, count, false, lines)) {
        return mnqh_is_mirrored(codes) ? MNQH_MIRRORED_F64 : MNQH_LINE_F64;
    }
    return MNQH_EXACT;
}

void mnqh_pack_panel_s8(const mnqh_channel_constants *constants, const mnqh_codes *codes,
                        const mnqh_panel_channel *channels, size_t count, mnqh_panel_s8 *panel)
{
    mnqh_line lines[MNQH_PANEL];
    memset(panel, 0, sizeof *panel);
    panel->kind = choose_kind(constants, codes, channels, count, lines);

    for (size_t i = 0; i < count; ++i) {
        const size_t slot = channels[i].slot;
        const size_t channel = channels[i].channel;
        const int32_t center = panel->kind == MNQH_EXACT ? 0 : lines[i].center;
        panel->start[slot] = (int32_t)((uint32_t)constants->bias[channel] - (uint32_t)center);
        panel->center[slot] = center;
        panel->multipliers[slot] = constants->multipliers[channel];
        panel->shifts[slot] = constants->shifts[channel];
        if (panel->kind == MNQH_LINE_F32 || panel->kind == MNQH_MIRRORED_F32) {
            panel->line.f32.scale[slot] = (float)lines[i].scale;
            panel->line.f32.offset[slot] = (float)lines[i].offset;
            panel->line.f32.negative_offset[slot] = (float)lines[i].negative_offset;
        } else if (panel->kind != MNQH_EXACT) {
            panel->line.f64.scale[slot] = lines[i].scale;
            panel->line.f64.offset[slot] = lines[i].offset;
            panel->line.f64.negative_offset[slot] = lines[i].negative_offset;
        }
    }
}

int8_t mnqh_panel_code(const mnqh_panel_s8 *panel, size_t slot, uint32_t accumulator,
                       const mnqh_codes *codes)
{
    return mnqh_requantize_to_s8((int32_t)(accumulator + (uint32_t)panel->center[slot]),
                                 panel->multipliers[slot], panel->shifts[slot], codes);
}
