/* What a depthwise convolution reads: a ring of padded row pairs of one panel of channels.
 *
 * Pair r has padded rows r and r + dilation_height as codes less their zero point, widened to 16
 * bits and interleaved, so that one instruction multiplies and adds two taps of 8 channels. Pairs
 * of padding alone are never read.
 */
#ifndef MNQH_DEPTHWISE_RING_S8_H
#define MNQH_DEPTHWISE_RING_S8_H

#include "mnqh_avx2_codes.h"
#include "mnqh_depthwise_s8_simd.h"

/* 16-bit values of a ring pixel: 16 slots of two rows. */
enum { MNQH_RING_PIXEL = 2 * MNQH_PANEL };

/* One panel of channels on its way down the image. */
typedef struct {
    mnqh_lines lines;
    __m256i zero_point; /* 16 bits */
    const mnqh_depthwise_s8_layer *layer;
    const mnqh_panel_s8 *panel;
    size_t first;       /* channel of the panel's first column */
    size_t width;       /* columns in use */
    size_t pairs;       /* of kernel rows */
    size_t taps;        /* of a kernel row */
    size_t weight_step; /* values of weights for a pair of taps */
    size_t stride;      /* values from one output's taps to the next one's */
    size_t dilation;    /* values from one tap to the next */
    const int16_t **rows; /* the row pairs of the present output row */
    /* Those that are not of padding alone. */
    size_t first_pair;
    size_t end_pair;
    int16_t *ring;
    size_t row_count; /* values of a ring row */
    int32_t slots;
    int32_t step;       /* only every `step`-th pair is ever needed */
    int32_t pair_slots; /* from one pair of an output to its next one */
    int32_t advance;    /* pairs from one output row to the next one that is made, and slots */
    int32_t advance_slots;
    int32_t top; /* the first pair of the next output row, and its slot */
    int32_t top_slot;
    int32_t filled; /* the first pair that is not in the ring yet, and its slot */
    int32_t filled_slot;
    size_t left;   /* values of padding before the image; all padding stays 0 */
    size_t pixels; /* of an image row */
} mnqh_slide;

mnqh_slide mnqh_make_slide(const mnqh_depthwise_s8_layer *layer, void *scratch);

/* Goes to output row `out_y` of panel `index`. */
void mnqh_start_panel(mnqh_slide *slide, size_t index, int32_t out_y);

/* Makes `rows` those of the output row, or of the two, that come next. */
void mnqh_slide_down(mnqh_slide *slide, const int8_t *input);

#endif
