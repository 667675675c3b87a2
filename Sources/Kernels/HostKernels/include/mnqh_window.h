#ifndef MNQH_WINDOW_H
#define MNQH_WINDOW_H

#include <stdint.h>

/* How a convolution kernel slides over one image `[input_height, input_width, channels]` to make
 * `[output_height, output_width, ...]`.
 *
 * Tap `ky, kx` of output `out_y, out_x` reads input row `out_y * stride_height - padding_top +
 * ky * dilation_height`, and the column likewise. Padding at the bottom and right is whatever the
 * output size makes necessary. All sizes, strides and dilations are at least 1, paddings at least 0.
 */
typedef struct {
    int32_t input_height;
    int32_t input_width;
    int32_t output_height;
    int32_t output_width;
    int32_t kernel_height;
    int32_t kernel_width;
    int32_t stride_height;
    int32_t stride_width;
    int32_t dilation_height;
    int32_t dilation_width;
    int32_t padding_top;
    int32_t padding_left;
} mnqh_window;

#endif
