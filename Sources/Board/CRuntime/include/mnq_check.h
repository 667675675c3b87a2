/* Checksums of what a network keeps in flash. */
#ifndef MNQ_CHECK_H
#define MNQ_CHECK_H

#include <stddef.h>

#include "mnq_runtime.h"

/* How the struct of a kernel lies in memory: words of 32 bits, then pointers to tables, then words
 * again. */
typedef struct {
    uint8_t operation; /* a mnq_operation */
    uint8_t words;
    uint8_t pointers;
    uint8_t more_words;
} mnq_shape;

/* The CRC-32 of zlib and Ethernet: of `count` bytes behind those whose checksum is `crc`, which is
 * 0 for none. Without a table, for size. */
uint32_t mnq_crc32(uint32_t crc, const void *bytes, size_t count);

/* The checksum of a row of a layer table and the struct that it points to, behind `crc`: the place
 * of its operation among `count` shapes, its four offsets, where in `tables` its constant begins,
 * then the struct's words in order, with a pointer as where in `tables` it points. A null pointer
 * counts as UINT32_MAX. */
uint32_t mnq_crc32_row(uint32_t crc, const mnq_row *row, const mnq_shape *shapes, int32_t count,
                       const void *tables);

#endif
