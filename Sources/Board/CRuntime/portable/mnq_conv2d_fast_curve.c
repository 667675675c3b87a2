/* mnq_conv2d_fast with a curve behind its sums. */
#define MNQ_CURVE
#include "mnq_runtime.h"
#undef mnq_conv2d_fast
#define mnq_conv2d_fast mnq_conv2d_fast_curve
#include "mnq_conv2d_fast.c"
