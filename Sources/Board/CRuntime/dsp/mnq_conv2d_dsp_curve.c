/* mnq_conv2d_dsp with a curve behind its sums. */
#define MNQ_CURVE
#include "mnq_runtime.h"
#undef mnq_conv2d_dsp
#define mnq_conv2d_dsp mnq_conv2d_dsp_curve
#include "mnq_conv2d_dsp.c"
