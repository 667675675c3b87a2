#ifndef MNQH_ELEMENTWISE_F32_H
#define MNQH_ELEMENTWISE_F32_H

#include <stddef.h>
#include <stdint.h>

/* Element by element; `output` may be the very same buffer as an input. A clamp, here and fused into
 * another kernel, lets NaN through. */

/* min(max(x, minimum), maximum): ReLU is 0 and plus infinity, ReLU6 0 and 6. */
void mnqh_clamp_f32(size_t count, const float *input, float minimum, float maximum, float *output);
void mnqh_clamp_f32_scalar(size_t count, const float *input, float minimum, float maximum,
                           float *output);

/* clamp(alpha * x + beta, 0, 1); MobileNetV3 has alpha 1/6 and beta 1/2. */
void mnqh_hard_sigmoid_f32(size_t count, const float *input, float alpha, float beta,
                           float *output);
void mnqh_hard_sigmoid_f32_scalar(size_t count, const float *input, float alpha, float beta,
                                  float *output);

/* x * clamp(x + 3, 0, 6) / 6. */
void mnqh_hard_swish_f32(size_t count, const float *input, float *output);
void mnqh_hard_swish_f32_scalar(size_t count, const float *input, float *output);

/* clamp(a + b). */
void mnqh_add_f32(size_t count, const float *a, const float *b, float minimum, float maximum,
                  float *output);
void mnqh_add_f32_scalar(size_t count, const float *a, const float *b, float minimum,
                         float maximum, float *output);

/* Squeeze-and-excitation: input `[pixels, channels]` times `factors` `[channels]`. */
void mnqh_scale_channels_f32(size_t pixels, size_t channels, const float *input,
                             const float *factors, float *output);
void mnqh_scale_channels_f32_scalar(size_t pixels, size_t channels, const float *input,
                                    const float *factors, float *output);

/* Global average pool: input `[pixels, channels]` to output `[channels]`, which must be another
 * buffer. Sums in double, so that the twins differ by one rounding at most. `pixels` > 0. */
void mnqh_mean_f32(size_t pixels, size_t channels, const float *input, float *output);
void mnqh_mean_f32_scalar(size_t pixels, size_t channels, const float *input, float *output);

/* The smallest and the largest element, NaN ignored; plus and minus infinity when there is none. */
typedef struct {
    float minimum;
    float maximum;
} mnqh_range_f32_result;

mnqh_range_f32_result mnqh_range_f32(size_t count, const float *input);
mnqh_range_f32_result mnqh_range_f32_scalar(size_t count, const float *input);

/* What turns codes into real values, (code - zero_point) * scale, and the real values beyond which
 * one counts as saturated. */
typedef struct {
    float scale;
    int32_t zero_point;
    float lowest;
    float highest;
} mnqh_signal_steps;

/* Sums over pairs of a real value x and the real value q of a code. */
typedef struct {
    double signal;    /* of x * x */
    double quantized; /* of q * q */
    double noise;     /* of (x - q)^2 */
    double product;   /* of x * q */
    size_t saturated; /* how many x lie below `lowest` or above `highest` */
} mnqh_signal_sums;

/* Adds `count` pairs to `sums`. Terms are of single precision. */
void mnqh_add_signal(const mnqh_signal_steps *steps, size_t count, const float *real,
                     const int8_t *codes, mnqh_signal_sums *sums);
void mnqh_add_signal_scalar(const mnqh_signal_steps *steps, size_t count, const float *real,
                            const int8_t *codes, mnqh_signal_sums *sums);

#endif
