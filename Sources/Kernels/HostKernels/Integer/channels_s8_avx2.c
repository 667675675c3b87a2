#include "mnqh_elementwise_s8_simd.h"

#ifdef MNQH_HAS_AVX2_CODE
#include "mnqh_avx2_codes.h"
#include "mnqh_avx2_requantize.h"

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
