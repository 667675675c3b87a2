#include "mnqh_training.h"

#include "mnqh_vector_f32.h"

/* Values that are summed in single precision before the sums are widened. */
enum { BLOCK = 1024 };

/* The terms of one vector of `width` values, whose gradient is written. */
MNQH_BODY mnqh_vector pass(float low, float high, size_t width, const float *computed,
                           const float *read, const float *upstream, float *gradient)
{
    const mnqh_vector x = mnqh_get(computed, width), y = mnqh_get(read, width);
    const mnqh_vector g = mnqh_get(upstream, width), zero = mnqh_splat(0);
    const mnqh_lanes isInside = (x >= mnqh_splat(low)) & (x <= mnqh_splat(high));
    mnqh_put(gradient, mnqh_select(isInside, g, zero), width);
    return g * (y - mnqh_select(isInside, x, zero));
}

MNQH_BODY void mnqh_rounding_gradient_f32_body(size_t count, float low, float high,
                                               const float *computed, const float *read,
                                               const float *upstream, float *gradient,
                                               double *sum)
{
    for (size_t first = 0; first < count; first += BLOCK) {
        const size_t end = first + mnqh_min(BLOCK, count - first);
        mnqh_vector terms = mnqh_splat(0);
        size_t i = first;
        for (; i + MNQH_LANES <= end; i += MNQH_LANES) {
            terms += pass(low, high, MNQH_LANES, computed + i, read + i, upstream + i,
                          gradient + i);
        }
        if (i < end) {
            terms += pass(low, high, end - i, computed + i, read + i, upstream + i, gradient + i);
        }
        for (size_t lane = 0; lane < MNQH_LANES; ++lane) {
            *sum += (double)terms[lane];
        }
    }
}

MNQH_TWINS(mnqh_rounding_gradient_f32,
           (size_t count, float low, float high, const float *computed, const float *read,
            const float *upstream, float *gradient, double *sum),
           (count, low, high, computed, read, upstream, gradient, sum))
