/* mnq_conv2d_dsp of 16-bit codes. */
#define MNQ_WIDE 16
#include "mnq_runtime.h"
#undef mnq_conv2d_dsp
#define mnq_conv2d_dsp mnq_conv2d_wide_dsp
#ifdef MNQ_SIZES
#define mnq_conv2d_dsp_scratch mnq_conv2d_wide_dsp_scratch
#define mnq_conv2d_dsp_weights mnq_conv2d_wide_dsp_weights
#endif
#include "mnq_conv2d_dsp.c"
