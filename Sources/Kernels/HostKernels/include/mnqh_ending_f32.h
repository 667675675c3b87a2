#ifndef MNQH_ENDING_F32_H
#define MNQH_ENDING_F32_H

#include <stdbool.h>

/* What a layer does to a sum before it writes it: clamp(x) or, with `hard_swish`, what
 * `mnqh_hard_swish_f32` does, whatever the bounds. */
typedef struct {
    /* Minus and plus infinity for no clamp. */
    float minimum;
    float maximum;
    bool hard_swish;
} mnqh_ending_f32;

#endif
