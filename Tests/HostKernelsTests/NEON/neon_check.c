/* Holds the twins that the processor at hand runs against the scalar ones, byte for byte (floats to
 * 1e-5 of the sum of absolute terms), at sizes around those of registers. Prints the first
 * difference; status 0 without. For processors that the Swift tests do not run on. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "HostKernels.h"

static uint64_t state = 1;

static uint32_t draw(void)
{
    state = state * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(state >> 33);
}

static int32_t between(int32_t low, int32_t high)
{
    return low + (int32_t)(draw() % (uint32_t)(high - low + 1));
}

static int8_t *codes(size_t count)
{
    int8_t *values = malloc(count + 1);
    for (size_t i = 0; i < count; ++i) {
        values[i] = (int8_t)between(-128, 127);
    }
    return values;
}

static mnqh_codes draw_codes(void)
{
    const int32_t zero_point = between(0, 2) == 0 ? -128 : between(-128, 127);
    return (mnqh_codes){between(-128, 127), zero_point, between(0, 1) ? zero_point : -128, 127,
                        between(0, 2)};
}

/* Constants of `channels`; one case in three has factors that no line in single precision gives. */
static mnqh_channel_constants draw_constants(size_t channels, size_t weights)
{
    const int32_t kind = between(0, 2);
    int32_t *bias = malloc(channels * sizeof *bias);
    int32_t *multipliers = malloc(channels * sizeof *multipliers);
    int8_t *shifts = malloc(channels);
    for (size_t c = 0; c < channels; ++c) {
        bias[c] = kind == 2 ? (int32_t)(draw() << 1) : between(-20000, 20000);
        multipliers[c] = between(1 << 30, INT32_MAX - 1);
        shifts[c] = (int8_t)(kind == 2 ? between(-31, 30) : between(-9, -4));
    }
    return (mnqh_channel_constants){codes(channels * weights), bias, multipliers, shifts};
}

static void release(mnqh_channel_constants constants)
{
    free((void *)constants.weights);
    free((void *)constants.bias);
    free((void *)constants.multipliers);
    free((void *)constants.shifts);
}

static void expect(int agrees, const char *what, size_t a, size_t b, size_t c)
{
    if (!agrees) {
        printf("%s differs at %zu, %zu, %zu\n", what, a, b, c);
        exit(1);
    }
}

static void check_gemm(size_t rows, size_t depth, size_t columns)
{
    const mnqh_channel_constants constants = draw_constants(columns, depth);
    const mnqh_codes ends = draw_codes();
    void *packed = malloc(mnqh_gemm_s8_packed_bytes(depth, columns, rows));
    const mnqh_gemm_s8_layer layer =
        mnqh_pack_gemm_s8(&constants, &ends, depth, columns, rows, packed);
    int8_t *input = codes(rows * depth);
    int8_t *expected = codes(rows * columns);
    int8_t *found = codes(rows * columns);
    void *scratch = malloc(mnqh_gemm_s8_scratch_bytes(&layer, rows) + 1);
    mnqh_gemm_s8_scalar(&layer, rows, input, expected);
    mnqh_gemm_s8(&layer, rows, input, found, scratch);
    expect(!memcmp(expected, found, rows * columns), "gemm_s8", rows, depth, columns);
    release(constants);
    free(packed), free(input), free(expected), free(found), free(scratch);
}

static void check_depthwise(size_t channels, size_t multiplier, int32_t kernel, int32_t stride)
{
    const int32_t side = between(1, 9);
    const int32_t padding = kernel / 2;
    const int32_t outputs = (side + 2 * padding - kernel) / stride + 1;
    const mnqh_window window = {side,   side,   outputs, outputs, kernel,  kernel,
                                stride, stride, 1,       1,       padding, padding};
    const mnqh_channel_constants constants =
        draw_constants(channels * multiplier, (size_t)(kernel * kernel));
    const mnqh_codes ends = draw_codes();
    void *packed = malloc(mnqh_depthwise_s8_packed_bytes(&window, channels * multiplier));
    const mnqh_depthwise_s8_layer layer =
        mnqh_pack_depthwise_s8(&constants, &ends, &window, channels, multiplier, packed);
    const size_t count = (size_t)(outputs * outputs) * channels * multiplier;
    int8_t *input = codes((size_t)(side * side) * channels);
    int8_t *expected = codes(count);
    int8_t *found = codes(count);
    void *scratch = malloc(mnqh_depthwise_s8_scratch_bytes(&layer) + 1);
    mnqh_depthwise_s8_scalar(&layer, input, expected);
    mnqh_depthwise_s8(&layer, input, found, scratch);
    expect(!memcmp(expected, found, count), "depthwise_s8", channels, (size_t)kernel,
           (size_t)stride);
    release(constants);
    free(packed), free(input), free(expected), free(found), free(scratch);
}

static void check_lookup(size_t count)
{
    int8_t *input = codes(count);
    int8_t *table = codes(256);
    int8_t *expected = codes(count);
    int8_t *found = codes(count);
    for (size_t i = 0; i < count && count >= 256; ++i) {
        input[i] = (int8_t)i;
    }
    mnqh_lookup_s8_scalar(count, input, table, expected);
    mnqh_lookup_s8(count, input, table, found);
    expect(!memcmp(expected, found, count), "lookup_s8", count, 0, 0);
    free(input), free(table), free(expected), free(found);
}

static float *floats(size_t count)
{
    float *values = malloc((count + 1) * sizeof *values);
    for (size_t i = 0; i < count; ++i) {
        values[i] = (float)between(-1000, 1000) / 1000;
    }
    return values;
}

static void check_gemm_f32(size_t rows, size_t depth, size_t columns, bool hard_swish)
{
    float *weights = floats(columns * depth);
    float *packed = floats(mnqh_gemm_f32_packed_count(depth, columns));
    mnqh_pack_gemm_f32(weights, NULL, depth, columns, packed);
    const mnqh_gemm_f32_layer layer = {
        packed, depth, columns, {-0.5F, 0.75F, hard_swish}};
    float *input = floats(rows * depth);
    float *expected = floats(rows * columns);
    float *found = floats(rows * columns);
    mnqh_gemm_f32_scalar(&layer, rows, input, depth, expected, columns);
    mnqh_gemm_f32(&layer, rows, input, depth, found, columns);
    for (size_t i = 0; i < rows * columns; ++i) {
        const float limit = 1e-5F * (float)depth;
        expect(fabsf(expected[i] - found[i]) <= limit, "gemm_f32", rows, depth, columns);
    }
    free(weights), free(packed), free(input), free(expected), free(found);
}

int main(void)
{
    static const size_t sizes[] = {1, 2, 3, 7, 8, 9, 15, 16, 17, 24, 33, 40};
    const size_t count = sizeof sizes / sizeof *sizes;
    for (size_t round = 0; round < 3; ++round) {
        for (size_t i = 0; i < count; ++i) {
            for (size_t j = 0; j < count; ++j) {
                for (size_t rows = 1; rows <= 9; rows += 2) {
                    check_gemm(rows, sizes[i], sizes[j]);
                    check_gemm_f32(rows, sizes[i], sizes[j], false);
                    check_gemm_f32(rows, sizes[i], sizes[j], true);
                }
            }
            for (int32_t kernel = 1; kernel <= 5; ++kernel) {
                check_depthwise(sizes[i], 1, kernel, between(1, 2));
                check_depthwise(sizes[i], 2, kernel, between(1, 2));
            }
            check_lookup(sizes[i]);
            check_lookup(256 + sizes[i]);
        }
    }
    return 0;
}
