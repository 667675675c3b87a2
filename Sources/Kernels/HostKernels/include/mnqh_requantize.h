#ifndef MNQH_REQUANTIZE_H
#define MNQH_REQUANTIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How an accumulator times a real factor becomes an integer again. Same raw values as
 * `FixedPoint.Rounding`. */
enum {
    /* The high multiply rounds ties towards positive infinity, then the right shift rounds ties
     * away from zero. */
    MNQH_ROUND_DOUBLE = 0,
    /* The 64-bit product is rounded once, ties towards positive infinity. */
    MNQH_ROUND_SINGLE_UP = 1,
    /* The 64-bit product is rounded once, ties away from zero. */
    MNQH_ROUND_SINGLE_AWAY = 2
};

/* `accumulator * multiplier * 2^(shift - 31)`, rounded as `rounding` says. `multiplier` is not
 * negative, `shift` is in -31 ... 30; results beyond 32 bits wrap.
 *
 * Twin: `FixedPoint.Requantization`. Source: gemmlowp `fixedpoint/fixedpoint.h`. */
int32_t mnqh_requantize(int32_t accumulator, int32_t multiplier, int32_t shift, int32_t rounding);

/* The codes at both ends of a layer that accumulates in 32 bits. */
typedef struct {
    int32_t input_zero_point;  /* -128 ... 127 */
    int32_t output_zero_point; /* -128 ... 127 */
    /* The codes that the output may take: -128 <= minimum <= maximum <= 127. */
    int32_t minimum;
    int32_t maximum;
    int32_t rounding;
} mnqh_codes;

/* The constants of such a layer as a quantized model holds them, one value per output channel. */
typedef struct {
    /* In -128 ... 127; the layer says in which order. */
    const int8_t *weights;
    const int32_t *bias;
    const int32_t *multipliers;
    const int8_t *shifts;
} mnqh_channel_constants;

#endif
