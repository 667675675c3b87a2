#include "mnq_map.h"

#include "mnq_arithmetic.h"

/* No two places of a map are equal in all of this: where boxes begin at the same corner, one place
 * lies around the other. */
static int precedes(const mnq_place *a, const mnq_place *b)
{
    if (a->score != b->score) {
        return a->score > b->score;
    }
    if (a->label != b->label) {
        return a->label < b->label;
    }
    if (a->top != b->top) {
        return a->top < b->top;
    }
    return a->left != b->left ? a->left < b->left : a->right < b->right;
}

static void join(mnq_place *place, const mnq_place *other)
{
    place->score = mnq_max(place->score, other->score);
    place->count += other->count;
    place->left = mnq_min(place->left, other->left);
    place->top = mnq_min(place->top, other->top);
    place->right = mnq_max(place->right, other->right);
    place->bottom = mnq_max(place->bottom, other->bottom);
}

/* Puts a place where it belongs among the first `count`; returns how many there are then. */
static int32_t insert(const mnq_map *map, const mnq_place *place, mnq_place *places, int32_t count,
                      int32_t capacity)
{
    int32_t position = count;
    while (position > 0 && precedes(place, &places[position - 1])) {
        --position;
    }
    if (position >= capacity) {
        return count;
    }
    const int32_t kept = mnq_min(count + 1, capacity);
    for (int32_t i = kept - 1; i > position; --i) {
        places[i] = places[i - 1];
    }
    places[position] = *place;
    places[position].x = (place->left + place->right + 1) * map->input_width / (2 * map->width);
    places[position].y = (place->top + place->bottom + 1) * map->input_height / (2 * map->height);
    return kept;
}

/* Writes out the growing places without a cell in row y. */
static int32_t close_before(int32_t y, const mnq_map *map, mnq_place *growing, mnq_place *places,
                            int32_t count, int32_t capacity)
{
    for (int32_t i = 0; i <= map->width; ++i) {
        if (growing[i].count > 0 && growing[i].bottom < y) {
            count = insert(map, &growing[i], places, count, capacity);
            growing[i].count = 0;
        }
    }
    return count;
}

/* Adds a cell to an growing place that it touches, or opens one; returns its number. left, corner,
 * above and right are those of the neighbors so far, -1 for none. */
static int32_t add(const mnq_place *cell, int32_t width, mnq_place *growing, int32_t *marks,
                   int32_t left, int32_t corner, int32_t above, int32_t right)
{
    int32_t mark = left >= 0 ? left : corner >= 0 ? corner : above >= 0 ? above : right;
    if (mark < 0) {
        mark = 0;
        while (growing[mark].count > 0) {
            ++mark;
        }
        growing[mark] = *cell;
        return mark;
    }
    join(&growing[mark], cell);
    /* Of the four neighbors only the last can belong to another place: the others touch. */
    if (right >= 0 && right != mark) {
        join(&growing[mark], &growing[right]);
        growing[right].count = 0;
        for (int32_t x = 0; x < width; ++x) {
            marks[x] = marks[x] == right ? mark : marks[x];
        }
    }
    return mark;
}

/* One row of a class. */
static void add_row(const mnq_map *map, const int8_t *codes, int32_t label, int32_t y,
                    mnq_place *growing, int32_t *marks)
{
    int32_t corner = -1, left = -1;
    for (int32_t x = 0; x < map->width; ++x) {
        const int32_t code = codes[x * map->classes + label];
        const int32_t above = marks[x];
        marks[x] = -1;
        if (code >= map->threshold) {
            const mnq_place cell = {label, code, 0, 0, 1, x, y, x, y};
            const int32_t right = x + 1 < map->width ? marks[x + 1] : -1;
            marks[x] = add(&cell, map->width, growing, marks, left, corner, above, right);
        }
        corner = above;
        left = marks[x];
    }
}

MNQ_KERNEL
int32_t mnq_map_places(const mnq_map *map, const int8_t *codes, mnq_place *growing, int32_t *marks,
                       mnq_place *places, int32_t capacity)
{
    int32_t count = 0;
    for (int32_t i = 0; i <= map->width; ++i) {
        growing[i].count = 0;
    }
    for (int32_t label = map->first_class; label < map->classes; ++label) {
        for (int32_t x = 0; x < map->width; ++x) {
            marks[x] = -1;
        }
        for (int32_t y = 0; y < map->height; ++y) {
            add_row(map, codes + y * map->width * map->classes, label, y, growing, marks);
            count = close_before(y, map, growing, places, count, capacity);
        }
        count = close_before(map->height, map, growing, places, count, capacity);
    }
    return count;
}
