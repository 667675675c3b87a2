#include "mnq_broadcast.h"
#include "mnq_requantize.h"

MNQ_INLINE int32_t product(const void *any, int32_t a, int32_t b)
{
    const mnq_multiply *layer = any;
    const int32_t exact = (a - layer->a_zero_point) * (b - layer->b_zero_point);
    return mnq_clamp(
        mnq_requantize(layer->factor, exact, layer->rounding) + layer->output_zero_point,
        layer->clamp_min, layer->clamp_max);
}

MNQ_KERNEL
void mnq_multiply_s8(const mnq_multiply *layer, const int8_t *a, const int8_t *b,
                     int8_t *output)
{
    const mnq_operands operands = {a, b, output, 8, 8, 8};
    mnq_broadcast_codes(&layer->broadcast, operands, product, layer);
}
