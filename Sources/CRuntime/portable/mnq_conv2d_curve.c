/* mnq_conv2d_s8 with a curve behind its sums. */
#define MNQ_CURVE
#define mnq_conv2d_s8 mnq_conv2d_curve_s8
#include "mnq_conv2d.c"
