#include "mnq_arithmetic.h"
#include "mnq_requantize.h"
#include "mnq_runtime.h"

static int8_t product(const mnq_multiply *layer, int8_t a, int8_t b)
{
    const int32_t exact = (a - layer->a_zero_point) * (b - layer->b_zero_point);
    return mnq_clamp(
        mnq_requantize(layer->factor, exact, layer->rounding) + layer->output_zero_point,
        layer->clamp_min, layer->clamp_max);
}

MNQ_KERNEL
void mnq_multiply_s8(const mnq_multiply *layer, const int8_t *a, const int8_t *b,
                     int8_t *output)
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
                    *output++ = product(layer, a_row[c * a_strides[3]], b_row[c * b_strides[3]]);
                }
            }
        }
    }
}
