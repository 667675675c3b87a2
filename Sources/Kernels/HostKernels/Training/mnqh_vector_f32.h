/* Sixteen floats of any processor: the compiler makes of them what the function it inlines them into
 * may use, one register of AVX-512, two of AVX2. */
#ifndef MNQH_VECTOR_F32_H
#define MNQH_VECTOR_F32_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "../Shared/mnqh_cpu.h"

#define MNQH_BODY static inline __attribute__((always_inline))

/* Before a loop over the registers of a tile. */
#define MNQH_UNROLL_ANYWHERE _Pragma("clang loop unroll(full)")

/* How a vector passes between functions depends on the processor; these are all inlined. */
#pragma clang diagnostic ignored "-Wpsabi"

enum { MNQH_LANES = 16 };

typedef float mnqh_vector __attribute__((ext_vector_type(16)));
/* What comparisons of vectors give: all bits of a lane or none. */
typedef int32_t mnqh_lanes __attribute__((ext_vector_type(16)));

MNQH_BODY mnqh_vector mnqh_splat(float value)
{
    return (mnqh_vector)(value);
}

MNQH_BODY mnqh_vector mnqh_read(const float *values)
{
    mnqh_vector vector;
    memcpy(&vector, values, sizeof vector);
    return vector;
}

/* Reads `count` of sixteen, the others are 0; writes as many. Whole and half vectors are
 * instructions where the compiler can see the count. */
MNQH_BODY mnqh_vector mnqh_get(const float *values, size_t count)
{
    mnqh_vector vector = mnqh_splat(0);
    memcpy(&vector, values, count * sizeof(float));
    return vector;
}

MNQH_BODY void mnqh_put(float *values, mnqh_vector vector, size_t count)
{
    memcpy(values, &vector, count * sizeof(float));
}

/* The warning takes the choice between vectors for one between scalars. */
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wconversion"
MNQH_BODY mnqh_vector mnqh_select(mnqh_lanes lanes, mnqh_vector a, mnqh_vector b)
{
    return lanes ? a : b;
}
#pragma clang diagnostic pop

/* `low` where x is not a number. */
MNQH_BODY mnqh_vector mnqh_clamp(mnqh_vector x, float low, float high)
{
    const mnqh_vector l = mnqh_splat(low), h = mnqh_splat(high);
    x = mnqh_select(x > l, x, l);
    return mnqh_select(x < h, x, h);
}

/* Calls `run(c, width)` for vectors of channels `c ..< c + width`: whole ones, a half one, the rest. */
#define MNQH_FOR_CHANNELS(channels, run)                                                         \
    {                                                                                            \
        size_t c = 0;                                                                            \
        for (; c + MNQH_LANES <= (channels); c += MNQH_LANES) {                                  \
            run(c, MNQH_LANES);                                                                  \
        }                                                                                        \
        if (c + MNQH_LANES / 2 <= (channels)) {                                                  \
            run(c, MNQH_LANES / 2);                                                              \
            c += MNQH_LANES / 2;                                                                 \
        }                                                                                        \
        if (c < (channels)) {                                                                    \
            run(c, (channels)-c);                                                                \
        }                                                                                        \
    }

/* Defines `name`, which runs the twin of the widest instructions here, and `name_scalar`. The twins
 * are `wide`, where 32 registers of sixteen floats are there, and `narrow`. */
#ifdef MNQH_HAS_AVX2_CODE
#define MNQH_SIZED_TWINS(name, parameters, arguments, narrow, wide)                              \
    MNQH_AVX512 static void name##_avx512 parameters                                             \
    {                                                                                            \
        wide arguments;                                                                          \
    }                                                                                            \
    MNQH_AVX2 static void name##_avx2 parameters                                                 \
    {                                                                                            \
        narrow arguments;                                                                        \
    }                                                                                            \
    void name##_scalar parameters                                                                \
    {                                                                                            \
        narrow arguments;                                                                        \
    }                                                                                            \
    void name parameters                                                                         \
    {                                                                                            \
        MNQH_PREFER_AVX512(name##_avx512 arguments)                                              \
        MNQH_PREFER_AVX2(name##_avx2 arguments)                                                  \
        name##_scalar arguments;                                                                 \
    }
#else
#define MNQH_SIZED_TWINS(name, parameters, arguments, narrow, wide)                              \
    void name##_scalar parameters                                                                \
    {                                                                                            \
        narrow arguments;                                                                        \
    }                                                                                            \
    void name parameters                                                                         \
    {                                                                                            \
        narrow arguments;                                                                        \
    }
#endif

/* The same of `name_body` for all. */
#define MNQH_TWINS(name, parameters, arguments)                                                  \
    MNQH_SIZED_TWINS(name, parameters, arguments, name##_body, name##_body)

#endif
