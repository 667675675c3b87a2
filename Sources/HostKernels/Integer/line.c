#include <float.h>
#include <math.h>

#include "../Shared/mnqh_cpu.h"
#include "mnqh_steps.h"

/* Offsets that take all steps, if arithmetic were exact. */
typedef struct {
    double low;
    double high;
} interval;

/* Narrows the interval by one step: the code is at least `code`, or below it. */
static inline void narrow(interval *offsets, mnqh_step step, bool least, int32_t zero_point,
                          const mnqh_line *line)
{
    const double value = (double)step.accumulator - line->center;
    const double code = step.code - (line->mirrored ? zero_point : 0);
    const double offset = code - 0.5 - value * line->scale;
    const bool flipped = line->mirrored && value < 0;
    if (least != flipped) {
        const double low = flipped ? -offset : offset;
        offsets->low = low > offsets->low ? low : offsets->low;
    } else {
        const double high = flipped ? -offset : offset;
        offsets->high = high < offsets->high ? high : offsets->high;
    }
}

static interval find_offsets(const mnqh_steps *steps, int32_t zero_point, const mnqh_line *line)
{
    interval offsets = {line->mirrored ? 0 : -512, 512};
    for (int32_t i = 0; i < steps->least_count; ++i) {
        narrow(&offsets, steps->least[i], true, zero_point, line);
    }
    for (int32_t i = 0; i < steps->below_count; ++i) {
        narrow(&offsets, steps->below[i], false, zero_point, line);
    }
    return offsets;
}

/* The code of an accumulator by a line, as the kernels compute it. */
static inline MNQH_FMA float code_f32(int32_t accumulator, const mnqh_line *line)
{
    const float value = (float)(accumulator - line->center);
    const double offset = value < 0 ? line->negative_offset : line->offset;
    return rintf(fmaf(value, (float)line->scale, (float)offset));
}

static inline MNQH_FMA double code_f64(int32_t accumulator, const mnqh_line *line)
{
    const double value = accumulator - line->center;
    return rint(fma(value, line->scale, value < 0 ? line->negative_offset : line->offset));
}

/* Puts the offset of an interval's share into the line. */
static void set_offset(interval offsets, double share, int32_t zero_point, mnqh_line *line)
{
    const double offset = offsets.low + (offsets.high - offsets.low) * share;
    line->offset = line->mirrored ? zero_point + offset : offset;
    line->negative_offset = line->mirrored ? zero_point - offset : offset;
}

static MNQH_FMA bool takes_f32(const mnqh_steps *steps, const mnqh_line *line)
{
    int wrong = 0;
    for (int32_t i = 0; i < steps->least_count; ++i) {
        const mnqh_step step = steps->least[i];
        wrong |= code_f32(step.accumulator, line) < (float)step.code;
    }
    for (int32_t i = 0; i < steps->below_count; ++i) {
        const mnqh_step step = steps->below[i];
        wrong |= code_f32(step.accumulator, line) >= (float)step.code;
    }
    return !wrong;
}

static MNQH_FMA bool takes_f64(const mnqh_steps *steps, const mnqh_line *line)
{
    int wrong = 0;
    for (int32_t i = 0; i < steps->least_count; ++i) {
        const mnqh_step step = steps->least[i];
        wrong |= code_f64(step.accumulator, line) < step.code;
    }
    for (int32_t i = 0; i < steps->below_count; ++i) {
        const mnqh_step step = steps->below[i];
        wrong |= code_f64(step.accumulator, line) >= step.code;
    }
    return !wrong;
}

/* Single precision has too few bits for most lines to be exact, but there are many lines: the
 * scale may be some units in the last place off, and the offset anywhere in its interval. */
bool mnqh_fit_f32(const mnqh_steps *steps, int32_t zero_point, mnqh_line *line)
{
    static const double shares[] = {0.5, 0.3, 0.7, 0.4, 0.6, 0.2, 0.8, 0.1, 0.9};
    const double scale = (float)line->scale;

    for (int32_t i = 0; i < 65; ++i) {
        const double units = i % 2 ? (i + 1) / 2 : -i / 2;
        line->scale = (float)(scale * (1 + units * (FLT_EPSILON / 2)));
        const interval offsets = find_offsets(steps, zero_point, line);
        for (size_t share = 0; offsets.low < offsets.high && share < 9; ++share) {
            set_offset(offsets, shares[share], zero_point, line);
            if (takes_f32(steps, line)) {
                return true;
            }
        }
    }
    return false;
}

bool mnqh_fit_f64(const mnqh_steps *steps, int32_t zero_point, mnqh_line *line)
{
    const interval offsets = find_offsets(steps, zero_point, line);
    set_offset(offsets, 0.5, zero_point, line);
    return takes_f64(steps, line);
}
