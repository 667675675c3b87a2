/* Finds places and boxes in numbers that the Swift test makes, too, and compares a checksum. */
#include "port.h"
#include "mnq_boxes.c"
#define insert map_insert
#include "mnq_map.c"

#define MOST 24

static uint32_t state = 12345;

static uint32_t drawn(void)
{
    state = state * UINT32_C(1664525) + UINT32_C(1013904223);
    return state >> 8;
}

static uint32_t checksum = UINT32_C(2166136261);

static void add_number(int32_t number)
{
    checksum = (checksum ^ (uint32_t)number) * UINT32_C(16777619);
}

static int8_t codes[MOST * MOST * 4];

static void draw_codes(int32_t count)
{
    for (int32_t i = 0; i < count; ++i) {
        codes[i] = (int8_t)((int32_t)(drawn() & 255) - 128);
    }
}

static void find_places(int32_t height, int32_t width, int32_t classes, int32_t threshold)
{
    const mnq_map map = {height, width, classes, classes > 1, threshold, 7 * height, 9 * width};
    mnq_place growing[MOST + 1];
    int32_t marks[MOST];
    mnq_place places[MOST];
    draw_codes(height * width * classes);
    const int32_t count = mnq_map_places(&map, codes, growing, marks, places, MOST);
    add_number(count);
    for (int32_t i = 0; i < count; ++i) {
        add_number(places[i].label);
        add_number(places[i].score);
        add_number(places[i].x);
        add_number(places[i].y);
        add_number(places[i].count);
        add_number(places[i].left);
        add_number(places[i].top);
        add_number(places[i].right);
        add_number(places[i].bottom);
    }
}

static int16_t anchors[4 * MOST];
static int32_t sizes[256];
static int32_t scores[256];
static int8_t moves[4 * MOST];

static void find_boxes(int32_t anchor_count, int32_t classes, int32_t is_softmax, int32_t capacity)
{
    for (int32_t i = 0; i < 4 * anchor_count; ++i) {
        anchors[i] = (int16_t)(drawn() & 16383);
        moves[i] = (int8_t)((int32_t)(drawn() & 255) - 128);
    }
    for (int32_t i = 0; i < 256; ++i) {
        sizes[i] = (int32_t)(drawn() & 0x3FFFF);
        scores[i] = (int32_t)(drawn() & 32767) + 1;
    }
    draw_codes(anchor_count * classes);
    const mnq_boxes detector = {
        anchor_count, classes, classes > 1, 3000, 9000, 5, capacity & 1, is_softmax,
        {1407374884, -6}, anchors, sizes, scores,
    };
    mnq_box boxes[MOST];
    const int32_t count = mnq_find_boxes(&detector, moves, codes, boxes, capacity);
    add_number(count);
    for (int32_t i = 0; i < count; ++i) {
        add_number(boxes[i].label);
        add_number(boxes[i].score);
        add_number(boxes[i].left);
        add_number(boxes[i].top);
        add_number(boxes[i].right);
        add_number(boxes[i].bottom);
    }
}

int main(void)
{
    for (int32_t height = 1; height <= 11; height += 2) {
        for (int32_t width = 1; width <= 13; width += 2) {
            for (int32_t classes = 1; classes <= 4; ++classes) {
                find_places(height, width, classes, 40);
                find_places(height, width, classes, -90);
            }
        }
    }
    for (int32_t count = 1; count <= MOST - 1; count += 2) {
        for (int32_t classes = 1; classes <= 5; ++classes) {
            find_boxes(count, classes, 0, count & 7);
            find_boxes(count, classes, 1, MOST);
        }
    }
    if (checksum != EXPECTED) {
        port_print("differs\n");
        return 1;
    }
    return 0;
}
