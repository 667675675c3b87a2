#include "mnqh_twins_s8.h"

#ifdef MNQH_HAS_AVX2_CODE
#include "mnqh_avx2_codes.h"

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

/* Sixteen channels of two pixels lie in four vectors: four channels of the first pixel in the low
 * half, the same of the second in the high half. Unpacking makes that order, packing undoes it.
 *
 * A code q is unpacked to the float 2^15 + 128 + q: with its sign turned it is the upper byte of
 * the lower word, and `MNQH_UNPACKED` the upper word. */
enum { MNQH_VECTORS = 4, MNQH_UNPACKED = 0x4700 };

/* The factors of sixteen channels. A code's float times its `factor`, plus `shift`, is the product
 * of both less their zero points. That is exact, as `shift` is: 16 bits of float times 8 of
 * factor. */
typedef struct {
    __m256 factor[MNQH_VECTORS];
    __m256 shift[MNQH_VECTORS];
} channel_factors;

/* The line of a layer. */
typedef struct {
    __m256 scale;
    __m256 offset;
    __m256 negative_offset;
    __m256i minimum; /* 8 bits */
    __m256i maximum;
} scaling_line;

MNQH_AVX2_INLINE scaling_line load_line(const mnqh_scale_channels_s8_layer *layer)
{
    return (scaling_line){
        .scale = _mm256_set1_ps(layer->scale),
        .offset = _mm256_set1_ps(layer->offset),
        .negative_offset = _mm256_set1_ps(layer->negative_offset),
        .minimum = _mm256_set1_epi8((char)layer->codes.minimum),
        .maximum = _mm256_set1_epi8((char)layer->codes.maximum),
    };
}

MNQH_AVX2_INLINE channel_factors load_factors(const mnqh_scale_channels_s8_layer *layer,
                                              const int8_t *from)
{
    const __m256i zero_point = _mm256_set1_epi16((short)layer->factors_zero_point);
    const __m256 shift = _mm256_set1_ps((float)(-(1 << 15) - 128 - layer->codes.input_zero_point));
    const __m256i words = _mm256_sub_epi16(mnqh_widen(from), zero_point);
    const __m256i halves[2] = {_mm256_permute4x64_epi64(words, 0x44),
                               _mm256_permute4x64_epi64(words, 0xEE)};
    channel_factors factors;
    MNQH_UNROLL
    for (size_t i = 0; i < MNQH_VECTORS; ++i) {
        const __m256i half = halves[i / 2];
        const __m256i twice =
            i % 2 ? _mm256_unpackhi_epi16(half, half) : _mm256_unpacklo_epi16(half, half);
        factors.factor[i] = _mm256_cvtepi32_ps(_mm256_srai_epi32(twice, 16));
        factors.shift[i] = _mm256_mul_ps(factors.factor[i], shift);
    }
    return factors;
}

/* Sixteen codes each of two pixels, the first in the low half. */
MNQH_AVX2_INLINE __m256i load_two(const int8_t *first, const int8_t *second)
{
    return _mm256_inserti128_si256(_mm256_castsi128_si256(mnqh_load_128(first)),
                                   mnqh_load_128(second), 1);
}

/* The clamped codes of 32 codes times their factors. */
MNQH_AVX2_INLINE __m256i scale(__m256i codes, const channel_factors *by, const scaling_line *line,
                               bool bent)
{
    const __m256i zero = _mm256_setzero_si256();
    const __m256i top = _mm256_set1_epi16(MNQH_UNPACKED);
    const __m256i turned = _mm256_xor_si256(codes, _mm256_set1_epi8(INT8_MIN));
    const __m256i words[2] = {_mm256_unpacklo_epi8(zero, turned),
                              _mm256_unpackhi_epi8(zero, turned)};
    __m256i scaled[MNQH_VECTORS];
    MNQH_UNROLL
    for (size_t i = 0; i < MNQH_VECTORS; ++i) {
        const __m256i half = words[i / 2];
        const __m256 value = _mm256_castsi256_ps(
            i % 2 ? _mm256_unpackhi_epi16(half, top) : _mm256_unpacklo_epi16(half, top));
        const __m256 product = _mm256_fmadd_ps(value, by->factor[i], by->shift[i]);
        const __m256 offset =
            bent ? _mm256_blendv_ps(line->offset, line->negative_offset, product) : line->offset;
        scaled[i] = _mm256_cvtps_epi32(_mm256_fmadd_ps(product, line->scale, offset));
    }
    const __m256i bytes = _mm256_packs_epi16(_mm256_packs_epi32(scaled[0], scaled[1]),
                                             _mm256_packs_epi32(scaled[2], scaled[3]));
    return _mm256_min_epi8(_mm256_max_epi8(bytes, line->minimum), line->maximum);
}

/* Scales sixteen channels of `pairs` pairs of pixels that are `step` bytes apart. Channels that
 * `write` leaves out, by the signs of its bytes, keep what the output has. */
MNQH_AVX2_INLINE void scale_pairs(const channel_factors *by, const scaling_line *line, bool bent,
                                  const __m256i *write, size_t pairs, size_t step,
                                  const int8_t *input, int8_t *output)
{
    for (; pairs > 0; --pairs, input += 2 * step, output += 2 * step) {
        __m256i bytes = scale(load_two(input, input + step), by, line, bent);
        if (write != NULL) {
            bytes = _mm256_blendv_epi8(load_two(output, output + step), bytes, *write);
        }
        mnqh_store_128(output, _mm256_castsi256_si128(bytes));
        mnqh_store_128(output + step, _mm256_extracti128_si256(bytes, 1));
    }
}

/* All pixels; an odd one is a pair with itself. */
MNQH_AVX2_INLINE void scale_panel(const channel_factors *by, const scaling_line *line, bool bent,
                                  const __m256i *write, size_t pixels, size_t channels,
                                  const int8_t *input, int8_t *output)
{
    const size_t last = (pixels - 1) * channels;
    scale_pairs(by, line, bent, write, pixels / 2, channels, input, output);
    scale_pairs(by, line, bent, write, pixels % 2, 0, input + last, output + last);
}

/* By the line, for at least one pixel and sixteen channels. The last sixteen may overlap those
 * before them, which have been written and are not to be scaled twice. */
MNQH_AVX2_INLINE void scale_by_line(const mnqh_scale_channels_s8_layer *layer, bool bent,
                                    size_t pixels, size_t channels, const int8_t *input,
                                    const int8_t *factors, int8_t *output)
{
    const scaling_line line = load_line(layer);
    const size_t rest = channels % MNQH_PANEL;
    for (size_t c = 0; c < channels - rest; c += MNQH_PANEL) {
        const channel_factors by = load_factors(layer, factors + c);
        scale_panel(&by, &line, bent, NULL, pixels, channels, input + c, output + c);
    }
    if (rest > 0) {
        const __m128i column =
            _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        const __m256i write = _mm256_broadcastsi128_si256(
            _mm_cmpgt_epi8(column, _mm_set1_epi8((char)(MNQH_PANEL - 1 - rest))));
        const size_t c = channels - MNQH_PANEL;
        const channel_factors by = load_factors(layer, factors + c);
        scale_panel(&by, &line, bent, &write, pixels, channels, input + c, output + c);
    }
}

/* Eight codes by the integers themselves. */
MNQH_AVX2_INLINE __m256i exact_codes(const mnqh_scale_channels_s8_layer *layer, __m256i products)
{
    const __m256i multiplier = _mm256_set1_epi32(layer->factor.multiplier);
    const __m256i shift = _mm256_set1_epi32(layer->factor.shift);
    return mnqh_clamp_x8(mnqh_requantize_x8(products, multiplier, shift, layer->codes.rounding),
                         layer->codes.output_zero_point, &layer->codes);
}

/* At most sixteen channels of one pixel by the integers themselves. */
MNQH_AVX2_INLINE void scale_exactly(const mnqh_scale_channels_s8_layer *layer, size_t width,
                                    const int8_t *input, const int8_t *factors, int8_t *output)
{
    int8_t lanes[2][MNQH_PANEL] = {{0}};
    memcpy(lanes[0], input, width);
    memcpy(lanes[1], factors, width);
    const __m256i values = _mm256_sub_epi16(
        mnqh_widen(lanes[0]), _mm256_set1_epi16((short)layer->codes.input_zero_point));
    const __m256i by = _mm256_sub_epi16(
        mnqh_widen(lanes[1]), _mm256_set1_epi16((short)layer->factors_zero_point));
    const __m256i low = _mm256_mullo_epi16(values, by);
    const __m256i high = _mm256_mulhi_epi16(values, by);
    const __m256i codes =
        _mm256_packs_epi32(exact_codes(layer, _mm256_unpacklo_epi16(low, high)),
                           exact_codes(layer, _mm256_unpackhi_epi16(low, high)));
    mnqh_store_128(lanes[0], _mm_packs_epi16(_mm256_castsi256_si128(codes),
                                             _mm256_extracti128_si256(codes, 1)));
    memcpy(output, lanes[0], width);
}

MNQH_AVX2 void mnqh_scale_channels_s8_avx2(const mnqh_scale_channels_s8_layer *layer,
                                           size_t pixels, size_t channels, const int8_t *input,
                                           const int8_t *factors, int8_t *output)
{
    const bool by_line = layer->has_line && channels >= MNQH_PANEL && pixels > 0;
    if (by_line && layer->bent) {
        scale_by_line(layer, true, pixels, channels, input, factors, output);
    } else if (by_line) {
        scale_by_line(layer, false, pixels, channels, input, factors, output);
    }
    for (size_t pixel = 0; pixel < (by_line ? 0 : pixels); ++pixel) {
        for (size_t c = 0; c < channels; c += MNQH_PANEL) {
            const size_t at = pixel * channels + c;
            scale_exactly(layer, mnqh_min(MNQH_PANEL, channels - c), input + at, factors + c,
                          output + at);
        }
    }
}
#endif
