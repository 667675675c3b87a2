#include "mnq_dsp.h"
#include "mnq_wide.h"

/* The sum of two tensors of one shape, where one at least of the three has codes of 16 bits: what
 * mnq_add_wide_s16 makes of them by double rounding, three rounding multiplications each. */

MNQ_INLINE int32_t rescaled(mnq_factor factor, int32_t value)
{
    return mnq_rescale_dsp(factor, (int32_t)((uint32_t)value << factor.left), MNQ_FINISH_CLAMP);
}

MNQ_INLINE void add(const mnq_packed_add_wide *layer, const int8_t *a, const int8_t *b,
                    int8_t *output, int32_t a_bits, int32_t b_bits)
{
    const mnq_factor a_factor = mnq_factor_of(&layer->a_factor);
    const mnq_factor b_factor = mnq_factor_of(&layer->b_factor);
    const mnq_factor factor = mnq_factor_of(&layer->output_factor);
    const int32_t a_zero = a_bits == 8 ? layer->a_zero_point : 0;
    const int32_t b_zero = b_bits == 8 ? layer->b_zero_point : 0;
    const int32_t low = layer->clamp_min, high = layer->clamp_max;
    const int32_t output_bits = layer->output_bits;
    for (int32_t i = 0; i < layer->count; ++i) {
        const int32_t sum = rescaled(a_factor, mnq_load(a, i, a_bits) - a_zero)
                            + rescaled(b_factor, mnq_load(b, i, b_bits) - b_zero);
        const int32_t value = rescaled(factor, sum);
        mnq_store(output, i, output_bits, mnq_min(mnq_max(value, low), high));
    }
}

MNQ_KERNEL
void mnq_add_wide_dsp(const mnq_packed_add_wide *layer, const int8_t *a, const int8_t *b,
                      int8_t *output)
{
    if (layer->a_bits == 8 && layer->b_bits == 8) {
        add(layer, a, b, output, 8, 8);
    } else if (layer->a_bits == 8) {
        add(layer, a, b, output, 8, 16);
    } else if (layer->b_bits == 8) {
        add(layer, a, b, output, 16, 8);
    } else {
        add(layer, a, b, output, 16, 16);
    }
}
