#include "mnq_arithmetic.h"
#include "mnq_requantize.h"
#include "mnq_runtime.h"
#include "mnq_wide.h"

MNQ_INLINE int32_t sum(const mnq_mean *layer, const int8_t *input, int32_t channel, int32_t bits)
{
    int32_t total = 0;
    for (int32_t pixel = 0; pixel < layer->pixels; ++pixel) {
        total += mnq_load(input, channel, bits);
        channel += layer->channels;
    }
    return total;
}

MNQ_KERNEL
void mnq_mean_wide_s16(const mnq_mean_wide *wide, const int8_t *input, int8_t *output)
{
    const mnq_mean *layer = &wide->layer;
    const int32_t highest = wide->output_bits == 8 ? INT8_MAX : INT16_MAX;
    for (int32_t c = 0; c < layer->channels; ++c) {
        const int32_t total =
            wide->input_bits == 8 ? sum(layer, input, c, 8) : sum(layer, input, c, 16);
        const int32_t centered = total - layer->input_zero_point * layer->pixels;
        const int32_t code = mnq_requantize(layer->factor, centered, layer->rounding)
                             + layer->output_zero_point;
        mnq_store(output, c, wide->output_bits,
                  mnq_min(mnq_max(code, -highest - 1), highest));
    }
}
