/* Convolutions by their definition, one product after another. */
#include <math.h>

#include "twins.h"

/* One product: a tap that lies in the image, of an input channel. */
typedef struct {
    size_t input;
    size_t weight;
} product;

/* The products of channel `n` of output pixel `pixel`. Returns how many there are. */
static size_t list_products(const convolution *c, size_t pixel, size_t n, product *products)
{
    const mnqh_window *window = &c->window;
    const int32_t out_y = (int32_t)(pixel / (size_t)window->output_width);
    const int32_t out_x = (int32_t)(pixel % (size_t)window->output_width);
    const size_t depth = c->multiplier ? 1 : c->input_channels;
    const size_t first = c->multiplier ? n / c->multiplier : 0;
    size_t count = 0;

    for (int32_t tap = 0; tap < window->kernel_height * window->kernel_width; ++tap) {
        const int32_t y = out_y * window->stride_height - window->padding_top +
                          tap / window->kernel_width * window->dilation_height;
        const int32_t x = out_x * window->stride_width - window->padding_left +
                          tap % window->kernel_width * window->dilation_width;
        if (y < 0 || y >= window->input_height || x < 0 || x >= window->input_width) {
            continue;
        }
        const size_t from = (size_t)(y * window->input_width + x) * c->input_channels + first;
        const size_t weight = c->multiplier ? (size_t)tap * c->output_channels + n
                                            : n * weight_count(c) + (size_t)tap * depth;
        for (size_t k = 0; k < depth; ++k) {
            products[count++] = (product){from + k, weight + k};
        }
    }
    return count;
}

/* As many as a kernel of 7 by 7 has. */
enum { MOST_PRODUCTS = 49 * MOST_CHANNELS };

void plain_sums(const convolution *c, const float *input, const float *weights, const float *bias,
                real *sums)
{
    product products[MOST_PRODUCTS];
    for (size_t i = 0; i < output_count(c); ++i) {
        const size_t n = i % c->output_channels;
        const size_t count = list_products(c, i / c->output_channels, n, products);
        real sum = {(double)bias[n], fabs((double)bias[n])};
        for (size_t k = 0; k < count; ++k) {
            const double term = (double)input[products[k].input] *
                                (double)weights[products[k].weight];
            sum.value += term;
            sum.magnitude += fabs(term);
        }
        sums[i] = sum;
    }
}

void plain_sums_s8(const convolution *c, const int8_t *input, int32_t zero_point,
                   const mnqh_channel_constants *constants, int32_t *sums)
{
    product products[MOST_PRODUCTS];
    for (size_t i = 0; i < output_count(c); ++i) {
        const size_t n = i % c->output_channels;
        const size_t count = list_products(c, i / c->output_channels, n, products);
        uint32_t sum = (uint32_t)constants->bias[n];
        for (size_t k = 0; k < count; ++k) {
            sum += (uint32_t)((input[products[k].input] - zero_point) *
                              constants->weights[products[k].weight]);
        }
        sums[i] = (int32_t)sum;
    }
}

void plain_codes(const int32_t *sums, size_t count, size_t channels,
                 const mnqh_channel_constants *constants, const mnqh_codes *codes,
                 int8_t *outputs)
{
    for (size_t i = 0; i < count; ++i) {
        const size_t n = i % channels;
        const int32_t scaled = mnqh_requantize(sums[i], constants->multipliers[n],
                                               constants->shifts[n], codes->rounding);
        const int32_t code = (int32_t)((uint32_t)scaled + (uint32_t)codes->output_zero_point);
        outputs[i] = (int8_t)(code < codes->minimum   ? codes->minimum
                              : code > codes->maximum ? codes->maximum
                                                      : code);
    }
}
