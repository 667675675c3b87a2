#include "mnqh_cpu.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "HostKernels.h"

/* The widest instructions of this process. */
static mnqh_instructions find(void)
{
#ifdef MNQH_HAS_AVX2_CODE
    const char *wanted = getenv("MNQUANT_CPU");
    const bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    const bool has_avx512 = __builtin_cpu_supports("avx512f") &&
                            __builtin_cpu_supports("avx512vl") &&
                            __builtin_cpu_supports("avx512dq") &&
                            __builtin_cpu_supports("avx512bw");
    if (!has_avx2 || (wanted && strcmp(wanted, "plain") == 0)) {
        return MNQH_NO_MORE;
    }
    return has_avx512 && !(wanted && strcmp(wanted, "avx2") == 0) ? MNQH_AVX_512
                                                                  : MNQH_AVX2_AND_FMA;
#else
    return MNQH_NO_MORE;
#endif
}

/* Of this thread. */
static _Thread_local mnqh_instructions limit = MNQH_AVX_512;

/* Found once; threads that find it at the same time find the same. */
mnqh_instructions mnqh_widest(void)
{
    static atomic_int known;
    int found = atomic_load_explicit(&known, memory_order_relaxed);
    if (found == 0) {
        found = (int)find();
        atomic_store_explicit(&known, found, memory_order_relaxed);
    }
    return (mnqh_instructions)found;
}

void mnqh_use_at_most(mnqh_instructions most)
{
    limit = most;
}

bool mnqh_runs_avx2(void)
{
    return limit >= MNQH_AVX2_AND_FMA && mnqh_widest() >= MNQH_AVX2_AND_FMA;
}

bool mnqh_runs_avx512(void)
{
    return limit >= MNQH_AVX_512 && mnqh_widest() >= MNQH_AVX_512;
}
