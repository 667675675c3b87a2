/* What the twins of the integer kernels share. */
#ifndef MNQH_TWINS_S8_H
#define MNQH_TWINS_S8_H

#include "../Shared/mnqh_cpu.h"
#include "../Shared/mnqh_im2col.h"
#include "mnqh_kernels_s8.h"
#include "mnqh_panel_s8.h"

/* Inputs are multiplied in pairs; an odd depth has a last partner of weight 0. */
static inline size_t mnqh_even(size_t depth)
{
    return (depth + 1) / 2 * 2;
}

/* The same in fours. */
static inline size_t mnqh_quads(size_t depth)
{
    return (depth + 3) / 4;
}

/* Bytes of a packed panel: its constants, then weights. */
static inline size_t mnqh_gemm_s8_panel_bytes(size_t depth, mnqh_weights_order order)
{
    const size_t weight_bytes = order == MNQH_PAIRS_S16 ? sizeof(int16_t) : sizeof(int8_t);
    const size_t count = order == MNQH_QUADS_S8 ? 4 * mnqh_quads(depth) : mnqh_even(depth);
    return sizeof(mnqh_panel_s8) + count * MNQH_PANEL * weight_bytes;
}

/* Panel `index` of the layer. */
static inline const mnqh_panel_s8 *mnqh_gemm_s8_panel(const mnqh_gemm_s8_layer *layer, size_t index)
{
    const size_t bytes = mnqh_gemm_s8_panel_bytes(layer->depth, layer->order);
    return (const mnqh_panel_s8 *)(const void *)((const char *)layer->packed + index * bytes);
}

/* The slot of the accumulators of a column, `width` being the number of columns in its panel. Up
 * to eight share the first register of pairs; fours are in their natural order. */
static inline size_t mnqh_gemm_s8_slot(mnqh_weights_order order, size_t column, size_t width)
{
    if (order == MNQH_QUADS_S8) {
        return column;
    }
    const size_t spread = width <= 8 ? (column & 3) | (column & 4) << 1 : column;
    return mnqh_slot(spread);
}

/* Rows that are widened to 16 bits at a time: a multiple of the tile. */
static inline size_t mnqh_gemm_s8_block_rows(size_t depth)
{
    const size_t rows = 64 * 1024 / (sizeof(int16_t) * mnqh_even(depth));
    return rows < 24 ? 24 : mnqh_min(rows, 240) / MNQH_TILE_ROWS * MNQH_TILE_ROWS;
}

#ifdef MNQH_HAS_NEON_CODE
void mnqh_gemm_s8_neon(const mnqh_gemm_s8_layer *layer, size_t rows, const int8_t *input,
                       int8_t *output);
#endif

#ifdef MNQH_HAS_AVX2_CODE
/* Whether this thread may use the instructions that a layer was packed for. */
static inline bool mnqh_runs_gemm_s8(const mnqh_gemm_s8_layer *layer)
{
    return layer->order == MNQH_QUADS_S8 ? mnqh_runs_vnni() : mnqh_runs_avx2();
}

/* For layers of fours. */
void mnqh_gemm_s8_avx512(const mnqh_gemm_s8_layer *layer, size_t rows, const int8_t *input,
                         int8_t *output, void *scratch);
void mnqh_gemm_s8_avxvnni(const mnqh_gemm_s8_layer *layer, size_t rows, const int8_t *input,
                          int8_t *output, void *scratch);

/* The same for rows of codes that are 128 more, `stride` apart, each a multiple of four that ends in
 * anything. */
void mnqh_gemm_s8_turned_avx512(const mnqh_gemm_s8_layer *layer, size_t rows,
                                const uint8_t *input, size_t stride, int8_t *output);
void mnqh_gemm_s8_turned_avxvnni(const mnqh_gemm_s8_layer *layer, size_t rows,
                                 const uint8_t *input, size_t stride, int8_t *output);

/* Makes codes of `count` rows of sums, whatever the panel's kind. */
void mnqh_make_codes_s8_avx512(size_t count, int32_t (*sums)[MNQH_PANEL],
                               const mnqh_panel_s8 *panel, const mnqh_codes *codes);
void mnqh_make_codes_s8_avxvnni(size_t count, int32_t (*sums)[MNQH_PANEL],
                                const mnqh_panel_s8 *panel, const mnqh_codes *codes);

/* Makes codes of sixteen sums by the integers themselves. */
void mnqh_make_exact_codes_avx2(int32_t *sums, const mnqh_panel_s8 *panel,
                                const mnqh_codes *codes);

void mnqh_gemm_s8_avx2(const mnqh_gemm_s8_layer *layer, size_t rows, const int8_t *input,
                       int8_t *output, void *scratch);

/* The same for rows of 16 bits, `input_stride` apart; what follows an odd depth may be anything. */
void mnqh_gemm_s8_wide_avx2(const mnqh_gemm_s8_layer *layer, size_t rows, const int16_t *input,
                            size_t input_stride, int8_t *output);

/* Whether a layer has kernel rows so short, like the first one of a network, that they can be
 * widened as they are gathered. */
bool mnqh_is_image_conv2d_s8(const mnqh_conv2d_s8_layer *layer);
size_t mnqh_image_conv2d_s8_scratch_bytes(const mnqh_conv2d_s8_layer *layer);
void mnqh_image_conv2d_s8_avx2(const mnqh_conv2d_s8_layer *layer, const int8_t *input,
                               int8_t *output, void *scratch);
#endif

/* Taps of two neighbouring kernel rows are multiplied together; an odd kernel's last row has a
 * partner of weight 0. */
static inline int32_t mnqh_row_pairs(const mnqh_window *window)
{
    return (window->kernel_height + 1) / 2;
}

/* Whether two output rows are made at a time, from the same pixels. Where fours of rows are added up
 * and leave a row spare, both find there what they need. Where one row needs the pairs of input rows 0 and 1,
 * 2 and 3, the next one needs 1 and 2, 3 and 4: from the same pairs, with weights one row further
 * down and the spare partner at the other end. */
static inline bool mnqh_makes_two_rows(const mnqh_window *window, mnqh_weights_order order)
{
    const int32_t height = window->kernel_height;
    return window->stride_height == 1 && window->dilation_height == 1 &&
           (order == MNQH_QUADS_S8 ? height % 4 != 0 : height % 2 == 1);
}

static inline bool mnqh_makes_row_pairs(const mnqh_window *window)
{
    return mnqh_makes_two_rows(window, MNQH_PAIRS_S16);
}

/* Values of weights for one pair of taps: 16 slots of two, for one output row or for two. */
static inline size_t mnqh_depthwise_s8_step(const mnqh_window *window)
{
    return 2 * MNQH_PANEL * (mnqh_makes_row_pairs(window) ? 2 : 1);
}

/* Bytes of weights for four taps below each other. */
static inline size_t mnqh_depthwise_s8_quad_step(const mnqh_window *window)
{
    return 4 * MNQH_PANEL * (mnqh_makes_two_rows(window, MNQH_QUADS_S8) ? 2 : 1);
}

/* Bytes of a packed panel: its constants, then weights `[row pairs][kernel_width][output rows][16
 * slots][2]`, or fours in 8 bits. */
static inline size_t mnqh_depthwise_s8_panel_bytes(const mnqh_window *window,
                                                   mnqh_weights_order order)
{
    if (order == MNQH_QUADS_S8) {
        return sizeof(mnqh_panel_s8) + mnqh_quads((size_t)window->kernel_height) *
                                           (size_t)window->kernel_width *
                                           mnqh_depthwise_s8_quad_step(window);
    }
    const size_t pairs = (size_t)mnqh_row_pairs(window) * (size_t)window->kernel_width;
    return sizeof(mnqh_panel_s8) + pairs * mnqh_depthwise_s8_step(window) * sizeof(int16_t);
}

/* Where the weight of a tap is among the panel's weights, for the first or second output row. */
static inline size_t mnqh_depthwise_s8_weight(const mnqh_window *window, int32_t ky, int32_t kx,
                                              size_t slot, int32_t output_row)
{
    const int32_t row = ky + output_row;
    const size_t pair = (size_t)(row / 2) * (size_t)window->kernel_width + (size_t)kx;
    return pair * mnqh_depthwise_s8_step(window) +
           ((size_t)output_row * MNQH_PANEL + slot) * 2 + (size_t)(row % 2);
}

/* The same for fours. */
static inline size_t mnqh_depthwise_s8_quad_weight(const mnqh_window *window, int32_t ky,
                                                   int32_t kx, size_t channel, int32_t output_row)
{
    const int32_t row = ky + output_row;
    const size_t quad = (size_t)(row / 4) * (size_t)window->kernel_width + (size_t)kx;
    return quad * mnqh_depthwise_s8_quad_step(window) +
           ((size_t)output_row * MNQH_PANEL + channel) * 4 + (size_t)(row % 4);
}

#ifdef MNQH_HAS_NEON_CODE
/* Whether the channels of a panel lie side by side. */
bool mnqh_depthwise_s8_runs_neon(const mnqh_depthwise_s8_layer *layer);
void mnqh_depthwise_s8_neon(const mnqh_depthwise_s8_layer *layer, const int8_t *input,
                            int8_t *output);
#endif

#ifdef MNQH_HAS_AVX2_CODE
/* For layers of fours. */
void mnqh_depthwise_s8_avx512(const mnqh_depthwise_s8_layer *layer, const int8_t *input,
                              int8_t *output, void *scratch);
void mnqh_depthwise_s8_avxvnni(const mnqh_depthwise_s8_layer *layer, const int8_t *input,
                               int8_t *output, void *scratch);

size_t mnqh_depthwise_s8_avx2_scratch_bytes(const mnqh_window *window, size_t channels);
void mnqh_depthwise_s8_avx2(const mnqh_depthwise_s8_layer *layer, const int8_t *input,
                            int8_t *output, void *scratch);
#endif

/* TensorFlow Lite's extra bits below the binary point of an addition. */
enum { MNQH_ADD_LEFT_SHIFT = 20 };

/* The upper half of a multiplier, rounded: a mantissa in Q0.15. */
int16_t mnqh_mantissa_s16(int32_t multiplier);

/* Codes of means from sums; `zero` is what the input's zero point adds to each. */
void mnqh_mean_codes_s8_scalar(const mnqh_mean_s8_layer *layer, uint32_t zero, size_t channels,
                               const int32_t *sums, int8_t *output);

#ifdef MNQH_HAS_AVX2_CODE
void mnqh_mean_codes_s8_avx2(const mnqh_mean_s8_layer *layer, uint32_t zero, size_t channels,
                             const int32_t *sums, int8_t *output);
/* These need VNNI beside AVX-512, the first one VBMI. The last two are for layers with lines. */
void mnqh_lookup_s8_avx512(size_t count, const int8_t *input, const int8_t *table, int8_t *output);
void mnqh_add_s8_avx512(const mnqh_add_s8_layer *layer, size_t count, const int8_t *a,
                        const int8_t *b, int8_t *output);
void mnqh_scale_channels_s8_avx512(const mnqh_scale_channels_s8_layer *layer, size_t pixels,
                                   size_t channels, const int8_t *input, const int8_t *factors,
                                   int8_t *output);
void mnqh_lookup_s8_avx2(size_t count, const int8_t *input, const int8_t *table, int8_t *output);
void mnqh_hard_swish_s8_avx2(const mnqh_hard_swish_s8_layer *layer, size_t count,
                             const int8_t *input, int8_t *output);
void mnqh_add_s8_avx2(const mnqh_add_s8_layer *layer, size_t count, const int8_t *a,
                      const int8_t *b, int8_t *output);
void mnqh_scale_channels_s8_avx2(const mnqh_scale_channels_s8_layer *layer, size_t pixels,
                                 size_t channels, const int8_t *input, const int8_t *factors,
                                 int8_t *output);
void mnqh_sum_channels_s8_avx2(size_t pixels, size_t channels, const int8_t *input, int32_t *sums);
#endif

#ifdef MNQH_HAS_NEON_CODE
void mnqh_lookup_s8_neon(size_t count, const int8_t *input, const int8_t *table, int8_t *output);
#endif

#endif
