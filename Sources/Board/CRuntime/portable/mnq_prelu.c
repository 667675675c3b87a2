#include "mnq_arithmetic.h"
#include "mnq_requantize.h"
#include "mnq_runtime.h"

MNQ_KERNEL
void mnq_prelu_s8(const mnq_prelu *layer, const int8_t *input, int8_t *output)
{
    int32_t place = 0;
    for (int32_t i = 0; i < layer->count; ++i) {
        const int32_t x = input[i] - layer->input_zero_point;
        const int32_t scaled = x >= 0
                                   ? mnq_requantize_twice(layer->identity, x)
                                   : mnq_requantize_twice(layer->below, x * layer->alpha[place]);
        /* Wraps as the Swift twin does where a factor is enormous. */
        const int32_t code = (int32_t)((uint32_t)scaled + (uint32_t)layer->output_zero_point);
        output[i] = (int8_t)mnq_clamp(code, INT8_MIN, INT8_MAX);
        place = place + 1 == layer->alpha_count ? 0 : place + 1;
    }
}
