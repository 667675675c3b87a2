#include <math.h>
#include <stdlib.h>

#include "twins.h"

/* What the maps of one shape see, at one side of their pages. */
typedef struct {
    size_t count;
    int side;
    const float *a;
    const float *b;
} operands;

typedef enum { CLAMP, HARD_SIGMOID, HARD_SWISH, ADD, MAPS } map;

static const char *const names[MAPS] = {"clamp_f32", "hard_sigmoid_f32", "hard_swish_f32",
                                        "add_f32"};

static void run_map(map which, bool scalar, const operands *x, const float *a, float *output)
{
    const size_t count = x->count;
    switch (which) {
    case CLAMP: (scalar ? mnqh_clamp_f32_scalar : mnqh_clamp_f32)(count, a, -1, 2, output); break;
    case HARD_SIGMOID:
        (scalar ? mnqh_hard_sigmoid_f32_scalar : mnqh_hard_sigmoid_f32)(count, a, 0.2F, 0.5F,
                                                                        output);
        break;
    case HARD_SWISH:
        (scalar ? mnqh_hard_swish_f32_scalar : mnqh_hard_swish_f32)(count, a, output);
        break;
    case ADD:
    default:
        (scalar ? mnqh_add_f32_scalar : mnqh_add_f32)(count, a, x->b, -2, 3, output);
        break;
    }
}

static double limited(double value, double minimum, double maximum)
{
    return value < minimum ? minimum : value > maximum ? maximum : value;
}

static real map_value(map which, double a, double b)
{
    switch (which) {
    case CLAMP: return (real){limited(a, -1, 2), fabs(a) + 1};
    case HARD_SIGMOID: return (real){limited((double)0.2F * a + 0.5, 0, 1), fabs(a) + 1};
    case HARD_SWISH: return (real){a * limited(a + 3, 0, 6) / 6, fabs(a) + 1};
    case ADD:
    default: return (real){limited(a + b, -2, 3), fabs(a) + fabs(b) + 1};
    }
}

static void check_map(map which, const operands *x)
{
    const size_t bytes = x->count * sizeof(float);
    real *expected = guarded(EXPECTED, AT_START, x->count * sizeof *expected, sizeof *expected);
    for (size_t i = 0; i < x->count; ++i) {
        expected[i] = map_value(which, (double)x->a[i], (double)x->b[i]);
    }
    float *output = guarded_noise(OUTPUT, x->side, bytes, sizeof(float));
    run_map(which, false, x, x->a, output);
    expect_close("fast", expected, output, x->count, 1e-6);
    output = guarded_noise(OUTPUT, x->side, bytes, sizeof(float));
    run_map(which, true, x, x->a, output);
    expect_close("scalar", expected, output, x->count, 1e-6);
    output = guarded_copy(OUTPUT, x->side, x->a, bytes, sizeof(float));
    run_map(which, false, x, output, output);
    expect_close("in place", expected, output, x->count, 1e-6);
}

static void check_scale_channels(const operands *x, size_t channels)
{
    const size_t pixels = x->count / channels;
    real *expected = guarded(EXPECTED, AT_START, x->count * sizeof *expected, sizeof *expected);
    for (size_t i = 0; i < x->count; ++i) {
        const double value = (double)x->a[i] * (double)x->b[i % channels];
        expected[i] = (real){value, fabs(value)};
    }
    const float *factors =
        guarded_copy(SPARE, x->side, x->b, channels * sizeof(float), sizeof(float));
    float *output = guarded_noise(OUTPUT, x->side, x->count * sizeof(float), sizeof(float));
    mnqh_scale_channels_f32(pixels, channels, x->a, factors, output);
    expect_close("fast", expected, output, x->count, 1e-6);
    output = guarded_noise(OUTPUT, x->side, x->count * sizeof(float), sizeof(float));
    mnqh_scale_channels_f32_scalar(pixels, channels, x->a, factors, output);
    expect_close("scalar", expected, output, x->count, 1e-6);
}

static void check_mean(const operands *x, size_t channels)
{
    const size_t pixels = x->count / channels;
    real *expected = guarded(EXPECTED, AT_START, channels * sizeof *expected, sizeof *expected);
    for (size_t c = 0; c < channels; ++c) {
        expected[c] = (real){0, 0};
        for (size_t pixel = 0; pixel < pixels; ++pixel) {
            const double term = (double)x->a[pixel * channels + c] / (double)pixels;
            expected[c].value += term;
            expected[c].magnitude += fabs(term);
        }
    }
    float *output = guarded_noise(OUTPUT, x->side, channels * sizeof(float), sizeof(float));
    mnqh_mean_f32(pixels, channels, x->a, output);
    expect_close("fast", expected, output, channels, 1e-6);
    output = guarded_noise(OUTPUT, x->side, channels * sizeof(float), sizeof(float));
    mnqh_mean_f32_scalar(pixels, channels, x->a, output);
    expect_close("scalar", expected, output, channels, 1e-6);
}

static void check_range(const operands *x)
{
    real expected[2] = {{INFINITY, 0}, {-INFINITY, 0}};
    for (size_t i = 0; i < x->count; ++i) {
        expected[0].value = fmin(expected[0].value, (double)x->a[i]);
        expected[1].value = fmax(expected[1].value, (double)x->a[i]);
    }
    const mnqh_range_f32_result fast = mnqh_range_f32(x->count, x->a);
    const mnqh_range_f32_result scalar = mnqh_range_f32_scalar(x->count, x->a);
    expect_close("fast", expected, (float[]){fast.minimum, fast.maximum}, 2, 0);
    expect_close("scalar", expected, (float[]){scalar.minimum, scalar.maximum}, 2, 0);
}

static void check_signal(const operands *x)
{
    const mnqh_signal_steps steps = {0.03125F, draw_between(-128, 127), -3, 3};
    const int8_t *codes =
        guarded_copy(SPARE, x->side, draw_bytes(SHIFTS, x->count), x->count, 1);
    real expected[5] = {{0, 0}};
    for (size_t i = 0; i < x->count; ++i) {
        const double value = (double)x->a[i];
        const double q = (codes[i] - steps.zero_point) * (double)steps.scale;
        const double terms[5] = {value * value, q * q, (value - q) * (value - q), value * q,
                                 value < -3 || value > 3};
        for (size_t k = 0; k < 5; ++k) {
            expected[k].value += terms[k];
            expected[k].magnitude += k < 4 ? fabs(value * value) + fabs(q * q) : 0;
        }
    }
    for (int scalar = 0; scalar < 2; ++scalar) {
        mnqh_signal_sums sums = {0};
        (scalar ? mnqh_add_signal_scalar : mnqh_add_signal)(&steps, x->count, x->a, codes, &sums);
        const float found[5] = {(float)sums.signal, (float)sums.quantized, (float)sums.noise,
                                (float)sums.product, (float)sums.saturated};
        expect_close(scalar ? "scalar" : "fast", expected, found, 5, 1e-5);
    }
}

static void check_count(size_t pixels, size_t channels)
{
    const size_t count = pixels * channels;
    const float *a = draw_floats(INPUT, count);
    const float *b = draw_floats(WEIGHTS, count);
    for (int side = 0; side < SIDES; ++side) {
        const operands x = {
            count, side, guarded_copy(SECOND_INPUT, side, a, count * sizeof *a, sizeof *a),
            guarded_copy(PACKED, side, b, count * sizeof *b, sizeof *b)};
        for (map which = CLAMP; which < MAPS; ++which) {
            begin(names[which], side == AT_START, "%zu elements", count);
            check_map(which, &x);
        }
        begin("scale_channels_f32", side == AT_START, "%zu pixels, %zu channels", pixels, channels);
        check_scale_channels(&x, channels);
        begin("mean_f32", side == AT_START, "%zu pixels, %zu channels", pixels, channels);
        check_mean(&x, channels);
        begin("range_f32", side == AT_START, "%zu elements", count);
        check_range(&x);
        begin("add_signal", side == AT_START, "%zu elements", count);
        check_signal(&x);
    }
}

void check_elements_f32(scope part)
{
    for (size_t channels = 1; channels <= MOST_CHANNELS; ++channels) {
        for (size_t width = 1; width <= MOST_WIDTH; ++width) {
            if (includes(part, channels, width)) {
                check_count(width, channels);
            }
        }
    }
    check_count(1031, 1); /* more than `add_signal` sums in single precision */
}
