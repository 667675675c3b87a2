#include "mnq_arithmetic.h"
#include "mnq_requantize.h"
#include "mnq_runtime.h"

static int8_t code(const mnq_mean *layer, int32_t sum)
{
    sum -= layer->input_zero_point * layer->pixels;
    return mnq_clamp(
        mnq_requantize(layer->factor, sum, layer->rounding) + layer->output_zero_point, INT8_MIN,
        INT8_MAX);
}

/* Four channels at a time; the last one to three of them alone. */
MNQ_KERNEL
void mnq_mean_s8(const mnq_mean *layer, const int8_t *input, int8_t *output)
{
    const int32_t channels = layer->channels;
    int32_t c = 0;
    for (; c + 4 <= channels; c += 4) {
        const int8_t *pixel = input + c;
        int32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0;
        for (int32_t left = layer->pixels; left > 0; --left) {
            s0 += pixel[0];
            s1 += pixel[1];
            s2 += pixel[2];
            s3 += pixel[3];
            pixel += channels;
        }
        output[c] = code(layer, s0);
        output[c + 1] = code(layer, s1);
        output[c + 2] = code(layer, s2);
        output[c + 3] = code(layer, s3);
    }
    for (; c < channels; ++c) {
        int32_t sum = 0;
        for (int32_t pixel = 0; pixel < layer->pixels; ++pixel) {
            sum += input[pixel * channels + c];
        }
        output[c] = code(layer, sum);
    }
}
