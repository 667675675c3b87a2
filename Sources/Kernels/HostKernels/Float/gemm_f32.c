#include "mnqh_kernels_f32.h"

#include "mnqh_twins_f32.h"

size_t mnqh_gemm_f32_packed_count(size_t depth, size_t columns)
{
    return mnqh_panels(columns) * (1 + depth) * MNQH_PANEL;
}

void mnqh_pack_gemm_f32(const float *weights, const float *bias, size_t depth, size_t columns,
                        float *packed)
{
    for (size_t first = 0; first < columns; first += MNQH_PANEL) {
        const size_t width = mnqh_min(MNQH_PANEL, columns - first);
        for (size_t k = 0; k <= depth; ++k, packed += MNQH_PANEL) {
            for (size_t lane = 0; lane < MNQH_PANEL; ++lane) {
                const size_t n = first + lane;
                float value = 0;
                if (lane < width && k > 0) {
                    value = weights[n * depth + k - 1];
                } else if (lane < width && bias) {
                    value = bias[n];
                }
                packed[lane] = value;
            }
        }
    }
}

void mnqh_gemm_f32(const mnqh_gemm_f32_layer *layer, size_t rows, const float *input,
                   size_t input_stride, float *output, size_t output_stride)
{
    MNQH_PREFER_AVX512(
        mnqh_gemm_f32_avx512(layer, rows, input, input_stride, output, output_stride))
    MNQH_PREFER_AVX2(
        mnqh_gemm_f32_avx2(layer, rows, input, input_stride, output, output_stride))
    MNQH_PREFER_NEON(
        mnqh_gemm_f32_neon(layer, rows, input, input_stride, output, output_stride))
    mnqh_gemm_f32_scalar(layer, rows, input, input_stride, output, output_stride);
}

void mnqh_gemm_f32_scalar(const mnqh_gemm_f32_layer *layer, size_t rows, const float *input,
                          size_t input_stride, float *output, size_t output_stride)
{
    for (size_t m = 0; m < rows; ++m) {
        for (size_t n = 0; n < layer->columns; ++n) {
            const float *panel = layer->packed + n / MNQH_PANEL * (1 + layer->depth) * MNQH_PANEL;
            const float *column = panel + n % MNQH_PANEL;
            float sum = *column;
            for (size_t k = 0; k < layer->depth; ++k) {
                sum += input[m * input_stride + k] * column[(1 + k) * MNQH_PANEL];
            }
            output[m * output_stride + n] = mnqh_end_value(sum, layer->ending);
        }
    }
}

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
