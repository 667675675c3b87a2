/* What this processor can run, and how a function says what it needs. */
#ifndef MNQH_CPU_H
#define MNQH_CPU_H

#include <stdbool.h>
#include <stddef.h>

#if defined(__x86_64__)
#define MNQH_HAS_AVX2_CODE 1
#define MNQH_AVX2 __attribute__((target("avx2,fma")))
#define MNQH_AVX2_INLINE static inline __attribute__((always_inline, target("avx2,fma")))
#define MNQH_AVX512 __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")))
#define MNQH_AVX512_INLINE                                                                       \
    static inline __attribute__((                                                                \
        always_inline, target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")))

#define MNQH_AVX512_VNNI                                                                         \
    __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx512vnni,avx2,fma")))
#define MNQH_AVX512_VNNI_INLINE                                                                  \
    static inline __attribute__((always_inline))                                                 \
    MNQH_AVX512_VNNI
#define MNQH_AVX_VNNI __attribute__((target("avxvnni,avx2,fma")))
#define MNQH_AVX_VNNI_INLINE static inline __attribute__((always_inline)) MNQH_AVX_VNNI

/* A plain function whose fused multiply-adds are to be instructions. */
#define MNQH_FMA MNQH_AVX2

/* Before a loop over the registers of a tile: unrolled early, or they would live in memory. */
#define MNQH_UNROLL _Pragma("clang loop unroll(full)")

/* Whether kernels may use these instructions, as `mnqh_widest` and `mnqh_use_at_most` say. */
bool mnqh_runs_avx2(void);
bool mnqh_runs_avx512(void);
bool mnqh_runs_avx_vnni(void);
bool mnqh_runs_avx512_vnni(void);
bool mnqh_runs_avx512_vbmi(void);

/* Whether sums of four products are one instruction, of whatever width. */
static inline bool mnqh_runs_vnni(void)
{
    return mnqh_runs_avx512_vnni() || mnqh_runs_avx_vnni();
}

/* Whether codes may come from lines: fused multiply-adds are one instruction. */
static inline bool mnqh_runs_lines(void)
{
    return mnqh_runs_avx2();
}

/* Calls the twin and returns, where it can run. */
#define MNQH_PREFER_IF(condition, call)                                                          \
    if (condition) {                                                                             \
        call;                                                                                    \
        return;                                                                                  \
    }
#define MNQH_PREFER_AVX2(call) MNQH_PREFER_IF(mnqh_runs_avx2(), call)
#define MNQH_PREFER_AVX512(call) MNQH_PREFER_IF(mnqh_runs_avx512(), call)
#else
#if defined(__aarch64__)
#define MNQH_HAS_NEON_CODE 1
#endif

static inline bool mnqh_runs_lines(void)
{
#ifdef MNQH_HAS_NEON_CODE
    return true;
#else
    return false;
#endif
}

static inline bool mnqh_runs_avx512_vnni(void)
{
    return false;
}

static inline bool mnqh_runs_vnni(void)
{
    return false;
}

#define MNQH_FMA
#define MNQH_PREFER_IF(condition, call)
#define MNQH_PREFER_AVX2(call)
#define MNQH_PREFER_AVX512(call)
#endif

/* Calls the NEON twin and returns: every AArch64 processor has it. */
#ifdef MNQH_HAS_NEON_CODE
#define MNQH_PREFER_NEON(call)                                                                   \
    call;                                                                                        \
    return;
#else
#define MNQH_PREFER_NEON(call)
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

/* The first channel of panel `index` of a depthwise convolution. The last panel overlaps the one
 * before it rather than be partly empty, unless there are fewer than 16 channels at all. */
static inline size_t mnqh_panel_first(size_t index, size_t channels)
{
    return channels < MNQH_PANEL ? 0 : mnqh_min(index * MNQH_PANEL, channels - MNQH_PANEL);
}

/* Rows cut into tiles of almost equal height: 49 are 6, 6, 6, 6, 5, 5, 5, 5, 5 and not eight times 6
 * and a lonely 1. The first `tall` tiles have `height` rows, the other `tiles - tall` one less. */
typedef struct {
    size_t height;
    size_t tiles;
    size_t tall;
} mnqh_cut;

/* Tiles of at most `most` rows. */
static inline mnqh_cut mnqh_cut_rows(size_t rows, size_t most)
{
    const size_t tiles = (rows + most - 1) / most;
    const size_t height = (rows + tiles - 1) / tiles;
    return (mnqh_cut){height, tiles, rows - tiles * (height - 1)};
}

#endif
