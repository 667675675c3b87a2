#include "mnqh_kernels_s8.h"

#include <string.h>

#include "mnqh_twins_s8.h"

/* A single row reads each weight once: then 8 bits are faster than 16. */
static mnqh_weights_order choose_order(size_t rows)
{
    return mnqh_runs_vnni() ? MNQH_QUADS_S8 : rows > 1 ? MNQH_PAIRS_S16 : MNQH_PAIRS_S8;
}

size_t mnqh_gemm_s8_packed_bytes(size_t depth, size_t columns, size_t rows)
{
    return mnqh_panels(columns) * mnqh_gemm_s8_panel_bytes(depth, choose_order(rows));
}

/* Where the weight of input k is among the panel's weights. */
static size_t weight_index(mnqh_weights_order order, size_t k, size_t slot)
{
    const size_t together = order == MNQH_QUADS_S8 ? 4 : 2;
    return (k / together * MNQH_PANEL + slot) * together + k % together;
}

/* Packs columns `first ..< first + width` into a zeroed panel. */
static void pack_panel(const mnqh_channel_constants *constants, const mnqh_gemm_s8_layer *layer,
                       size_t first, size_t width, mnqh_panel_s8 *panel)
{
    const size_t depth = layer->depth;
    mnqh_panel_channel channels[MNQH_PANEL];

    for (size_t column = 0; column < width; ++column) {
        const int8_t *weights = constants->weights + (first + column) * depth;
        const size_t slot = mnqh_gemm_s8_slot(layer->order, column, width);
        channels[column] = (mnqh_panel_channel){.channel = first + column, .slot = slot};
        for (size_t k = 0; k < depth; ++k) {
            const size_t index = weight_index(layer->order, k, slot);
            if (layer->order == MNQH_PAIRS_S16) {
                ((int16_t *)(panel + 1))[index] = weights[k];
            } else {
                ((int8_t *)(panel + 1))[index] = weights[k];
            }
            mnqh_add_weight(&channels[column].sums, weights[k]);
        }
    }
    /* Two rows of up to eight columns become codes together: both halves have their constants. */
    const bool has_halves = layer->order != MNQH_QUADS_S8 && width <= 8;
    for (size_t column = 0; has_halves && column < width; ++column) {
        channels[width + column] = channels[column];
        channels[width + column].slot += 8;
    }
    const size_t count = has_halves ? 2 * width : width;
    /* What is in the input's codes beside their values; see mnqh_vnni.h for 128. */
    const int32_t zero =
        layer->codes.input_zero_point + (layer->order == MNQH_QUADS_S8 ? 128 : 0);
    mnqh_pack_panel_s8(constants, &layer->codes, channels, count, panel);
    for (size_t column = 0; column < count; ++column) {
        mnqh_take_from_start(panel, &channels[column], zero);
    }
}

mnqh_gemm_s8_layer mnqh_pack_gemm_s8(const mnqh_channel_constants *constants,
                                     const mnqh_codes *codes, size_t depth, size_t columns,
                                     size_t rows, void *packed)
{
    const mnqh_gemm_s8_layer layer = {packed, depth, columns, *codes, choose_order(rows)};
    char *panel = packed;
    memset(packed, 0, mnqh_gemm_s8_packed_bytes(depth, columns, rows));

    for (size_t n = 0; n < columns; n += MNQH_PANEL) {
        pack_panel(constants, &layer, n, mnqh_min(MNQH_PANEL, columns - n),
                   (mnqh_panel_s8 *)(void *)panel);
        panel += mnqh_gemm_s8_panel_bytes(depth, layer.order);
    }
    return layer;
}

mnqh_panel_counts mnqh_gemm_s8_panel_counts(const mnqh_gemm_s8_layer *layer)
{
    mnqh_panel_counts counts = {0, 0, 0};
    for (size_t i = 0; i < mnqh_panels(layer->columns); ++i) {
        switch (mnqh_gemm_s8_panel(layer, i)->kind) {
        case MNQH_LINE_F32:
        case MNQH_BENT_F32: counts.lines += 1; break;
        case MNQH_MENDED_F32: counts.mended += 1; break;
        case MNQH_EXACT: counts.exact += 1; break;
        }
    }
    return counts;
}

size_t mnqh_gemm_s8_scratch_bytes(const mnqh_gemm_s8_layer *layer, size_t rows)
{
    const size_t row_bytes = layer->order == MNQH_QUADS_S8
                                 ? 4 * mnqh_quads(layer->depth)
                                 : mnqh_even(layer->depth) * sizeof(int16_t);
    return mnqh_min(rows, mnqh_gemm_s8_block_rows(layer->depth)) * row_bytes;
}

void mnqh_gemm_s8(const mnqh_gemm_s8_layer *layer, size_t rows, const int8_t *input,
                  int8_t *output, void *scratch)
{
#ifdef MNQH_HAS_AVX2_CODE
    if (mnqh_runs_gemm_s8(layer)) {
        if (layer->order == MNQH_QUADS_S8 && mnqh_runs_avx512_vnni()) {
            mnqh_gemm_s8_avx512(layer, rows, input, output, scratch);
        } else if (layer->order == MNQH_QUADS_S8) {
            mnqh_gemm_s8_avxvnni(layer, rows, input, output, scratch);
        } else {
            mnqh_gemm_s8_avx2(layer, rows, input, output, scratch);
        }
        return;
    }
#endif
    (void)scratch;
    MNQH_PREFER_NEON(mnqh_gemm_s8_neon(layer, rows, input, output))
    mnqh_gemm_s8_scalar(layer, rows, input, output);
}

/* The code of one output: `input` has `depth` values. */
static int8_t multiply(const mnqh_gemm_s8_layer *layer, const int8_t *input,
                       const mnqh_panel_s8 *panel, size_t slot)
{
    const int8_t *weights = (const int8_t *)(panel + 1);
    const int16_t *wide_weights = (const int16_t *)(panel + 1);
    const int32_t turned = layer->order == MNQH_QUADS_S8 ? 128 : 0;
    uint32_t sum = (uint32_t)panel->start[slot];

    for (size_t k = 0; k < layer->depth; ++k) {
        const size_t index = weight_index(layer->order, k, slot);
        sum += (uint32_t)((input[k] + turned) * (layer->order == MNQH_PAIRS_S16 ? wide_weights[index] : weights[index]));
    }
    return mnqh_panel_code(panel, slot, sum, &layer->codes);
}

void mnqh_gemm_s8_scalar(const mnqh_gemm_s8_layer *layer, size_t rows, const int8_t *input,
                         int8_t *output)
{
    for (size_t m = 0; m < rows; ++m, input += layer->depth) {
        for (size_t n = 0; n < layer->columns; ++n) {
            const size_t column = n % MNQH_PANEL;
            const size_t slot = mnqh_gemm_s8_slot(layer->order, column, layer->columns - (n - column));
            *output++ = multiply(layer, input, mnqh_gemm_s8_panel(layer, n / MNQH_PANEL), slot);
        }
    }
}
