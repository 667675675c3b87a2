#include "mnq_check.h"

#include "mnq_arithmetic.h"

#define POLYNOMIAL UINT32_C(0xEDB88320) /* its lowest power in the highest bit */

MNQ_KERNEL
uint32_t mnq_crc32(uint32_t crc, const void *bytes, size_t count)
{
    const uint8_t *next = bytes;
    crc = ~crc;
    for (; count > 0; --count) {
        crc ^= *next++;
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc >> 1) ^ (POLYNOMIAL & (0 - (crc & 1)));
        }
    }
    return ~crc;
}

static uint32_t pointer_crc32(uint32_t crc, const void *pointer, const void *tables)
{
    const uint32_t place =
        pointer ? (uint32_t)((uintptr_t)pointer - (uintptr_t)tables) : UINT32_MAX;
    return mnq_crc32(crc, &place, sizeof place);
}

MNQ_KERNEL
uint32_t mnq_crc32_row(uint32_t crc, const mnq_row *row, const mnq_shape *shapes, int32_t count,
                       const void *tables)
{
    int32_t kind = 0;
    while (kind < count && shapes[kind].operation != row->operation) {
        ++kind;
    }
    const int32_t words[] = {kind, row->a, row->b, row->output, row->scratch};
    crc = mnq_crc32(crc, words, sizeof words);
    crc = pointer_crc32(crc, row->constant, tables);
    if (kind == count) {
        return crc;
    }
    const mnq_shape shape = shapes[kind];
    const uint8_t *next = row->layer;
    crc = mnq_crc32(crc, next, sizeof(uint32_t) * shape.words);
    next += sizeof(uint32_t) * shape.words;
    if (sizeof(void *) > sizeof(uint32_t) && shape.words % 2 != 0) {
        next += sizeof(uint32_t); /* a 64-bit machine aligns the pointers */
    }
    for (int32_t left = shape.pointers; left > 0; --left) {
        const void *pointer;
        mnq_memcpy(&pointer, next, sizeof pointer);
        crc = pointer_crc32(crc, pointer, tables);
        next += sizeof pointer;
    }
    return mnq_crc32(crc, next, sizeof(uint32_t) * shape.more_words);
}
