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

void mnqh_add_channel_products_f32(const mnqh_channel_windows *shape, const float *values,
                                   double *sums, double *products)
{
    MNQH_PREFER_AVX2(mnqh_add_channel_products_f32_avx2(shape, values, sums, products))
    mnqh_add_channel_products_f32_scalar(shape, values, sums, products);
}

void mnqh_add_channel_products_f32_scalar(const mnqh_channel_windows *shape, const float *values,
                                          double *sums, double *products)
{
    const size_t channels = shape->channels;
    const size_t step = shape->taps * channels;
    for (size_t c = 0; c < channels; ++c) {
        size_t pair = 0;
        for (size_t i = 0; i < shape->taps; ++i) {
            const float *first = values + i * channels + c;
            float sum = 0;
            for (size_t window = 0; window < shape->windows; ++window) {
                sum += first[window * step];
            }
            sums[i * channels + c] += (double)sum;
            for (size_t j = 0; j <= i; ++j) {
                const float *second = values + j * channels + c;
                float product = 0;
                for (size_t window = 0; window < shape->windows; ++window) {
                    product += first[window * step] * second[window * step];
                }
                products[pair++ * channels + c] += (double)product;
            }
        }
    }
}
