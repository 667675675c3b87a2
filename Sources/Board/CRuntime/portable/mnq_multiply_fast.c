#include "mnq_packed.h"

/* The product of two tensors of one shape, or of each pixel with one vector of channels. */

MNQ_INLINE int8_t code(const mnq_packed_multiply *layer, int32_t value, mnq_finish finish)
{
    return finish == MNQ_FINISH_CLAMP ? mnq_clamp(value, layer->clamp_min, layer->clamp_max)
                                      : (int8_t)mnq_saturate(value);
}

/* One channel of all pixels: the second factor and the shift before the multiplication by the
 * scale are one slope. */
MNQ_INLINE void multiply_column(const mnq_packed_multiply *layer, mnq_channel factor,
                                const int8_t *a, int32_t b, int8_t *output, mnq_finish finish)
{
    const int32_t step = layer->channels;
    const int32_t slope = (b - layer->b_zero_point) * (1 << factor.left);
    const int32_t start = -layer->a_zero_point * slope;
    factor.left = 0;
#define STEP(i) output[i] = code(layer, mnq_rescale(factor, a[i] * slope + start, finish), finish)
    int32_t left = layer->pixels;
    for (; left >= 4; left -= 4) {
        STEP(0);
        STEP(step);
        a += 2 * step;
        output += 2 * step;
        STEP(0);
        STEP(step);
        a += 2 * step;
        output += 2 * step;
    }
    for (; left > 0; --left) {
        STEP(0);
        a += step;
        output += step;
    }
}

MNQ_INLINE void multiply(const mnq_packed_multiply *layer, const int8_t *a, const int8_t *b,
                         int8_t *output, mnq_finish finish)
{
    const mnq_channel factor = layer->factor;
    for (int32_t c = 0; c < layer->channels; ++c) {
        multiply_column(layer, factor, a + c, b[c], output + c, finish);
    }
}

MNQ_KERNEL
void mnq_multiply_fast(const mnq_packed_multiply *layer, const int8_t *a, const int8_t *b,
                       int8_t *output)
{
    if (layer->finish == MNQ_FINISH_CLAMP) {
        multiply(layer, a, b, output, MNQ_FINISH_CLAMP);
    } else {
        multiply(layer, a, b, output, MNQ_FINISH_SATURATE);
    }
}
