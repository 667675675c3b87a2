/* Places in a map of codes. */
#ifndef MNQ_MAP_H
#define MNQ_MAP_H

#include <stdint.h>

#include "mnq_version.h"

/* A map, [height][width][classes] of int8. Twin: Swift MapDecoder. */
typedef struct {
    int32_t height;       /* 1 .. 16384, as the other sides */
    int32_t width;
    int32_t classes;      /* 1 or more; height * width * classes is at most 2^30 */
    int32_t first_class;  /* 1 behind a background, 0 where there is one class alone */
    int32_t threshold;    /* the least code of a cell that belongs to a place: -128 .. 128 */
    int32_t input_height; /* of the network's input, in pixels */
    int32_t input_width;
} mnq_map;

/* Cells of one class that touch one another, by a side or a corner. Twin: Swift MapPlace. */
typedef struct {
    int32_t label; /* the class, as the map counts them */
    int32_t score; /* the greatest code of its cells */
    int32_t x;     /* the center of the box around its cells, in pixels of the network's input */
    int32_t y;
    int32_t count; /* how many cells */
    int32_t left;  /* the box around them, in cells, the last included */
    int32_t top;
    int32_t right;
    int32_t bottom;
} mnq_place;

/* Writes the places in `codes` to `places`, at most `capacity` of them, and returns how many it
 * wrote: the greatest score first; of equals that of the lower class, then the upper one, then the
 * one that begins or ends farther to the left. It works in growing[width + 1] and marks[width]. */
int32_t mnq_map_places(const mnq_map *map, const int8_t *codes, mnq_place *growing, int32_t *marks,
                       mnq_place *places, int32_t capacity);

#endif
