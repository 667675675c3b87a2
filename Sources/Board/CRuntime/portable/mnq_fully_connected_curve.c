/* mnq_fully_connected_s8 with a curve behind its sums. */
#define MNQ_CURVE
#include "mnq_runtime.h"
#undef mnq_fully_connected_s8
#define mnq_fully_connected_s8 mnq_fully_connected_curve_s8
#include "mnq_fully_connected.c"
