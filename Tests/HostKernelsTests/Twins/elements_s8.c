#include <stdlib.h>

#include "twins.h"

/* What the kernels of one shape see, at one side of their pages. */
typedef struct {
    size_t pixels;
    size_t channels;
    size_t count;
    int side;
    const int8_t *a;
    const int8_t *b;
} operands;

static int8_t *place_output(const operands *x, size_t count)
{
    return guarded_noise(OUTPUT, x->side, count, 1);
}

static int8_t *copy_of_a(const operands *x)
{
    return guarded_copy(OUTPUT, x->side, x->a, x->count, 1);
}

static void check_lookup(const operands *x)
{
    const int8_t *table = guarded_copy(SPARE, x->side, draw_bytes(WEIGHTS, 256), 256, 1);
    int8_t *expected = guarded(EXPECTED, AT_END, x->count, 1);
    for (size_t i = 0; i < x->count; ++i) {
        expected[i] = table[x->a[i] + 128];
    }
    int8_t *output = place_output(x, x->count);
    mnqh_lookup_s8(x->count, x->a, table, output);
    expect_same("fast", expected, output, x->count);
    output = place_output(x, x->count);
    mnqh_lookup_s8_scalar(x->count, x->a, table, output);
    expect_same("scalar", expected, output, x->count);
    output = copy_of_a(x);
    mnqh_lookup_s8(x->count, output, table, output);
    expect_same("in place", expected, output, x->count);
}

static void check_hard_swish(const operands *x)
{
    const mnqh_hard_swish_s8_layer layer = {draw_between(-128, 127), draw_between(-128, 127),
                                            draw_factor(-15, -1), draw_factor(-15, 30)};
    int8_t *expected = guarded(EXPECTED, AT_END, x->count, 1);
    mnqh_hard_swish_s8_scalar(&layer, x->count, x->a, expected);
    int8_t *output = place_output(x, x->count);
    mnqh_hard_swish_s8(&layer, x->count, x->a, output);
    expect_same("fast", expected, output, x->count);
    output = copy_of_a(x);
    mnqh_hard_swish_s8(&layer, x->count, output, output);
    expect_same("in place", expected, output, x->count);
}

/* An accumulator's code, by its definition. */
static int8_t code(int32_t accumulator, mnqh_factor factor, const mnqh_codes *codes)
{
    const mnqh_channel_constants constants = {NULL, NULL, &factor.multiplier,
                                              &(int8_t){(int8_t)factor.shift}};
    int8_t found;
    plain_codes(&accumulator, 1, 1, &constants, codes, &found);
    return found;
}

/* One operand on the common scale, 2^20 finer than its codes. */
static uint32_t rescaled(int32_t value, int32_t zero_point, mnqh_factor factor, int32_t rounding)
{
    return (uint32_t)mnqh_requantize((value - zero_point) * (1 << 20), factor.multiplier,
                                     factor.shift, rounding);
}

static mnqh_add_s8_layer draw_add(void)
{
    mnqh_add_s8_layer layer = {
        .a_zero_point = draw_between(-128, 127),
        .a_factor = draw_factor(-3, 0),
        .b_zero_point = draw_between(-128, 127),
        .b_factor = draw_factor(-3, 0),
        .output_factor = draw_factor(-20, -17),
        .codes = draw_codes(),
    };
    /* To look for a line takes a fraction of a millisecond. */
    if (draw_between(0, 7) == 0) {
        mnqh_prepare_add_s8(&layer);
    }
    return layer;
}

static void check_add(const operands *x)
{
    const mnqh_add_s8_layer layer = draw_add();
    const int32_t rounding = layer.codes.rounding;
    int8_t *expected = guarded(EXPECTED, AT_END, x->count, 1);
    for (size_t i = 0; i < x->count; ++i) {
        const uint32_t sum = rescaled(x->a[i], layer.a_zero_point, layer.a_factor, rounding) +
                             rescaled(x->b[i], layer.b_zero_point, layer.b_factor, rounding);
        expected[i] = code((int32_t)sum, layer.output_factor, &layer.codes);
    }
    int8_t *output = place_output(x, x->count);
    mnqh_add_s8(&layer, x->count, x->a, x->b, output);
    expect_same("fast", expected, output, x->count);
    output = place_output(x, x->count);
    mnqh_add_s8_scalar(&layer, x->count, x->a, x->b, output);
    expect_same("scalar", expected, output, x->count);
    output = copy_of_a(x);
    mnqh_add_s8(&layer, x->count, output, x->b, output);
    expect_same("in place", expected, output, x->count);
}

static void check_scale_channels(const operands *x)
{
    /* Some factors are 0: products may be 0 with a sign then. */
    const int8_t *factors = guarded_copy(SPARE, x->side, x->b, x->channels, 1);
    mnqh_scale_channels_s8_layer layer = {.factors_zero_point = factors[draw() % x->channels],
                                          .factor = draw_factor(-14, -1),
                                          .codes = draw_codes()};
    int8_t *expected = guarded(EXPECTED, AT_END, x->count, 1);
    for (size_t i = 0; i < x->count; ++i) {
        const int32_t product = (x->a[i] - layer.codes.input_zero_point) *
                                (factors[i % x->channels] - layer.factors_zero_point);
        expected[i] = code(product, layer.factor, &layer.codes);
    }
    for (int prepared = 0; prepared < 2; ++prepared) {
        int8_t *output = place_output(x, x->count);
        mnqh_scale_channels_s8(&layer, x->pixels, x->channels, x->a, factors, output);
        expect_same(prepared ? "prepared" : "fast", expected, output, x->count);
        output = copy_of_a(x);
        mnqh_scale_channels_s8(&layer, x->pixels, x->channels, output, factors, output);
        expect_same(prepared ? "prepared, in place" : "in place", expected, output, x->count);
        mnqh_prepare_scale_channels_s8(&layer);
    }
    int8_t *output = place_output(x, x->count);
    mnqh_scale_channels_s8_scalar(&layer, x->pixels, x->channels, x->a, factors, output);
    expect_same("scalar", expected, output, x->count);
}

static void check_mean(const operands *x)
{
    const mnqh_mean_s8_layer layer = {draw_factor(-10, -1), draw_codes()};
    const size_t bytes = x->channels * sizeof(int32_t);
    int32_t *expected_sums = guarded(EXPECTED, AT_START, bytes, sizeof(int32_t));
    int8_t *expected = guarded(EXPECTED, AT_END, x->channels, 1);
    for (size_t c = 0; c < x->channels; ++c) {
        expected_sums[c] = 0;
        for (size_t pixel = 0; pixel < x->pixels; ++pixel) {
            expected_sums[c] += x->a[pixel * x->channels + c];
        }
        expected[c] = code(expected_sums[c] - (int32_t)x->pixels * layer.codes.input_zero_point,
                           layer.factor, &layer.codes);
    }
    for (int scalar = 0; scalar < 2; ++scalar) {
        const char *which = scalar ? "scalar" : "fast";
        int32_t *sums = guarded_noise(SCRATCH, x->side, bytes, sizeof(int32_t));
        (scalar ? mnqh_sum_channels_s8_scalar : mnqh_sum_channels_s8)(x->pixels, x->channels, x->a,
                                                                      sums);
        expect_same(which, (const int8_t *)expected_sums, (const int8_t *)sums, bytes);
        sums = guarded_noise(SCRATCH, x->side, bytes, sizeof(int32_t));
        int8_t *output = place_output(x, x->channels);
        (scalar ? mnqh_mean_s8_scalar : mnqh_mean_s8)(&layer, x->pixels, x->channels, x->a, output,
                                                      sums);
        expect_same(which, expected, output, x->channels);
    }
}

static void check_count(size_t pixels, size_t channels)
{
    const size_t count = pixels * channels;
    const int8_t *a = draw_bytes(INPUT, count);
    const int8_t *b = draw_bytes(BIAS, count);
    for (int side = 0; side < SIDES; ++side) {
        const operands x = {pixels, channels, count, side,
                            guarded_copy(SECOND_INPUT, side, a, count, 1),
                            guarded_copy(PACKED, side, b, count, 1)};
        begin("lookup_s8", side == AT_START, "%zu elements", count);
        check_lookup(&x);
        if (!HAS_MOST_KERNELS) {
            continue;
        }
        begin("hard_swish_s8", side == AT_START, "%zu elements", count);
        check_hard_swish(&x);
        begin("add_s8", side == AT_START, "%zu elements", count);
        check_add(&x);
        begin("scale_channels_s8", side == AT_START, "%zu pixels, %zu channels", pixels, channels);
        check_scale_channels(&x);
        begin("sum_channels_s8 and mean_s8", side == AT_START, "%zu pixels, %zu channels", pixels,
              channels);
        check_mean(&x);
    }
}

void check_elements_s8(scope part)
{
    /* Around what 16 bits can hold the sum of. */
    static const size_t pixels[] = {255, 256, 257, 513};
    for (size_t channels = 1; channels <= MOST_CHANNELS; ++channels) {
        for (size_t width = 1; width <= MOST_WIDTH; ++width) {
            if (includes(part, channels, width)) {
                check_count(width, channels);
            }
        }
        check_count(pixels[channels % 4], channels);
    }
}
