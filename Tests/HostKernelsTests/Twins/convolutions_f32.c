#include <stdlib.h>

#include "twins.h"

/* What is told of a convolution. */
#define WINDOW_FORMAT                                                                            \
    "%dx%d to %dx%d, kernel %dx%d, stride %dx%d, dilation %dx%d, padding %d, %d, "                  \
    "%zu to %zu channels"
#define WINDOW_VALUES(c)                                                                         \
    (c)->window.input_height, (c)->window.input_width, (c)->window.output_height,                \
        (c)->window.output_width, (c)->window.kernel_height, (c)->window.kernel_width,           \
        (c)->window.stride_height, (c)->window.stride_width, (c)->window.dilation_height,        \
        (c)->window.dilation_width, (c)->window.padding_top, (c)->window.padding_left,           \
        (c)->input_channels, (c)->output_channels

/* A convolution, what goes in and what should come out. */
typedef struct {
    const convolution *c;
    const float *input;
    mnqh_ending_f32 ending;
    size_t packed_bytes;
    const float *packed;
    const real *expected;
} attempt;

/* Draws what is not packed. `*weights` and `*bias` are for the packer. */
static attempt draw_attempt(const convolution *c, const float **weights, const float **bias)
{
    const size_t count = output_count(c);
    const float *input = draw_floats(INPUT, input_count(c));
    const mnqh_ending_f32 ending = draw_ending();
    real *expected = guarded(EXPECTED, AT_START, count * sizeof *expected, sizeof *expected);
    *weights = draw_floats(WEIGHTS, weight_count(c) * c->output_channels);
    *bias = draw_floats(BIAS, c->output_channels);
    plain_sums(c, input, *weights, *bias, expected);
    for (size_t i = 0; i < count; ++i) {
        expected[i] = ended(expected[i], ending);
    }
    return (attempt){c, input, ending, 0, NULL, expected};
}

static void pack_depthwise(attempt *a, const float *weights, const float *bias)
{
    const size_t taps = weight_count(a->c);
    const size_t channels = a->c->output_channels;
    a->packed_bytes = mnqh_depthwise_f32_packed_count(taps, channels) * sizeof(float);
    float *packed = guarded_noise(SPARE, AT_END, a->packed_bytes, sizeof(float));
    mnqh_pack_depthwise_f32(weights, bias, taps, channels, packed);
    a->packed = packed;
}

static void pack_dense(attempt *a, const float *weights, const float *bias)
{
    const size_t depth = weight_count(a->c);
    a->packed_bytes = mnqh_gemm_f32_packed_count(depth, a->c->output_channels) * sizeof(float);
    float *packed = guarded_noise(SPARE, AT_END, a->packed_bytes, sizeof(float));
    mnqh_pack_gemm_f32(weights, bias, depth, a->c->output_channels, packed);
    a->packed = packed;
}

static float *place_output(const attempt *a, int side)
{
    return guarded_noise(OUTPUT, side, output_count(a->c) * sizeof(float), sizeof(float));
}

static void check_depthwise(const convolution *c)
{
    const float *weights;
    const float *bias;
    attempt a = draw_attempt(c, &weights, &bias);
    pack_depthwise(&a, weights, bias);
    begin("depthwise_f32", true, WINDOW_FORMAT, WINDOW_VALUES(c));
    for (int side = 0; side < SIDES; ++side) {
        const mnqh_depthwise_f32_layer layer = {
            c->window, c->input_channels, c->multiplier,
            guarded_copy(PACKED, side, a.packed, a.packed_bytes, sizeof(float)), a.ending};
        const float *input =
            guarded_copy(SECOND_INPUT, side, a.input, input_count(c) * sizeof(float),
                         sizeof(float));
        float *scratch = guarded_noise(
            SCRATCH, side, mnqh_depthwise_f32_scratch_count(&layer) * sizeof(float), 8);
        float *output = place_output(&a, side);
        mnqh_depthwise_f32(&layer, input, output, scratch);
        expect_close("fast", a.expected, output, output_count(c), 1e-5);
        if (side == AT_END) {
            output = place_output(&a, side);
            mnqh_depthwise_f32_scalar(&layer, input, output);
            expect_close("scalar", a.expected, output, output_count(c), 1e-5);
        }
    }
}

static void check_dense(const convolution *c)
{
    const float *weights;
    const float *bias;
    attempt a = draw_attempt(c, &weights, &bias);
    pack_dense(&a, weights, bias);
    begin("conv2d_f32", true, WINDOW_FORMAT, WINDOW_VALUES(c));
    for (int side = 0; side < SIDES; ++side) {
        const mnqh_conv2d_f32_layer layer = {
            c->window, c->input_channels,
            {guarded_copy(PACKED, side, a.packed, a.packed_bytes, sizeof(float)), weight_count(c),
             c->output_channels, a.ending}};
        const float *input =
            guarded_copy(SECOND_INPUT, side, a.input, input_count(c) * sizeof(float),
                         sizeof(float));
        const size_t scratch_bytes = mnqh_conv2d_f32_scratch_count(&layer) * sizeof(float);
        float *scratch = guarded_noise(SCRATCH, side, scratch_bytes, sizeof(float));
        float *output = place_output(&a, side);
        mnqh_conv2d_f32(&layer, input, output, scratch);
        expect_close("fast", a.expected, output, output_count(c), 1e-5);
        if (side == AT_END) {
            output = place_output(&a, side);
            mnqh_conv2d_f32_scalar(&layer, input, output, scratch);
            expect_close("scalar", a.expected, output, output_count(c), 1e-5);
        }
    }
}

static void check_pair(size_t channels, size_t width, size_t round)
{
    const convolution outputs = make_dense(channels, width, round, false);
    check_dense(&outputs);
    if (HAS_MOST_KERNELS) {
        const convolution depthwise = make_depthwise(channels, width, round);
        const convolution inputs = make_dense(channels, width, round, true);
        check_depthwise(&depthwise);
        check_dense(&inputs);
    }
}

void check_convolutions_f32(scope part)
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
