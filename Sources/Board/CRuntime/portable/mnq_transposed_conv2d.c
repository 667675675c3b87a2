#include "mnq_arithmetic.h"
#include "mnq_requantize.h"
#include "mnq_runtime.h"

/* The taps begin, begin + stride, … below end reach one place of the output; the first reads the
 * input at place, each other one at the place before that. */
typedef struct {
    int32_t begin;
    int32_t end;
    int32_t place;
} reaching_taps;

static reaching_taps taps_at(int32_t position, int32_t size, int32_t kernel, int32_t stride)
{
    reaching_taps taps = {position % stride, kernel, position / stride};
    if (taps.place >= size) {
        taps.begin += (taps.place - (size - 1)) * stride;
        taps.place = size - 1;
    }
    taps.end = mnq_min(kernel, taps.begin + taps.place * stride + 1);
    return taps;
}

/* Adds the products of one pixel with the weights of two output channels: each code is read once for
 * both. Apart, so that all it needs stays in registers. */
MNQ_APART void add_products(const int8_t *pixel, int32_t depth, int32_t zero_point,
                            const int8_t *first, const int8_t *second, int32_t sums[2])
{
    int32_t a = sums[0], b = sums[1];
    int32_t i = 0;

    for (; i + 2 <= depth; i += 2) {
        const int32_t value = pixel[i] - zero_point, next = pixel[i + 1] - zero_point;
        a += value * first[i];
        b += value * second[i];
        a += next * first[i + 1];
        b += next * second[i + 1];
    }
    if (i < depth) {
        const int32_t value = pixel[i] - zero_point;
        a += value * first[i];
        b += value * second[i];
    }
    sums[0] = a;
    sums[1] = b;
}

/* Adds what the taps that reach a pixel give two output channels. */
static void gather_sums(const mnq_transposed_conv2d *layer, const int8_t *row, int32_t depth,
                        const int8_t *first, const int8_t *second, reaching_taps rows,
                        reaching_taps columns, int32_t sums[2])
{
    for (int32_t ky = rows.begin; ky < rows.end; ky += layer->stride.height) {
        const int8_t *pixel = row;
        for (int32_t kx = columns.begin; kx < columns.end; kx += layer->stride.width) {
            const int32_t tap = (ky * layer->kernel.width + kx) * depth;
            add_products(pixel, depth, layer->input_zero_point, first + tap, second + tap, sums);
            pixel -= layer->input_channels;
        }
        row -= layer->input.width * layer->input_channels;
    }
}

/* One pixel of the output: all channels of it, two by two. The last of an odd number of a group goes
 * with itself. */
static void gather_pixel(const mnq_transposed_conv2d *layer, const int8_t *input,
                         reaching_taps rows, reaching_taps columns, int8_t *pixel)
{
    const int32_t depth = layer->input_channels / layer->groups;
    const int32_t group_outputs = layer->output_channels / layer->groups;
    const int32_t count = layer->kernel.height * layer->kernel.width * depth;
    const int8_t *corner =
        input + (rows.place * layer->input.width + columns.place) * layer->input_channels;

    for (int32_t o = 0; o < layer->output_channels;) {
        const int32_t group = o / group_outputs;
        const int32_t next = o + 1 < (group + 1) * group_outputs ? o + 1 : o;
        const int8_t *first = layer->weights + o * count;
        int32_t sums[2] = {layer->bias[o], layer->bias[next]};
        gather_sums(layer, corner + group * depth, depth, first, first + (next - o) * count, rows,
                    columns, sums);
        for (const int32_t *sum = sums; o <= next; ++o, ++sum) {
            const mnq_requantization factor = {layer->multipliers[o], layer->shifts[o]};
            pixel[o] = mnq_curved(
                mnq_requantize(factor, *sum, layer->rounding) + layer->output_zero_point,
                layer->clamp_min, layer->clamp_max, layer->curve);
        }
    }
}

MNQ_KERNEL
void mnq_transposed_conv2d_s8(const mnq_transposed_conv2d *layer, const int8_t *input,
                              int8_t *output)
{
    for (int32_t y = 0; y < layer->output.height; ++y) {
        const reaching_taps rows = taps_at(y + layer->padding.height, layer->input.height,
                                           layer->kernel.height, layer->stride.height);
        for (int32_t x = 0; x < layer->output.width; ++x) {
            const reaching_taps columns = taps_at(x + layer->padding.width, layer->input.width,
                                                  layer->kernel.width, layer->stride.width);
            gather_pixel(layer, input, rows, columns, output);
            output += layer->output_channels;
        }
    }
}
