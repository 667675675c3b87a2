/* Which convolutions are tried.
 *
 * The space has 1 ... 72 channels, 1 ... 20 columns, kernels of 1 ... 7, strides of 1 ... 3,
 * dilations of 1 ... 2 and 1 ... 3 outputs for an input: 181,440 convolutions. All channels meet all
 * widths. The other axes have 126 combinations, numbered so that any 20 that follow each other
 * have each value of each axis; channels c and width w get number 23 c + w, where 23 has no divisor
 * in common with 126. So every value of an axis meets every width and every number of channels,
 * and every combination is met: `expect_coverage` looks. With 126 rounds all are tried.
 *
 * What is left over, the turn, moves the sides apart: kernels of all sizes across and down, strides
 * and dilations that differ, padding from none to more than the kernel sees. */
#include <stdio.h>
#include <stdlib.h>

#include "twins.h"

enum {
    KERNELS = 7,
    STRIDES = 3,
    DILATIONS = 2,
    MULTIPLES = 3,
    COMBINATIONS = KERNELS * STRIDES * DILATIONS * MULTIPLES,
    AXES = 4
};

static const size_t sizes[AXES] = {KERNELS, STRIDES, DILATIONS, MULTIPLES};

static bool met_combination[COMBINATIONS];
static bool met_channels[MOST_CHANNELS][AXES][KERNELS];
static bool met_width[MOST_WIDTH][AXES][KERNELS];

/* The values of a number's axes, from 0 on: the first three by the remainders of primes. */
static void split(size_t number, size_t *values)
{
    values[0] = number % KERNELS;
    values[1] = number % STRIDES;
    values[2] = number % DILATIONS;
    values[3] = (number + number / (KERNELS * STRIDES * DILATIONS)) % MULTIPLES;
}

static void note(size_t channels, size_t width, size_t number, const size_t *values)
{
    met_combination[number % COMBINATIONS] = true;
    for (size_t axis = 0; axis < AXES; ++axis) {
        met_channels[channels - 1][axis][values[axis]] = true;
        met_width[width - 1][axis][values[axis]] = true;
    }
}

void expect_coverage(void)
{
    for (size_t i = 0; i < COMBINATIONS; ++i) {
        if (!met_combination[i]) {
            printf("combination %zu was not tried\n", i);
            exit(1);
        }
    }
    for (size_t axis = 0; axis < AXES; ++axis) {
        for (size_t value = 0; value < sizes[axis]; ++value) {
            for (size_t i = 0; i < MOST_CHANNELS; ++i) {
                if (!met_channels[i][axis][value] || !met_width[i % MOST_WIDTH][axis][value]) {
                    printf("value %zu of axis %zu did not meet all channels and widths\n", value,
                           axis);
                    exit(1);
                }
            }
        }
    }
}

/* One side of a window: sizes along an axis. */
typedef struct {
    int32_t input;
    int32_t output;
    int32_t padding;
} extent;

/* The padding before is none, half of what the kernel sees, all but one of it, or more. Behind there
 * is as much, or none, or what one output needs. */
static extent make_extent(size_t input, size_t kernel, size_t stride, size_t dilation, size_t kind)
{
    const size_t reach = (kernel - 1) * dilation + 1;
    const size_t paddings[] = {reach / 2, 0, reach - 1, reach + 1};
    const size_t padding = paddings[kind % 4];
    const size_t all = input + (kind % 3 ? padding : 2 * padding);
    const size_t seen = all < reach ? reach : all;
    return (extent){(int32_t)input, (int32_t)((seen - reach) / stride + 1), (int32_t)padding};
}

static mnqh_window make_window(size_t width, size_t number, const size_t *values)
{
    const size_t turn = number / COMBINATIONS;
    const size_t height = 1 + (number + turn) % 5;
    const size_t kernel_height = 1 + (values[0] + turn) % KERNELS;
    const size_t stride_height = 1 + (values[1] + turn % 5 / 4) % STRIDES;
    const size_t dilation_height = 1 + (values[2] + turn % 3 / 2) % DILATIONS;
    const extent across =
        make_extent(width, 1 + values[0], 1 + values[1], 1 + values[2], number / 2 + turn);
    const extent down = make_extent(height, kernel_height, stride_height, dilation_height,
                                    number / 3 + turn);
    return (mnqh_window){
        .input_height = down.input,
        .input_width = across.input,
        .output_height = down.output,
        .output_width = across.output,
        .kernel_height = (int32_t)kernel_height,
        .kernel_width = (int32_t)(1 + values[0]),
        .stride_height = (int32_t)stride_height,
        .stride_width = (int32_t)(1 + values[1]),
        .dilation_height = (int32_t)dilation_height,
        .dilation_width = (int32_t)(1 + values[2]),
        .padding_top = down.padding,
        .padding_left = across.padding,
    };
}

convolution make_depthwise(size_t channels, size_t width, size_t turn)
{
    size_t values[AXES];
    const size_t number = 23 * channels + width + turn;
    split(number, values);
    note(channels, width, number, values);
    const size_t multiplier = 1 + values[3];
    return (convolution){make_window(width, number, values), channels, channels * multiplier,
                         multiplier};
}

/* Few inputs where outputs are counted: some kernels are for images alone. */
convolution make_dense(size_t channels, size_t width, size_t turn, bool are_inputs)
{
    size_t values[AXES];
    const size_t number = 23 * channels + width + turn;
    split(number, values);
    const size_t inputs = are_inputs ? channels : 1 + (5 * channels + 3 * width) % 17;
    const size_t outputs =
        are_inputs ? 1 + (37 * channels + 11 * width) % MOST_CHANNELS : channels;
    return (convolution){make_window(width, number, values), inputs, outputs, 0};
}

size_t input_count(const convolution *c)
{
    return (size_t)c->window.input_height * (size_t)c->window.input_width * c->input_channels;
}

size_t output_count(const convolution *c)
{
    return (size_t)c->window.output_height * (size_t)c->window.output_width * c->output_channels;
}

size_t weight_count(const convolution *c)
{
    const size_t taps = (size_t)c->window.kernel_height * (size_t)c->window.kernel_width;
    return c->multiplier ? taps : taps * c->input_channels;
}
