#include "mnqh_training.h"

#include <stdbool.h>
#include <string.h>

#include "../Shared/mnqh_im2col.h"

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
