#include "mnq_arithmetic.h"
#include "mnq_runtime.h"

MNQ_KERNEL
void mnq_copy_s8(const mnq_copy *layer, const int8_t *input, int8_t *output)
{
    const int32_t *shape = layer->shape;
    const int32_t *from = layer->source_strides;
    const int32_t *to = layer->destination_strides;

    if (layer->is_filled) {
        for (int32_t i = 0; i < layer->output_count; ++i) {
            output[i] = (int8_t)layer->fill;
        }
    }
    for (int32_t i = 0; i < shape[0]; ++i) {
        for (int32_t j = 0; j < shape[1]; ++j) {
            for (int32_t k = 0; k < shape[2]; ++k) {
                const int8_t *source =
                    input + (layer->source_start + i * from[0] + j * from[1] + k * from[2]);
                int8_t *destination = output + layer->start + i * to[0] + j * to[1] + k * to[2];
                if (from[3] == 1 && to[3] == 1) {
                    mnq_memcpy(destination, source, (size_t)shape[3]);
                    continue;
                }
                for (int32_t l = 0; l < shape[3]; ++l) {
                    destination[l * to[3]] = source[l * from[3]];
                }
            }
        }
    }
}
