#ifndef MNQH_ENDING_F32_SCALAR_H
#define MNQH_ENDING_F32_SCALAR_H

#include "mnqh_convolutions_f32.h"

/* NaN stays NaN: it fails both comparisons. */
static inline float mnqh_clamp_value(float value, float minimum, float maximum)
{
    const float raised = value < minimum ? minimum : value;
    return raised > maximum ? maximum : raised;
}

static inline float mnqh_hard_swish_value(float value)
{
    return value * mnqh_clamp_value(value + 3, 0, 6) * (1.0F / 6);
}

static inline float mnqh_end_value(float value, mnqh_ending_f32 ending)
{
    return ending.hard_swish ? mnqh_hard_swish_value(value)
                             : mnqh_clamp_value(value, ending.minimum, ending.maximum);
}

#endif
