#ifndef MNQH_DEPTHWISE_S8_SIMD_H
#define MNQH_DEPTHWISE_S8_SIMD_H

#include "../Shared/mnqh_ring.h"
#include "mnqh_convolutions_s8.h"
#include "mnqh_panel_s8.h"

/* Taps of two neighbouring kernel rows are multiplied together; an odd kernel's last row has a
 * partner of weight 0. */
static inline int32_t mnqh_row_pairs(const mnqh_window *window)
{
    return (window->kernel_height + 1) / 2;
}

/* Whether two output rows are made at a time. Where one row needs the pairs of input rows 0 and 1,
 * 2 and 3, the next one needs 1 and 2, 3 and 4: from the same pairs, with weights one row further
 * down and the spare partner at the other end. */
static inline bool mnqh_makes_row_pairs(const mnqh_window *window)
{
    return window->stride_height == 1 && window->dilation_height == 1 &&
           window->kernel_height % 2 == 1;
}

/* Values of weights for one pair of taps: 16 slots of two, for one output row or for two. */
static inline size_t mnqh_depthwise_s8_step(const mnqh_window *window)
{
    return 2 * MNQH_PANEL * (mnqh_makes_row_pairs(window) ? 2 : 1);
}

/* Bytes of a packed panel: its constants, then weights `[row pairs][kernel_width][output rows][16
 * slots][2]`. */
static inline size_t mnqh_depthwise_s8_panel_bytes(const mnqh_window *window)
{
    const size_t pairs = (size_t)mnqh_row_pairs(window) * (size_t)window->kernel_width;
    return sizeof(mnqh_panel_s8) + pairs * mnqh_depthwise_s8_step(window) * sizeof(int16_t);
}

/* Where the weight of a tap is among the panel's weights, for the first or second output row. */
static inline size_t mnqh_depthwise_s8_weight(const mnqh_window *window, int32_t ky, int32_t kx,
                                              size_t slot, int32_t output_row)
{
    const int32_t row = ky + output_row;
    const size_t pair = (size_t)(row / 2) * (size_t)window->kernel_width + (size_t)kx;
    return pair * mnqh_depthwise_s8_step(window) +
           ((size_t)output_row * MNQH_PANEL + slot) * 2 + (size_t)(row % 2);
}

#ifdef MNQH_HAS_NEON_CODE
/* Whether the channels of a panel lie side by side. */
bool mnqh_depthwise_s8_runs_neon(const mnqh_depthwise_s8_layer *layer);
void mnqh_depthwise_s8_neon(const mnqh_depthwise_s8_layer *layer, const int8_t *input,
                            int8_t *output);
#endif

#ifdef MNQH_HAS_AVX2_CODE
size_t mnqh_depthwise_s8_avx2_scratch_bytes(const mnqh_window *window, size_t channels);
void mnqh_depthwise_s8_avx2(const mnqh_depthwise_s8_layer *layer, const int8_t *input,
                            int8_t *output, void *scratch);
#endif

#endif
