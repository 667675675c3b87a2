#include "mnqh_elementwise_s8_simd.h"

#ifdef MNQH_HAS_AVX2_CODE
#include "mnqh_avx2_codes.h"
#include "mnqh_avx2_requantize.h"

/* The constants of a channel-wise multiplication. */
typedef struct {
    mnqh_lines lines;
    __m256i input_zero_point;   /* 16 bits */
    __m256i factors_zero_point; /* 16 bits */
    const mnqh_scale_channels_s8_layer *layer;
} scaling;

MNQH_AVX2_INLINE scaling prepare(const mnqh_scale_channels_s8_layer *layer)
{
    const __m256 scale = _mm256_set1_ps(layer->scale);
    const __m256 offset = _mm256_set1_ps(layer->offset);
    const __m256 negative_offset = _mm256_set1_ps(layer->negative_offset);
    return (scaling){
        .lines = {.scale = {scale, scale},
                  .offset = {offset, offset},
                  .negative_offset = {negative_offset, negative_offset},
                  .minimum = _mm256_set1_epi8((char)layer->codes.minimum),
                  .maximum = _mm256_set1_epi8((char)layer->codes.maximum)},
        .input_zero_point = _mm256_set1_epi16((short)layer->codes.input_zero_point),
        .factors_zero_point = _mm256_set1_epi16((short)layer->factors_zero_point),
        .layer = layer,
    };
}

/* Eight codes by the integers themselves. */
MNQH_AVX2_INLINE __m256i exact_codes(const scaling *s, __m256i products)
{
    const mnqh_codes *codes = &s->layer->codes;
    const __m256i multiplier = _mm256_set1_epi32(s->layer->factor.multiplier);
    const __m256i shift = _mm256_set1_epi32(s->layer->factor.shift);
    return mnqh_clamp_x8(mnqh_requantize_x8(products, multiplier, shift, codes->rounding),
                         codes->output_zero_point, codes);
}

/* Sixteen 16-bit codes; those of a line are not clamped. */
MNQH_AVX2_INLINE __m256i scale(const scaling *s, const int8_t *input, __m256i factors)
{
    const __m256i values = _mm256_sub_epi16(mnqh_widen(input), s->input_zero_point);
    const __m256i low = _mm256_mullo_epi16(values, factors);
    const __m256i high = _mm256_mulhi_epi16(values, factors);
    const mnqh_s32x16 products = {_mm256_unpacklo_epi16(low, high),
                                  _mm256_unpackhi_epi16(low, high)};
    if (!s->layer->has_line) {
        return _mm256_packs_epi32(exact_codes(s, products.low), exact_codes(s, products.high));
    }
    return s->layer->bent ? mnqh_line_codes(products, &s->lines, true)
                              : mnqh_line_codes(products, &s->lines, false);
}

MNQH_AVX2_INLINE __m256i center_factors(const scaling *s, const int8_t *factors)
{
    return _mm256_sub_epi16(mnqh_widen(factors), s->factors_zero_point);
}

/* One pixel. */
MNQH_AVX2_INLINE void scale_pixel(const scaling *s, size_t channels, const int8_t *input,
                                  const int8_t *factors, int8_t *output)
{
    for (size_t c = 0; c < channels; c += MNQH_PANEL) {
        const size_t width = mnqh_min(MNQH_PANEL, channels - c);
        int8_t last[2][MNQH_PANEL] = {{0}};
        const int8_t *from = input + c;
        const int8_t *by = factors + c;
        if (width < MNQH_PANEL) {
            memcpy(last[0], from, width);
            memcpy(last[1], by, width);
            from = last[0];
            by = last[1];
        }
        const __m256i codes = scale(s, from, center_factors(s, by));
        const __m128i bytes = _mm256_castsi256_si128(mnqh_clamp_codes(codes, codes, &s->lines));
        if (width < MNQH_PANEL) {
            mnqh_store_128(last[0], bytes);
            memcpy(output + c, last[0], width);
        } else {
            mnqh_store_128(output + c, bytes);
        }
    }
}

/* Sixteen channels of two neighbouring pixels, clamped; the first pixel is in the low half. */
MNQH_AVX2_INLINE __m256i scale_two(const scaling *s, size_t channels, const int8_t *input,
                                   const int8_t *factors)
{
    const __m256i by = center_factors(s, factors);
    return mnqh_clamp_codes(scale(s, input, by), scale(s, input + channels, by), &s->lines);
}

MNQH_AVX2_INLINE void store_two(size_t channels, __m256i bytes, int8_t *output)
{
    mnqh_store_128(output, _mm256_castsi256_si128(bytes));
    mnqh_store_128(output + channels, _mm256_extracti128_si256(bytes, 1));
}

/* Two pixels of at least sixteen channels. The last sixteen are read before anything is written:
 * they may overlap those before them, and the output may be the input. */
MNQH_AVX2_INLINE void scale_pixels(const scaling *s, size_t channels, const int8_t *input,
                                   const int8_t *factors, int8_t *output)
{
    const size_t last = channels - MNQH_PANEL;
    const __m256i end = scale_two(s, channels, input + last, factors + last);
    for (size_t c = 0; c < last; c += MNQH_PANEL) {
        store_two(channels, scale_two(s, channels, input + c, factors + c), output + c);
    }
    store_two(channels, end, output + last);
}

MNQH_AVX2 void mnqh_scale_channels_s8_avx2(const mnqh_scale_channels_s8_layer *layer,
                                           size_t pixels, size_t channels, const int8_t *input,
                                           const int8_t *factors, int8_t *output)
{
    const scaling s = prepare(layer);
    const size_t pairs = channels >= MNQH_PANEL ? pixels / 2 : 0;

    for (size_t pair = 0; pair < pairs; ++pair, input += 2 * channels, output += 2 * channels) {
        scale_pixels(&s, channels, input, factors, output);
    }
    for (size_t pixel = 2 * pairs; pixel < pixels; ++pixel) {
        scale_pixel(&s, channels, input, factors, output);
        input += channels;
        output += channels;
    }
}

/* The sums of sixteen channels over at most 256 pixels, which fit into 16 bits. */
MNQH_AVX2_INLINE __m256i sum_pixels(size_t pixels, size_t channels, const int8_t *input)
{
    __m256i sum = _mm256_setzero_si256();
    for (size_t pixel = 0; pixel < pixels; ++pixel) {
        sum = _mm256_add_epi16(sum, mnqh_widen(input + pixel * channels));
    }
    return sum;
}

MNQH_AVX2 void mnqh_sum_channels_s8_avx2(size_t pixels, size_t channels, const int8_t *input,
                                         int32_t *sums)
{
    const size_t whole = channels - channels % MNQH_PANEL;
    for (size_t c = 0; c < whole; c += MNQH_PANEL) {
        mnqh_s32x16 total = {_mm256_setzero_si256(), _mm256_setzero_si256()};
        size_t block = 256;
        for (size_t pixel = 0; pixel < pixels; pixel += block) {
            block = mnqh_min(block, pixels - pixel);
            const __m256i sum = sum_pixels(block, channels, input + pixel * channels + c);
            total.low = _mm256_add_epi32(
                total.low, _mm256_cvtepi16_epi32(_mm256_castsi256_si128(sum)));
            total.high = _mm256_add_epi32(
                total.high, _mm256_cvtepi16_epi32(_mm256_extracti128_si256(sum, 1)));
        }
        mnqh_store_s32x16(sums + c, total);
    }
    for (size_t c = whole; c < channels; ++c) {
        sums[c] = 0;
        for (size_t pixel = 0; pixel < pixels; ++pixel) {
            sums[c] += input[pixel * channels + c];
        }
    }
}

/* Eight means. */
MNQH_AVX2_INLINE __m256i mean_codes(const mnqh_mean_s8_layer *layer, uint32_t zero,
                                    const int32_t *sums)
{
    const __m256i centered =
        _mm256_sub_epi32(mnqh_load_256(sums), _mm256_set1_epi32((int32_t)zero));
    const __m256i product = mnqh_requantize_x8(
        centered, _mm256_set1_epi32(layer->factor.multiplier),
        _mm256_set1_epi32(layer->factor.shift), layer->codes.rounding);
    return mnqh_clamp_x8(product, layer->codes.output_zero_point, &layer->codes);
}

MNQH_AVX2 void mnqh_mean_codes_s8_avx2(const mnqh_mean_s8_layer *layer, uint32_t zero,
                                       size_t channels, const int32_t *sums, int8_t *output)
{
    size_t c = 0;
    for (; c + MNQH_PANEL <= channels; c += MNQH_PANEL) {
        const __m256i words = _mm256_permute4x64_epi64(
            _mm256_packs_epi32(mean_codes(layer, zero, sums + c),
                               mean_codes(layer, zero, sums + c + 8)), 0xD8);
        mnqh_store_128(output + c, _mm_packs_epi16(_mm256_castsi256_si128(words),
                                                   _mm256_extracti128_si256(words, 1)));
    }
    mnqh_mean_codes_s8_scalar(layer, zero, channels - c, sums + c, output + c);
}
#endif
