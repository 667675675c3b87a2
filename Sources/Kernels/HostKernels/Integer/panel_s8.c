#include "mnqh_panel_s8.h"

#include <math.h>
#include <string.h>

#include "mnqh_steps.h"

/* A channel's staircase and the exact line below it. */
typedef struct {
    mnqh_steps steps;
    double scale;
    int64_t lowest; /* accumulator */
    int64_t highest;
} staircase;

/* False if codes may fall. */
static bool find_staircase(const mnqh_channel_constants *constants, const mnqh_codes *codes,
                           const mnqh_panel_channel *channel, staircase *found)
{
    const mnqh_weight_sums sums = channel->sums;
    const int64_t most = INT8_MAX - codes->input_zero_point;
    const int64_t least = INT8_MIN - codes->input_zero_point;
    const int64_t bias = constants->bias[channel->channel];
    const int32_t multiplier = constants->multipliers[channel->channel];
    const int32_t shift = constants->shifts[channel->channel];

    found->scale = ldexp(multiplier, shift - 31);
    found->lowest = bias + sums.positive * least + sums.negative * most;
    found->highest = bias + sums.positive * most + sums.negative * least;
    return mnqh_find_steps(codes, multiplier, shift, found->lowest, found->highest, &found->steps);
}

/* 0, 1, -1, 2, -2 and so on. */
static int32_t around_zero(int32_t index)
{
    return index % 2 ? (index + 1) / 2 : -index / 2;
}

/* The center of a line that has to be bent may be anywhere between the steps to and from the zero
 * point. Any other may be anywhere: offsets are the finest where the codes are near 0. */
static int32_t find_center(const staircase *stairs, bool needs_bend, int32_t attempt)
{
    if (needs_bend) {
        const double center = 0.1 * around_zero(attempt) / stairs->scale;
        return fabs(center) < INT32_MAX ? (int32_t)center : 0;
    }
    const int32_t code = 8 * around_zero(attempt);
    int32_t center = 0;
    for (int32_t i = 0; i < stairs->steps.least_count; ++i) {
        const mnqh_step step = stairs->steps.least[i];
        center = i == 0 || step.code <= code ? step.accumulator : center;
    }
    return center;
}

static bool fit_line(const staircase *stairs, bool needs_bend, bool mended, mnqh_line *line)
{
    const int32_t attempts = mended ? 33 : line->bent ? 9 : 1;
    for (int32_t i = 0; i < attempts; ++i) {
        const int32_t center = find_center(stairs, needs_bend, i);
        const bool fits = stairs->lowest - center > INT32_MIN &&
                          stairs->highest - center <= INT32_MAX;
        line->scale = stairs->scale;
        line->center = fits ? center : 0;
        if (mended ? mnqh_fit_mended_f32(&stairs->steps, line)
                   : mnqh_fit_f32(&stairs->steps, line)) {
            return true;
        }
    }
    return false;
}

/* Fits lines of a kind to all channels; false if one of them has none. */
static bool fit_lines(const mnqh_channel_constants *constants, const mnqh_codes *codes,
                      const mnqh_panel_channel *channels, size_t count, mnqh_panel_kind kind,
                      mnqh_line *lines)
{
    const bool needs_bend = mnqh_needs_bend(codes);
    const bool mended = kind == MNQH_MENDED_F32;
    staircase stairs;
    for (size_t i = 0; i < count; ++i) {
        lines[i].bent = mended ? needs_bend : kind == MNQH_BENT_F32;
        if (!find_staircase(constants, codes, &channels[i], &stairs) ||
            !fit_line(&stairs, needs_bend, mended, &lines[i])) {
            return false;
        }
    }
    return true;
}

/* The fastest kind that does. */
static mnqh_panel_kind choose_kind(const mnqh_channel_constants *constants,
                                   const mnqh_codes *codes, const mnqh_panel_channel *channels,
                                   size_t count, mnqh_line *lines)
{
    const mnqh_panel_kind kinds[] = {MNQH_LINE_F32, MNQH_BENT_F32, MNQH_MENDED_F32};
    for (size_t i = mnqh_needs_bend(codes) ? 1 : 0; mnqh_runs_lines() && i < 3; ++i) {
        if (fit_lines(constants, codes, channels, count, kinds[i], lines)) {
            return kinds[i];
        }
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
        if (panel->kind != MNQH_EXACT) {
            panel->line.scale[slot] = (float)lines[i].scale;
            panel->line.offset[slot] = (float)lines[i].offset;
            panel->line.negative_offset[slot] = (float)lines[i].negative_offset;
            panel->line.mended[slot] = lines[i].mended;
        }
    }
}

int8_t mnqh_panel_code(const mnqh_panel_s8 *panel, size_t slot, uint32_t accumulator,
                       const mnqh_codes *codes)
{
    return mnqh_requantize_to_s8((int32_t)(accumulator + (uint32_t)panel->center[slot]),
                                 panel->multipliers[slot], panel->shifts[slot], codes);
}
