/* mnq_transposed_conv2d_s8 with a curve behind its sums. */
#define MNQ_CURVE
#include "mnq_runtime.h"
#undef mnq_transposed_conv2d_s8
#define mnq_transposed_conv2d_s8 mnq_transposed_conv2d_curve_s8
#include "mnq_transposed_conv2d.c"
