#include "mnqh_training.h"

#include <math.h>

#include "mnqh_vector_f32.h"

/* exp by lanes: the compiler calls the library for each. */
MNQH_BODY mnqh_vector logistic(mnqh_vector x)
{
    mnqh_vector y;
    for (size_t i = 0; i < MNQH_LANES; ++i) {
        y[i] = 1 / (1 + expf(-x[i]));
    }
    return y;
}

MNQH_BODY mnqh_vector value(mnqh_function function, mnqh_vector x)
{
    switch (function) {
    case MNQH_RELU: return mnqh_clamp(x, 0, INFINITY);
    case MNQH_RELU6: return mnqh_clamp(x, 0, 6);
    case MNQH_HARD_SWISH: return x * mnqh_clamp(x + 3, 0, 6) * (1.0f / 6);
    case MNQH_HARD_SIGMOID: return mnqh_clamp(x + 3, 0, 6) * (1.0f / 6);
    case MNQH_LOGISTIC: return logistic(x);
    case MNQH_IDENTITY: break;
    }
    return x;
}

/* `slope` where `low < x <= high`, elsewhere 0. */
MNQH_BODY mnqh_vector between(mnqh_vector x, float low, float high, float slope)
{
    const mnqh_vector zero = mnqh_splat(0);
    const mnqh_vector below = mnqh_select(x <= mnqh_splat(high), mnqh_splat(slope), zero);
    return mnqh_select(x > mnqh_splat(low), below, zero);
}

MNQH_BODY mnqh_vector derivative(mnqh_function function, mnqh_vector x)
{
    switch (function) {
    case MNQH_RELU: return between(x, 0, INFINITY, 1);
    case MNQH_RELU6: return between(x, 0, 6, 1);
    case MNQH_HARD_SWISH: {
        const mnqh_vector curve = (2 * x + 3) * (1.0f / 6);
        const mnqh_vector rising = mnqh_select(x > mnqh_splat(-3), curve, mnqh_splat(0));
        return mnqh_select(x > mnqh_splat(3), mnqh_splat(1), rising);
    }
    case MNQH_HARD_SIGMOID: return between(x, -3, 3, 1.0f / 6);
    case MNQH_LOGISTIC: {
        const mnqh_vector y = logistic(x);
        return y * (1 - y);
    }
    case MNQH_IDENTITY: break;
    }
    return mnqh_splat(1);
}

/* Calls `run(function)` with a function that the compiler knows. */
#define FOR_EACH_FUNCTION(function, run)                                                         \
    switch (function) {                                                                          \
    case MNQH_IDENTITY: run(MNQH_IDENTITY); break;                                               \
    case MNQH_RELU: run(MNQH_RELU); break;                                                       \
    case MNQH_RELU6: run(MNQH_RELU6); break;                                                     \
    case MNQH_HARD_SWISH: run(MNQH_HARD_SWISH); break;                                           \
    case MNQH_HARD_SIGMOID: run(MNQH_HARD_SIGMOID); break;                                       \
    case MNQH_LOGISTIC: run(MNQH_LOGISTIC); break;                                               \
    }

/* Rows that are gone through at once, vector of channels by vector, so that memory is read in its
 * order: of sums that stay in registers meanwhile, 16 KiB of each operand. */
MNQH_BODY size_t block_rows(size_t channels)
{
    const size_t rows = 4096 / channels;
    return rows < 4 ? 4 : mnqh_min(rows, 128);
}

/* The same where rows are written, too. */
MNQH_BODY size_t written_rows(size_t channels)
{
    const size_t rows = 512 / channels;
    return rows < 8 ? 8 : rows;
}

/* The sum of `rows` rows, in two halves that do not wait for each other. */
MNQH_BODY mnqh_vector sum_of(size_t rows, size_t channels, size_t width, const float *input)
{
    mnqh_vector a = mnqh_splat(0), b = a;
    size_t m = 0;
    for (; m + 2 <= rows; m += 2) {
        a += mnqh_get(input + m * channels, width);
        b += mnqh_get(input + (m + 1) * channels, width);
    }
    if (m < rows) {
        a += mnqh_get(input + m * channels, width);
    }
    return a + b;
}

MNQH_BODY void mnqh_channel_sums_f32_body(size_t rows, size_t channels, const float *input,
                                          float *sums)
{
    const size_t block = block_rows(channels);
    memset(sums, 0, channels * sizeof *sums);
    for (size_t first = 0; first < rows; first += block) {
        const size_t count = mnqh_min(block, rows - first);
        const float *from = input + first * channels;
#define COLUMNS(c, width)                                                                        \
    mnqh_put(sums + (c),                                                                         \
             mnqh_get(sums + (c), width) + sum_of(count, channels, width, from + (c)), width)
        MNQH_FOR_CHANNELS(channels, COLUMNS)
#undef COLUMNS
    }
}

MNQH_TWINS(mnqh_channel_sums_f32,
           (size_t rows, size_t channels, const float *input, float *sums),
           (rows, channels, input, sums))

/* The sum of the products of `rows` rows. */
MNQH_BODY mnqh_vector products_of(size_t rows, size_t channels, size_t width, const float *a,
                                  const float *b)
{
    mnqh_vector sum = mnqh_splat(0);
    for (size_t at = 0; at < rows * channels; at += channels) {
        sum += mnqh_get(a + at, width) * mnqh_get(b + at, width);
    }
    return sum;
}

MNQH_BODY void mnqh_channel_products_f32_body(size_t rows, size_t channels, const float *a,
                                              const float *b, float *sums)
{
#define COLUMNS(c, width)                                                                        \
    mnqh_put(sums + (c), products_of(rows, channels, width, a + (c), b + (c)), width)
    MNQH_FOR_CHANNELS(channels, COLUMNS)
#undef COLUMNS
}

MNQH_TWINS(mnqh_channel_products_f32,
           (size_t rows, size_t channels, const float *a, const float *b, float *sums),
           (rows, channels, a, b, sums))

/* The sum of squares of what is left of `rows` rows when `mean` is taken off. */
MNQH_BODY mnqh_vector squares_of(size_t rows, size_t channels, size_t width, const float *input,
                                 mnqh_vector mean)
{
    mnqh_vector a = mnqh_splat(0), b = a;
    size_t m = 0;
    for (; m + 2 <= rows; m += 2) {
        const mnqh_vector x = mnqh_get(input + m * channels, width) - mean;
        const mnqh_vector y = mnqh_get(input + (m + 1) * channels, width) - mean;
        a += x * x;
        b += y * y;
    }
    if (m < rows) {
        const mnqh_vector x = mnqh_get(input + m * channels, width) - mean;
        a += x * x;
    }
    return a + b;
}

/* Joins `count` rows to the moments of `before` rows.
 * Source: Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm", 1979. */
MNQH_BODY void join_moments(size_t before, size_t count, size_t channels, size_t width,
                            const float *input, float *sums, float *squares)
{
    const mnqh_vector sum = sum_of(count, channels, width, input);
    const mnqh_vector mean = sum * (1 / (float)count);
    const mnqh_vector own = squares_of(count, channels, width, input, mean);
    if (before == 0) {
        mnqh_put(sums, sum, width);
        mnqh_put(squares, own, width);
        return;
    }
    const mnqh_vector old = mnqh_get(sums, width);
    const mnqh_vector distance = mean - old * (1 / (float)before);
    const float share = (float)before * (float)count / (float)(before + count);
    mnqh_put(squares, mnqh_get(squares, width) + (own + distance * distance * share), width);
    mnqh_put(sums, old + sum, width);
}

MNQH_BODY void mnqh_moments_f32_body(size_t rows, size_t channels, const float *input,
                                     float *sums, float *squares)
{
    const size_t block = block_rows(channels);
    for (size_t first = 0; first < rows; first += block) {
        const size_t count = mnqh_min(block, rows - first);
        const float *from = input + first * channels;
#define COLUMNS(c, width)                                                                        \
    join_moments(first, count, channels, width, from + (c), sums + (c), squares + (c))
        MNQH_FOR_CHANNELS(channels, COLUMNS)
#undef COLUMNS
    }
}

MNQH_TWINS(mnqh_moments_f32,
           (size_t rows, size_t channels, const float *input, float *sums, float *squares),
           (rows, channels, input, sums, squares))

MNQH_BODY void normalize_columns(mnqh_function function, const mnqh_normalization *layer,
                                 size_t rows, size_t channels, size_t c, size_t width,
                                 const float *input, float *output)
{
    const mnqh_vector scale = mnqh_get(layer->scale + c, width);
    const mnqh_vector offset = mnqh_get(layer->offset + c, width);
    for (size_t at = c; at < rows * channels; at += channels) {
        const mnqh_vector x = mnqh_get(input + at, width);
        mnqh_put(output + at, value(function, x * scale + offset), width);
    }
}

MNQH_BODY void normalize_rows(mnqh_function function, const mnqh_normalization *layer, size_t rows,
                              size_t channels, const float *input, float *output)
{
    const size_t block = written_rows(channels);
    for (size_t first = 0; first < rows; first += block) {
        const size_t count = mnqh_min(block, rows - first), start = first * channels;
#define COLUMNS(c, width)                                                                        \
    normalize_columns(function, layer, count, channels, c, width, input + start, output + start)
        MNQH_FOR_CHANNELS(channels, COLUMNS)
#undef COLUMNS
    }
}

MNQH_BODY void mnqh_normalize_f32_body(const mnqh_normalization *layer, size_t rows,
                                       size_t channels, const float *input, float *output)
{
#define RUN(function) normalize_rows(function, layer, rows, channels, input, output)
    FOR_EACH_FUNCTION(layer->function, RUN)
#undef RUN
}

MNQH_TWINS(mnqh_normalize_f32,
           (const mnqh_normalization *layer, size_t rows, size_t channels, const float *input,
            float *output),
           (layer, rows, channels, input, output))

/* Adds the sums of `rows` rows. */
MNQH_BODY void add_gradient_sums(mnqh_function function, const mnqh_normalization *layer,
                                 size_t rows, size_t channels, size_t c, size_t width,
                                 const float *upstream, const float *input, const float *mean,
                                 float *sums, float *products)
{
    const mnqh_vector scale = mnqh_get(layer->scale + c, width);
    const mnqh_vector offset = mnqh_get(layer->offset + c, width);
    const mnqh_vector center = mnqh_get(mean + c, width);
    mnqh_vector sum = mnqh_get(sums + c, width), product = mnqh_get(products + c, width);
    for (size_t at = c; at < rows * channels; at += channels) {
        const mnqh_vector x = mnqh_get(input + at, width);
        const mnqh_vector g = mnqh_get(upstream + at, width) *
                              derivative(function, x * scale + offset);
        sum += g;
        product += g * (x - center);
    }
    mnqh_put(sums + c, sum, width);
    mnqh_put(products + c, product, width);
}

MNQH_BODY void sum_rows(mnqh_function function, const mnqh_normalization *layer, size_t rows,
                        size_t channels, const float *upstream, const float *input,
                        const float *mean, float *sums, float *products)
{
    const size_t block = block_rows(channels);
    memset(sums, 0, channels * sizeof *sums);
    memset(products, 0, channels * sizeof *products);
    for (size_t first = 0; first < rows; first += block) {
        const size_t count = mnqh_min(block, rows - first), start = first * channels;
#define COLUMNS(c, width)                                                                        \
    add_gradient_sums(function, layer, count, channels, c, width, upstream + start,              \
                      input + start, mean, sums, products)
        MNQH_FOR_CHANNELS(channels, COLUMNS)
#undef COLUMNS
    }
}

MNQH_BODY void mnqh_normalization_sums_f32_body(const mnqh_normalization *layer, size_t rows,
                                                size_t channels, const float *upstream,
                                                const float *input, const float *mean,
                                                float *sums, float *products)
{
#define RUN(function)                                                                            \
    sum_rows(function, layer, rows, channels, upstream, input, mean, sums, products)
    FOR_EACH_FUNCTION(layer->function, RUN)
#undef RUN
}

MNQH_TWINS(mnqh_normalization_sums_f32,
           (const mnqh_normalization *layer, size_t rows, size_t channels, const float *upstream,
            const float *input, const float *mean, float *sums, float *products),
           (layer, rows, channels, upstream, input, mean, sums, products))

/* What the gradient is made of beside its operands, by channel. */
typedef struct {
    const float *slope;
    const float *pull;
    const float *shift;
} factors;

MNQH_BODY void gradient_columns(mnqh_function function, const mnqh_normalization *layer,
                                const factors *f, size_t rows, size_t channels, size_t c,
                                size_t width, const float *upstream, const float *input,
                                float *gradient)
{
    const mnqh_vector scale = mnqh_get(layer->scale + c, width);
    const mnqh_vector offset = mnqh_get(layer->offset + c, width);
    const mnqh_vector slope = mnqh_get(f->slope + c, width);
    const mnqh_vector pull = mnqh_get(f->pull + c, width);
    const mnqh_vector shift = mnqh_get(f->shift + c, width);
    for (size_t at = c; at < rows * channels; at += channels) {
        const mnqh_vector x = mnqh_get(input + at, width);
        const mnqh_vector g = mnqh_get(upstream + at, width) *
                              derivative(function, x * scale + offset);
        mnqh_put(gradient + at, slope * g + (pull * x + shift), width);
    }
}

MNQH_BODY void gradient_rows(mnqh_function function, const mnqh_normalization *layer,
                             const factors *f, size_t rows, size_t channels,
                             const float *upstream, const float *input, float *gradient)
{
    const size_t block = written_rows(channels);
    for (size_t first = 0; first < rows; first += block) {
        const size_t count = mnqh_min(block, rows - first), start = first * channels;
#define COLUMNS(c, width)                                                                        \
    gradient_columns(function, layer, f, count, channels, c, width, upstream + start,            \
                     input + start, gradient + start)
        MNQH_FOR_CHANNELS(channels, COLUMNS)
#undef COLUMNS
    }
}

MNQH_BODY void mnqh_normalization_gradient_f32_body(const mnqh_normalization *layer, size_t rows,
                                                    size_t channels, const float *upstream,
                                                    const float *input, const float *slope,
                                                    const float *pull, const float *shift,
                                                    float *gradient)
{
    const factors f = {slope, pull, shift};
#define RUN(function)                                                                            \
    gradient_rows(function, layer, &f, rows, channels, upstream, input, gradient)
    FOR_EACH_FUNCTION(layer->function, RUN)
#undef RUN
}

MNQH_TWINS(mnqh_normalization_gradient_f32,
           (const mnqh_normalization *layer, size_t rows, size_t channels, const float *upstream,
            const float *input, const float *slope, const float *pull, const float *shift,
            float *gradient),
           (layer, rows, channels, upstream, input, slope, pull, shift, gradient))
