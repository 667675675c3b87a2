#include <float.h>
#include <math.h>
#include <string.h>

#include "../Shared/mnqh_cpu.h"
#include "mnqh_steps.h"

/* Steps as a line sees them: `value` is the accumulator less the center, `bound` what the line must
 * reach there, or stay below. In the order of the values; the first `split` lie below 0. */
typedef struct {
    int32_t count;
    int32_t split;
    double value[MNQH_MAX_STEPS + 1];
    double bound[MNQH_MAX_STEPS + 1];
    int32_t code[MNQH_MAX_STEPS + 1];
} bounds;

typedef struct {
    bounds least;
    bounds below;
} constraints;

/* From here on a fused multiply-add becomes at least `code`. It is rounded twice, to single
 * precision and to an integer, and ties go to even: odd codes begin above the middle. */
static double threshold(int32_t code)
{
    const float middle = (float)code - 0.5F;
    const bool is_even = code % 2 == 0;
    float neighbor;
    uint32_t bits;
    memcpy(&bits, &middle, sizeof bits);
    bits += (middle < 0) == is_even ? 1U : UINT32_MAX;
    memcpy(&neighbor, &bits, sizeof neighbor);
    const double bound = ((double)middle + neighbor) / 2;
    return is_even ? bound : bound + DBL_EPSILON * 128;
}

static void add_bound(double value, int32_t code, bounds *all)
{
    all->value[all->count] = value;
    all->bound[all->count] = threshold(code);
    all->code[all->count] = code;
    all->split += value < 0;
    all->count += 1;
}

/* Either half of a bent line begins where the other one has got to: the upper one must reach the
 * last code before the center at value 0, the lower one stay below the next code at value -1. */
static void collect(const mnqh_step *steps, int32_t count, int32_t bend, const mnqh_line *line,
                    bounds *all)
{
    int32_t split = 0;
    while (split < count && steps[split].accumulator < line->center) {
        split += 1;
    }
    const int32_t neighbor = split - 1 - bend;
    all->count = all->split = 0;
    for (int32_t i = 0; i <= count; ++i) {
        if (i == split && line->bent && neighbor >= 0 && neighbor < count) {
            add_bound(bend, steps[neighbor].code, all);
        }
        if (i < count) {
            add_bound((double)steps[i].accumulator - line->center, steps[i].code, all);
        }
    }
}

static void collect_all(const mnqh_steps *steps, const mnqh_line *line, constraints *all)
{
    collect(steps->least, steps->least_count, 0, line, &all->least);
    collect(steps->below, steps->below_count, -1, line, &all->below);
}

/* Offsets that take all steps. */
typedef struct {
    double low;
    double high;
} interval;

static const interval anything = {-512, 512};

/* Maxima side by side, so that none waits for the one before. */
enum { LANES = 4 };

/* Narrows the interval by bounds `first ..< end` that the line must reach. */
static void raise(const bounds *least, int32_t first, int32_t end, double scale,
                  interval *offsets)
{
    double lows[LANES] = {offsets->low, offsets->low, offsets->low, offsets->low};
    int32_t i = first;
    for (; i + LANES <= end; i += LANES) {
        for (int32_t k = 0; k < LANES; ++k) {
            const double low = least->bound[i + k] - least->value[i + k] * scale;
            lows[k] = low > lows[k] ? low : lows[k];
        }
    }
    for (; i < end; ++i) {
        const double low = least->bound[i] - least->value[i] * scale;
        lows[0] = low > lows[0] ? low : lows[0];
    }
    for (int32_t k = 0; k < LANES; ++k) {
        offsets->low = lows[k] > offsets->low ? lows[k] : offsets->low;
    }
}

/* The same for those that it must stay below. */
static void lower(const bounds *below, int32_t first, int32_t end, double scale,
                  interval *offsets)
{
    double highs[LANES] = {offsets->high, offsets->high, offsets->high, offsets->high};
    int32_t i = first;
    for (; i + LANES <= end; i += LANES) {
        for (int32_t k = 0; k < LANES; ++k) {
            const double high = below->bound[i + k] - below->value[i + k] * scale;
            highs[k] = high < highs[k] ? high : highs[k];
        }
    }
    for (; i < end; ++i) {
        const double high = below->bound[i] - below->value[i] * scale;
        highs[0] = high < highs[0] ? high : highs[0];
    }
    for (int32_t k = 0; k < LANES; ++k) {
        offsets->high = highs[k] < offsets->high ? highs[k] : offsets->high;
    }
}

/* The offsets from the center on, and below it: the same ones unless the line is bent. */
typedef struct {
    interval from_center;
    interval below_center;
} sides;

static sides find_offsets(const constraints *all, double scale, bool bent)
{
    sides found = {anything, anything};
    interval *below_center = bent ? &found.below_center : &found.from_center;
    raise(&all->least, 0, all->least.split, scale, below_center);
    lower(&all->below, 0, all->below.split, scale, below_center);
    raise(&all->least, all->least.split, all->least.count, scale, &found.from_center);
    lower(&all->below, all->below.split, all->below.count, scale, &found.from_center);
    found.below_center = *below_center;
    return found;
}

/* How much room the tighter interval leaves; negative if there is none. */
static double room(const constraints *all, double scale, bool bent)
{
    const sides found = find_offsets(all, scale, bent);
    return fmin(found.from_center.high - found.from_center.low,
                found.below_center.high - found.below_center.low);
}

static double middle(interval offsets)
{
    return offsets.low + (offsets.high - offsets.low) / 2;
}

/* The code of an accumulator less the center, as the kernels compute it. */
static inline MNQH_FMA double code_at(double value, const mnqh_line *line)
{
    const float single = (float)(value == line->mended ? value + 1 : value);
    const double offset = single < 0 ? line->negative_offset : line->offset;
    return rintf(fmaf(single, (float)line->scale, (float)offset));
}

static MNQH_FMA bool takes(const constraints *all, const mnqh_line *line)
{
    int wrong = 0;
    for (int32_t i = 0; i < all->least.count; ++i) {
        wrong |= code_at(all->least.value[i], line) < all->least.code[i];
    }
    for (int32_t i = 0; i < all->below.count; ++i) {
        wrong |= code_at(all->below.value[i], line) >= all->below.code[i];
    }
    return !wrong;
}

/* A scale some units in the last place off. */
static double move(double scale, int32_t units)
{
    return (float)(scale * (1 + (double)units * FLT_EPSILON / 2));
}

/* The number of units, at most 512, that leaves the most room: it grows up to there and shrinks
 * from there on. */
static int32_t find_units(const constraints *all, double scale, bool bent)
{
    int32_t low = -512;
    int32_t high = 512;
    while (high - low > 2) {
        const int32_t third = (high - low) / 3;
        const double lower_room = room(all, move(scale, low + third), bent);
        if (lower_room < room(all, move(scale, high - third), bent)) {
            low += third;
        } else {
            high -= third;
        }
    }
    return (low + high) / 2;
}

static bool try_scale(const constraints *all, double scale, mnqh_line *line)
{
    const sides found = find_offsets(all, scale, line->bent);
    line->scale = scale;
    line->mended = INT32_MIN;
    line->offset = (float)middle(found.from_center);
    line->negative_offset = (float)middle(found.below_center);
    return found.from_center.low < found.from_center.high &&
           found.below_center.low < found.below_center.high && takes(all, line);
}

/* The highest float below `limit`. */
static double highest_below(double limit)
{
    float highest = (float)limit;
    while (highest >= limit) {
        highest = nextafterf(highest, -INFINITY);
    }
    return highest;
}

/* The first accumulator, less the center, that the line does not get high enough. */
static int32_t find_low(const constraints *all, const mnqh_line *line)
{
    for (int32_t i = 0; i < all->least.count; ++i) {
        if (code_at(all->least.value[i], line) < all->least.code[i]) {
            return (int32_t)all->least.value[i];
        }
    }
    return INT32_MIN;
}

/* As high as it may be, so that few accumulators are too low. */
static bool try_mended(const constraints *all, double scale, mnqh_line *line)
{
    const sides found = find_offsets(all, scale, line->bent);
    line->scale = scale;
    line->mended = INT32_MIN;
    line->offset = highest_below(found.from_center.high);
    line->negative_offset = highest_below(found.below_center.high);
    line->mended = find_low(all, line);
    return line->mended < INT32_MAX && takes(all, line);
}

/* Single precision has too few bits for most lines to be exact, but there are many lines: the
 * scale may be some units in the last place off, and the offset anywhere in its interval. */
static bool fit(const mnqh_steps *steps, bool (*try)(const constraints *, double, mnqh_line *),
                mnqh_line *line)
{
    const double scale = (float)line->scale;
    constraints all;
    collect_all(steps, line, &all);
    if (try(&all, scale, line)) {
        return true;
    }
    const int32_t best = find_units(&all, scale, line->bent);
    for (int32_t i = 0; i < 9; ++i) {
        const int32_t units = best + (i % 2 ? (i + 1) / 2 : -i / 2);
        if (try(&all, move(scale, units), line)) {
            return true;
        }
    }
    return false;
}

bool mnqh_fit_f32(const mnqh_steps *steps, mnqh_line *line)
{
    return fit(steps, try_scale, line);
}

bool mnqh_fit_mended_f32(const mnqh_steps *steps, mnqh_line *line)
{
    return fit(steps, try_mended, line);
}
