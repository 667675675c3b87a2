#include "mnq_arithmetic.h"
#include "mnq_runtime.h"

/* One pixel: a mean of up to four, right and down 1024ths of the way to the next ones. */
static void mix_pixel(const int8_t *corner, int32_t right, int32_t beside, int32_t down,
                      int32_t below, int32_t channels, int8_t *pixel)
{
    for (int32_t c = 0; c < channels; ++c) {
        const int8_t *from = corner + c;
        const int32_t upper = (1024 - right) * from[0] + right * from[beside];
        const int32_t lower = (1024 - right) * from[below] + right * from[below + beside];
        const int32_t sum = (1024 - down) * upper + down * lower;
        pixel[c] = (int8_t)((sum + (sum > 0 ? 1 << 19 : -(1 << 19))) / (1 << 20));
    }
}

/* One row, from that of the input above its place. */
static void resize_row(const mnq_resize *layer, const int8_t *row, int32_t down, int8_t *output)
{
    const int32_t channels = layer->channels;
    const int32_t below = down == 0 ? 0 : layer->input.width * channels;

    for (int32_t x = 0; x < layer->output.width; ++x) {
        const int32_t place = layer->columns[x];
        const int32_t right = place & 1023;
        const int8_t *corner = row + (place >> 10) * channels;
        if (right == 0 && down == 0) {
            mnq_memcpy(output, corner, (size_t)channels);
        } else {
            mix_pixel(corner, right, right == 0 ? 0 : channels, down, below, channels, output);
        }
        output += channels;
    }
}

MNQ_KERNEL
void mnq_resize_s8(const mnq_resize *layer, const int8_t *input, int8_t *output)
{
    const int32_t in_bytes = layer->input.width * layer->channels;
    const int32_t out_bytes = layer->output.width * layer->channels;

    for (int32_t y = 0; y < layer->output.height; ++y) {
        const int32_t place = layer->rows[y];
        if (y > 0 && place == layer->rows[y - 1]) {
            mnq_memcpy(output, output - out_bytes, (size_t)out_bytes);
        } else {
            resize_row(layer, input + (place >> 10) * in_bytes, place & 1023, output);
        }
        output += out_bytes;
    }
}
