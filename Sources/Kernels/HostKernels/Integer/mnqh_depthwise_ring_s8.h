/* What a depthwise convolution reads: a ring of padded row pairs of one panel of channels.
 *
 * Pair r has padded rows r and r + dilation_height as codes less their zero point, widened to 16
 * bits and interleaved, so that one instruction multiplies and adds two taps of 8 channels. Pairs
 * of padding alone are never read.
 */
#ifndef MNQH_DEPTHWISE_RING_S8_H
#define MNQH_DEPTHWISE_RING_S8_H

#include "mnqh_avx2_codes.h"
#include "mnqh_twins_s8.h"

/* 16-bit values of a ring pixel: 16 slots of two rows. */
enum { MNQH_RING_PIXEL = 2 * MNQH_PANEL };

/* A slot of the ring to be filled. */
typedef struct {
    int16_t *to;
    /* Where its image rows begin, in values; negative for a row of padding. */
    ptrdiff_t upper;
    ptrdiff_t lower;
} mnqh_ring_fill;

/* One output row, or two that are made together: the same for all panels. */
typedef struct {
    const mnqh_ring_fill *fills; /* what to fill before, to `end_fill` */
    const mnqh_ring_fill *end_fill;
    const int16_t *const *rows; /* the row pairs that it reads */
    /* Those that are not of padding alone. */
    size_t first_pair;
    size_t end_pair;
    size_t down; /* 1 or 2 output rows */
} mnqh_ring_step;

/* One panel of channels on its way down the image. */
typedef struct {
    mnqh_lines lines;
    __m256i zero_point; /* 16 bits */
    const mnqh_depthwise_s8_layer *layer;
    const mnqh_panel_s8 *panel;
    size_t first;       /* channel of the panel's first column */
    size_t width;       /* columns in use */
    size_t taps;        /* of a kernel row */
    size_t weight_step; /* values of weights for a pair of taps */
    size_t stride;      /* values from one output's taps to the next one's */
    size_t dilation;    /* values from one tap to the next */
    size_t left;        /* values of padding before the image; all padding stays 0 */
    size_t pixels;      /* of an image row */
    const mnqh_ring_step *step; /* the present one */
    const mnqh_ring_step *steps;
    size_t band_steps; /* those of a band of output rows, and of all of them */
    size_t step_count;
} mnqh_slide;

/* Plans the way down the image, in `scratch`. */
mnqh_slide mnqh_make_slide(const mnqh_depthwise_s8_layer *layer, void *scratch);

/* Goes to panel `index`. */
void mnqh_start_panel(mnqh_slide *slide, size_t index);

/* Fills what the present step reads and the steps before it did not. */
void mnqh_fill_ring(const mnqh_slide *slide, const int8_t *input);

/* Makes a tile of output pixels that are `pixel` bytes apart, in output rows that are `line` bytes
 * apart; `at` is where the first of them is in a ring row. */
typedef void mnqh_tile_function(const mnqh_slide *s, size_t at, int8_t *output, size_t pixel,
                                size_t line);

/* Tiles by their width, from 1 to `most`. */
typedef struct {
    mnqh_tile_function *const *tiles;
    size_t most;
} mnqh_tile_widths;

/* Tiles of two output rows for the usual kernels, with `most` 0 for others. */
mnqh_tile_widths mnqh_unrolled_tiles(const mnqh_window *window);

#endif
