#include "mnqh_twins_s8.h"

#ifdef MNQH_HAS_NEON_CODE
#include "mnqh_neon_codes.h"

/* Rows of one register tile: 16 of 32 registers hold sums. */
enum { TILE_ROWS = 4 };

/* The weights of inputs k and k + 1 for eight slots. */
static inline int16x8x2_t load_weights(const mnqh_gemm_s8_layer *layer, const mnqh_panel_s8 *panel,
                                       size_t k, size_t half)
{
    const size_t index = (k * MNQH_PANEL) + half * MNQH_PANEL;
    if (layer->wide) {
        return vld2q_s16((const int16_t *)(panel + 1) + index);
    }
    const int8x8x2_t narrow = vld2_s8((const int8_t *)(panel + 1) + index);
    return (int16x8x2_t){{vmovl_s8(narrow.val[0]), vmovl_s8(narrow.val[1])}};
}

/* `count` rows times one panel. */
static void tile(const mnqh_gemm_s8_layer *layer, const mnqh_panel_s8 *panel, size_t count,
                 const int8_t *input, mnqh_s32x16 *sums)
{
    const size_t depth = layer->depth;
    for (size_t m = 0; m < count; ++m) {
        sums[m] = mnqh_load_s32x16(panel->start);
    }
    for (size_t k = 0; k < depth; k += 2) {
        for (size_t half = 0; half < 2; ++half) {
            const int16x8x2_t weights = load_weights(layer, panel, k, half);
            for (size_t m = 0; m < count; ++m) {
                const int8_t *pair = input + m * depth + k;
                mnqh_multiply_add(&sums[m], (int)half, weights.val[0], pair[0]);
                if (k + 1 < depth) {
                    mnqh_multiply_add(&sums[m], (int)half, weights.val[1], pair[1]);
                }
            }
        }
    }
}

void mnqh_gemm_s8_neon(const mnqh_gemm_s8_layer *layer, size_t rows, const int8_t *input,
                       int8_t *output)
{
    for (size_t n = 0; n < layer->columns; n += MNQH_PANEL) {
        const mnqh_panel_s8 *panel = mnqh_gemm_s8_panel(layer, n / MNQH_PANEL);
        const size_t width = mnqh_min(MNQH_PANEL, layer->columns - n);
        for (size_t first = 0; first < rows; first += TILE_ROWS) {
            const size_t count = mnqh_min(TILE_ROWS, rows - first);
            mnqh_s32x16 sums[TILE_ROWS];
            tile(layer, panel, count, input + first * layer->depth, sums);
            for (size_t m = 0; m < count; ++m) {
                int8_t slots[MNQH_PANEL];
                mnqh_slot_codes(&sums[m], panel, &layer->codes, slots);
                for (size_t column = 0; column < width; ++column) {
                    output[(first + m) * layer->columns + n + column] =
                        slots[mnqh_gemm_s8_slot(column, width)];
                }
            }
        }
    }
}
#endif
