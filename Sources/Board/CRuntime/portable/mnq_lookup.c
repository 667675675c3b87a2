#include "mnq_arithmetic.h"
#include "mnq_runtime.h"

MNQ_KERNEL
void mnq_lookup_s8(const mnq_lookup *layer, const int8_t *input, int8_t *output)
{
    const int8_t *table = layer->table + 128;
    int32_t left = layer->count;
    for (; left >= 4; left -= 4) {
        output[0] = table[input[0]];
        output[1] = table[input[1]];
        output[2] = table[input[2]];
        output[3] = table[input[3]];
        input += 4;
        output += 4;
    }
    for (; left > 0; --left) {
        *output++ = table[*input++];
    }
}
