#include "mnqh_elementwise_s8_simd.h"

#ifdef MNQH_HAS_AVX2_CODE
#include "mnqh_avx2_narrow.h"
#include "mnqh_avx2_requantize.h"

/* The constants of a channel-wise multiplication, as those of a panel of equal channels. */
typedef struct {
    mnqh_narrow narrow;
    mnqh_panel_s8 panel;
    __m256i input_zero_point;   /* 16 bits */
    __m256i factors_zero_point; /* 16 bits */
    bool is_narrow;
    const mnqh_codes *codes;
} scaling;

MNQH_AVX2 static void prepare(const mnqh_scale_channels_s8_layer *layer, scaling *s)
{
    const mnqh_factor factor = layer->factor;
    s->codes = &layer->codes;
    s->is_narrow = layer->codes.rounding == MNQH_ROUND_DOUBLE && factor.shift < 0;
    for (size_t slot = 0; slot < MNQH_PANEL; ++slot) {
        s->panel.multipliers[slot] = factor.multiplier;
        s->panel.shifts[slot] = factor.shift;
        s->panel.right_shifts[slot] = factor.shift < 0 ? -factor.shift : 0;
    }
    s->narrow = mnqh_prepare_narrow(&s->panel, &layer->codes);
    s->input_zero_point = _mm256_set1_epi16((short)layer->codes.input_zero_point);
    s->factors_zero_point = _mm256_set1_epi16((short)layer->factors_zero_point);
}

/* Sixteen products. */
MNQH_AVX2_INLINE __m128i scale(const scaling *s, const int8_t *input, const int8_t *factors)
{
    const __m256i value = _mm256_sub_epi16(mnqh_widen(input), s->input_zero_point);
    __m256i factor = _mm256_sub_epi16(mnqh_widen(factors), s->factors_zero_point);
    if (s->is_narrow) {
        factor = _mm256_add_epi16(factor, factor);
    }
    const __m256i low = _mm256_mullo_epi16(value, factor);
    const __m256i high = _mm256_mulhi_epi16(value, factor);
    const mnqh_s32x16 products = {_mm256_unpacklo_epi16(low, high),
                                  _mm256_unpackhi_epi16(low, high)};
    if (!s->is_narrow) {
        return mnqh_general_bytes(&s->panel, products, s->codes);
    }
    const __m256i codes = mnqh_narrow_codes(products, &s->narrow, MNQH_CLAMP);
    const __m256i bytes = mnqh_narrow_bytes(codes, codes, &s->narrow, MNQH_CLAMP);
    return mnqh_swap_bytes(_mm256_castsi256_si128(bytes));
}

MNQH_AVX2 void mnqh_scale_channels_s8_avx2(const mnqh_scale_channels_s8_layer *layer,
                                           size_t pixels, size_t channels, const int8_t *input,
                                           const int8_t *factors, int8_t *output)
{
    const size_t rest = channels % MNQH_PANEL;
    int8_t last_factors[MNQH_PANEL] = {0};
    memcpy(last_factors, factors + channels - rest, rest);
    scaling s;
    prepare(layer, &s);

    for (size_t pixel = 0; pixel < pixels; ++pixel, input += rest, output += rest) {
        for (size_t c = 0; c < channels - rest; c += MNQH_PANEL) {
            mnqh_store_128(output, scale(&s, input, factors + c));
            input += MNQH_PANEL;
            output += MNQH_PANEL;
        }
        if (rest > 0) {
            int8_t last[MNQH_PANEL] = {0};
            memcpy(last, input, rest);
            mnqh_store_128(last, scale(&s, last, last_factors));
            memcpy(output, last, rest);
        }
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
#endif
