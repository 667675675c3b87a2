#include "mnq_arithmetic.h"
#include "mnq_requantize.h"
#include "mnq_runtime.h"

/* Twin: Swift Add.leftShift; a product, since << of a negative value is undefined. */
#define COMMON_SCALE_UNIT (INT32_C(1) << 20)

static int8_t sum(const mnq_add *layer, int8_t a, int8_t b)
{
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
    const int32_t *shape = layer->broadcast.shape;
    const int32_t *a_strides = layer->broadcast.a_strides;
    const int32_t *b_strides = layer->broadcast.b_strides;

    for (int32_t n = 0; n < shape[0]; ++n) {
        for (int32_t y = 0; y < shape[1]; ++y) {
            for (int32_t x = 0; x < shape[2]; ++x) {
                const int8_t *a_row = a + n * a_strides[0] + y * a_strides[1] + x * a_strides[2];
                const int8_t *b_row = b + n * b_strides[0] + y * b_strides[1] + x * b_strides[2];
                for (int32_t c = 0; c < shape[3]; ++c) {
                    *output++ = sum(layer, a_row[c * a_strides[3]], b_row[c * b_strides[3]]);
                }
            }
        }
    }
}
