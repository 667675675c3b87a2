/* mnq_conv2d_dsp of int8 codes that become 16-bit ones. */
#define MNQ_WIDE 8
#include "mnq_runtime.h"
#undef mnq_conv2d_dsp
#define mnq_conv2d_dsp mnq_conv2d_widening_dsp
#ifdef MNQ_SIZES
#define mnq_conv2d_dsp_scratch mnq_conv2d_widening_dsp_scratch
#define mnq_conv2d_dsp_weights mnq_conv2d_widening_dsp_weights
#endif
#include "mnq_conv2d_dsp.c"
