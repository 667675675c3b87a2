#include "mnq_arithmetic.h"
#include "mnq_requantize.h"
#include "mnq_runtime.h"
#include "mnq_wide.h"

static void finish(const mnq_mean_wide *wide, int32_t sum, int8_t *output, int32_t channel)
{
    const mnq_mean *layer = &wide->layer;
    const int32_t highest = wide->output_bits == 8 ? INT8_MAX : INT16_MAX;
    const int32_t centered = sum - layer->input_zero_point * layer->pixels;
    const int32_t code = mnq_requantize(layer->factor, centered, layer->rounding)
                         + layer->output_zero_point;
    mnq_store(output, channel, wide->output_bits, mnq_min(mnq_max(code, -highest - 1), highest));
}

/* Four channels at a time; the last one to three of them alone. */
MNQ_INLINE void mean(const mnq_mean_wide *wide, const int8_t *input, int8_t *output, int32_t bits)
{
    const int32_t channels = wide->layer.channels, pixels = wide->layer.pixels;
    int32_t c = 0;
    for (; c + 4 <= channels; c += 4) {
        int32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0, place = c;
        for (int32_t left = pixels; left > 0; --left) {
            s0 += mnq_load(input, place, bits);
            s1 += mnq_load(input, place + 1, bits);
            s2 += mnq_load(input, place + 2, bits);
            s3 += mnq_load(input, place + 3, bits);
            place += channels;
        }
        finish(wide, s0, output, c);
        finish(wide, s1, output, c + 1);
        finish(wide, s2, output, c + 2);
        finish(wide, s3, output, c + 3);
    }
    for (; c < channels; ++c) {
        int32_t sum = 0;
        for (int32_t pixel = 0; pixel < pixels; ++pixel) {
            sum += mnq_load(input, pixel * channels + c, bits);
        }
        finish(wide, sum, output, c);
    }
}

MNQ_KERNEL
void mnq_mean_wide_s16(const mnq_mean_wide *wide, const int8_t *input, int8_t *output)
{
    if (wide->input_bits == 8) {
        mean(wide, input, output, 8);
    } else {
        mean(wide, input, output, 16);
    }
}
