#include "mnq_broadcast.h"
#include "mnq_requantize.h"

/* Twin: Swift Add.leftShift; a product, since << of a negative value is undefined. */
#define COMMON_SCALE_UNIT (INT32_C(1) << 20)

MNQ_INLINE int32_t sum(const void *any, int32_t a, int32_t b)
{
    const mnq_add *layer = any;
    const int32_t common =
        mnq_requantize(layer->a_factor, (a - layer->a_zero_point) * COMMON_SCALE_UNIT,
                       layer->rounding)
        + mnq_requantize(layer->b_factor, (b - layer->b_zero_point) * COMMON_SCALE_UNIT,
                         layer->rounding);
    return mnq_clamp(mnq_requantize(layer->output_factor, common, layer->rounding)
                         + layer->output_zero_point,
                     layer->clamp_min, layer->clamp_max);
}

MNQ_KERNEL
void mnq_add_s8(const mnq_add *layer, const int8_t *a, const int8_t *b, int8_t *output)
{
    const mnq_operands operands = {a, b, output, 8, 8, 8};
    mnq_broadcast_codes(&layer->broadcast, operands, sum, layer);
}
