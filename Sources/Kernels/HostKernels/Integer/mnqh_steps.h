/* The codes of a channel as a staircase over its accumulators.
 *
 * Requantization never falls, so what it does to a channel is fully told by the lowest accumulator
 * of each code. Any other function that never falls either, and that takes each step at the same
 * accumulator, gives the same codes: one multiplication in floating point, for instance.
 */
#ifndef MNQH_STEPS_H
#define MNQH_STEPS_H

#include "mnqh_kernels_s8.h"

/* What such a function must satisfy, accumulator by accumulator. */
typedef struct {
    int32_t accumulator;
    int32_t code; /* the zero point included */
} mnqh_step;

enum { MNQH_MAX_STEPS = 256 };

/* In the order of the accumulators. */
typedef struct {
    /* Here the code is at least so high. */
    mnqh_step least[MNQH_MAX_STEPS];
    int32_t least_count;
    /* Here it is lower than that. */
    mnqh_step below[MNQH_MAX_STEPS];
    int32_t below_count;
} mnqh_steps;

/* Finds the steps of a channel between its lowest and highest accumulator. Codes beyond the clamp
 * need not be told apart. False if an accumulator can leave 32 bits on the way, so that codes may
 * fall. */
bool mnqh_find_steps(const mnqh_codes *codes, int32_t multiplier, int32_t shift, int64_t lowest,
                     int64_t highest, mnqh_steps *steps);

/* A line over accumulators less `center`, to be rounded to the nearest integer, ties to even. */
typedef struct {
    double scale;
    /* For accumulators from the center on, and below it: the same unless the line is bent. */
    double offset;
    double negative_offset;
    int32_t center;
    bool bent;
    /* An accumulator less the center that is taken for the next one, or `INT32_MIN`. */
    int32_t mended;
} mnqh_line;

/* Whether only a bent line will do: ties away from zero ask for one, on both sides of it. One side
 * alone, or ties that go up everywhere, can do with a plain one. */
static inline bool mnqh_needs_bend(const mnqh_codes *codes)
{
    return codes->minimum < codes->output_zero_point && codes->rounding != MNQH_ROUND_SINGLE_UP;
}

/* Finds a line, bent or not, that takes the steps when computed with one fused multiply-add in
 * single precision. `line` comes with the exact factor in `scale`, its center, and `bent`; its
 * offsets are floats then, and `scale` too. False if there is none among those tried. Only the
 * second one may take an accumulator for the next one. */
bool mnqh_fit_f32(const mnqh_steps *steps, mnqh_line *line);
bool mnqh_fit_mended_f32(const mnqh_steps *steps, mnqh_line *line);

#endif
