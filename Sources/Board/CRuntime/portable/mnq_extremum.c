#include "mnq_broadcast.h"

MNQ_INLINE int32_t maximum(const void *layer, int32_t a, int32_t b)
{
    (void)layer;
    return mnq_max(a, b);
}

MNQ_INLINE int32_t minimum(const void *layer, int32_t a, int32_t b)
{
    (void)layer;
    return mnq_min(a, b);
}

MNQ_KERNEL
void mnq_extremum_s8(const mnq_extremum *layer, const int8_t *a, const int8_t *b,
                     int8_t *output)
{
    const mnq_operands operands = {a, b, output, 8, 8, 8};
    if (layer->choice == MNQ_MAXIMUM) {
        mnq_broadcast_codes(&layer->broadcast, operands, maximum, layer);
    } else {
        mnq_broadcast_codes(&layer->broadcast, operands, minimum, layer);
    }
}
