/* mnq_depthwise_conv2d_dsp with a curve behind its sums. */
#define MNQ_CURVE
#define mnq_depthwise_conv2d_dsp mnq_depthwise_conv2d_dsp_curve
#include "mnq_depthwise_conv2d_dsp.c"
