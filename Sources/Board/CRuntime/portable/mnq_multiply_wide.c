#include "mnq_broadcast.h"
#include "mnq_requantize.h"

MNQ_INLINE int32_t product(const void *any, int32_t a, int32_t b)
{
    const mnq_multiply *layer = any;
    const int32_t exact = (a - layer->a_zero_point) * (b - layer->b_zero_point);
    const int32_t quantized = mnq_requantize(layer->factor, exact, layer->rounding);
    return mnq_min(mnq_max(quantized + layer->output_zero_point, layer->clamp_min),
                   layer->clamp_max);
}

MNQ_KERNEL
void mnq_multiply_wide_s16(const mnq_multiply_wide *wide, const int8_t *a, const int8_t *b,
                           int8_t *output)
{
    const mnq_operands operands = {a, b, output, wide->a_bits, wide->b_bits, wide->output_bits};
    mnq_broadcast_codes(&wide->layer.broadcast, operands, product, &wide->layer);
}
