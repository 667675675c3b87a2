/* Inner loops for the host: float32 for the reference, int8 for the fast engine.
 *
 * Every operation exists twice: `mnqh_<op>` picks the fastest code this processor can run, and
 * `mnqh_<op>_scalar` is its portable twin, which defines the result. Integer twins agree byte for
 * byte, float twins to 1e-5 of the sum of absolute terms.
 *
 * Activations are NHWC, one image at a time. Nothing here allocates, keeps state or starts a
 * thread; pointers need no alignment beyond that of their element. Output never overlaps input
 * unless a function says that it may.
 */
#ifndef MNQH_HOST_KERNELS_H
#define MNQH_HOST_KERNELS_H

#include "mnqh_kernels_f32.h"
#include "mnqh_kernels_s8.h"
#include "mnqh_training.h"
#include "mnqh_window.h"

#endif
