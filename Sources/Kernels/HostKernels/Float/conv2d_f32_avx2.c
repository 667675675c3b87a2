#include "mnqh_twins_f32.h"

#ifdef MNQH_HAS_AVX2_CODE
#include <string.h>

#include "../Shared/mnqh_im2col.h"

typedef void parts_gemm(const mnqh_gemm_f32_layer *layer, mnqh_parts parts, size_t rows,
                        const float *input, size_t input_stride, float *output,
                        size_t output_stride);

/* Output rows whose padded input is made at a time. */
enum { BAND = 8 };

/* Floats of a padded input row. */
static size_t line_count(const mnqh_conv2d_f32_layer *layer)
{
    return (size_t)mnqh_padded_width(&layer->window) * layer->input_channels;
}

/* Padded input rows that `rows` output rows see. */
static int32_t seen_rows(const mnqh_window *window, int32_t rows)
{
    return (rows - 1) * window->stride_height + mnqh_kernel_reach_y(window);
}

size_t mnqh_conv2d_f32_avx2_scratch_count(const mnqh_conv2d_f32_layer *layer)
{
    return (size_t)seen_rows(&layer->window, BAND) * line_count(layer);
}

/* Copies input row `y` with zeros around it. */
static void pad_row(const mnqh_conv2d_f32_layer *layer, const float *input, int32_t y, float *to)
{
    const mnqh_window *window = &layer->window;
    const size_t channels = layer->input_channels;
    const size_t width = (size_t)mnqh_padded_width(window);
    const size_t left = mnqh_min((size_t)window->padding_left, width);
    const size_t middle = mnqh_min((size_t)window->input_width, width - left);

    if (y < 0 || y >= window->input_height) {
        memset(to, 0, width * channels * sizeof(float));
        return;
    }
    const float *from = input + (size_t)y * (size_t)window->input_width * channels;
    memset(to, 0, left * channels * sizeof(float));
    memcpy(to + left * channels, from, middle * channels * sizeof(float));
    memset(to + (left + middle) * channels, 0, (width - left - middle) * channels * sizeof(float));
}

void mnqh_conv2d_f32_avx2(const mnqh_conv2d_f32_layer *layer, const float *input, float *output,
                          float *scratch)
{
    const mnqh_window *window = &layer->window;
    const size_t line = line_count(layer);
    const size_t width = (size_t)window->output_width;
    const size_t columns = layer->gemm.columns;
    parts_gemm *multiply = mnqh_runs_avx512() ? mnqh_gemm_f32_parts_avx512
                                              : mnqh_gemm_f32_parts_avx2;
    const mnqh_parts taps = {
        .count = (size_t)window->kernel_height,
        .depth = (size_t)window->kernel_width * layer->input_channels,
        .stride = (size_t)window->dilation_height * line,
    };

    for (int32_t first = 0; first < window->output_height; first += BAND) {
        const int32_t rest = window->output_height - first;
        const int32_t rows = rest < BAND ? rest : BAND;
        const int32_t top = first * window->stride_height - window->padding_top;
        for (int32_t i = 0; i < seen_rows(window, rows); ++i) {
            pad_row(layer, input, top + i, scratch + (size_t)i * line);
        }
        for (int32_t i = 0; i < rows; ++i, output += width * columns) {
            const float *from = scratch + (size_t)(i * window->stride_height) * line;
            multiply(&layer->gemm, taps, width, from,
                     (size_t)window->stride_width * layer->input_channels, output, columns);
        }
    }
}
#endif
