#include "mnq_arithmetic.h"
#include "mnq_runtime.h"

MNQ_KERNEL
void mnq_extremum_s8(const mnq_extremum *layer, const int8_t *a, const int8_t *b,
                     int8_t *output)
{
    const int32_t *shape = layer->broadcast.shape;
    const int32_t *a_strides = layer->broadcast.a_strides;
    const int32_t *b_strides = layer->broadcast.b_strides;

    for (int32_t n = 0; n < shape[0]; ++n) {
        for (int32_t y = 0; y < shape[1]; ++y) {
            for (int32_t x = 0; x < shape[2]; ++x) {
                const int8_t *a_row = a + n * a_strides[0] + y * a_strides[1] + x * a_strides[2];
                const int8_t *b_row = b + n * b_strides[0] + y * b_strides[1] + x * b_strides[2];
                for (int32_t c = 0; c < shape[3]; ++c) {
                    const int32_t left = a_row[c * a_strides[3]];
                    const int32_t right = b_row[c * b_strides[3]];
                    *output++ = (int8_t)(layer->choice == MNQ_MAXIMUM ? mnq_max(left, right)
                                                                      : mnq_min(left, right));
                }
            }
        }
    }
}
