#include "mnq_arithmetic.h"
#include "mnq_requantize.h"
#include "mnq_runtime.h"
#include "mnq_wide.h"

static int32_t product(const mnq_multiply *layer, int32_t a, int32_t b)
{
    const int32_t exact = (a - layer->a_zero_point) * (b - layer->b_zero_point);
    const int32_t quantized = mnq_requantize(layer->factor, exact, layer->rounding);
    return mnq_min(mnq_max(quantized + layer->output_zero_point, layer->clamp_min),
                   layer->clamp_max);
}

MNQ_KERNEL
void mnq_multiply_wide_s16(const mnq_multiply_wide *wide, const int8_t *a, const int8_t *b,
                           int8_t *output)
{
    const mnq_multiply *layer = &wide->layer;
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
                              product(layer, mnq_load(a, a_index, wide->a_bits),
                                      mnq_load(b, b_index, wide->b_bits)));
                    a_index += a_strides[3];
                    b_index += b_strides[3];
                }
            }
        }
    }
}
