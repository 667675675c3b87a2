#ifndef MNQH_IM2COL_H
#define MNQH_IM2COL_H

#include <stddef.h>
#include <stdint.h>

#include "mnqh_window.h"

/* Gathers the taps of output pixels `first ..< first + count` (row-major) into `rows`
 * `[count][kernel_height][kernel_width][pixel_bytes]`. Taps outside the image are `fill` bytes. */
void mnqh_im2col(const mnqh_window *window, const void *input, size_t pixel_bytes, int fill,
                 size_t first, size_t count, void *rows);

/* Whether output pixel i reads input pixel i and nothing else. */
static inline int mnqh_is_pointwise(const mnqh_window *window)
{
    return window->kernel_height == 1 && window->kernel_width == 1 && window->stride_height == 1 &&
           window->stride_width == 1 && window->padding_top == 0 && window->padding_left == 0 &&
           window->output_height == window->input_height &&
           window->output_width == window->input_width;
}

/* A ring of padded input rows, for kernels that slide over one panel of 16 channels.
 *
 * Padded row r is input row `r - padding_top`; it is as wide as the outputs of a row need, padding
 * included. Slot `r % reach` holds it, and a kernel reaches over `reach` rows: nothing that is
 * still needed is overwritten.
 */

/* Input rows from the first to the last tap of an output, both included. */
static inline int32_t mnqh_kernel_reach_y(const mnqh_window *window)
{
    return (window->kernel_height - 1) * window->dilation_height + 1;
}

static inline int32_t mnqh_kernel_reach_x(const mnqh_window *window)
{
    return (window->kernel_width - 1) * window->dilation_width + 1;
}

static inline int32_t mnqh_padded_width(const mnqh_window *window)
{
    return (window->output_width - 1) * window->stride_width + mnqh_kernel_reach_x(window);
}

/* Output rows that are made panel by panel before the next ones: an even number, and as many as
 * leave their input in a 512 KiB second-level cache from one panel to the next. */
static inline int32_t mnqh_band_rows(const mnqh_window *window, size_t pixel_bytes)
{
    const size_t line = (size_t)window->input_width * pixel_bytes;
    const size_t rows = 192 * 1024 / (line * (size_t)window->stride_height);
    const size_t most = 1 << 20;
    return rows < 8 ? 8 : (int32_t)(rows < most ? rows : most) / 2 * 2;
}

#endif
