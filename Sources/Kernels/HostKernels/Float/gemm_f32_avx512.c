#include "mnqh_twins_f32.h"

#ifdef MNQH_HAS_AVX2_CODE
#include "mnqh_simd_f32.h"

/* Rows of a tile, which covers one panel of sixteen columns or two: 24 of 32 registers are sums. */
enum { ROWS = 12, PANELS = 2 };

/* Panels of columns and the rows they meet. */
typedef struct {
    const float *panel;
    size_t panel_count; /* floats of a panel */
    mnqh_parts parts;
    size_t depth;      /* of all parts */
    __mmask16 columns; /* in use, of the last panel */
    size_t input_stride;
    size_t output_stride;
    mnqh_ending_f32 ending;
} strip;

/* Ends and stores one row of sums. */
MNQH_AVX512_INLINE void store(size_t panels, const strip *s, const __m512 *sums, float *output)
{
    MNQH_UNROLL
    for (size_t p = 0; p < panels; ++p) {
        const __mmask16 mask = p + 1 == panels ? s->columns : 0xFFFF;
        _mm512_mask_storeu_ps(output + p * MNQH_PANEL, mask,
                              mnqh_end_f32x16_avx512(s->ending, sums[p]));
    }
}

/* `count` rows times `panels` panels (constants after inlining). Each sum goes over the inputs in their
 * order, as in the AVX2 twin, so that both have the same bytes. */
MNQH_AVX512_INLINE void tile(size_t count, size_t panels, const strip *s, const float *input,
                             float *output)
{
    const float *panel = s->panel;
    __m512 sums[ROWS][PANELS];
    MNQH_UNROLL
    for (size_t m = 0; m < count; ++m) {
        MNQH_UNROLL
        for (size_t p = 0; p < panels; ++p) {
            sums[m][p] = _mm512_loadu_ps(panel + p * s->panel_count);
        }
    }
    for (size_t part = 0; part < s->parts.count; ++part, input += s->parts.stride) {
        for (size_t k = 0; k < s->parts.depth; ++k) {
            panel += MNQH_PANEL;
            __m512 weights[PANELS];
            MNQH_UNROLL
            for (size_t p = 0; p < panels; ++p) {
                weights[p] = _mm512_loadu_ps(panel + p * s->panel_count);
            }
            MNQH_UNROLL
            for (size_t m = 0; m < count; ++m) {
                const __m512 value = _mm512_set1_ps(input[m * s->input_stride + k]);
                MNQH_UNROLL
                for (size_t p = 0; p < panels; ++p) {
                    sums[m][p] = _mm512_fmadd_ps(value, weights[p], sums[m][p]);
                }
            }
        }
    }
    MNQH_UNROLL
    for (size_t m = 0; m < count; ++m) {
        store(panels, s, sums[m], output + m * s->output_stride);
    }
}

/* One row of one part: four sets of sums take turns, as in the AVX2 twin. */
MNQH_AVX512_INLINE void single_row(size_t panels, const strip *s, const float *input,
                                   float *output)
{
    const float *panel = s->panel + MNQH_PANEL;
    __m512 sums[4][PANELS];
    MNQH_UNROLL
    for (size_t p = 0; p < panels; ++p) {
        sums[0][p] = _mm512_loadu_ps(s->panel + p * s->panel_count);
        sums[1][p] = sums[2][p] = sums[3][p] = _mm512_setzero_ps();
    }
    const size_t whole = s->depth / 4 * 4;
    for (size_t k = 0; k < whole; k += 4) {
        MNQH_UNROLL
        for (size_t i = 0; i < 4; ++i) {
            const __m512 value = _mm512_set1_ps(input[k + i]);
            MNQH_UNROLL
            for (size_t p = 0; p < panels; ++p) {
                const float *weights = panel + (k + i) * MNQH_PANEL + p * s->panel_count;
                sums[i][p] = _mm512_fmadd_ps(value, _mm512_loadu_ps(weights), sums[i][p]);
            }
        }
    }
    for (size_t k = whole; k < s->depth; ++k) {
        const __m512 value = _mm512_set1_ps(input[k]);
        MNQH_UNROLL
        for (size_t p = 0; p < panels; ++p) {
            const float *weights = panel + k * MNQH_PANEL + p * s->panel_count;
            sums[0][p] = _mm512_fmadd_ps(value, _mm512_loadu_ps(weights), sums[0][p]);
        }
    }
    MNQH_UNROLL
    for (size_t p = 0; p < panels; ++p) {
        MNQH_UNROLL
        for (size_t i = 1; i < 4; ++i) {
            sums[0][p] = _mm512_add_ps(sums[0][p], sums[i][p]);
        }
    }
    store(panels, s, sums[0], output);
}

typedef void tile_function(const strip *s, const float *input, float *output);

/* Functions of their own, for the reason given in gemm_s8_avx2.c. */
#define TILE_OF(rows, panels)                                                                    \
    MNQH_AVX512 static void tile_##rows##x##panels(const strip *s, const float *input,           \
                                                   float *output)                                \
    {                                                                                            \
        if ((rows) == 1 && s->parts.count == 1) {                                                \
            single_row(panels, s, input, output);                                                \
        } else {                                                                                 \
            tile(rows, panels, s, input, output);                                                \
        }                                                                                        \
    }

#define TILES(panels)                                                                            \
    TILE_OF(1, panels)                                                                           \
    TILE_OF(2, panels)                                                                           \
    TILE_OF(3, panels)                                                                           \
    TILE_OF(4, panels)                                                                           \
    TILE_OF(5, panels)                                                                           \
    TILE_OF(6, panels)                                                                           \
    TILE_OF(7, panels)                                                                           \
    TILE_OF(8, panels)                                                                           \
    TILE_OF(9, panels)                                                                           \
    TILE_OF(10, panels)                                                                          \
    TILE_OF(11, panels)                                                                          \
    TILE_OF(12, panels)                                                                          \
    static tile_function *const tiles_##panels[ROWS] = {                                         \
        tile_1x##panels, tile_2x##panels,  tile_3x##panels,  tile_4x##panels,                    \
        tile_5x##panels, tile_6x##panels,  tile_7x##panels,  tile_8x##panels,                    \
        tile_9x##panels, tile_10x##panels, tile_11x##panels, tile_12x##panels};

TILES(1)
TILES(2)

/* All rows of a strip, tile by tile. */
static void run_strip(const strip *s, tile_function *const *tiles, size_t rows,
                      const float *input, float *output)
{
    const mnqh_cut cut = mnqh_cut_rows(rows, ROWS);
    for (size_t t = 0; t < cut.tiles; ++t) {
        const size_t height = cut.height - (t >= cut.tall);
        tiles[height - 1](s, input, output);
        input += height * s->input_stride;
        output += height * s->output_stride;
    }
}

void mnqh_gemm_f32_parts_avx512(const mnqh_gemm_f32_layer *layer, mnqh_parts parts, size_t rows,
                                const float *input, size_t input_stride, float *output,
                                size_t output_stride)
{
    strip s = {.panel_count = (1 + layer->depth) * MNQH_PANEL,
               .parts = parts,
               .depth = layer->depth,
               .input_stride = input_stride,
               .output_stride = output_stride,
               .ending = layer->ending};
    size_t block = mnqh_gemm_f32_block_rows(layer->depth);

    for (size_t first = 0; first < rows; first += block) {
        block = mnqh_min(block, rows - first);
        const float *from = input + first * input_stride;
        float *to = output + first * output_stride;
        s.panel = layer->packed;
        for (size_t n = 0; n < layer->columns;) {
            const size_t width = mnqh_min(PANELS * MNQH_PANEL, layer->columns - n);
            const size_t panels = mnqh_panels(width);
            s.columns = (__mmask16)(0xFFFFU >> (panels * MNQH_PANEL - width));
            run_strip(&s, panels == 1 ? tiles_1 : tiles_2, block, from, to + n);
            n += width;
            s.panel += panels * s.panel_count;
        }
    }
}

void mnqh_gemm_f32_avx512(const mnqh_gemm_f32_layer *layer, size_t rows, const float *input,
                          size_t input_stride, float *output, size_t output_stride)
{
    const mnqh_parts whole = {.count = 1, .depth = layer->depth};
    mnqh_gemm_f32_parts_avx512(layer, whole, rows, input, input_stride, output, output_stride);
}
#endif
