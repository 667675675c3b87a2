#include <math.h>

#include "twins.h"

/* A matrix product is a convolution of one tap over rows. */
static convolution make_rows(size_t rows, size_t depth, size_t columns)
{
    const int32_t height = (int32_t)rows;
    return (convolution){{height, 1, height, 1, 1, 1, 1, 1, 1, 1, 0, 0}, depth, columns, 0};
}

static void check_gemm_s8(size_t rows, size_t depth, size_t columns)
{
    const convolution c = make_rows(rows, depth, columns);
    const size_t count = rows * columns;
    const mnqh_codes codes = draw_codes();
    const mnqh_channel_constants constants = draw_constants(columns, depth);
    const int8_t *values = draw_bytes(INPUT, rows * depth);
    int32_t *sums = guarded(EXPECTED, AT_START, count * sizeof *sums, sizeof *sums);
    int8_t *expected = guarded(EXPECTED, AT_END, count, 1);
    plain_sums_s8(&c, values, codes.input_zero_point, &constants, sums);
    plain_codes(sums, count, columns, &constants, &codes, expected);

    begin("gemm_s8", true, "%zu rows, depth %zu, %zu columns", rows, depth, columns);
    const size_t bytes = mnqh_gemm_s8_packed_bytes(depth, columns, rows);
    void *packed = guarded_noise(SPARE, AT_END, bytes, 4);
    mnqh_gemm_s8_layer layer =
        mnqh_pack_gemm_s8(&constants, &codes, depth, columns, rows, packed);
    for (int side = 0; side < SIDES; ++side) {
        layer.packed = guarded_copy(PACKED, side, packed, bytes, 4);
        const int8_t *input = guarded_copy(SECOND_INPUT, side, values, rows * depth, 1);
        void *scratch = guarded_noise(SCRATCH, side, mnqh_gemm_s8_scratch_bytes(&layer, rows), 2);
        int8_t *output = guarded_noise(OUTPUT, side, count, 1);
        mnqh_gemm_s8(&layer, rows, input, output, scratch);
        expect_same("fast", expected, output, count);
        output = guarded_noise(OUTPUT, side, count, 1);
        mnqh_gemm_s8_scalar(&layer, rows, input, output);
        expect_same("scalar", expected, output, count);
    }
}

/* Rows that are apart must stay what they are in between. */
static void spread_rows(const float *values, size_t rows, size_t width, size_t stride, float *to)
{
    for (size_t m = 0; m < rows; ++m) {
        for (size_t k = 0; k < width; ++k) {
            to[m * stride + k] = values[m * width + k];
        }
    }
}

static void check_gemm_f32(size_t rows, size_t depth, size_t columns, size_t gap)
{
    const convolution c = make_rows(rows, depth, columns);
    const mnqh_ending_f32 ending = draw_ending();
    const float *values = draw_floats(INPUT, rows * depth);
    const float *weights = draw_floats(WEIGHTS, columns * depth);
    const float *bias = draw_floats(BIAS, columns);
    real *expected =
        guarded(EXPECTED, AT_START, rows * columns * sizeof *expected, sizeof *expected);
    plain_sums(&c, values, weights, bias, expected);
    for (size_t i = 0; i < rows * columns; ++i) {
        expected[i] = ended(expected[i], ending);
    }
    begin("gemm_f32", true, "%zu rows, depth %zu, %zu columns, rows %zu apart", rows, depth,
          columns, gap);
    const size_t bytes = mnqh_gemm_f32_packed_count(depth, columns) * sizeof(float);
    float *packed = guarded_noise(SPARE, AT_END, bytes, sizeof(float));
    mnqh_pack_gemm_f32(weights, bias, depth, columns, packed);
    for (int side = 0; side < 2 * SIDES; ++side) {
        const mnqh_gemm_f32_layer layer = {
            guarded_copy(PACKED, side / 2, packed, bytes, sizeof(float)), depth, columns, ending};
        /* Nothing lies behind the last row. */
        const size_t inputs = (rows - 1) * (depth + gap) + depth;
        const size_t outputs = (rows - 1) * (columns + gap) + columns;
        float *input =
            guarded_noise(SECOND_INPUT, side / 2, inputs * sizeof(float), sizeof(float));
        float *output = guarded_noise(OUTPUT, side / 2, outputs * sizeof(float), sizeof(float));
        spread_rows(values, rows, depth, depth + gap, input);
        (side % 2 ? mnqh_gemm_f32_scalar : mnqh_gemm_f32)(&layer, rows, input, depth + gap, output,
                                                          columns + gap);
        for (size_t m = 0; m < rows; ++m) {
            const float *row = output + m * (columns + gap);
            expect_close(side % 2 ? "scalar" : "fast", expected + m * columns, row, columns, 1e-5);
            for (size_t i = 0; i < gap && m + 1 < rows; ++i) {
                const int8_t kept = row[columns + i] != row[columns + i];
                expect_same("between rows", &(int8_t){1}, &kept, 1);
            }
        }
    }
}

/* What every pair of columns comes to, or each with those not behind it; the others stay. */
static real *plain_products(const mnqh_products_f32 *shape, const float *a, const float *b)
{
    const size_t size = shape->size;
    const size_t bytes = size * size * sizeof(real);
    real *sums = guarded(EXPECTED, AT_START, bytes, sizeof(double));
    for (size_t i = 0; i < size; ++i) {
        for (size_t j = 0; j < size; ++j) {
            real *sum = sums + i * size + j;
            *sum = (real){1, 1};
            for (size_t row = 0; row < shape->rows && (j <= i || !shape->is_lower); ++row) {
                const double product = (double)a[row * size + i] * (double)b[row * size + j];
                sum->value += product;
                sum->magnitude += fabs(product);
            }
        }
    }
    return sums;
}

static void check_add_products_f32(size_t rows, size_t size, bool is_lower)
{
    const mnqh_products_f32 shape = {rows, size, is_lower};
    const size_t count = size * size;
    const float *a = draw_floats(INPUT, rows * size);
    const float *b = draw_floats(WEIGHTS, rows * size);
    const real *expected = plain_products(&shape, a, b);
    const int8_t *first = NULL;
    begin("add_products_f32", true, "%zu rows of %zu, %s", rows, size, is_lower ? "lower" : "all");
    for (int side = 0; side < 2 * SIDES; ++side) {
        const size_t bytes = rows * size * sizeof(float);
        const float *left = guarded_copy(SECOND_INPUT, side / 2, a, bytes, sizeof(float));
        const float *right = guarded_copy(PACKED, side / 2, b, bytes, sizeof(float));
        double *sums = guarded(OUTPUT, side / 2, count * sizeof(double), sizeof(double));
        for (size_t i = 0; i < count; ++i) {
            sums[i] = 1;
        }
        (side % 2 ? mnqh_add_products_f32_scalar : mnqh_add_products_f32)(&shape, left, right, sums);
        float *found = guarded(SCRATCH, AT_END, count * sizeof(float), sizeof(float));
        for (size_t i = 0; i < count; ++i) {
            found[i] = (float)sums[i];
        }
        expect_close(side % 2 ? "scalar" : "fast", expected, found, count, 1e-5);
        const size_t size_of_all = count * sizeof(double);
        if (side == 0) {
            first = guarded_copy(SPARE, AT_START, sums, size_of_all, sizeof(double));
        }
        expect_same("bytes of the twin", first, (const int8_t *)sums, size_of_all);
    }
}

static void check_add_channel_products_f32(size_t windows, size_t taps, size_t channels)
{
    const mnqh_channel_windows shape = {windows, taps, channels};
    const size_t count = windows * taps * channels;
    const size_t sums = taps * channels;
    const size_t all = sums + taps * (taps + 1) / 2 * channels;
    const float *values = draw_floats(INPUT, count);
    real *expected = guarded(EXPECTED, AT_START, all * sizeof *expected, sizeof(double));
    for (size_t i = 0; i < all; ++i) {
        expected[i] = (real){1, 1};
    }
    for (size_t row = 0; row < windows * channels; ++row) {
        const size_t c = row % channels;
        const float *window = values + row / channels * taps * channels + c;
        size_t pair = 0;
        for (size_t i = 0; i < taps; ++i) {
            const double first = (double)window[i * channels];
            expected[i * channels + c].value += first;
            expected[i * channels + c].magnitude += fabs(first);
            for (size_t j = 0; j <= i; ++j) {
                const double product = first * (double)window[j * channels];
                expected[sums + pair * channels + c].value += product;
                expected[sums + pair++ * channels + c].magnitude += fabs(product);
            }
        }
    }
    begin("add_channel_products_f32", true, "%zu windows, %zu taps, %zu channels", windows, taps,
          channels);
    const int8_t *first = NULL;
    for (int side = 0; side < 2 * SIDES; ++side) {
        const float *input =
            guarded_copy(SECOND_INPUT, side / 2, values, count * sizeof(float), sizeof(float));
        double *ones = guarded(OUTPUT, side / 2, all * sizeof(double), sizeof(double));
        for (size_t i = 0; i < all; ++i) {
            ones[i] = 1;
        }
        (side % 2 ? mnqh_add_channel_products_f32_scalar
                  : mnqh_add_channel_products_f32)(&shape, input, ones, ones + sums);
        float *found = guarded(SCRATCH, AT_END, all * sizeof(float), sizeof(float));
        for (size_t i = 0; i < all; ++i) {
            found[i] = (float)ones[i];
        }
        expect_close(side % 2 ? "scalar" : "fast", expected, found, all, 1e-5);
        if (side == 0) {
            first = guarded_copy(SPARE, AT_START, ones, all * sizeof(double), sizeof(double));
        }
        expect_same("bytes of the twin", first, (const int8_t *)ones, all * sizeof(double));
    }
}

static void check_pair(size_t channels, size_t width)
{
    const size_t other = 1 + (29 * channels + 7 * width) % MOST_CHANNELS;
    check_gemm_s8(width, other, channels);
    check_gemm_f32(width, other, channels, width % 3);
    if (HAS_MOST_KERNELS) {
        check_gemm_s8(width, channels, other);
        check_gemm_f32(width, channels, other, channels % 3);
        check_add_channel_products_f32(width + channels % 13, 1 + width % 9, channels);
        check_add_products_f32(width + channels % 13, channels, (channels + width) % 3);
    }
}

/* More rows than are worked through together, or so many inputs that these are as few as can be. */
static void check_blocks(size_t channels)
{
    static const size_t heights[] = {23, 24, 25, 47, 49, 239, 240, 241, 300};
    const size_t height = heights[channels % (sizeof heights / sizeof *heights)];
    check_gemm_s8(height, channels, 1 + channels % 40);
    check_gemm_f32(height, channels, 1 + channels % 40, 0);
    check_gemm_s8(1 + channels % 30, 1500 + channels, 1 + channels % 33);
    check_gemm_f32(1 + channels % 30, 1500 + channels, 1 + channels % 33, 0);
}

void check_products(scope part)
{
    for (size_t channels = 1; channels <= MOST_CHANNELS; ++channels) {
        for (size_t width = 1; width <= MOST_WIDTH; ++width) {
            if (includes(part, channels, width)) {
                check_pair(channels, width);
            }
        }
        if (HAS_MOST_KERNELS || channels % 8 == 1) {
            check_blocks(channels);
        }
    }
}
