#include "mnq_runtime.h"

void mnq_lookup_s8(const mnq_lookup *layer, const int8_t *input, int8_t *output)
{
    for (int32_t i = 0; i < layer->count; ++i) {
        output[i] = layer->table[input[i] + 128];
    }
}
