#include "mnqh_twins_f32.h"

#ifdef MNQH_HAS_AVX2_CODE
#include "mnqh_simd_f32.h"

/* Rows of a tile of eight columns: as many sums as sixteen columns have. */
enum { HALF_TILE_ROWS = 2 * MNQH_TILE_ROWS };

/* One panel of columns and the rows it meets. */
typedef struct {
    const float *panel;
    mnqh_parts parts;
    size_t depth; /* of all parts */
    size_t width; /* columns in use */
    size_t input_stride;
    size_t output_stride;
    mnqh_ending_f32x8 ending;
    /* What a tile fetches while it runs is its share of the next panel: from here on, so many bytes
     * for each input. */
    const char *next;
    size_t step;
} strip;

/* `count` rows (a constant after inlining) times one panel. */
MNQH_AVX2_INLINE void tile(size_t count, const strip *s, const float *input, float *output)
{
    const size_t stride = s->input_stride;
    const float *panel = s->panel;
    const char *next = s->next;
    mnqh_f32x16 sums[MNQH_TILE_ROWS];

    MNQH_UNROLL
    for (size_t m = 0; m < count; ++m) {
        sums[m] = mnqh_load_f32x16(panel);
    }
    for (size_t part = 0; part < s->parts.count; ++part, input += s->parts.stride) {
        for (size_t k = 0; k < s->parts.depth; ++k, next += s->step) {
            _mm_prefetch(next, _MM_HINT_T1);
            panel += MNQH_PANEL;
            const mnqh_f32x16 weights = mnqh_load_f32x16(panel);
            MNQH_UNROLL
            for (size_t m = 0; m < count; ++m) {
                const __m256 value = _mm256_broadcast_ss(input + m * stride + k);
                sums[m].low = _mm256_fmadd_ps(value, weights.low, sums[m].low);
                sums[m].high = _mm256_fmadd_ps(value, weights.high, sums[m].high);
            }
        }
    }
    mnqh_end_f32x16(s->ending, count, sums);
    MNQH_UNROLL
    for (size_t m = 0; m < count; ++m) {
        mnqh_store_f32x16(output + m * s->output_stride, sums[m], s->width);
    }
}

/* The same for a panel of at most eight columns. */
MNQH_AVX2_INLINE void half_tile(size_t count, const strip *s, const float *input, float *output)
{
    const size_t stride = s->input_stride;
    const float *panel = s->panel;
    const __m256i mask = mnqh_mask_f32x8(s->width);
    __m256 sums[HALF_TILE_ROWS];

    MNQH_UNROLL
    for (size_t m = 0; m < count; ++m) {
        sums[m] = _mm256_loadu_ps(panel);
    }
    for (size_t part = 0; part < s->parts.count; ++part, input += s->parts.stride) {
        for (size_t k = 0; k < s->parts.depth; ++k) {
            panel += MNQH_PANEL;
            const __m256 weights = _mm256_loadu_ps(panel);
            MNQH_UNROLL
            for (size_t m = 0; m < count; ++m) {
                const __m256 value = _mm256_broadcast_ss(input + m * stride + k);
                sums[m] = _mm256_fmadd_ps(value, weights, sums[m]);
            }
        }
    }
    mnqh_end_f32x8(s->ending, count, sums);
    MNQH_UNROLL
    for (size_t m = 0; m < count; ++m) {
        _mm256_maskstore_ps(output + m * s->output_stride, mask, sums[m]);
    }
}

/* One row of one part has too few sums to hide the latency of a multiply-add: four sets take
 * turns. */
MNQH_AVX2_INLINE void single_row(const strip *s, const float *input, float *output)
{
    const float *panel = s->panel + MNQH_PANEL;
    const mnqh_f32x16 zero = mnqh_range_f32x16(0, 0);
    mnqh_f32x16 sums[4] = {mnqh_load_f32x16(s->panel), zero, zero, zero};
    size_t k = 0;

    for (; k + 4 <= s->depth; k += 4) {
        MNQH_UNROLL
        for (size_t i = 0; i < 4; ++i) {
            const mnqh_f32x16 weights = mnqh_load_f32x16(panel + (k + i) * MNQH_PANEL);
            const __m256 value = _mm256_broadcast_ss(input + k + i);
            sums[i].low = _mm256_fmadd_ps(value, weights.low, sums[i].low);
            sums[i].high = _mm256_fmadd_ps(value, weights.high, sums[i].high);
        }
    }
    for (; k < s->depth; ++k) {
        const mnqh_f32x16 weights = mnqh_load_f32x16(panel + k * MNQH_PANEL);
        const __m256 value = _mm256_broadcast_ss(input + k);
        sums[0].low = _mm256_fmadd_ps(value, weights.low, sums[0].low);
        sums[0].high = _mm256_fmadd_ps(value, weights.high, sums[0].high);
    }
    MNQH_UNROLL
    for (size_t i = 1; i < 4; ++i) {
        sums[0].low = _mm256_add_ps(sums[0].low, sums[i].low);
        sums[0].high = _mm256_add_ps(sums[0].high, sums[i].high);
    }
    mnqh_end_f32x16(s->ending, 1, sums);
    mnqh_store_f32x16(output, sums[0], s->width);
}

/* The next tile of a strip: `height` rows. */
MNQH_AVX2_INLINE void run_tile(size_t height, const strip *s, const float *input, float *output)
{
    switch (height) {
    case 6: tile(6, s, input, output); break;
    case 5: tile(5, s, input, output); break;
    case 4: tile(4, s, input, output); break;
    case 3: tile(3, s, input, output); break;
    case 2: tile(2, s, input, output); break;
    default: s->parts.count == 1 ? single_row(s, input, output) : tile(1, s, input, output);
    }
}

MNQH_AVX2_INLINE void run_half_tile(size_t height, const strip *s, const float *input,
                                    float *output)
{
    switch (height) {
    case 12: half_tile(12, s, input, output); break;
    case 11: half_tile(11, s, input, output); break;
    case 10: half_tile(10, s, input, output); break;
    case 9: half_tile(9, s, input, output); break;
    case 8: half_tile(8, s, input, output); break;
    case 7: half_tile(7, s, input, output); break;
    case 6: half_tile(6, s, input, output); break;
    case 5: half_tile(5, s, input, output); break;
    case 4: half_tile(4, s, input, output); break;
    case 3: half_tile(3, s, input, output); break;
    case 2: half_tile(2, s, input, output); break;
    default: s->parts.count == 1 ? single_row(s, input, output) : half_tile(1, s, input, output);
    }
}

/* All rows of a strip, tile by tile. */
MNQH_AVX2 static void run_strip(strip *s, size_t rows, const float *input, float *output)
{
    const size_t most = s->width <= 8 ? HALF_TILE_ROWS : MNQH_TILE_ROWS;
    const mnqh_cut cut = mnqh_cut_rows(rows, most);
    const size_t panel_bytes = (1 + s->depth) * MNQH_PANEL * sizeof(float);
    s->step = MNQH_PANEL * sizeof(float) / cut.tiles;
    s->next = (const char *)s->panel + panel_bytes;
    for (size_t t = 0; t < cut.tiles; ++t) {
        const size_t height = cut.height - (t >= cut.tall);
        if (s->width <= 8) {
            run_half_tile(height, s, input, output);
        } else {
            run_tile(height, s, input, output);
        }
        s->next += s->step * s->depth;
        input += height * s->input_stride;
        output += height * s->output_stride;
    }
}

MNQH_AVX2 void mnqh_gemm_f32_avx2(const mnqh_gemm_f32_layer *layer, size_t rows,
                                  const float *input, size_t input_stride, float *output,
                                  size_t output_stride)
{
    const mnqh_parts whole = {.count = 1, .depth = layer->depth};
    mnqh_gemm_f32_parts_avx2(layer, whole, rows, input, input_stride, output, output_stride);
}

MNQH_AVX2 void mnqh_gemm_f32_parts_avx2(const mnqh_gemm_f32_layer *layer, mnqh_parts parts,
                                        size_t rows, const float *input, size_t input_stride,
                                        float *output, size_t output_stride)
{
    strip s = {.parts = parts,
               .depth = layer->depth,
               .input_stride = input_stride,
               .output_stride = output_stride,
               .ending = mnqh_prepare_ending(layer->ending)};
    size_t block = mnqh_gemm_f32_block_rows(layer->depth);

    for (size_t first = 0; first < rows; first += block) {
        block = mnqh_min(block, rows - first);
        s.panel = layer->packed;
        for (size_t n = 0; n < layer->columns; n += MNQH_PANEL) {
            s.width = mnqh_min(MNQH_PANEL, layer->columns - n);
            run_strip(&s, block, input + first * input_stride, output + first * output_stride + n);
            s.panel += (1 + layer->depth) * MNQH_PANEL;
        }
    }
}
#endif
