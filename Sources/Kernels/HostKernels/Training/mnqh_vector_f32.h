/* Eight floats of any processor: the compiler makes of them what the function it inlines them into
 * may use. */
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

enum { MNQH_LANES = 8 };

typedef float mnqh_f32x8 __attribute__((vector_size(32)));
typedef int32_t mnqh_i32x8 __attribute__((vector_size(32)));

MNQH_BODY mnqh_f32x8 mnqh_splat_f32x8(float value)
{
    return (mnqh_f32x8){value, value, value, value, value, value, value, value};
}

MNQH_BODY mnqh_f32x8 mnqh_read_f32x8(const float *values)
{
    mnqh_f32x8 vector;
    memcpy(&vector, values, sizeof vector);
    return vector;
}

MNQH_BODY void mnqh_write_f32x8(float *values, mnqh_f32x8 vector)
{
    memcpy(values, &vector, sizeof vector);
}

/* The first `count` of eight; the others are 0. */
MNQH_BODY mnqh_f32x8 mnqh_read_some_f32x8(const float *values, size_t count)
{
    mnqh_f32x8 vector = {0};
    memcpy(&vector, values, count * sizeof(float));
    return vector;
}

MNQH_BODY void mnqh_write_some_f32x8(float *values, mnqh_f32x8 vector, size_t count)
{
    memcpy(values, &vector, count * sizeof(float));
}

/* Reads and writes `count` of eight, which is 8 where the compiler can see it. */
MNQH_BODY mnqh_f32x8 mnqh_get_f32x8(const float *values, size_t count)
{
    return count == MNQH_LANES ? mnqh_read_f32x8(values) : mnqh_read_some_f32x8(values, count);
}

MNQH_BODY void mnqh_put_f32x8(float *values, mnqh_f32x8 vector, size_t count)
{
    if (count == MNQH_LANES) {
        mnqh_write_f32x8(values, vector);
    } else {
        mnqh_write_some_f32x8(values, vector, count);
    }
}

MNQH_BODY mnqh_f32x8 mnqh_select_f32x8(mnqh_i32x8 mask, mnqh_f32x8 a, mnqh_f32x8 b)
{
    return (mnqh_f32x8)(((mnqh_i32x8)a & mask) | ((mnqh_i32x8)b & ~mask));
}

MNQH_BODY mnqh_f32x8 mnqh_clamp_f32x8(mnqh_f32x8 x, float low, float high)
{
    const mnqh_f32x8 l = mnqh_splat_f32x8(low), h = mnqh_splat_f32x8(high);
    x = mnqh_select_f32x8(x > l, x, l);
    return mnqh_select_f32x8(x < h, x, h);
}

/* Defines `name`, which runs the AVX2 twin where it can, and `name_scalar`, both from
 * `name_body`. */
#ifdef MNQH_HAS_AVX2_CODE
#define MNQH_TWINS(name, parameters, arguments)                                                  \
    MNQH_AVX2 static void name##_avx2 parameters                                                 \
    {                                                                                            \
        name##_body arguments;                                                                   \
    }                                                                                            \
    void name##_scalar parameters                                                                \
    {                                                                                            \
        name##_body arguments;                                                                   \
    }                                                                                            \
    void name parameters                                                                         \
    {                                                                                            \
        MNQH_PREFER_AVX2(name##_avx2 arguments)                                                  \
        name##_scalar arguments;                                                                 \
    }
#else
#define MNQH_TWINS(name, parameters, arguments)                                                  \
    void name##_scalar parameters                                                                \
    {                                                                                            \
        name##_body arguments;                                                                   \
    }                                                                                            \
    void name parameters                                                                         \
    {                                                                                            \
        name##_body arguments;                                                                   \
    }
#endif

#endif
