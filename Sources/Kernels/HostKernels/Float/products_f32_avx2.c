#include "mnqh_twins_f32.h"

#ifdef MNQH_HAS_AVX2_CODE
#include "mnqh_simd_f32.h"

/* Lines of sums that one tile covers; it has `MNQH_PANEL` columns. */
enum { LINES = 4 };

/* Adds a tile of `width` columns. Products are rounded before they are added, as by the scalar twin;
 * `is_whole` says that no column is missing. */
MNQH_AVX2_INLINE void add_tile(const mnqh_products_f32 *shape, size_t line, size_t first,
                               size_t width, bool is_whole, const float *a, const float *b,
                               double *sums)
{
    const size_t size = shape->size;
    const size_t lines = mnqh_min(LINES, size - line);
    const __m256i low_mask = mnqh_mask_f32x8(width);
    const __m256i high_mask = mnqh_mask_f32x8(width < 8 ? 0 : width - 8);
    __m256 tile[LINES][2];
    MNQH_UNROLL
    for (size_t i = 0; i < LINES; ++i) {
        tile[i][0] = tile[i][1] = _mm256_setzero_ps();
    }
    for (size_t row = 0; row < shape->rows; ++row) {
        const float *right = b + row * size + first;
        const __m256 low =
            is_whole ? _mm256_loadu_ps(right) : _mm256_maskload_ps(right, low_mask);
        const __m256 high =
            is_whole ? _mm256_loadu_ps(right + 8) : _mm256_maskload_ps(right + 8, high_mask);
        MNQH_UNROLL
        for (size_t i = 0; i < LINES; ++i) {
            /* Beyond the last line, that one again. */
            const __m256 left =
                _mm256_broadcast_ss(a + row * size + line + mnqh_min(i, lines - 1));
            tile[i][0] = _mm256_add_ps(tile[i][0], _mm256_mul_ps(left, low));
            tile[i][1] = _mm256_add_ps(tile[i][1], _mm256_mul_ps(left, high));
        }
    }
    for (size_t i = 0; i < lines; ++i) {
        float values[MNQH_PANEL];
        _mm256_storeu_ps(values, tile[i][0]);
        _mm256_storeu_ps(values + 8, tile[i][1]);
        const size_t columns = shape->is_lower ? line + i + 1 : size;
        const size_t count = columns < first ? 0 : mnqh_min(width, columns - first);
        for (size_t j = 0; j < count; ++j) {
            sums[(line + i) * size + first + j] += (double)values[j];
        }
    }
}

MNQH_AVX2 void mnqh_add_products_f32_avx2(const mnqh_products_f32 *shape, const float *a,
                                          const float *b, double *sums)
{
    for (size_t line = 0; line < shape->size; line += LINES) {
        const size_t end = shape->is_lower ? mnqh_min(line + LINES, shape->size) : shape->size;
        for (size_t first = 0; first < end; first += MNQH_PANEL) {
            const size_t width = mnqh_min(MNQH_PANEL, shape->size - first);
            if (width == MNQH_PANEL) {
                add_tile(shape, line, first, width, true, a, b, sums);
            } else {
                add_tile(shape, line, first, width, false, a, b, sums);
            }
        }
    }
}

MNQH_AVX2_INLINE void add_f32x8(double *sums, __m256 values, size_t width)
{
    float lanes[8];
    _mm256_storeu_ps(lanes, values);
    for (size_t lane = 0; lane < width; ++lane) {
        sums[lane] += (double)lanes[lane];
    }
}

MNQH_AVX2_INLINE __m256 load_f32x8(const float *from, bool is_whole, __m256i mask)
{
    return is_whole ? _mm256_loadu_ps(from) : _mm256_maskload_ps(from, mask);
}

/* Pairs of one tap with others at a time: so many sums that none waits for its own last addition. */
enum { PAIRS = 4 };

/* Eight channels from `c` on, or `width` of them. */
MNQH_AVX2_INLINE void add_channels(const mnqh_channel_windows *shape, size_t c, size_t width,
                                   bool is_whole, const float *values, double *sums,
                                   double *products)
{
    const size_t channels = shape->channels;
    const size_t step = shape->taps * channels;
    const __m256i mask = mnqh_mask_f32x8(width);
    size_t pair = 0;
    for (size_t i = 0; i < shape->taps; ++i) {
        const float *first = values + i * channels + c;
        __m256 sum = _mm256_setzero_ps();
        for (size_t window = 0; window < shape->windows; ++window) {
            sum = _mm256_add_ps(sum, load_f32x8(first + window * step, is_whole, mask));
        }
        add_f32x8(sums + i * channels + c, sum, width);
        for (size_t j = 0; j <= i; j += PAIRS) {
            const size_t pairs = mnqh_min(PAIRS, i + 1 - j);
            __m256 tile[PAIRS];
            MNQH_UNROLL
            for (size_t k = 0; k < PAIRS; ++k) {
                tile[k] = _mm256_setzero_ps();
            }
            for (size_t window = 0; window < shape->windows; ++window) {
                const float *start = values + window * step + c;
                const __m256 a = load_f32x8(start + i * channels, is_whole, mask);
                MNQH_UNROLL
                for (size_t k = 0; k < PAIRS; ++k) {
                    /* Beyond the last pair, that one again. */
                    const float *second = start + (j + mnqh_min(k, pairs - 1)) * channels;
                    const __m256 b = load_f32x8(second, is_whole, mask);
                    tile[k] = _mm256_add_ps(tile[k], _mm256_mul_ps(a, b));
                }
            }
            for (size_t k = 0; k < pairs; ++k) {
                add_f32x8(products + pair++ * channels + c, tile[k], width);
            }
        }
    }
}

MNQH_AVX2 void mnqh_add_channel_products_f32_avx2(const mnqh_channel_windows *shape,
                                                  const float *values, double *sums,
                                                  double *products)
{
    size_t c = 0;
    for (; c + 8 <= shape->channels; c += 8) {
        add_channels(shape, c, 8, true, values, sums, products);
    }
    if (c < shape->channels) {
        add_channels(shape, c, shape->channels - c, false, values, sums, products);
    }
}
#endif
