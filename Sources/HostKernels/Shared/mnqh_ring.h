/* A ring of padded input rows, for kernels that slide over one panel of 16 channels.
 *
 * Padded row r is input row `r - padding_top`; it is as wide as the outputs of a row need, padding
 * included. Slot `r % reach` holds it, and a kernel reaches over `reach` rows: nothing that is
 * still needed is overwritten.
 */
#ifndef MNQH_RING_H
#define MNQH_RING_H

#include <stdint.h>

#include "mnqh_window.h"

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

#endif
