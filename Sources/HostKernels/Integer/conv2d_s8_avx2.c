#include "mnqh_conv2d_s8_simd.h"

#ifdef MNQH_HAS_AVX2_CODE
#include "mnqh_avx2_s8.h"

/* Sixteen bytes cover a kernel row of an image with few channels. They are copied whole; what is
 * too much is written over by the next kernel row, or lies between two rows of taps. */
enum { ROW_BYTES = 16 };

bool mnqh_is_image_conv2d_s8(const mnqh_conv2d_s8_layer *layer)
{
    const mnqh_window *window = &layer->window;
    return (size_t)window->kernel_width * layer->input_channels <= ROW_BYTES &&
           window->dilation_width == 1;
}

/* Values from one row of taps to the next. */
static size_t taps_stride(const mnqh_conv2d_s8_layer *layer)
{
    return mnqh_even(layer->gemm.depth) + ROW_BYTES;
}

/* One kernel row at column `x` of image row `line`, some of it outside the image. */
MNQH_AVX2_INLINE __m256i gather_edge(const mnqh_conv2d_s8_layer *layer, const int8_t *line,
                                     int32_t x)
{
    const mnqh_window *window = &layer->window;
    const size_t channels = layer->input_channels;
    int8_t bytes[ROW_BYTES];
    memset(bytes, layer->gemm.codes.input_zero_point, ROW_BYTES);

    for (int32_t kx = 0; line && kx < window->kernel_width; ++kx) {
        if (x + kx >= 0 && x + kx < window->input_width) {
            memcpy(bytes + (size_t)kx * channels, line + (size_t)(x + kx) * channels, channels);
        }
    }
    return mnqh_widen(bytes);
}

/* The number of columns, from the first on, whose kernel row lies inside the image and within 16
 * bytes that may be read; `readable` bytes begin at column 0. */
static int32_t whole_columns(const mnqh_conv2d_s8_layer *layer, size_t readable)
{
    const mnqh_window *window = &layer->window;
    if (readable < ROW_BYTES || window->input_width < window->kernel_width) {
        return 0;
    }
    const size_t columns = (readable - ROW_BYTES) / layer->input_channels + 1;
    return (int32_t)mnqh_min(columns, (size_t)(window->input_width - window->kernel_width + 1));
}

/* One kernel row of output pixels `out_x ..< end` of an output row. `line` is the image row, null
 * outside the image, and `readable` the bytes from there to the end of the image. */
MNQH_AVX2 static void gather_kernel_row(const mnqh_conv2d_s8_layer *layer, const int8_t *line,
                                        size_t readable, int32_t out_x, int32_t end, int16_t *wide)
{
    const mnqh_window *window = &layer->window;
    const size_t stride = taps_stride(layer);
    const size_t channels = layer->input_channels;
    const int32_t step = window->stride_width;
    const int32_t past = whole_columns(layer, line ? readable : 0);

    int32_t x = out_x * step - window->padding_left;
    while (out_x < end) {
        for (; out_x < end && x >= 0 && x < past; ++out_x, x += step, wide += stride) {
            mnqh_store_256(wide, mnqh_widen(line + (size_t)x * channels));
        }
        if (out_x < end) {
            mnqh_store_256(wide, gather_edge(layer, line, x));
            ++out_x;
            x += step;
            wide += stride;
        }
    }
}

/* Gathers and widens the taps of output pixels `first ..< first + count`. */
static void gather_taps(const mnqh_conv2d_s8_layer *layer, const int8_t *input, size_t first,
                        size_t count, int16_t *wide)
{
    const mnqh_window *window = &layer->window;
    const size_t width = (size_t)window->output_width;
    const size_t line = (size_t)window->input_width * layer->input_channels;
    const size_t row_values = (size_t)window->kernel_width * layer->input_channels;

    while (count > 0) {
        const size_t out_x = first % width;
        const size_t pixels = mnqh_min(count, width - out_x);
        int32_t y = (int32_t)(first / width) * window->stride_height - window->padding_top;
        for (int32_t ky = 0; ky < window->kernel_height; ++ky, y += window->dilation_height) {
            const bool inside = y >= 0 && y < window->input_height;
            gather_kernel_row(layer, inside ? input + (size_t)y * line : NULL,
                              inside ? (size_t)(window->input_height - y) * line : 0,
                              (int32_t)out_x, (int32_t)(out_x + pixels),
                              wide + (size_t)ky * row_values);
        }
        wide += pixels * taps_stride(layer);
        first += pixels;
        count -= pixels;
    }
}

size_t mnqh_image_conv2d_s8_scratch_bytes(const mnqh_conv2d_s8_layer *layer)
{
    return mnqh_gemm_s8_block_rows(layer->gemm.depth) * taps_stride(layer) * sizeof(int16_t);
}

void mnqh_image_conv2d_s8_avx2(const mnqh_conv2d_s8_layer *layer, const int8_t *input,
                               int8_t *output, void *scratch)
{
    const size_t pixels =
        (size_t)layer->window.output_height * (size_t)layer->window.output_width;
    size_t block = mnqh_gemm_s8_block_rows(layer->gemm.depth);

    for (size_t first = 0; first < pixels; first += block) {
        block = mnqh_min(block, pixels - first);
        gather_taps(layer, input, first, block, scratch);
        mnqh_gemm_s8_wide_avx2(&layer->gemm, block, scratch, taps_stride(layer),
                               output + first * layer->gemm.columns);
    }
}
#endif
