#include "mnqh_kernels_s8.h"

#include "../Shared/mnqh_im2col.h"
#include "mnqh_twins_s8.h"

static size_t pixel_count(const mnqh_window *window)
{
    return (size_t)window->output_height * (size_t)window->output_width;
}

/* Rows of taps that are gathered at a time. */
static size_t block_rows(const mnqh_conv2d_s8_layer *layer)
{
    return mnqh_min(mnqh_gemm_s8_block_rows(layer->gemm.depth), pixel_count(&layer->window));
}

/* Bytes of gathered taps; what follows stays aligned to 64. */
static size_t taps_bytes(const mnqh_conv2d_s8_layer *layer)
{
    return (block_rows(layer) * layer->gemm.depth + 63) / 64 * 64;
}

size_t mnqh_conv2d_s8_scratch_bytes(const mnqh_conv2d_s8_layer *layer)
{
    if (mnqh_is_pointwise(&layer->window)) {
        return mnqh_gemm_s8_scratch_bytes(&layer->gemm, pixel_count(&layer->window));
    }
    const size_t bytes =
        taps_bytes(layer) + mnqh_gemm_s8_scratch_bytes(&layer->gemm, block_rows(layer));
#ifdef MNQH_HAS_AVX2_CODE
    if (mnqh_is_image_conv2d_s8(layer)) {
        const size_t image_bytes = mnqh_image_conv2d_s8_scratch_bytes(layer);
        return bytes > image_bytes ? bytes : image_bytes;
    }
#endif
    return bytes;
}

/* Calls `multiply` with scratch of its own, or as the scalar twin, without. */
static void multiply(const mnqh_gemm_s8_layer *gemm, size_t rows, const int8_t *input,
                     int8_t *output, void *scratch)
{
    if (scratch) {
        mnqh_gemm_s8(gemm, rows, input, output, scratch);
    } else {
        mnqh_gemm_s8_scalar(gemm, rows, input, output);
    }
}

static void run(const mnqh_conv2d_s8_layer *layer, const int8_t *input, int8_t *output,
                int8_t *taps, void *scratch)
{
    const mnqh_gemm_s8_layer *gemm = &layer->gemm;
    const size_t pixels = pixel_count(&layer->window);
    size_t block = block_rows(layer);

    for (size_t first = 0; first < pixels; first += block) {
        block = mnqh_min(block, pixels - first);
        mnqh_im2col(&layer->window, input, layer->input_channels, gemm->codes.input_zero_point,
                    first, block, taps);
        multiply(gemm, block, taps, output + first * gemm->columns, scratch);
    }
}

void mnqh_conv2d_s8(const mnqh_conv2d_s8_layer *layer, const int8_t *input, int8_t *output,
                    void *scratch)
{
    if (mnqh_is_pointwise(&layer->window)) {
        mnqh_gemm_s8(&layer->gemm, pixel_count(&layer->window), input, output, scratch);
        return;
    }
#ifdef MNQH_HAS_AVX2_CODE
    if (mnqh_runs_gemm_s8(&layer->gemm) && mnqh_is_image_conv2d_s8(layer)) {
        mnqh_image_conv2d_s8_avx2(layer, input, output, scratch);
        return;
    }
#endif
    run(layer, input, output, scratch, (char *)scratch + taps_bytes(layer));
}

void mnqh_conv2d_s8_scalar(const mnqh_conv2d_s8_layer *layer, const int8_t *input, int8_t *output,
                           void *scratch)
{
    if (mnqh_is_pointwise(&layer->window)) {
        mnqh_gemm_s8_scalar(&layer->gemm, pixel_count(&layer->window), input, output);
    } else {
        run(layer, input, output, scratch, NULL);
    }
}
