#include "mnq_arithmetic.h"
#include "mnq_runtime.h"
#include "mnq_wide.h"

MNQ_INLINE int32_t sum(const mnq_fully_connected *layer, const int8_t *input, int32_t o,
                       int32_t bits)
{
    const int8_t *weights = layer->weights + o * layer->input_count;
    const int32_t zero_point = bits == 8 ? layer->input_zero_point : 0;
    int32_t accumulator = layer->bias[o];
    for (int32_t i = 0; i < layer->input_count; ++i) {
        accumulator += (mnq_load(input, i, bits) - zero_point) * weights[i];
    }
    return accumulator;
}

MNQ_KERNEL
void mnq_fully_connected_wide_s16(const mnq_fully_connected_wide *wide, const int8_t *input,
                                  int8_t *output)
{
    const mnq_fully_connected *layer = &wide->layer;
    const mnq_wide_finish finish = {
        wide->input_bits, wide->output_bits, layer->output_zero_point, layer->clamp_min,
        layer->clamp_max, layer->rounding, layer->multipliers, layer->shifts, layer->curve};
    for (int32_t o = 0; o < layer->output_count; ++o) {
        const int32_t accumulator =
            wide->input_bits == 8 ? sum(layer, input, o, 8) : sum(layer, input, o, 16);
        mnq_store(output, o, wide->output_bits, mnq_wide_code(&finish, accumulator, o));
    }
}
