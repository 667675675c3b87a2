#include "mnqh_im2col.h"

#include <string.h>

/* Two halves of a constant size, which overlap. */
#define MNQH_COPY_HALVES(half)                                                                   \
    memcpy(to, from, half);                                                                      \
    memcpy(to + bytes - (half), from + bytes - (half), half)

/* `memcpy` for the few bytes that a kernel row of an image has: a call would cost more. */
static inline void copy(char *to, const char *from, size_t bytes)
{
    if (bytes < 4 || bytes > 64) {
        memcpy(to, from, bytes);
    } else if (bytes < 8) {
        MNQH_COPY_HALVES(4);
    } else if (bytes < 16) {
        MNQH_COPY_HALVES(8);
    } else if (bytes < 32) {
        MNQH_COPY_HALVES(16);
    } else {
        MNQH_COPY_HALVES(32);
    }
}

/* One kernel row: `kernel_width` taps of input row `y`, the first at column `x`. */
static void gather_row(const mnqh_window *window, const char *input, size_t pixel_bytes, int fill,
                       int32_t y, int32_t x, char *row)
{
    const int32_t width = window->input_width;
    const int32_t step = window->dilation_width;
    const int32_t taps = window->kernel_width;

    if (y < 0 || y >= window->input_height) {
        memset(row, fill, (size_t)taps * pixel_bytes);
        return;
    }
    const char *line = input + (size_t)y * (size_t)width * pixel_bytes;
    if (step == 1 && x >= 0 && x + taps <= width) {
        copy(row, line + (size_t)x * pixel_bytes, (size_t)taps * pixel_bytes);
        return;
    }
    for (int32_t kx = 0; kx < taps; ++kx, x += step, row += pixel_bytes) {
        if (x < 0 || x >= width) {
            memset(row, fill, pixel_bytes);
        } else {
            copy(row, line + (size_t)x * pixel_bytes, pixel_bytes);
        }
    }
}

void mnqh_im2col(const mnqh_window *window, const void *input, size_t pixel_bytes, int fill,
                 size_t first, size_t count, void *rows)
{
    const size_t row_bytes = (size_t)window->kernel_width * pixel_bytes;
    char *row = rows;

    for (size_t pixel = first; pixel < first + count; ++pixel) {
        const int32_t out_y = (int32_t)(pixel / (size_t)window->output_width);
        const int32_t out_x = (int32_t)(pixel % (size_t)window->output_width);
        const int32_t x = out_x * window->stride_width - window->padding_left;
        int32_t y = out_y * window->stride_height - window->padding_top;
        for (int32_t ky = 0; ky < window->kernel_height; ++ky, row += row_bytes) {
            gather_row(window, input, pixel_bytes, fill, y, x, row);
            y += window->dilation_height;
        }
    }
}
