/* mnq_depthwise_conv2d_s8 with a curve behind its sums. */
#define MNQ_CURVE
#include "mnq_runtime.h"
#undef mnq_depthwise_conv2d_s8
#define mnq_depthwise_conv2d_s8 mnq_depthwise_conv2d_curve_s8
#include "mnq_depthwise_conv2d.c"
