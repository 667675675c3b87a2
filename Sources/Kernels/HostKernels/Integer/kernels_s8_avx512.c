#include "../Shared/mnqh_cpu.h"

#ifdef MNQH_HAS_AVX2_CODE
#define MNQH_VNNI_BITS 512
#include "depthwise_s8_vnni.h"
#include "gemm_s8_vnni.h"
#include "mnqh_vnni.h"

enum { BYTES = 64 };

/* The mask of the first `count` bytes of 64, all of them if there are more. */
MNQH_VNNI_INLINE __mmask64 first_bytes(size_t count)
{
    return UINT64_MAX >> (BYTES - mnqh_min(count, BYTES));
}

/* Each half of the table is two registers, which one instruction takes for 128 entries. */
__attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx512vbmi"))) void
mnqh_lookup_s8_avx512(size_t count, const int8_t *input, const int8_t *table, int8_t *output)
{
    const __m512i negative[2] = {_mm512_loadu_si512(table), _mm512_loadu_si512(table + BYTES)};
    const __m512i other[2] = {_mm512_loadu_si512(table + 2 * BYTES),
                              _mm512_loadu_si512(table + 3 * BYTES)};
    for (size_t i = 0; i < count; i += BYTES) {
        const __mmask64 mask = UINT64_MAX >> (BYTES - mnqh_min(count - i, BYTES));
        const __m512i codes = _mm512_maskz_loadu_epi8(mask, input + i);
        const __m512i entries =
            _mm512_mask_blend_epi8(_mm512_movepi8_mask(codes),
                                   _mm512_permutex2var_epi8(other[0], codes, other[1]),
                                   _mm512_permutex2var_epi8(negative[0], codes, negative[1]));
        _mm512_mask_storeu_epi8(output + i, mask, entries);
    }
}

/* The first `count` of sixteen codes as floats. */
MNQH_VNNI_INLINE __m512 load_floats(const int8_t *from, size_t count)
{
    const __mmask16 mask = (__mmask16)(0xFFFFU >> (MNQH_PANEL - count));
    return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_maskz_loadu_epi8(mask, from)));
}

MNQH_VNNI void mnqh_add_s8_avx512(const mnqh_add_s8_layer *layer, size_t count, const int8_t *a,
                                  const int8_t *b, int8_t *output)
{
    const mnqh_codes codes = layer->codes; /* own, as the output could alias them */
    const __m512 a_scale = _mm512_set1_ps(layer->a_scale);
    const __m512 b_scale = _mm512_set1_ps(layer->b_scale);
    const __m512 offset = _mm512_set1_ps(layer->offset);
    for (size_t i = 0; i < count; i += BYTES) {
        const size_t rest = mnqh_min(count - i, BYTES);
        mnqh_vector sums[MNQH_PACKED];
        MNQH_UNROLL
        for (size_t j = 0; j < MNQH_PACKED; ++j) {
            const size_t at = mnqh_min(j * MNQH_PANEL, rest);
            const size_t width = mnqh_min(rest - at, MNQH_PANEL);
            const __m512 moved =
                _mm512_fmadd_ps(load_floats(b + i + at, width), b_scale, offset);
            sums[j] = _mm512_cvtps_epi32(
                _mm512_fmadd_ps(load_floats(a + i + at, width), a_scale, moved));
        }
        _mm512_mask_storeu_epi8(output + i, first_bytes(rest), mnqh_pack(sums, &codes));
    }
}

/* The line of a layer and the factors of sixteen channels: a code times `factor` plus `shift` is the
 * product of both less their zero points, exactly. */
typedef struct {
    __m512 factor;
    __m512 shift;
    __m512 scale;
    __m512 offset;
    __m512 negative_offset;
} scaling;

MNQH_VNNI_INLINE mnqh_vector scale_pixel(const scaling *by, bool bent, const int8_t *pixel,
                                         size_t width)
{
    const __m512 product = _mm512_fmadd_ps(load_floats(pixel, width), by->factor, by->shift);
    __m512 offset = by->offset;
    if (bent) {
        /* By value and not by sign: a product of 0 may have one. */
        const __mmask16 below =
            _mm512_cmp_ps_mask(product, _mm512_setzero_ps(), _CMP_LT_OQ);
        offset = _mm512_mask_mov_ps(offset, below, by->negative_offset);
    }
    return _mm512_cvtps_epi32(_mm512_fmadd_ps(product, by->scale, offset));
}

/* Up to sixteen channels of all pixels, four at a time. */
MNQH_VNNI_INLINE void scale_panel(const scaling *by, bool bent, const mnqh_codes *codes,
                                  size_t width, size_t pixels, size_t channels,
                                  const int8_t *input, int8_t *output)
{
    for (size_t pixel = 0; pixel < pixels; pixel += MNQH_PACKED) {
        const size_t rest = mnqh_min(pixels - pixel, MNQH_PACKED);
        mnqh_vector products[MNQH_PACKED];
        MNQH_UNROLL
        for (size_t i = 0; i < MNQH_PACKED; ++i) {
            products[i] = scale_pixel(by, bent, input + mnqh_min(i, rest - 1) * channels, width);
        }
        const mnqh_vector bytes = mnqh_pack(products, codes);
        MNQH_UNROLL
        for (size_t i = 0; i < MNQH_PACKED; ++i) {
            if (i < rest) {
                mnqh_store_lanes(output + i * channels, bytes, i, 1, width);
            }
        }
        input += MNQH_PACKED * channels;
        output += MNQH_PACKED * channels;
    }
}

MNQH_VNNI void mnqh_scale_channels_s8_avx512(const mnqh_scale_channels_s8_layer *layer,
                                             size_t pixels, size_t channels,
                                             const int8_t *input, const int8_t *factors,
                                             int8_t *output)
{
    const mnqh_codes codes = layer->codes;
    const bool bent = layer->bent;
    scaling by = {.scale = _mm512_set1_ps(layer->scale),
                  .offset = _mm512_set1_ps(layer->offset),
                  .negative_offset = _mm512_set1_ps(layer->negative_offset)};
    const __m512 factors_zero = _mm512_set1_ps((float)layer->factors_zero_point);
    const __m512 input_zero = _mm512_set1_ps((float)-codes.input_zero_point);
    for (size_t c = 0; c < channels; c += MNQH_PANEL) {
        const size_t width = mnqh_min(channels - c, MNQH_PANEL);
        by.factor = _mm512_sub_ps(load_floats(factors + c, width), factors_zero);
        by.shift = _mm512_mul_ps(by.factor, input_zero);
        if (bent) {
            scale_panel(&by, true, &codes, width, pixels, channels, input + c, output + c);
        } else {
            scale_panel(&by, false, &codes, width, pixels, channels, input + c, output + c);
        }
    }
}
#endif
