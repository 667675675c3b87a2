/* What packed kernels need, in bytes: of working memory, and of weights in their order. The kernels'
 * files define them for this machine alone, with MNQ_SIZES: firmware has what the tool counts, and a
 * test compares the two. */
#ifndef KERNEL_SIZES_H
#define KERNEL_SIZES_H

#include "mnq_packed.h"

int32_t mnq_conv2d_fast_scratch(const mnq_packed *layer);
int32_t mnq_conv2d_fast_weights(const mnq_packed *layer);
int32_t mnq_depthwise_conv2d_fast_scratch(const mnq_packed *layer);
int32_t mnq_depthwise_conv2d_fast_weights(const mnq_packed *layer);
int32_t mnq_conv2d_dsp_scratch(const mnq_packed *layer);
int32_t mnq_conv2d_dsp_weights(const mnq_packed *layer);
int32_t mnq_conv2d_wide_dsp_scratch(const mnq_packed *layer);
int32_t mnq_conv2d_wide_dsp_weights(const mnq_packed *layer);
int32_t mnq_conv2d_widening_dsp_scratch(const mnq_packed *layer);
int32_t mnq_conv2d_widening_dsp_weights(const mnq_packed *layer);
int32_t mnq_depthwise_conv2d_dsp_scratch(const mnq_packed *layer);
int32_t mnq_depthwise_conv2d_dsp_weights(const mnq_packed *layer);
int32_t mnq_depthwise_conv2d_wide_dsp_scratch(const mnq_packed *layer);
int32_t mnq_depthwise_conv2d_wide_dsp_weights(const mnq_packed *layer);
int32_t mnq_depthwise_conv2d_widening_dsp_scratch(const mnq_packed *layer);
int32_t mnq_depthwise_conv2d_widening_dsp_weights(const mnq_packed *layer);
int32_t mnq_conv2d_mve_scratch(const mnq_packed *layer);
int32_t mnq_conv2d_mve_weights(const mnq_packed *layer);
int32_t mnq_depthwise_conv2d_mve_scratch(const mnq_packed *layer);
int32_t mnq_depthwise_conv2d_mve_weights(const mnq_packed *layer);

#endif
