#include "mnq_broadcast.h"
#include "mnq_requantize.h"

MNQ_INLINE int32_t sum(const void *any, int32_t a, int32_t b)
{
    const mnq_add_wide *wide = any;
    const mnq_add *layer = &wide->layer;
    /* Twin: Swift Wide.leftShift. */
    const int32_t unit = INT32_C(1) << (wide->a_bits == 8 && wide->b_bits == 8 ? 20 : 15);
    const int32_t common =
        mnq_requantize(layer->a_factor, (a - layer->a_zero_point) * unit, layer->rounding)
        + mnq_requantize(layer->b_factor, (b - layer->b_zero_point) * unit, layer->rounding);
    const int32_t quantized = mnq_requantize(layer->output_factor, common, layer->rounding);
    return mnq_min(mnq_max(quantized + layer->output_zero_point, layer->clamp_min),
                   layer->clamp_max);
}

MNQ_KERNEL
void mnq_add_wide_s16(const mnq_add_wide *wide, const int8_t *a, const int8_t *b, int8_t *output)
{
    const mnq_operands operands = {a, b, output, wide->a_bits, wide->b_bits, wide->output_bits};
    mnq_broadcast_codes(&wide->layer.broadcast, operands, sum, wide);
}
