/* What this processor can run, and how a function says what it needs. */
#ifndef MNQH_CPU_H
#define MNQH_CPU_H

#include <stdbool.h>
#include <stddef.h>

#if defined(__x86_64__)
#define MNQH_HAS_AVX2_CODE 1
#define MNQH_AVX2 __attribute__((target("avx2,fma")))
#define MNQH_AVX2_INLINE static inline __attribute__((always_inline, target("avx2,fma")))

/* Before a loop over the registers of a tile: unrolled early, or they would live in memory. */
#define MNQH_UNROLL _Pragma("clang loop unroll(full)")

static inline bool mnqh_runs_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
#endif

/* Rows of a matrix that one register tile covers, and columns of a packed panel. */
enum { MNQH_TILE_ROWS = 6, MNQH_PANEL = 16 };

static inline size_t mnqh_panels(size_t columns)
{
    return (columns + MNQH_PANEL - 1) / MNQH_PANEL;
}

static inline size_t mnqh_min(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The number of rows of the next tile when `rows` are left: tiles of almost equal height, so that
 * 49 rows are 6, 6, 6, 6, 5, 5, 5, 5, 5 and not eight times 6 and a lonely 1. */
static inline size_t mnqh_next_tile(size_t rows)
{
    const size_t tiles = (rows + MNQH_TILE_ROWS - 1) / MNQH_TILE_ROWS;
    return (rows + tiles - 1) / tiles;
}

#endif
