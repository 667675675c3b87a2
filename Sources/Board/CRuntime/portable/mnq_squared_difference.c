#include "mnq_broadcast.h"
#include "mnq_requantize.h"

/* Twin: Swift SquaredDifference.leftShift; a product, since << of a negative value is undefined. */
#define COMMON_SCALE_UNIT (INT32_C(1) << 7)

MNQ_INLINE int32_t squared_difference(const void *any, int32_t a, int32_t b)
{
    const mnq_squared_difference *layer = any;
    const int32_t difference =
        mnq_requantize_twice(layer->a_factor, (a - layer->a_zero_point) * COMMON_SCALE_UNIT)
        - mnq_requantize_twice(layer->b_factor, (b - layer->b_zero_point) * COMMON_SCALE_UNIT);
    return mnq_clamp(mnq_requantize_twice(layer->output_factor, difference * difference)
                         + layer->output_zero_point,
                     INT8_MIN, INT8_MAX);
}

MNQ_KERNEL
void mnq_squared_difference_s8(const mnq_squared_difference *layer, const int8_t *a,
                               const int8_t *b, int8_t *output)
{
    const mnq_operands operands = {a, b, output, 8, 8, 8};
    mnq_broadcast_codes(&layer->broadcast, operands, squared_difference, layer);
}
