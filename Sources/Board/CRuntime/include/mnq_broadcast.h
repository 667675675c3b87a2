/* How kernels of two operands walk over them. */
#ifndef MNQ_BROADCAST_H
#define MNQ_BROADCAST_H

#include "mnq_arithmetic.h"
#include "mnq_runtime.h"
#include "mnq_wide.h"

/* Two operands and an output, each of 8 or 16 bits a code. */
typedef struct {
    const int8_t *a;
    const int8_t *b;
    int8_t *output;
    int32_t a_bits;
    int32_t b_bits;
    int32_t output_bits;
} mnq_operands;

/* Each output code, in order: what `code` makes of the layer and of the codes of both operands
 * there. Its argument and the numbers of bits are constants where it is called. */
MNQ_INLINE void mnq_broadcast_codes(const mnq_broadcast *broadcast, mnq_operands operands,
                                    int32_t (*code)(const void *layer, int32_t a, int32_t b),
                                    const void *layer)
{
    const int32_t *shape = broadcast->shape;
    const int32_t *a_strides = broadcast->a_strides;
    const int32_t *b_strides = broadcast->b_strides;
    const int32_t a_bytes = operands.a_bits / 8;
    const int32_t b_bytes = operands.b_bits / 8;
    int32_t index = 0;

    for (int32_t n = 0; n < shape[0]; ++n) {
        for (int32_t y = 0; y < shape[1]; ++y) {
            for (int32_t x = 0; x < shape[2]; ++x) {
                const int32_t a = n * a_strides[0] + y * a_strides[1] + x * a_strides[2];
                const int32_t b = n * b_strides[0] + y * b_strides[1] + x * b_strides[2];
                const int8_t *a_row = operands.a + a * a_bytes;
                const int8_t *b_row = operands.b + b * b_bytes;
                for (int32_t c = 0; c < shape[3]; ++c) {
                    mnq_store(operands.output, index++, operands.output_bits,
                              code(layer, mnq_load(a_row, c * a_strides[3], operands.a_bits),
                                   mnq_load(b_row, c * b_strides[3], operands.b_bits)));
                }
            }
        }
    }
}

#endif
