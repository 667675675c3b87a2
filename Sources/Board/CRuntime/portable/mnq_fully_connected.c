#include "mnq_arithmetic.h"
#include "mnq_requantize.h"
#include "mnq_runtime.h"

MNQ_KERNEL
void mnq_fully_connected_s8(const mnq_fully_connected *layer, const int8_t *input,
                            int8_t *output)
{
    const int8_t *weights = layer->weights;

    for (int32_t o = 0; o < layer->output_count; ++o) {
        int32_t accumulator = layer->bias[o];
        for (int32_t i = 0; i < layer->input_count; ++i) {
            accumulator += (input[i] - layer->input_zero_point) * weights[i];
        }
        const mnq_requantization factor = {layer->multipliers[o], layer->shifts[o]};
        output[o] = mnq_curved(
            mnq_requantize(factor, accumulator, layer->rounding) + layer->output_zero_point,
            layer->clamp_min, layer->clamp_max, layer->curve);
        weights += layer->input_count;
    }
}
