#include "mnqh_elementwise_s8.h"

#include <float.h>
#include <math.h>

#include "mnqh_elementwise_s8_simd.h"
#include "mnqh_panel_s8.h"

/* One operand on the common scale. */
static uint32_t rescale(int32_t code, int32_t zero_point, mnqh_factor factor, int32_t rounding)
{
    const int32_t shifted = (code - zero_point) * (1 << MNQH_ADD_LEFT_SHIFT);
    return (uint32_t)mnqh_requantize(shifted, factor.multiplier, factor.shift, rounding);
}

static int8_t add(const mnqh_add_s8_layer *layer, uint32_t a, uint32_t b)
{
    return mnqh_requantize_to_s8((int32_t)(a + b), layer->output_factor.multiplier,
                                 layer->output_factor.shift, &layer->codes);
}

void mnqh_add_s8(const mnqh_add_s8_layer *layer, size_t count, const int8_t *a, const int8_t *b,
                 int8_t *output)
{
    MNQH_PREFER_AVX2(mnqh_add_s8_avx2(layer, count, a, b, output))
    mnqh_add_s8_scalar(layer, count, a, b, output);
}

void mnqh_add_s8_scalar(const mnqh_add_s8_layer *layer, size_t count, const int8_t *a,
                        const int8_t *b, int8_t *output)
{
    const int32_t rounding = layer->codes.rounding;
    for (size_t i = 0; i < count; ++i) {
        output[i] = add(layer, rescale(a[i], layer->a_zero_point, layer->a_factor, rounding),
                        rescale(b[i], layer->b_zero_point, layer->b_factor, rounding));
    }
}

/* The codes of all pairs: `[256 codes of a][256 codes of b]`. */
static void add_all(const mnqh_add_s8_layer *layer, int8_t (*sums)[256])
{
    uint32_t b[256];
    for (int32_t code = INT8_MIN; code <= INT8_MAX; ++code) {
        b[code + 128] = rescale(code, layer->b_zero_point, layer->b_factor, layer->codes.rounding);
    }
    for (int32_t code = INT8_MIN; code <= INT8_MAX; ++code) {
        const uint32_t a =
            rescale(code, layer->a_zero_point, layer->a_factor, layer->codes.rounding);
        for (int32_t i = 0; i < 256; ++i) {
            sums[code + 128][i] = add(layer, a, b[i]);
        }
    }
}

/* Whether the layer's line gives these sums. */
static MNQH_FMA bool gives(const mnqh_add_s8_layer *layer, const int8_t (*sums)[256])
{
    const float minimum = (float)layer->codes.minimum;
    const float maximum = (float)layer->codes.maximum;
    const float a_scale = layer->a_scale;
    const float b_scale = layer->b_scale;
    const float offset = layer->offset;

    for (int32_t a = 0; a < 256; ++a) {
        int wrong = 0;
        for (int32_t b = 0; b < 256; ++b) {
            const float moved = fmaf((float)(b - 128), b_scale, offset);
            const float sum = rintf(fmaf((float)(a - 128), a_scale, moved));
            const float raised = sum > minimum ? sum : minimum;
            wrong |= (raised < maximum ? raised : maximum) != (float)sums[a][b];
        }
        if (wrong) {
            return false;
        }
    }
    return true;
}

/* The real number that a factor stands for. */
static double real(mnqh_factor factor)
{
    return ldexp(factor.multiplier, factor.shift - 31);
}

void mnqh_prepare_add_s8(mnqh_add_s8_layer *layer)
{
    /* Offsets to try: most pairs are far from a step, the few that are not want it moved a bit. */
    static const double moves[] = {0, 1, -1, 2, -2, 3, -3, 5, -5, 8, -8};
    const double output = ldexp(real(layer->output_factor), MNQH_ADD_LEFT_SHIFT);
    const double a = real(layer->a_factor) * output;
    const double b = real(layer->b_factor) * output;
    const double offset =
        layer->codes.output_zero_point - layer->a_zero_point * a - layer->b_zero_point * b;
    int8_t sums[256][256];
    layer->has_line = false;
    if (!mnqh_runs_lines()) {
        return;
    }
    add_all(layer, sums);

    layer->a_scale = (float)a;
    layer->b_scale = (float)b;
    for (size_t i = 0; i < sizeof moves / sizeof *moves; ++i) {
        layer->offset = (float)(offset + moves[i] * FLT_EPSILON * 16);
        layer->has_line = gives(layer, (const int8_t (*)[256])sums);
        if (layer->has_line) {
            return;
        }
    }
}
