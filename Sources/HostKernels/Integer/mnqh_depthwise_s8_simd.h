#ifndef MNQH_DEPTHWISE_S8_SIMD_H
#define MNQH_DEPTHWISE_S8_SIMD_H

#include "../Shared/mnqh_ring.h"
#include "mnqh_depthwise_s8.h"
#include "mnqh_panel_s8.h"

/* Taps of two neighbouring kernel rows are multiplied together; an odd kernel's last row has a
 * partner of weight 0. */
static inline int32_t mnqh_row_pairs(const mnqh_window *window)
{
    return (window->kernel_height + 1) / 2;
}

/* Bytes of a packed panel: its constants, then weights `[row pairs][kernel_width][16 slots][2]`. */
static inline size_t mnqh_depthwise_s8_panel_bytes(const mnqh_window *window)
{
    const size_t pairs = (size_t)mnqh_row_pairs(window) * (size_t)window->kernel_width;
    return sizeof(mnqh_panel_s8) + pairs * MNQH_PANEL * 2 * sizeof(int16_t);
}

/* Where the weight of a tap is among the panel's weights. */
static inline size_t mnqh_depthwise_s8_weight(const mnqh_window *window, int32_t ky, int32_t kx,
                                              size_t slot)
{
    const size_t pair = (size_t)(ky / 2) * (size_t)window->kernel_width + (size_t)kx;
    return (pair * MNQH_PANEL + slot) * 2 + (size_t)(ky % 2);
}

/* The first channel of panel `index`. The last panel overlaps the one before it rather than be
 * partly empty, unless there are fewer than 16 channels at all. */
static inline size_t mnqh_panel_first(size_t index, size_t channels)
{
    return channels < MNQH_PANEL ? 0 : mnqh_min(index * MNQH_PANEL, channels - MNQH_PANEL);
}

#ifdef MNQH_HAS_AVX2_CODE
size_t mnqh_depthwise_s8_avx2_scratch_bytes(const mnqh_window *window);
void mnqh_depthwise_s8_avx2(const mnqh_depthwise_s8_layer *layer, const int8_t *input,
                            int8_t *output, void *scratch);
#endif

#endif
