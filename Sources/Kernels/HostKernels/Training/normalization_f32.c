#include "mnqh_training.h"

#include <math.h>

#include "mnqh_vector_f32.h"

/* exp by lanes: the compiler calls the library for each. */
MNQH_BODY mnqh_f32x8 logistic(mnqh_f32x8 x)
{
    mnqh_f32x8 y;
    for (size_t i = 0; i < MNQH_LANES; ++i) {
        y[i] = 1 / (1 + expf(-x[i]));
    }
    return y;
}

MNQH_BODY mnqh_f32x8 value(mnqh_function function, mnqh_f32x8 x)
{
    switch (function) {
    case MNQH_RELU: return mnqh_clamp_f32x8(x, 0, INFINITY);
    case MNQH_RELU6: return mnqh_clamp_f32x8(x, 0, 6);
    case MNQH_HARD_SWISH: return x * mnqh_clamp_f32x8(x + 3, 0, 6) * (1.0f / 6);
    case MNQH_HARD_SIGMOID: return mnqh_clamp_f32x8(x + 3, 0, 6) * (1.0f / 6);
    case MNQH_LOGISTIC: return logistic(x);
    case MNQH_IDENTITY: break;
    }
    return x;
}

MNQH_BODY mnqh_f32x8 ones_where(mnqh_i32x8 mask)
{
    return mnqh_select_f32x8(mask, mnqh_splat_f32x8(1), mnqh_splat_f32x8(0));
}

MNQH_BODY mnqh_f32x8 derivative(mnqh_function function, mnqh_f32x8 x)
{
    const mnqh_f32x8 zero = mnqh_splat_f32x8(0);
    const mnqh_f32x8 three = mnqh_splat_f32x8(3), six = mnqh_splat_f32x8(6);
    switch (function) {
    case MNQH_RELU: return ones_where(x > zero);
    case MNQH_RELU6: return ones_where((x > zero) & (x <= six));
    case MNQH_HARD_SWISH: {
        const mnqh_f32x8 curve = (2 * x + 3) * (1.0f / 6);
        return mnqh_select_f32x8(x > three, mnqh_splat_f32x8(1),
                                 mnqh_select_f32x8(x > -three, curve, zero));
    }
    case MNQH_HARD_SIGMOID: return ones_where((x > -three) & (x <= three)) * (1.0f / 6);
    case MNQH_LOGISTIC: {
        const mnqh_f32x8 y = logistic(x);
        return y * (1 - y);
    }
    case MNQH_IDENTITY: break;
    }
    return mnqh_splat_f32x8(1);
}

/* Calls `call(function, width)` for the channels from c on with both known to the compiler. */
#define FOR_EACH_FUNCTION(function, call)                                                        \
    switch (function) {                                                                          \
    case MNQH_IDENTITY: call(MNQH_IDENTITY); break;                                              \
    case MNQH_RELU: call(MNQH_RELU); break;                                                      \
    case MNQH_RELU6: call(MNQH_RELU6); break;                                                    \
    case MNQH_HARD_SWISH: call(MNQH_HARD_SWISH); break;                                          \
    case MNQH_HARD_SIGMOID: call(MNQH_HARD_SIGMOID); break;                                      \
    case MNQH_LOGISTIC: call(MNQH_LOGISTIC); break;                                              \
    }

/* Channels go in vectors of eight, the last of which has fewer. */
#define FOR_CHANNELS(channels, body)                                                             \
    {                                                                                            \
        size_t c = 0;                                                                            \
        for (; c + MNQH_LANES <= (channels); c += MNQH_LANES) {                                  \
            body(c, MNQH_LANES);                                                                 \
        }                                                                                        \
        if (c < (channels)) {                                                                    \
            body(c, (channels)-c);                                                               \
        }                                                                                        \
    }

MNQH_BODY void sums_of(size_t rows, size_t channels, size_t width, const float *input, float *sums)
{
    mnqh_f32x8 a = mnqh_splat_f32x8(0), b = a;
    size_t m = 0;
    for (; m + 2 <= rows; m += 2) {
        a += mnqh_get_f32x8(input + m * channels, width);
        b += mnqh_get_f32x8(input + (m + 1) * channels, width);
    }
    if (m < rows) {
        a += mnqh_get_f32x8(input + m * channels, width);
    }
    mnqh_put_f32x8(sums, a + b, width);
}

MNQH_BODY void mnqh_channel_sums_f32_body(size_t rows, size_t channels, const float *input,
                                          float *sums)
{
#define STEP(c, width) sums_of(rows, channels, width, input + (c), sums + (c))
    FOR_CHANNELS(channels, STEP)
#undef STEP
}

MNQH_TWINS(mnqh_channel_sums_f32,
           (size_t rows, size_t channels, const float *input, float *sums),
           (rows, channels, input, sums))

MNQH_BODY void squares_of(size_t rows, size_t channels, size_t width, const float *input,
                          const float *sums, float *squares)
{
    const mnqh_f32x8 mean = mnqh_get_f32x8(sums, width) / (float)rows;
    mnqh_f32x8 a = mnqh_splat_f32x8(0), b = a;
    size_t m = 0;
    for (; m + 2 <= rows; m += 2) {
        const mnqh_f32x8 x = mnqh_get_f32x8(input + m * channels, width) - mean;
        const mnqh_f32x8 y = mnqh_get_f32x8(input + (m + 1) * channels, width) - mean;
        a += x * x;
        b += y * y;
    }
    if (m < rows) {
        const mnqh_f32x8 x = mnqh_get_f32x8(input + m * channels, width) - mean;
        a += x * x;
    }
    mnqh_put_f32x8(squares, a + b, width);
}

MNQH_BODY void mnqh_moments_f32_body(size_t rows, size_t channels, const float *input,
                                     float *sums, float *squares)
{
#define STEP(c, width)                                                                           \
    sums_of(rows, channels, width, input + (c), sums + (c));                                     \
    squares_of(rows, channels, width, input + (c), sums + (c), squares + (c))
    FOR_CHANNELS(channels, STEP)
#undef STEP
}

MNQH_TWINS(mnqh_moments_f32,
           (size_t rows, size_t channels, const float *input, float *sums, float *squares),
           (rows, channels, input, sums, squares))

MNQH_BODY void normalize_columns(mnqh_function function, const mnqh_normalization *layer,
                                 size_t rows, size_t channels, size_t c, size_t width,
                                 const float *input, float *output)
{
    const mnqh_f32x8 scale = mnqh_get_f32x8(layer->scale + c, width);
    const mnqh_f32x8 offset = mnqh_get_f32x8(layer->offset + c, width);
    for (size_t m = 0; m < rows; ++m) {
        const size_t at = m * channels + c;
        const mnqh_f32x8 x = mnqh_get_f32x8(input + at, width);
        mnqh_put_f32x8(output + at, value(function, x * scale + offset), width);
    }
}

MNQH_BODY void mnqh_normalize_f32_body(const mnqh_normalization *layer, size_t rows,
                                       size_t channels, const float *input, float *output)
{
#define STEP(function)                                                                           \
    for (size_t m = 0; m < rows; m += 8) {                                                       \
        const size_t count = mnqh_min(8, rows - m);                                              \
        size_t c = 0;                                                                            \
        for (; c + MNQH_LANES <= channels; c += MNQH_LANES) {                                    \
            normalize_columns(function, layer, count, channels, c, MNQH_LANES,                   \
                              input + m * channels, output + m * channels);                      \
        }                                                                                        \
        if (c < channels) {                                                                      \
            normalize_columns(function, layer, count, channels, c, channels - c,                 \
                              input + m * channels, output + m * channels);                      \
        }                                                                                        \
    }
    FOR_EACH_FUNCTION(layer->function, STEP)
#undef STEP
}

MNQH_TWINS(mnqh_normalize_f32,
           (const mnqh_normalization *layer, size_t rows, size_t channels, const float *input,
            float *output),
           (layer, rows, channels, input, output))

MNQH_BODY void gradient_sums(mnqh_function function, const mnqh_normalization *layer, size_t rows,
                             size_t channels, size_t c, size_t width, const float *upstream,
                             const float *input, const float *mean, float *sums, float *products)
{
    const mnqh_f32x8 scale = mnqh_get_f32x8(layer->scale + c, width);
    const mnqh_f32x8 offset = mnqh_get_f32x8(layer->offset + c, width);
    const mnqh_f32x8 center = mnqh_get_f32x8(mean + c, width);
    mnqh_f32x8 sum = mnqh_splat_f32x8(0), product = sum;
    for (size_t m = 0; m < rows; ++m) {
        const mnqh_f32x8 x = mnqh_get_f32x8(input + m * channels + c, width);
        const mnqh_f32x8 g = mnqh_get_f32x8(upstream + m * channels + c, width) *
                             derivative(function, x * scale + offset);
        sum += g;
        product += g * (x - center);
    }
    mnqh_put_f32x8(sums + c, sum, width);
    mnqh_put_f32x8(products + c, product, width);
}

MNQH_BODY void mnqh_normalization_sums_f32_body(const mnqh_normalization *layer, size_t rows,
                                                size_t channels, const float *upstream,
                                                const float *input, const float *mean,
                                                float *sums, float *products)
{
#define COLUMNS(function, c, width)                                                              \
    gradient_sums(function, layer, rows, channels, c, width, upstream, input, mean, sums, products)
#define STEP(function)                                                                           \
    {                                                                                            \
        size_t c = 0;                                                                            \
        for (; c + MNQH_LANES <= channels; c += MNQH_LANES) {                                    \
            COLUMNS(function, c, MNQH_LANES);                                                    \
        }                                                                                        \
        if (c < channels) {                                                                      \
            COLUMNS(function, c, channels - c);                                                  \
        }                                                                                        \
    }
    FOR_EACH_FUNCTION(layer->function, STEP)
#undef STEP
#undef COLUMNS
}

MNQH_TWINS(mnqh_normalization_sums_f32,
           (const mnqh_normalization *layer, size_t rows, size_t channels, const float *upstream,
            const float *input, const float *mean, float *sums, float *products),
           (layer, rows, channels, upstream, input, mean, sums, products))

MNQH_BODY void gradient_columns(mnqh_function function, const mnqh_normalization *layer,
                                size_t rows, size_t channels, size_t c, size_t width,
                                const float *upstream, const float *input, const float *slope,
                                const float *pull, const float *shift, float *gradient)
{
    const mnqh_f32x8 scale = mnqh_get_f32x8(layer->scale + c, width);
    const mnqh_f32x8 offset = mnqh_get_f32x8(layer->offset + c, width);
    const mnqh_f32x8 s = mnqh_get_f32x8(slope + c, width), p = mnqh_get_f32x8(pull + c, width);
    const mnqh_f32x8 t = mnqh_get_f32x8(shift + c, width);
    for (size_t m = 0; m < rows; ++m) {
        const size_t at = m * channels + c;
        const mnqh_f32x8 x = mnqh_get_f32x8(input + at, width);
        const mnqh_f32x8 g = mnqh_get_f32x8(upstream + at, width) *
                             derivative(function, x * scale + offset);
        mnqh_put_f32x8(gradient + at, s * g + (p * x + t), width);
    }
}

MNQH_BODY void mnqh_normalization_gradient_f32_body(const mnqh_normalization *layer, size_t rows,
                                                    size_t channels, const float *upstream,
                                                    const float *input, const float *slope,
                                                    const float *pull, const float *shift,
                                                    float *gradient)
{
#define COLUMNS(function, c, width)                                                              \
    gradient_columns(function, layer, count, channels, c, width, upstream + m * channels,        \
                     input + m * channels, slope, pull, shift, gradient + m * channels)
#define STEP(function)                                                                           \
    for (size_t m = 0; m < rows; m += 8) {                                                       \
        const size_t count = mnqh_min(8, rows - m);                                              \
        size_t c = 0;                                                                            \
        for (; c + MNQH_LANES <= channels; c += MNQH_LANES) {                                    \
            COLUMNS(function, c, MNQH_LANES);                                                    \
        }                                                                                        \
        if (c < channels) {                                                                      \
            COLUMNS(function, c, channels - c);                                                  \
        }                                                                                        \
    }
    FOR_EACH_FUNCTION(layer->function, STEP)
#undef STEP
#undef COLUMNS
}

MNQH_TWINS(mnqh_normalization_gradient_f32,
           (const mnqh_normalization *layer, size_t rows, size_t channels, const float *upstream,
            const float *input, const float *slope, const float *pull, const float *shift,
            float *gradient),
           (layer, rows, channels, upstream, input, slope, pull, shift, gradient))
