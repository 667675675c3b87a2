#include "mnqh_twins_f32.h"

void mnqh_add_products_f32(const mnqh_products_f32 *shape, const float *a, const float *b,
                           double *sums)
{
    MNQH_PREFER_AVX2(mnqh_add_products_f32_avx2(shape, a, b, sums))
    mnqh_add_products_f32_scalar(shape, a, b, sums);
}

void mnqh_add_products_f32_scalar(const mnqh_products_f32 *shape, const float *a, const float *b,
                                  double *sums)
{
    const size_t size = shape->size;
    for (size_t i = 0; i < size; ++i) {
        const size_t columns = shape->is_lower ? i + 1 : size;
        for (size_t first = 0; first < columns; first += MNQH_PANEL) {
            const size_t width = mnqh_min(MNQH_PANEL, columns - first);
            float line[MNQH_PANEL] = {0};
            for (size_t row = 0; row < shape->rows; ++row) {
                for (size_t j = 0; j < width; ++j) {
                    line[j] += a[row * size + i] * b[row * size + first + j];
                }
            }
            for (size_t j = 0; j < width; ++j) {
                sums[i * size + first + j] += (double)line[j];
            }
        }
    }
}
