#include "mnq_boxes.h"

#include "mnq_arithmetic.h"
#include "mnq_requantize.h"

/* The part of a side that a box covers, in 1/16384, cut off at the picture's borders. */
typedef struct {
    int16_t from;
    int16_t to;
} span;

/* anchor: the center along the side; size: the anchor's length along it. */
static span decoded(const mnq_boxes *detector, int32_t anchor, int32_t size, int8_t center,
                    int8_t length)
{
    const int32_t move = (center - detector->zero_point) * size;
    const int32_t middle =
        anchor + mnq_requantize(detector->move, move, MNQ_ROUNDING_SINGLE_UP);
    const int32_t side =
        (int32_t)(((int64_t)size * detector->sizes[length + 128] + (1 << 15)) >> 16);
    const int32_t from = (2 * middle - side) >> 1;
    const span part = {
        (int16_t)mnq_min(mnq_max(from, 0), MNQ_BOX_ONE),
        (int16_t)mnq_min(mnq_max(from + side, 0), MNQ_BOX_ONE),
    };
    return part;
}

static void put(const mnq_boxes *detector, int32_t index, const int8_t *moves, mnq_box *box)
{
    const int16_t *anchor = detector->anchors + 4 * index;
    const int8_t *move = moves + 4 * index;
    const span first = decoded(detector, anchor[0], anchor[2], move[0], move[2]);
    const span second = decoded(detector, anchor[1], anchor[3], move[1], move[3]);
    const span across = detector->y_first ? second : first;
    const span down = detector->y_first ? first : second;
    box->left = across.from;
    box->right = across.to;
    box->top = down.from;
    box->bottom = down.to;
}

static int64_t area(int32_t width, int32_t height)
{
    return width > 0 && height > 0 ? (int64_t)width * height : 0;
}

/* Whether two boxes share more of their union than is allowed: without a division. */
static int are_one(const mnq_box *a, const mnq_box *b, int32_t iou)
{
    const int64_t shared = area(mnq_min(a->right, b->right) - mnq_max(a->left, b->left),
                                mnq_min(a->bottom, b->bottom) - mnq_max(a->top, b->top));
    const int64_t both = area(a->right - a->left, a->bottom - a->top)
                         + area(b->right - b->left, b->bottom - b->top) - shared;
    return shared * MNQ_SCORE_ONE > both * iou;
}

/* Puts a box behind those of its score or a greater one; returns how many there are then. */
static int32_t insert(const mnq_box *box, mnq_box *boxes, int32_t count, int32_t capacity)
{
    int32_t position = count;
    while (position > 0 && boxes[position - 1].score < box->score) {
        --position;
    }
    if (position >= capacity) {
        return count;
    }
    const int32_t kept = mnq_min(count + 1, capacity);
    for (int32_t i = kept - 1; i > position; --i) {
        boxes[i] = boxes[i - 1];
    }
    boxes[position] = *box;
    return kept;
}

/* Takes out the boxes that are one with a better one of their class. */
static int32_t suppress(const mnq_boxes *detector, mnq_box *boxes, int32_t count)
{
    int32_t kept = 0;
    for (int32_t i = 0; i < count; ++i) {
        int32_t better = 0;
        while (better < kept
               && !(boxes[better].label == boxes[i].label
                    && are_one(&boxes[better], &boxes[i], detector->iou))) {
            ++better;
        }
        if (better == kept) {
            boxes[kept++] = boxes[i];
        }
    }
    return kept;
}

/* Of an anchor's classes: the greatest code, and the sum of the exponentials below it. */
static int32_t sum_of_exponentials(const mnq_boxes *detector, const int8_t *codes, int32_t *largest)
{
    int32_t sum = 0;
    *largest = INT8_MIN;
    for (int32_t c = 0; c < detector->classes; ++c) {
        *largest = mnq_max(*largest, codes[c]);
    }
    for (int32_t c = 0; c < detector->classes; ++c) {
        sum += detector->scores[*largest - codes[c]];
    }
    return sum;
}

MNQ_KERNEL
int32_t mnq_find_boxes(const mnq_boxes *detector, const int8_t *moves, const int8_t *codes,
                       mnq_box *boxes, int32_t capacity)
{
    int32_t count = 0;
    for (int32_t index = 0; index < detector->count; ++index) {
        const int8_t *row = codes + index * detector->classes;
        int32_t largest = 0;
        const int32_t sum =
            detector->is_softmax ? sum_of_exponentials(detector, row, &largest) : 1;
        for (int32_t label = detector->first_class; label < detector->classes; ++label) {
            uint32_t score;
            if (detector->is_softmax) {
                const uint32_t part = (uint32_t)detector->scores[largest - row[label]];
                score = (part * MNQ_SCORE_ONE + (uint32_t)sum / 2) / (uint32_t)sum;
            } else {
                score = (uint32_t)detector->scores[row[label] + 128];
            }
            if ((int32_t)score < detector->threshold
                || (count == capacity && (count == 0 || score <= boxes[count - 1].score))) {
                continue;
            }
            mnq_box box = {(int16_t)label, (uint16_t)score, 0, 0, 0, 0};
            put(detector, index, moves, &box);
            count = insert(&box, boxes, count, capacity);
        }
    }
    return suppress(detector, boxes, count);
}
