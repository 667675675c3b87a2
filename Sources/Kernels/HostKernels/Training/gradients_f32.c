#include "mnqh_training.h"

#include <stdbool.h>

#include "../Shared/mnqh_im2col.h"
#include "mnqh_vector_f32.h"

/* A tile of registers: `columns` of the upstream gradient by `vectors` of sixteen inputs. Its sums are
 * 12 of the 16 registers of AVX2, or 16 of the 32 of AVX-512, whose columns are a divisor of most
 * networks' channels. */
typedef struct {
    size_t columns;
    size_t vectors;
} shape;

static const shape NARROW = {6, 1};
static const shape WIDE = {8, 2};

/* The most of either. Rows of a block: their panels of inputs stay in the second-level cache. */
enum { COLUMNS = 8, VECTORS = 2, BLOCK = 128 };

size_t mnqh_dense_gradient_scratch_count(size_t depth)
{
    return BLOCK * (mnqh_panels(depth) * MNQH_LANES + COLUMNS);
}

/* `width` columns of `count` rows side by side in memory, filled up with zeros to a vector. Vectors are
 * read whole where they end within the `room` floats that there are. */
MNQH_BODY void pack(size_t count, const float *values, size_t stride, size_t width, size_t room,
                    float *packed)
{
    const mnqh_lanes lanes = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    const mnqh_lanes isThere = lanes < (mnqh_lanes)((int32_t)width);
    size_t m = 0;
    for (; m < count && m * stride + MNQH_LANES <= room; ++m, packed += MNQH_LANES) {
        const mnqh_vector row = mnqh_read(values + m * stride);
        mnqh_put(packed, mnqh_select(isThere, row, mnqh_splat(0)), MNQH_LANES);
    }
    for (; m < count; ++m, packed += MNQH_LANES) {
        mnqh_put(packed, mnqh_get(values + m * stride, width), MNQH_LANES);
    }
}

/* The same filled up to the columns of a tile. */
MNQH_BODY void pack_columns(shape t, size_t count, const float *values, size_t stride,
                            size_t width, float *packed)
{
    for (size_t m = 0; m < count; ++m, values += stride, packed += t.columns) {
        if (width == t.columns) {
            memcpy(packed, values, t.columns * sizeof(float));
            continue;
        }
        for (size_t n = 0; n < t.columns; ++n) {
            packed[n] = n < width ? values[n] : 0;
        }
    }
}

/* Adds the sums of one tile: `width` rows of the gradient, of which `inputs` columns are real. The
 * panels of `input` lie a block apart. */
MNQH_BODY void add_tile(shape t, size_t count, const float *upstream, const float *input,
                        size_t width, size_t inputs, float *gradient, size_t depth)
{
    mnqh_vector sums[COLUMNS][VECTORS];
    MNQH_UNROLL_ANYWHERE
    for (size_t n = 0; n < t.columns; ++n) {
        MNQH_UNROLL_ANYWHERE
        for (size_t v = 0; v < t.vectors; ++v) {
            sums[n][v] = mnqh_splat(0);
        }
    }
    for (size_t m = 0; m < count; ++m, upstream += t.columns, input += MNQH_LANES) {
        mnqh_vector inputs_of[VECTORS];
        MNQH_UNROLL_ANYWHERE
        for (size_t v = 0; v < t.vectors; ++v) {
            inputs_of[v] = mnqh_read(input + v * BLOCK * MNQH_LANES);
        }
        MNQH_UNROLL_ANYWHERE
        for (size_t n = 0; n < t.columns; ++n) {
            const mnqh_vector value = mnqh_splat(upstream[n]);
            MNQH_UNROLL_ANYWHERE
            for (size_t v = 0; v < t.vectors; ++v) {
                sums[n][v] += value * inputs_of[v];
            }
        }
    }
    MNQH_UNROLL_ANYWHERE
    for (size_t n = 0; n < t.columns; ++n) {
        MNQH_UNROLL_ANYWHERE
        for (size_t v = 0; v < t.vectors; ++v) {
            const size_t from = v * MNQH_LANES;
            if (n >= width || from >= inputs) {
                continue;
            }
            float *row = gradient + n * depth + from;
            if (inputs - from >= MNQH_LANES) {
                mnqh_put(row, mnqh_read(row) + sums[n][v], MNQH_LANES);
            } else {
                const size_t left = inputs - from;
                mnqh_put(row, mnqh_get(row, left) + sums[n][v], left);
            }
        }
    }
}

/* One tile's columns of the upstream gradient with all inputs. */
MNQH_BODY void add_columns(shape t, size_t count, const float *tile, const float *panels,
                           size_t width, float *gradient, size_t depth)
{
    size_t k = 0;
    if (t.vectors > 1) {
        for (; k + MNQH_LANES < depth; k += VECTORS * MNQH_LANES) {
            add_tile(t, count, tile, panels + k * BLOCK, width, depth - k, gradient + k, depth);
        }
    }
    const shape single = {t.columns, 1};
    for (; k < depth; k += MNQH_LANES) {
        add_tile(single, count, tile, panels + k * BLOCK, width, depth - k, gradient + k, depth);
    }
}

MNQH_BODY void add_gradient(shape t, size_t rows, mnqh_rows upstream, size_t columns,
                            mnqh_rows input, size_t depth, float *gradient, float *scratch)
{
    float *tile = scratch + BLOCK * mnqh_panels(depth) * MNQH_LANES;
    for (size_t first = 0; first < rows; first += BLOCK) {
        const size_t count = mnqh_min(BLOCK, rows - first);
        const float *from = input.values + first * input.stride;
        const size_t room = (count - 1) * input.stride + depth;
        for (size_t k = 0; k < depth; k += MNQH_LANES) {
            pack(count, from + k, input.stride, mnqh_min(MNQH_LANES, depth - k), room - k,
                 scratch + k * BLOCK);
        }
        for (size_t n = 0; n < columns; n += t.columns) {
            const size_t width = mnqh_min(t.columns, columns - n);
            pack_columns(t, count, upstream.values + first * upstream.stride + n, upstream.stride,
                         width, tile);
            add_columns(t, count, tile, scratch, width, gradient + n * depth, depth);
        }
    }
}

MNQH_BODY void narrow(size_t rows, mnqh_rows upstream, size_t columns, mnqh_rows input,
                      size_t depth, float *gradient, float *scratch)
{
    add_gradient(NARROW, rows, upstream, columns, input, depth, gradient, scratch);
}

MNQH_BODY void wide(size_t rows, mnqh_rows upstream, size_t columns, mnqh_rows input, size_t depth,
                    float *gradient, float *scratch)
{
    add_gradient(WIDE, rows, upstream, columns, input, depth, gradient, scratch);
}

MNQH_SIZED_TWINS(mnqh_dense_gradient_f32,
                 (size_t rows, mnqh_rows upstream, size_t columns, mnqh_rows input, size_t depth,
                  float *gradient, float *scratch),
                 (rows, upstream, columns, input, depth, gradient, scratch), narrow, wide)

void mnqh_patches_f32(const mnqh_window *window, size_t channels, size_t first, size_t count,
                      const float *image, float *rows)
{
    mnqh_im2col(window, image, channels * sizeof(float), 0, first, count, rows);
}

void mnqh_add_patches_f32(const mnqh_window *window, size_t channels, size_t first, size_t count,
                          const float *rows, float *image)
{
    const size_t outputs = (size_t)window->output_width;
    for (size_t pixel = first; pixel < first + count; ++pixel) {
        const int32_t top = (int32_t)(pixel / outputs) * window->stride_height -
                            window->padding_top;
        const int32_t left = (int32_t)(pixel % outputs) * window->stride_width -
                             window->padding_left;
        for (int32_t ky = 0; ky < window->kernel_height; ++ky) {
            const int32_t y = top + ky * window->dilation_height;
            for (int32_t kx = 0; kx < window->kernel_width; ++kx, rows += channels) {
                const int32_t x = left + kx * window->dilation_width;
                const bool isInside = y >= 0 && y < window->input_height && x >= 0 &&
                                      x < window->input_width;
                if (!isInside) {
                    continue;
                }
                float *place = image + ((size_t)y * (size_t)window->input_width + (size_t)x) *
                                           channels;
                for (size_t c = 0; c < channels; ++c) {
                    place[c] += rows[c];
                }
            }
        }
    }
}

/* Values that are summed in single precision before the sums are widened. */
enum { SUMMED = 1024 };

/* The terms of one vector of `width` values, whose gradient is written. */
MNQH_BODY mnqh_vector pass(float low, float high, size_t width, const float *computed,
                           const float *read, const float *upstream, float *gradient)
{
    const mnqh_vector x = mnqh_get(computed, width), y = mnqh_get(read, width);
    const mnqh_vector g = mnqh_get(upstream, width), zero = mnqh_splat(0);
    const mnqh_lanes isInside = (x >= mnqh_splat(low)) & (x <= mnqh_splat(high));
    mnqh_put(gradient, mnqh_select(isInside, g, zero), width);
    return g * (y - mnqh_select(isInside, x, zero));
}

MNQH_BODY void mnqh_rounding_gradient_f32_body(size_t count, float low, float high,
                                               const float *computed, const float *read,
                                               const float *upstream, float *gradient,
                                               double *sum)
{
    for (size_t first = 0; first < count; first += SUMMED) {
        const size_t end = first + mnqh_min(SUMMED, count - first);
        mnqh_vector terms = mnqh_splat(0);
        size_t i = first;
        for (; i + MNQH_LANES <= end; i += MNQH_LANES) {
            terms += pass(low, high, MNQH_LANES, computed + i, read + i, upstream + i,
                          gradient + i);
        }
        if (i < end) {
            terms += pass(low, high, end - i, computed + i, read + i, upstream + i, gradient + i);
        }
        for (size_t lane = 0; lane < MNQH_LANES; ++lane) {
            *sum += (double)terms[lane];
        }
    }
}

MNQH_TWINS(mnqh_rounding_gradient_f32,
           (size_t count, float low, float high, const float *computed, const float *read,
            const float *upstream, float *gradient, double *sum),
           (count, low, high, computed, read, upstream, gradient, sum))
