/* Inner loops for the host: float32 for the reference, int8 for the fast engine.
 *
 * Every operation exists twice: `mnqh_<op>` picks the fastest code this processor can run, and
 * `mnqh_<op>_scalar` is its portable twin, which defines the result. Integer twins agree byte for
 * byte, float twins to 1e-5 of the sum of absolute terms.
 *
 * Activations are NHWC, one image at a time. Nothing here allocates, starts a thread, or keeps state
 * but for `mnqh_use_at_most`; pointers need no alignment beyond that of their element. Output never
 * overlaps input unless a function says that it may.
 */
#ifndef MNQH_HOST_KERNELS_H
#define MNQH_HOST_KERNELS_H

#include "mnqh_kernels_f32.h"
#include "mnqh_kernels_s8.h"
#include "mnqh_training.h"
#include "mnqh_window.h"

/* Instructions beyond those that every processor of an architecture has, each with all before it. */
typedef enum {
    MNQH_NO_MORE = 1,
    MNQH_AVX2_AND_FMA = 2,
    MNQH_AVX_VNNI_256 = 3,
    /* VNNI is used where the processor has it in 512 bits. */
    MNQH_AVX_512 = 4
} mnqh_instructions;

/* The widest that kernels may use: those of this processor, but no more than MNQUANT_CPU says, `scalar`
 * (or `plain`), `avx2`, `avxvnni` or `avx512`. */
mnqh_instructions mnqh_widest(void);

/* Kernels that this thread calls use no more than `most` from now on, so that tests can compare. */
void mnqh_use_at_most(mnqh_instructions most);

/* What the kernels that this thread calls are made of: `scalar`, `avx2`, `avxvnni`, `avx512`,
 * `avx512 with vnni` or `neon`. */
const char *mnqh_family(void);

#endif
