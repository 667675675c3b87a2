/* What every kernel needs, small enough to inline. */
#ifndef MNQ_ARITHMETIC_H
#define MNQ_ARITHMETIC_H

#include <stddef.h>
#include <stdint.h>

#include "mnq_version.h"

/* A header of the program's, with what it sets of the macros below and of those in a network's C file:
 * -DMNQ_CONFIG='"my_config.h"'. */
#ifdef MNQ_CONFIG
#include MNQ_CONFIG
#endif

/* Where kernels lie, if not where the linker puts all code: in RAM without wait states, as
 * __attribute__((section(".fast_code"))). */
#ifndef MNQ_FAST_CODE
#define MNQ_FAST_CODE
#endif

/* Written in front of the definition of a kernel. Two networks in one program may bring the same
 * file twice: the linker keeps one of them. */
#if defined(__ELF__) && (defined(__GNUC__) || defined(__clang__))
#define MNQ_KERNEL MNQ_FAST_CODE __attribute__((weak))
#elif defined(__ICCARM__)
#define MNQ_KERNEL MNQ_FAST_CODE __weak
#else
#define MNQ_KERNEL MNQ_FAST_CODE
#endif

/* Without it kernels take 20 times the instructions and several times the stack. */
#if (defined(__GNUC__) || defined(__clang__)) && !defined(__OPTIMIZE__) \
    && !defined(MNQ_UNOPTIMIZED) && !defined(__swift__)
#pragma message("this kernel is compiled without optimization: 20 times as slow, and more stack " \
                "than promised; compile it with -O2, or define MNQ_UNOPTIMIZED if you mean it")
#endif

/* memcpy and memset by the compiler's names, which it expands in place where the standard library
 * is not promised (-ffreestanding), too. */
#if defined(__GNUC__) || defined(__clang__)
#define mnq_memcpy __builtin_memcpy
#define mnq_memset __builtin_memset
#else
#include <string.h>
#define mnq_memcpy memcpy
#define mnq_memset memset
#endif

/* A body written once and compiled for several constant arguments, and one that stands apart so that
 * callers keep their registers. Neither calls what -finstrument-functions asks for: arguments would be
 * constants no more. */
#if defined(__GNUC__) || defined(__clang__)
#define MNQ_INLINE static inline __attribute__((always_inline, no_instrument_function))
#define MNQ_APART MNQ_FAST_CODE static __attribute__((noinline, no_instrument_function))
#else
#define MNQ_INLINE static inline
#define MNQ_APART static
#endif

/* The kernels assume what C99 leaves to the compiler: >> of a negative value is arithmetic. */
typedef char mnq_assumes_arithmetic_shift[(-1 >> 1) == -1 ? 1 : -1];

MNQ_INLINE int32_t mnq_min(int32_t a, int32_t b) { return a < b ? a : b; }
MNQ_INLINE int32_t mnq_max(int32_t a, int32_t b) { return a > b ? a : b; }

/* value moved into [low, high], which lies in -128 .. 127. */
MNQ_INLINE int8_t mnq_clamp(int32_t value, int32_t low, int32_t high)
{
    return (int8_t)mnq_min(mnq_max(value, low), high);
}

/* What a curve makes of a code in -32768 .. 32767. points: 257 values, one every 256 codes, in
 * 1/256 of an output code plus a half; between two of them a line, to the nearest code, ties up.
 * Twin: Swift Curve.code. */
MNQ_INLINE int8_t mnq_curve_code(const int16_t *points, int32_t code)
{
    const int16_t *point = points + 128 + (code >> 8);
    const int32_t from = point[0], to = point[1];
    return (int8_t)((from * 256 + (to - from) * (code & 255)) >> 16);
}

/* value moved into [low, high], then through the curve, in kernels that are compiled for one. */
MNQ_INLINE int8_t mnq_curved(int32_t value, int32_t low, int32_t high, const int16_t *points)
{
#ifdef MNQ_CURVE
    return mnq_curve_code(points, mnq_min(mnq_max(value, low), high));
#else
    (void)points;
    return mnq_clamp(value, low, high);
#endif
}

/* The kernel taps k, begin <= k < end, whose position origin + k * dilation is inside
 * 0 .. size - 1. A tap outside is the zero point and adds nothing, so kernels skip it. */
typedef struct {
    int32_t begin;
    int32_t end;
} mnq_taps;

static inline mnq_taps mnq_taps_inside(int32_t origin, int32_t size, int32_t kernel,
                                       int32_t dilation)
{
    mnq_taps taps = {0, kernel};
    if (origin < 0) {
        taps.begin = (dilation - 1 - origin) / dilation;
    }
    if (origin + (kernel - 1) * dilation >= size) {
        taps.end = origin >= size ? 0 : (size - 1 - origin) / dilation + 1;
    }
    return taps;
}

#endif
