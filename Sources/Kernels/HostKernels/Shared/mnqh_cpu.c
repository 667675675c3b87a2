#include "mnqh_cpu.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "HostKernels.h"

/* What the processor has, beyond `mnqh_instructions`. */
enum { HAS_AVX_VNNI = 8, HAS_AVX512_VNNI = 16, HAS_AVX512_VBMI = 32, INSTRUCTIONS = 7 };

#ifdef MNQH_HAS_AVX2_CODE
#include <cpuid.h>

/* CPUID's leaf 7.1 in eax bit 4; compilers' own names for it came late. */
static bool has_avx_vnni(void)
{
    unsigned a = 0, b = 0, c = 0, d = 0;
    return __builtin_cpu_supports("avx2") && __get_cpuid_count(7, 1, &a, &b, &c, &d) &&
           (a >> 4 & 1);
}

/* What MNQUANT_CPU allows. */
static mnqh_instructions find_wanted(void)
{
    static const struct {
        const char *name;
        mnqh_instructions most;
    } names[] = {{"scalar", MNQH_NO_MORE}, {"plain", MNQH_NO_MORE},   {"avx2", MNQH_AVX2_AND_FMA},
                 {"avxvnni", MNQH_AVX_VNNI_256}, {"avx512", MNQH_AVX_512}};
    const char *wanted = getenv("MNQUANT_CPU");
    for (size_t i = 0; wanted && i < sizeof names / sizeof *names; ++i) {
        if (strcmp(wanted, names[i].name) == 0) {
            return names[i].most;
        }
    }
    return MNQH_AVX_512;
}

/* The widest instructions of this process, and what else the processor has. */
static int find(void)
{
    const mnqh_instructions wanted = find_wanted();
    const bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    const bool has_avx512 = __builtin_cpu_supports("avx512f") &&
                            __builtin_cpu_supports("avx512vl") &&
                            __builtin_cpu_supports("avx512dq") &&
                            __builtin_cpu_supports("avx512bw");
    const int more = (has_avx_vnni() ? HAS_AVX_VNNI : 0) |
                     (__builtin_cpu_supports("avx512vnni") ? HAS_AVX512_VNNI : 0) |
                     (__builtin_cpu_supports("avx512vbmi") ? HAS_AVX512_VBMI : 0);
    const mnqh_instructions has = !has_avx2              ? MNQH_NO_MORE
                                  : has_avx512           ? MNQH_AVX_512
                                  : more & HAS_AVX_VNNI  ? MNQH_AVX_VNNI_256
                                                         : MNQH_AVX2_AND_FMA;
    return (int)(has < wanted ? has : wanted) | more;
}
#else
static int find(void)
{
    return MNQH_NO_MORE;
}
#endif

/* Of this thread. */
static _Thread_local mnqh_instructions limit = MNQH_AVX_512;

/* Found once; threads that find it at the same time find the same. */
static int known(void)
{
    static atomic_int memory;
    int found = atomic_load_explicit(&memory, memory_order_relaxed);
    if (found == 0) {
        found = find();
        atomic_store_explicit(&memory, found, memory_order_relaxed);
    }
    return found;
}

mnqh_instructions mnqh_widest(void)
{
    return (mnqh_instructions)(known() & INSTRUCTIONS);
}

void mnqh_use_at_most(mnqh_instructions most)
{
    limit = most;
}

#ifdef MNQH_HAS_AVX2_CODE
/* Whether this thread may use these instructions. */
static bool may_use(mnqh_instructions instructions)
{
    return limit >= instructions && mnqh_widest() >= instructions;
}

bool mnqh_runs_avx2(void)
{
    return may_use(MNQH_AVX2_AND_FMA);
}

bool mnqh_runs_avx_vnni(void)
{
    return may_use(MNQH_AVX_VNNI_256) && known() & HAS_AVX_VNNI;
}

bool mnqh_runs_avx512(void)
{
    return may_use(MNQH_AVX_512);
}

bool mnqh_runs_avx512_vnni(void)
{
    return may_use(MNQH_AVX_512) && known() & HAS_AVX512_VNNI;
}

bool mnqh_runs_avx512_vbmi(void)
{
    return may_use(MNQH_AVX_512) && known() & HAS_AVX512_VBMI;
}
#endif

const char *mnqh_family(void)
{
#ifdef MNQH_HAS_AVX2_CODE
    return mnqh_runs_avx512_vnni() ? "avx512 with vnni"
           : mnqh_runs_avx512()    ? "avx512"
           : mnqh_runs_avx_vnni()  ? "avxvnni"
           : mnqh_runs_avx2()      ? "avx2"
                                   : "scalar";
#elif defined(MNQH_HAS_NEON_CODE)
    return "neon";
#else
    return "scalar";
#endif
}
