#include <stdlib.h>

#include "twins.h"

/* A convolution, what goes in and what should come out. */
typedef struct {
    const convolution *c;
    mnqh_codes codes;
    mnqh_channel_constants constants;
    const int8_t *input;
    const int32_t *sums;
    const int8_t *expected;
} attempt;

static attempt draw_attempt(const convolution *c)
{
    const size_t count = output_count(c);
    const mnqh_codes codes = draw_codes();
    const mnqh_channel_constants constants =
        draw_constants(c->output_channels, weight_count(c));
    const int8_t *input = draw_bytes(INPUT, input_count(c));
    int32_t *sums = guarded(EXPECTED, AT_START, count * sizeof *sums, sizeof *sums);
    int8_t *expected = guarded(EXPECTED, AT_END, count, 1);
    plain_sums_s8(c, input, codes.input_zero_point, &constants, sums);
    plain_codes(sums, count, c->output_channels, &constants, &codes, expected);
    return (attempt){c, codes, constants, input, sums, expected};
}

static void begin_window(const char *kernel, const attempt *a)
{
    const mnqh_window *w = &a->c->window;
    begin(kernel, true,
          "%dx%d to %dx%d, kernel %dx%d, stride %dx%d, dilation %dx%d, padding %d, %d, "
          "%zu to %zu channels, zero points %d and %d, codes %d ... %d, rounding %d",
          w->input_height, w->input_width, w->output_height, w->output_width, w->kernel_height,
          w->kernel_width, w->stride_height, w->stride_width, w->dilation_height,
          w->dilation_width, w->padding_top, w->padding_left, a->c->input_channels,
          a->c->output_channels, a->codes.input_zero_point, a->codes.output_zero_point,
          a->codes.minimum, a->codes.maximum, a->codes.rounding);
}

static void check_depthwise(const attempt *a)
{
    const convolution *c = a->c;
    const size_t bytes = mnqh_depthwise_s8_packed_bytes(&c->window, c->output_channels);
    void *packed = guarded_noise(SPARE, AT_END, bytes, 4);
    begin_window("depthwise_s8", a);
    mnqh_depthwise_s8_layer layer = mnqh_pack_depthwise_s8(
        &a->constants, &a->codes, &c->window, c->input_channels, c->multiplier, packed);
    for (int side = 0; side < SIDES; ++side) {
        layer.packed = guarded_copy(PACKED, side, packed, bytes, 4);
        const int8_t *input = guarded_copy(SECOND_INPUT, side, a->input, input_count(c), 1);
        void *scratch =
            guarded_noise(SCRATCH, side, mnqh_depthwise_s8_scratch_bytes(&layer), 8);
        int8_t *output = guarded_noise(OUTPUT, side, output_count(c), 1);
        mnqh_depthwise_s8(&layer, input, output, scratch);
        expect_same("fast", a->expected, output, output_count(c));
        if (side == AT_END) {
            output = guarded_noise(OUTPUT, side, output_count(c), 1);
            mnqh_depthwise_s8_scalar(&layer, input, output);
            expect_same("scalar", a->expected, output, output_count(c));
        }
    }
}

static void check_dense(const attempt *a)
{
    const convolution *c = a->c;
    const size_t depth = weight_count(c);
    const size_t rows = output_count(c) / c->output_channels;
    const size_t bytes = mnqh_gemm_s8_packed_bytes(depth, c->output_channels, rows);
    void *packed = guarded_noise(SPARE, AT_END, bytes, 4);
    begin_window("conv2d_s8", a);
    mnqh_conv2d_s8_layer layer = {
        c->window, c->input_channels,
        mnqh_pack_gemm_s8(&a->constants, &a->codes, depth, c->output_channels, rows, packed)};
    for (int side = 0; side < SIDES; ++side) {
        layer.gemm.packed = guarded_copy(PACKED, side, packed, bytes, 4);
        const int8_t *input = guarded_copy(SECOND_INPUT, side, a->input, input_count(c), 1);
        void *scratch = guarded_noise(SCRATCH, side, mnqh_conv2d_s8_scratch_bytes(&layer), 2);
        int8_t *output = guarded_noise(OUTPUT, side, output_count(c), 1);
        mnqh_conv2d_s8(&layer, input, output, scratch);
        expect_same("fast", a->expected, output, output_count(c));
        if (side == AT_END) {
            output = guarded_noise(OUTPUT, side, output_count(c), 1);
            mnqh_conv2d_s8_scalar(&layer, input, output, scratch);
            expect_same("scalar", a->expected, output, output_count(c));
        }
    }
}

/* The curve's code of a sum, by its definition. */
static int8_t curve_code(const attempt *a, size_t n, int32_t sum, const int16_t *points)
{
    const int32_t wide = mnqh_requantize(sum, a->constants.multipliers[n], a->constants.shifts[n],
                                         a->codes.rounding);
    const int32_t offset = (wide < -32768 ? -32768 : wide > 32767 ? 32767 : wide) + 32768;
    const int32_t left = points[offset / 256];
    const int32_t right = points[offset / 256 + 1];
    return (int8_t)((left * 256 + (right - left) * (offset % 256)) >> 16);
}

/* The curve's points are Q8.8 codes, as many as a table has. */
static void check_curve(const attempt *a)
{
    const convolution *c = a->c;
    const size_t count = output_count(c);
    const int8_t *bytes = draw_bytes(SPARE, 257 * sizeof(int16_t));
    const int16_t *points = guarded_copy(PACKED, AT_END, bytes, 257 * sizeof(int16_t), 2);
    int8_t *expected = guarded(EXPECTED, AT_END, count, 1);
    begin_window("curve_s8", a);
    for (size_t i = 0; i < count; ++i) {
        expected[i] = curve_code(a, i % c->output_channels, a->sums[i], points);
    }
    const mnqh_curve_s8_layer layer = {
        c->window, c->input_channels, c->output_channels, c->multiplier > 0,
        a->codes.input_zero_point, a->codes.rounding, a->constants, points};
    for (int side = 0; side < SIDES; ++side) {
        const int8_t *input = guarded_copy(SECOND_INPUT, side, a->input, input_count(c), 1);
        void *scratch = guarded_noise(SCRATCH, side, mnqh_curve_s8_scratch_bytes(&layer), 4);
        int8_t *output = guarded_noise(OUTPUT, side, count, 1);
        mnqh_curve_s8(&layer, input, output, scratch);
        expect_same("portable", expected, output, count);
    }
}

static void check_pair(size_t channels, size_t width, size_t round)
{
    const convolution depthwise = make_depthwise(channels, width, round);
    attempt a = draw_attempt(&depthwise);
    check_depthwise(&a);
    if (HAS_MOST_KERNELS && depthwise.multiplier == 1) {
        check_curve(&a);
    }
    const convolution outputs = make_dense(channels, width, round, false);
    a = draw_attempt(&outputs);
    check_dense(&a);
    if (HAS_MOST_KERNELS) {
        check_curve(&a);
        const convolution inputs = make_dense(channels, width, round, true);
        a = draw_attempt(&inputs);
        check_dense(&a);
    }
}

void check_convolutions_s8(scope part)
{
    for (size_t channels = 1; channels <= MOST_CHANNELS; ++channels) {
        for (size_t width = 1; width <= MOST_WIDTH; ++width) {
            const size_t rounds = includes(part, channels, width) ? part.rounds : 0;
            for (size_t round = 0; round < rounds; ++round) {
                check_pair(channels, width, round);
            }
        }
    }
}
