#include <math.h>

#include "twins.h"

uint32_t draw(void)
{
    static uint64_t state = 1;
    state = state * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(state >> 33);
}

int32_t draw_between(int32_t low, int32_t high)
{
    return low + (int32_t)(draw() % (uint32_t)(high - low + 1));
}

/* At the end: a packer that reads past them is caught. */
int8_t *draw_bytes(purpose what, size_t count)
{
    int8_t *bytes = guarded(what, AT_END, count, 1);
    for (size_t i = 0; i < count; ++i) {
        bytes[i] = (int8_t)(draw() >> 20);
    }
    return bytes;
}

float *draw_floats(purpose what, size_t count)
{
    float *floats = guarded(what, AT_END, count * sizeof(float), sizeof(float));
    for (size_t i = 0; i < count; ++i) {
        floats[i] = (float)draw_between(-4000, 4000) / 1000;
    }
    return floats;
}

mnqh_codes draw_codes(void)
{
    const int32_t zero_point = draw_between(0, 2) == 0 ? -128 : draw_between(-128, 127);
    const bool clamps = draw_between(0, 3) == 0;
    return (mnqh_codes){
        /* Often 0: products of floats may be 0 with a sign then. */
        .input_zero_point = draw_between(0, 3) == 0 ? 0 : draw_between(-128, 127),
        .output_zero_point = zero_point,
        .minimum = clamps ? draw_between(-128, 0) : draw_between(0, 1) ? zero_point : -128,
        .maximum = clamps ? draw_between(0, 127) : 127,
        .rounding = draw_between(MNQH_ROUND_DOUBLE, MNQH_ROUND_SINGLE_AWAY),
    };
}

mnqh_factor draw_factor(int32_t lowest_shift, int32_t highest_shift)
{
    return (mnqh_factor){draw_between(1 << 30, INT32_MAX - 1),
                         draw_between(lowest_shift, highest_shift)};
}

mnqh_ending_f32 draw_ending(void)
{
    switch (draw_between(0, 2)) {
    case 0: return (mnqh_ending_f32){-INFINITY, INFINITY, false};
    case 1: return (mnqh_ending_f32){0, 6, false};
    default: return (mnqh_ending_f32){0, 0, true}; /* bounds that would show if heeded */
    }
}

mnqh_channel_constants draw_constants(size_t channels, size_t weights)
{
    const int32_t kind = draw_between(0, 3);
    const int8_t *values = draw_bytes(WEIGHTS, channels * weights);
    int32_t *bias = guarded(BIAS, AT_END, channels * sizeof *bias, sizeof *bias);
    int32_t *multipliers =
        guarded(MULTIPLIERS, AT_END, channels * sizeof *multipliers, sizeof *multipliers);
    int8_t *shifts = guarded(SHIFTS, AT_END, channels, 1);

    for (size_t c = 0; c < channels; ++c) {
        bias[c] = kind == 3 ? (int32_t)(draw() << 1) : draw_between(-20000, 20000);
        multipliers[c] = draw_between(1 << 30, INT32_MAX - 1);
        shifts[c] = (int8_t)(kind == 3   ? draw_between(-31, 30)
                             : kind == 2 ? draw_between(-11, -9)
                                         : draw_between(-9, -4));
    }
    return (mnqh_channel_constants){values, bias, multipliers, shifts};
}

static double clamped(double value, double minimum, double maximum)
{
    return value < minimum ? minimum : value > maximum ? maximum : value;
}

/* h-swish is at most 1.5 times as steep as nothing. */
real ended(real sum, mnqh_ending_f32 ending)
{
    if (ending.hard_swish) {
        return (real){sum.value * clamped(sum.value + 3, 0, 6) / 6, 1.5 * sum.magnitude};
    }
    return (real){clamped(sum.value, (double)ending.minimum, (double)ending.maximum),
                  sum.magnitude};
}
