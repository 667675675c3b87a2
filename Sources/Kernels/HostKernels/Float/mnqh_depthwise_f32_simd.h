/* What the tiles of a depthwise convolution are given, and their functions for every kernel. */
#ifndef MNQH_DEPTHWISE_F32_SIMD_H
#define MNQH_DEPTHWISE_F32_SIMD_H

#include "mnqh_simd_f32.h"

/* Outputs of a tile at most, and the widest kernel with tiles of its own. */
enum { TILE = 8, WIDEST = 5 };

typedef struct slide slide;
typedef void tile_function(const slide *s, const float *const *pixels, float *output);

/* One output row on its way. */
struct slide {
    mnqh_ending_f32x8 ending;
    const mnqh_depthwise_f32_layer *layer;
    size_t channels; /* output channels */
    size_t pixel;    /* floats from one pixel of `image` to the next, 16 or more */
    const float *image;
    float *zeros; /* what every pixel outside the image is */
    /* The pixel that each padded column shows to each of the kernel's rows that see the image. */
    const float **pixels;
    size_t row_count;   /* pixels of one such row */
    size_t rows;        /* how many there are */
    size_t skipped;     /* taps of the kernel's rows above the image */
    size_t panel_count; /* floats of a packed panel */
    size_t first;       /* panel of the present group */
    size_t end;         /* of the group: the panel after it */
    size_t kernel_width;
    size_t stride;
    size_t dilation;
    tile_function *const *tiles; /* by their number of outputs, less 1 */
};

/* A tile: neighbours of an output row. */
typedef struct {
    size_t count;  /* of outputs */
    size_t halves; /* of a panel in AVX2: two where one would have too few sums to hide latencies */
    size_t kernel_width;
    size_t stride;
} shape;

/* Functions of their own, for the reason given in gemm_s8_avx2.c. */
#define MNQH_TILE_OF(target, name, count, width, stride)                                         \
    target static void tile_##name##_##count(const slide *s, const float *const *pixels,         \
                                             float *output)                                      \
    {                                                                                            \
        tiles((shape){count, (count) <= TILE / 2 ? 2 : 1, width, stride}, s, pixels, output);    \
    }

/* Tiles of every size, for kernels `width` wide; 0 for any width and stride. */
#define MNQH_TILES(target, name, width, stride)                                                  \
    MNQH_TILE_OF(target, name, 1, width, stride)                                                 \
    MNQH_TILE_OF(target, name, 2, width, stride)                                                 \
    MNQH_TILE_OF(target, name, 3, width, stride)                                                 \
    MNQH_TILE_OF(target, name, 4, width, stride)                                                 \
    MNQH_TILE_OF(target, name, 5, width, stride)                                                 \
    MNQH_TILE_OF(target, name, 6, width, stride)                                                 \
    MNQH_TILE_OF(target, name, 7, width, stride)                                                 \
    MNQH_TILE_OF(target, name, 8, width, stride)                                                 \
    static tile_function *const tiles_##name[TILE] = {                                           \
        tile_##name##_1, tile_##name##_2, tile_##name##_3, tile_##name##_4,                      \
        tile_##name##_5, tile_##name##_6, tile_##name##_7, tile_##name##_8};

/* Those of all kernels, made of the file's `tiles`, and `choose`, which finds them for a window. */
#define MNQH_TILES_OF_ALL_KERNELS(target, choose)                                                \
    MNQH_TILES(target, 3x1, 3, 1)                                                                \
    MNQH_TILES(target, 3x2, 3, 2)                                                                \
    MNQH_TILES(target, 5x1, 5, 1)                                                                \
    MNQH_TILES(target, 5x2, 5, 2)                                                                \
    MNQH_TILES(target, any, 0, 0)                                                                \
    tile_function *const *choose(const mnqh_window *window)                                      \
    {                                                                                            \
        const int32_t stride = window->stride_width;                                             \
        if (window->dilation_width == 1 && stride <= 2) {                                        \
            switch (window->kernel_width) {                                                      \
            case 3: return stride == 1 ? tiles_3x1 : tiles_3x2;                                  \
            case 5: return stride == 1 ? tiles_5x1 : tiles_5x2;                                  \
            default: break;                                                                      \
            }                                                                                    \
        }                                                                                        \
        return tiles_any;                                                                        \
    }

tile_function *const *mnqh_choose_tiles_avx2(const mnqh_window *window);
tile_function *const *mnqh_choose_tiles_avx512(const mnqh_window *window);

#endif
