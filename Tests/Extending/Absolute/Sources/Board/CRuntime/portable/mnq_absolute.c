#include "mnq_arithmetic.h"
#include "mnq_runtime.h"

MNQ_KERNEL
void mnq_absolute_s8(const mnq_absolute *layer, const int8_t *input, int8_t *output)
{
    for (int32_t i = 0; i < layer->count; ++i) {
        const int32_t value = input[i] - layer->zero_point;
        const int32_t code = (value < 0 ? -value : value) + layer->zero_point;
        output[i] = (int8_t)(code < INT8_MAX ? code : INT8_MAX);
    }
}
