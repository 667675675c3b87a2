#include "mnqh_training.h"

#include "mnqh_vector_f32.h"

/* Columns of the upstream gradient that a register tile covers, and inputs: 6 x 16 sums are 12
 * of 16 registers. Rows of a block: their panels of inputs stay in the second-level cache. */
enum { TILE = 6, PANEL = 16, BLOCK = 128 };

size_t mnqh_dense_gradient_scratch_count(size_t depth)
{
    return BLOCK * (mnqh_panels(depth) * PANEL + TILE);
}

/* `width` columns of `count` rows side by side in memory, filled up with zeros to `padded`. */
MNQH_BODY void pack(size_t count, const float *values, size_t stride, size_t width, size_t padded,
                    float *packed)
{
    for (size_t m = 0; m < count; ++m, values += stride, packed += padded) {
        for (size_t n = 0; n < padded; ++n) {
            packed[n] = n < width ? values[n] : 0;
        }
    }
}

/* Adds the sums of one tile: `width` rows of the gradient, of which `inputs` columns are real. */
MNQH_BODY void add_tile(size_t count, const float *upstream, const float *input, size_t width,
                        size_t inputs, float *gradient, size_t depth)
{
    mnqh_f32x8 sums[TILE][2];
    for (size_t n = 0; n < TILE; ++n) {
        sums[n][0] = sums[n][1] = mnqh_splat_f32x8(0);
    }
    for (size_t m = 0; m < count; ++m, upstream += TILE, input += PANEL) {
        const mnqh_f32x8 low = mnqh_read_f32x8(input);
        const mnqh_f32x8 high = mnqh_read_f32x8(input + MNQH_LANES);
        MNQH_UNROLL_ANYWHERE
        for (size_t n = 0; n < TILE; ++n) {
            const mnqh_f32x8 value = mnqh_splat_f32x8(upstream[n]);
            sums[n][0] += value * low;
            sums[n][1] += value * high;
        }
    }
    MNQH_UNROLL_ANYWHERE
    for (size_t n = 0; n < TILE; ++n) {
        if (n >= width) {
            continue;
        }
        float *row = gradient + n * depth;
        for (size_t half = 0; half < 2; ++half) {
            const size_t from = half * MNQH_LANES;
            const size_t left = inputs > from ? mnqh_min(inputs - from, MNQH_LANES) : 0;
            mnqh_put_f32x8(row + from, mnqh_get_f32x8(row + from, left) + sums[n][half], left);
        }
    }
}

MNQH_BODY void mnqh_dense_gradient_f32_body(size_t rows, mnqh_rows upstream, size_t columns,
                                            mnqh_rows input, size_t depth, float *gradient,
                                            float *scratch)
{
    float *tile = scratch + BLOCK * mnqh_panels(depth) * PANEL;
    for (size_t first = 0; first < rows; first += BLOCK) {
        const size_t count = mnqh_min(BLOCK, rows - first);
        for (size_t k = 0; k < depth; k += PANEL) {
            pack(count, input.values + first * input.stride + k, input.stride,
                 mnqh_min(PANEL, depth - k), PANEL, scratch + k * BLOCK);
        }
        for (size_t n = 0; n < columns; n += TILE) {
            const size_t width = mnqh_min(TILE, columns - n);
            pack(count, upstream.values + first * upstream.stride + n, upstream.stride, width,
                 TILE, tile);
            for (size_t k = 0; k < depth; k += PANEL) {
                add_tile(count, tile, scratch + k * BLOCK, width, mnqh_min(PANEL, depth - k),
                         gradient + n * depth + k, depth);
            }
        }
    }
}

MNQH_TWINS(mnqh_dense_gradient_f32,
           (size_t rows, mnqh_rows upstream, size_t columns, mnqh_rows input, size_t depth,
            float *gradient, float *scratch),
           (rows, upstream, columns, input, depth, gradient, scratch))
