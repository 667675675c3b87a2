#include "mnq_arithmetic.h"
#include "mnq_requantize.h"
#include "mnq_runtime.h"
#include "mnq_wide.h"

static int32_t sum(const mnq_add *layer, int32_t unit, int32_t a, int32_t b)
{
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
    const mnq_add *layer = &wide->layer;
    /* Twin: Swift Wide.leftShift. */
    const int32_t unit = INT32_C(1) << (wide->a_bits == 8 && wide->b_bits == 8 ? 20 : 15);
    const int32_t *shape = layer->broadcast.shape;
    const int32_t *a_strides = layer->broadcast.a_strides;
    const int32_t *b_strides = layer->broadcast.b_strides;
    int32_t index = 0;

    for (int32_t n = 0; n < shape[0]; ++n) {
        for (int32_t y = 0; y < shape[1]; ++y) {
            for (int32_t x = 0; x < shape[2]; ++x) {
                int32_t a_index = n * a_strides[0] + y * a_strides[1] + x * a_strides[2];
                int32_t b_index = n * b_strides[0] + y * b_strides[1] + x * b_strides[2];
                for (int32_t c = 0; c < shape[3]; ++c) {
                    mnq_store(output, index++, wide->output_bits,
                              sum(layer, unit, mnq_load(a, a_index, wide->a_bits),
                                  mnq_load(b, b_index, wide->b_bits)));
                    a_index += a_strides[3];
                    b_index += b_strides[3];
                }
            }
        }
    }
}
