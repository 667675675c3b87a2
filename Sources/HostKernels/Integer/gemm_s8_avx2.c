#include "mnqh_gemm_s8_simd.h"

#ifdef MNQH_HAS_AVX2_CODE
#include "mnqh_avx2_narrow.h"
#include "mnqh_avx2_requantize.h"

/* One panel of columns and the widened rows it meets. */
typedef struct {
    mnqh_narrow narrow;
    mnqh_s32x16 bias; /* doubled for the narrow requantization, like the rows */
    const mnqh_gemm_s8_layer *layer;
    const mnqh_panel_s8 *panel;
    size_t depth; /* even */
    size_t width; /* columns in use */
} strip;

/* Two neighbouring inputs of a row, eight times. */
MNQH_AVX2_INLINE __m256i pair(const int16_t *from)
{
    int32_t both;
    memcpy(&both, from, sizeof both);
    return _mm256_set1_epi32(both);
}

/* `count` rows (a constant after inlining) times one panel. */
MNQH_AVX2_INLINE void tile(size_t count, mnqh_epilogue epilogue, const strip *s,
                           const int16_t *input, int8_t *output, size_t stride)
{
    const size_t depth = s->depth;
    const int16_t *weights = (const int16_t *)(s->panel + 1);
    mnqh_s32x16 sums[MNQH_TILE_ROWS];

    MNQH_UNROLL
    for (size_t m = 0; m < count; ++m) {
        sums[m] = s->bias;
    }
    for (size_t k = 0; k < depth; k += 2, weights += 2 * MNQH_PANEL) {
        const __m256i low = mnqh_load_256(weights);
        const __m256i high = mnqh_load_256(weights + MNQH_PANEL);
        MNQH_UNROLL
        for (size_t m = 0; m < count; ++m) {
            const __m256i values = pair(input + m * depth + k);
            sums[m] = mnqh_multiply_add(sums[m], values, low, values, high);
        }
    }
    MNQH_UNROLL
    for (size_t m = 0; m < count; m += 2) {
        const size_t next = m + 1 < count ? m + 1 : m;
        const __m256i bytes =
            mnqh_narrow_bytes(mnqh_narrow_codes(sums[m], &s->narrow, epilogue),
                              mnqh_narrow_codes(sums[next], &s->narrow, epilogue), &s->narrow,
                              epilogue);
        mnqh_store_128(output + m * stride, _mm256_castsi256_si128(bytes));
        mnqh_store_128(output + next * stride, _mm256_extracti128_si256(bytes, 1));
    }
}

/* The same for a panel of at most eight columns, all in the first register. */
MNQH_AVX2_INLINE void half_tile(size_t count, const strip *s, const int16_t *input, int8_t *output)
{
    const size_t depth = s->depth;
    const int16_t *weights = (const int16_t *)(s->panel + 1);
    const __m256i zero = _mm256_setzero_si256();
    __m256i sums[MNQH_TILE_ROWS];

    MNQH_UNROLL
    for (size_t m = 0; m < count; ++m) {
        sums[m] = s->bias.low;
    }
    for (size_t k = 0; k < depth; k += 2, weights += 2 * MNQH_PANEL) {
        const __m256i low = mnqh_load_256(weights);
        MNQH_UNROLL
        for (size_t m = 0; m < count; ++m) {
            const __m256i products = _mm256_madd_epi16(pair(input + m * depth + k), low);
            sums[m] = _mm256_add_epi32(sums[m], products);
        }
    }
    MNQH_UNROLL
    for (size_t m = 0; m < count; ++m) {
        const mnqh_s32x16 sum = {sums[m], zero};
        const __m256i codes = mnqh_narrow_codes(sum, &s->narrow, MNQH_CLAMP);
        const __m256i bytes = mnqh_narrow_bytes(codes, codes, &s->narrow, MNQH_CLAMP);
        /* Columns 0-3 and 4-7 are in the first and third of four. */
        const __m128i columns = _mm_shuffle_epi32(_mm256_castsi256_si128(bytes), 0x08);
        mnqh_store_128(output + m * MNQH_PANEL, columns);
    }
}

typedef void tile_function(const strip *s, const int16_t *input, int8_t *output, size_t stride);

/* Functions of their own: registers are short in the loop, and what a caller's loop would like to
 * keep in them ends up on the stack. */
#define MNQH_TILE(count)                                                                         \
    MNQH_AVX2 static void clamp##count(const strip *s, const int16_t *input, int8_t *output,     \
                                       size_t stride)                                            \
    {                                                                                            \
        tile(count, MNQH_CLAMP, s, input, output, stride);                                       \
    }                                                                                            \
    MNQH_AVX2 static void saturate##count(const strip *s, const int16_t *input, int8_t *output,  \
                                          size_t stride)                                         \
    {                                                                                            \
        tile(count, MNQH_SATURATE, s, input, output, stride);                                    \
    }                                                                                            \
    MNQH_AVX2 static void rectify##count(const strip *s, const int16_t *input, int8_t *output,   \
                                         size_t stride)                                          \
    {                                                                                            \
        tile(count, MNQH_RECTIFY, s, input, output, stride);                                     \
    }                                                                                            \
    MNQH_AVX2 static void half##count(const strip *s, const int16_t *input, int8_t *output,      \
                                      size_t stride)                                             \
    {                                                                                            \
        (void)stride;                                                                            \
        half_tile(count, s, input, output);                                                      \
    }

MNQH_TILE(1)
MNQH_TILE(2)
MNQH_TILE(3)
MNQH_TILE(4)
MNQH_TILE(5)
MNQH_TILE(6)

enum { HALF = MNQH_EPILOGUES, TILE_KINDS };

static tile_function *const tile_functions[TILE_KINDS][MNQH_TILE_ROWS] = {
    [MNQH_CLAMP] = {clamp1, clamp2, clamp3, clamp4, clamp5, clamp6},
    [MNQH_SATURATE] = {saturate1, saturate2, saturate3, saturate4, saturate5, saturate6},
    [MNQH_RECTIFY] = {rectify1, rectify2, rectify3, rectify4, rectify5, rectify6},
    [HALF] = {half1, half2, half3, half4, half5, half6},
};

/* All rows of a strip, tile by tile. */
static void run_tiles(const strip *s, size_t rows, const int16_t *input, int8_t *output)
{
    const mnqh_cut cut = mnqh_cut_rows(rows);
    const size_t stride = s->layer->columns;
    const size_t kind = s->width <= 8 ? HALF : mnqh_choose_epilogue(&s->layer->codes);

    for (size_t t = 0; t < cut.tiles; ++t) {
        const size_t height = cut.height - (t >= cut.tall);
        tile_function *const run = tile_functions[kind][height - 1];
        if (s->width == MNQH_PANEL) {
            run(s, input, output, stride);
        } else {
            int8_t bytes[MNQH_TILE_ROWS][MNQH_PANEL];
            run(s, input, bytes[0], MNQH_PANEL);
            for (size_t m = 0; m < height; ++m) {
                memcpy(output + m * stride, bytes[m], s->width);
            }
        }
        input += height * s->depth;
        output += height * stride;
    }
}

/* One row times one panel. */
MNQH_AVX2_INLINE mnqh_s32x16 row_sums(const strip *s, const int16_t *input, bool wide)
{
    const int8_t *weights = (const int8_t *)(s->panel + 1);
    const int16_t *wide_weights = (const int16_t *)(s->panel + 1);
    mnqh_s32x16 sums = s->bias;

    for (size_t k = 0; k < s->depth; k += 2) {
        const size_t at = k * MNQH_PANEL;
        const __m256i values = pair(input + k);
        const __m256i low = wide ? mnqh_load_256(wide_weights + at) : mnqh_widen(weights + at);
        const __m256i high = wide ? mnqh_load_256(wide_weights + at + MNQH_PANEL)
                                  : mnqh_widen(weights + at + MNQH_PANEL);
        sums = mnqh_multiply_add(sums, values, low, values, high);
    }
    return sums;
}

/* All rows of a strip, one after the other: a single one, or requantized the general way. */
MNQH_AVX2 static void run_rows(const strip *s, size_t rows, const int16_t *input, int8_t *output)
{
    for (size_t m = 0; m < rows; ++m, input += s->depth, output += s->layer->columns) {
        const mnqh_s32x16 sums =
            s->layer->wide ? row_sums(s, input, true) : row_sums(s, input, false);
        __m128i bytes;
        if (s->layer->narrow) {
            const __m256i codes = mnqh_narrow_codes(sums, &s->narrow, MNQH_CLAMP);
            bytes = _mm256_castsi256_si128(
                mnqh_narrow_bytes(codes, codes, &s->narrow, MNQH_CLAMP));
        } else {
            bytes = mnqh_swap_bytes(mnqh_general_bytes(s->panel, sums, &s->layer->codes));
        }
        int8_t row[MNQH_PANEL];
        mnqh_store_128(row, s->width <= 8 ? _mm_shuffle_epi32(bytes, 0x08) : bytes);
        memcpy(output, row, s->width);
    }
}

/* Widens `count` codes to 16 bits, times 1 << `doubling`. */
MNQH_AVX2 static void widen_row(const int8_t *input, size_t count, int doubling, int16_t *wide)
{
    const __m128i shift = _mm_cvtsi32_si128(doubling);
    size_t k = 0;
    for (; k + 16 <= count; k += 16) {
        mnqh_store_256(wide + k, _mm256_sll_epi16(mnqh_widen(input + k), shift));
    }
    if (k < count && count >= 16) {
        k = count - 16;
        mnqh_store_256(wide + k, _mm256_sll_epi16(mnqh_widen(input + k), shift));
        return;
    }
    for (; k < count; ++k) {
        wide[k] = (int16_t)(input[k] * (1 << doubling));
    }
}

/* Widens rows to an even depth. */
static void widen_rows(const mnqh_gemm_s8_layer *layer, size_t rows, const int8_t *input,
                       int16_t *wide)
{
    const size_t even = mnqh_even(layer->depth);
    if (layer->depth == even) {
        widen_row(input, rows * layer->depth, layer->narrow, wide);
        return;
    }
    for (size_t m = 0; m < rows; ++m, input += layer->depth, wide += even) {
        widen_row(input, layer->depth, layer->narrow, wide);
        wide[layer->depth] = 0;
    }
}

MNQH_AVX2 void mnqh_gemm_s8_avx2(const mnqh_gemm_s8_layer *layer, size_t rows, const int8_t *input,
                                 int8_t *output, void *scratch)
{
    const size_t columns = layer->columns;
    strip s = {.layer = layer, .depth = mnqh_even(layer->depth)};
    size_t block = mnqh_gemm_s8_block_rows(layer->depth);

    for (; rows > 0; rows -= block, input += block * layer->depth, output += block * columns) {
        block = mnqh_min(block, rows);
        widen_rows(layer, block, input, scratch);
        for (size_t n = 0; n < columns; n += MNQH_PANEL) {
            s.panel = mnqh_gemm_s8_panel(layer, n / MNQH_PANEL);
            s.width = mnqh_min(MNQH_PANEL, columns - n);
            s.bias = mnqh_load_s32x16(s.panel->bias);
            if (layer->narrow) {
                s.narrow = mnqh_prepare_narrow(s.panel, &layer->codes);
                s.bias.low = _mm256_add_epi32(s.bias.low, s.bias.low);
                s.bias.high = _mm256_add_epi32(s.bias.high, s.bias.high);
            }
            if (layer->narrow && layer->wide) {
                run_tiles(&s, block, scratch, output + n);
            } else {
                run_rows(&s, block, scratch, output + n);
            }
        }
    }
}
#endif
