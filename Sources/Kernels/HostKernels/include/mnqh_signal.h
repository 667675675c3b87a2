#ifndef MNQH_SIGNAL_H
#define MNQH_SIGNAL_H

#include <stddef.h>
#include <stdint.h>

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
