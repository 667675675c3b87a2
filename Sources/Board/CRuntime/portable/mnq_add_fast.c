#include "mnq_packed.h"

/* The sum of two tensors of one shape: a straight line in both codes. */

MNQ_INLINE void add(const mnq_packed_add *layer, const int8_t *a, const int8_t *b, int8_t *output,
                    int is_full)
{
    const int32_t a_slope = layer->a_slope, b_slope = layer->b_slope, offset = layer->offset;
    const int32_t low = layer->clamp_min, high = layer->clamp_max, places = layer->places;
#define STEP(i)                                                                                   \
    {                                                                                             \
        const int32_t value = (a[i] * a_slope + b[i] * b_slope + offset) >> places;               \
        output[i] = is_full ? (int8_t)mnq_saturate(value) : mnq_clamp(value, low, high);          \
    }
    int32_t left = layer->count;
    for (; left >= 4; left -= 4) {
        STEP(0) STEP(1) STEP(2) STEP(3)
        a += 4;
        b += 4;
        output += 4;
    }
    for (; left > 0; --left) {
        STEP(0)
        ++a;
        ++b;
        ++output;
    }
}

MNQ_KERNEL
void mnq_add_fast(const mnq_packed_add *layer, const int8_t *a, const int8_t *b, int8_t *output)
{
    if (mnq_is_full(layer->clamp_min, layer->clamp_max)) {
        add(layer, a, b, output, 1);
    } else {
        add(layer, a, b, output, 0);
    }
}
