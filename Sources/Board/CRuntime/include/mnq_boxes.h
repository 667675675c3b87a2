/* Boxes of an object detector: anchors, and what was found. */
#ifndef MNQ_BOXES_H
#define MNQ_BOXES_H

#include "mnq_runtime.h"

/* Places and sizes are in 1/16384 of a side of the network's input; scores in 1/32768. */
#define MNQ_BOX_ONE 16384
#define MNQ_SCORE_ONE 32768

/* A detector that gives, for each of its anchors, how the box moves and a code for each class.
 * Twin: Swift BoxDecoder. */
typedef struct {
    int32_t count;       /* of the anchors; count * classes is at most 2^30 */
    int32_t classes;     /* 1 .. 32767 */
    int32_t first_class; /* 1 behind a background, 0 without */
    int32_t threshold;   /* the least score of a box: 0 .. 32769 */
    int32_t iou;         /* in 1/32768: boxes of a class that share more of their union are one */
    int32_t zero_point;  /* of the moves */
    int32_t y_first;     /* 1 where moves and anchors are y, x, height, width, else 0 */
    int32_t is_softmax;  /* whether scores holds exponentials of differences, else scores of codes */
    mnq_requantization move; /* from a move of a center, times the anchor's side */
    const int16_t *anchors;  /* [count][4]: center and size, x and width first, or y and height */
    const int32_t *sizes;    /* [256]: by code, what a side is multiplied by, in 1/65536 */
    const int32_t *scores;   /* [256]: by code; or exp(-d) by difference of codes, in 1/65536 */
} mnq_boxes;

/* An object. Twin: Swift Box. */
typedef struct {
    int16_t label; /* the class, as the scores count them */
    uint16_t score;
    int16_t left; /* 0 .. 16384, as the others */
    int16_t top;
    int16_t right;
    int16_t bottom;
} mnq_box;

/* Writes the objects in a detector's outputs to `boxes` and returns how many: those with the
 * greatest scores, at most `capacity`, without those that share more than `iou` of their union with
 * a better one of their class. The greatest score comes first; of equals that of the earlier anchor,
 * then the lower class. */
int32_t mnq_find_boxes(const mnq_boxes *detector, const int8_t *moves, const int8_t *codes,
                       mnq_box *boxes, int32_t capacity);

/* A place along a side of `side` pixels, at most 65536, to the nearest pixel. */
static inline int32_t mnq_box_pixel(int16_t place, int32_t side)
{
    return (int32_t)(((int64_t)place * side + MNQ_BOX_ONE / 2) / MNQ_BOX_ONE);
}

#endif
