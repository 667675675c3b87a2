#include "mnqh_kernels_f32.h"

#include "../Shared/mnqh_im2col.h"
#include "mnqh_twins_f32.h"

typedef void gemm(const mnqh_gemm_f32_layer *layer, size_t rows, const float *input,
                  size_t input_stride, float *output, size_t output_stride);

static size_t pixel_count(const mnqh_window *window)
{
    return (size_t)window->output_height * (size_t)window->output_width;
}

#ifdef MNQH_HAS_AVX2_CODE
/* Whether the AVX2 twin has a way of its own. */
static bool runs_avx2(const mnqh_conv2d_f32_layer *layer)
{
    return mnqh_runs_avx2() && layer->window.dilation_width == 1 &&
           !mnqh_is_pointwise(&layer->window);
}
#endif

size_t mnqh_conv2d_f32_scratch_count(const mnqh_conv2d_f32_layer *layer)
{
    if (mnqh_is_pointwise(&layer->window)) {
        return 0;
    }
    const size_t rows = mnqh_gemm_f32_block_rows(layer->gemm.depth);
    size_t count = mnqh_min(rows, pixel_count(&layer->window)) * layer->gemm.depth;
#ifdef MNQH_HAS_AVX2_CODE
    if (runs_avx2(layer) && count < mnqh_conv2d_f32_avx2_scratch_count(layer)) {
        count = mnqh_conv2d_f32_avx2_scratch_count(layer);
    }
#endif
    return count;
}

static void run(const mnqh_conv2d_f32_layer *layer, const float *input, float *output,
                float *scratch, gemm *multiply)
{
    const size_t depth = layer->gemm.depth;
    const size_t columns = layer->gemm.columns;
    const size_t pixels = pixel_count(&layer->window);

    if (mnqh_is_pointwise(&layer->window)) {
        multiply(&layer->gemm, pixels, input, depth, output, columns);
        return;
    }
    size_t block = mnqh_gemm_f32_block_rows(depth);
    for (size_t first = 0; first < pixels; first += block) {
        block = mnqh_min(block, pixels - first);
        mnqh_im2col(&layer->window, input, layer->input_channels * sizeof(float), 0, first, block,
                    scratch);
        multiply(&layer->gemm, block, scratch, depth, output + first * columns, columns);
    }
}

void mnqh_conv2d_f32(const mnqh_conv2d_f32_layer *layer, const float *input, float *output,
                     float *scratch)
{
#ifdef MNQH_HAS_AVX2_CODE
    if (runs_avx2(layer)) {
        mnqh_conv2d_f32_avx2(layer, input, output, scratch);
        return;
    }
#endif
    run(layer, input, output, scratch, mnqh_gemm_f32);
}

void mnqh_conv2d_f32_scalar(const mnqh_conv2d_f32_layer *layer, const float *input, float *output,
                            float *scratch)
{
    run(layer, input, output, scratch, mnqh_gemm_f32_scalar);
}
