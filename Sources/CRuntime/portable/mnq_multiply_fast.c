#include "mnq_packed.h"

/* The product of two tensors of one shape, or of each pixel with one vector of channels. */

MNQ_INLINE int8_t product(const mnq_packed_multiply *layer, mnq_channel factor, int32_t a,
                          int32_t b, mnq_finish finish)
{
    const int32_t value =
        mnq_rescale(factor, (a - layer->a_zero_point) * (b - layer->b_zero_point), finish);
    return finish == MNQ_FINISH_CLAMP ? mnq_clamp(value, layer->clamp_min, layer->clamp_max)
                                      : (int8_t)mnq_saturate(value);
}

MNQ_INLINE void multiply(const mnq_packed_multiply *layer, const int8_t *a, const int8_t *b,
                         int8_t *output, mnq_finish finish)
{
    const mnq_channel factor = layer->factor;
    for (int32_t pixels = layer->pixels; pixels > 0; --pixels) {
        int32_t c = 0;
        for (; c + 4 <= layer->channels; c += 4) {
            output[c] = product(layer, factor, a[c], b[c], finish);
            output[c + 1] = product(layer, factor, a[c + 1], b[c + 1], finish);
            output[c + 2] = product(layer, factor, a[c + 2], b[c + 2], finish);
            output[c + 3] = product(layer, factor, a[c + 3], b[c + 3], finish);
        }
        for (; c < layer->channels; ++c) {
            output[c] = product(layer, factor, a[c], b[c], finish);
        }
        a += layer->channels;
        output += layer->channels;
    }
}

void mnq_multiply_fast(const mnq_packed_multiply *layer, const int8_t *a, const int8_t *b,
                       int8_t *output)
{
    if (layer->finish == MNQ_FINISH_CLAMP) {
        multiply(layer, a, b, output, MNQ_FINISH_CLAMP);
    } else {
        multiply(layer, a, b, output, MNQ_FINISH_SATURATE);
    }
}
