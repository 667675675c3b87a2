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

#endif
