#include "mnqh_twins_s8.h"

#ifdef MNQH_HAS_NEON_CODE
#include "mnqh_neon_codes.h"

/* Sixteen codes less their zero point in the order of slots, 16 bits wide. */
typedef struct {
    int16x8_t half[2];
} lanes;

static inline lanes center(int8x16_t codes, int8x8_t zero)
{
    const int16x8_t low = vsubl_s8(vget_low_s8(codes), zero);
    const int16x8_t high = vsubl_s8(vget_high_s8(codes), zero);
    return (lanes){{vcombine_s16(vget_low_s16(low), vget_low_s16(high)),
                    vcombine_s16(vget_high_s16(low), vget_high_s16(high))}};
}

/* Adds one tap: `weights` are every other value. */
static inline void add_tap(mnqh_s32x16 *sums, lanes values, const int16_t *weights, size_t odd)
{
    for (int half = 0; half < 2; ++half) {
        const int16x8_t factors = vld2q_s16(weights - odd + half * MNQH_PANEL).val[odd];
        int32x4_t *quarter = sums->quarter + 2 * half;
        quarter[0] =
            vmlal_s16(quarter[0], vget_low_s16(values.half[half]), vget_low_s16(factors));
        quarter[1] =
            vmlal_s16(quarter[1], vget_high_s16(values.half[half]), vget_high_s16(factors));
    }
}

/* The accumulators of 16 channels of one output pixel; `input` is at the first of them. */
static mnqh_s32x16 convolve(const mnqh_depthwise_s8_layer *layer, const mnqh_panel_s8 *panel,
                            const int8_t *input, int32_t out_y, int32_t out_x)
{
    const mnqh_window *window = &layer->window;
    const int8x8_t zero = vdup_n_s8((int8_t)layer->codes.input_zero_point);
    const int16_t *weights = (const int16_t *)(panel + 1);
    mnqh_s32x16 sums = mnqh_load_s32x16(panel->start);

    for (int32_t ky = 0; ky < window->kernel_height; ++ky) {
        const int32_t y = out_y * window->stride_height - window->padding_top +
                          ky * window->dilation_height;
        for (int32_t kx = 0; kx < window->kernel_width; ++kx) {
            const int32_t x = out_x * window->stride_width - window->padding_left +
                              kx * window->dilation_width;
            const size_t index = mnqh_depthwise_s8_weight(window, ky, kx, 0, 0);
            if (y >= 0 && y < window->input_height && x >= 0 && x < window->input_width) {
                const size_t pixel = (size_t)y * (size_t)window->input_width + (size_t)x;
                const int8x16_t codes = vld1q_s8(input + pixel * layer->input_channels);
                add_tap(&sums, center(codes, zero), weights + index, index % 2);
            }
        }
    }
    return sums;
}

bool mnqh_depthwise_s8_runs_neon(const mnqh_depthwise_s8_layer *layer)
{
    return layer->multiplier == 1 && layer->input_channels >= MNQH_PANEL;
}

void mnqh_depthwise_s8_neon(const mnqh_depthwise_s8_layer *layer, const int8_t *input,
                            int8_t *output)
{
    const mnqh_window *window = &layer->window;
    const size_t channels = layer->input_channels;
    const size_t panel_bytes = mnqh_depthwise_s8_panel_bytes(window);

    for (int32_t out_y = 0; out_y < window->output_height; ++out_y) {
        for (int32_t out_x = 0; out_x < window->output_width; ++out_x, output += channels) {
            for (size_t index = 0; index < mnqh_panels(channels); ++index) {
                const mnqh_panel_s8 *panel = (const mnqh_panel_s8 *)(const void *)(
                    (const char *)layer->packed + index * panel_bytes);
                const size_t first = mnqh_panel_first(index, channels);
                const mnqh_s32x16 sums = convolve(layer, panel, input + first, out_y, out_x);
                int8_t slots[MNQH_PANEL];
                mnqh_slot_codes(&sums, panel, &layer->codes, slots);
                for (size_t column = 0; column < MNQH_PANEL; ++column) {
                    output[first + column] = slots[mnqh_slot(column)];
                }
            }
        }
    }
}
#endif
