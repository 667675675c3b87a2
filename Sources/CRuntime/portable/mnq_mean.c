#include "mnq_arithmetic.h"
#include "mnq_requantize.h"
#include "mnq_runtime.h"

void mnq_mean_s8(const mnq_mean *layer, const int8_t *input, int8_t *output)
{
    for (int32_t c = 0; c < layer->channels; ++c) {
        int32_t sum = -layer->input_zero_point * layer->pixels;
        for (int32_t pixel = 0; pixel < layer->pixels; ++pixel) {
            sum += input[pixel * layer->channels + c];
        }
        output[c] = mnq_clamp(
            mnq_requantize(layer->factor, sum, layer->rounding) + layer->output_zero_point,
            INT8_MIN, INT8_MAX);
    }
}
