/* Holds every kernel that the processor at hand runs against plain loops and against its scalar twin:
 * integers byte for byte, floats to 1e-5 of the sum of absolute terms.
 *
 * What a kernel reads and writes lies between pages that cannot be touched, once at the start and
 * once at the end of what may be; under AddressSanitizer it lies between red zones. The first
 * difference or touch ends the program with a line that names the kernel and the shape. */
#ifndef TWINS_H
#define TWINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "HostKernels.h"

/* The space: every number of channels meets every width. */
enum { MOST_CHANNELS = 72, MOST_WIDTH = 20 };

/* What a piece of memory is for; each purpose has pages of its own. */
typedef enum {
    INPUT,
    SECOND_INPUT,
    OUTPUT,
    EXPECTED,
    WEIGHTS,
    BIAS,
    MULTIPLIERS,
    SHIFTS,
    PACKED,
    SCRATCH,
    SPARE,
    PURPOSES
} purpose;

/* Where a kernel's memory lies between its pages. */
enum { AT_START, AT_END, SIDES };

/* Memory for one shape, until the next call with this purpose and side. At the end it ends where a
 * page begins that cannot be touched, or less than `alignment` before. */
void *guarded(purpose what, int side, size_t bytes, size_t alignment);

/* A copy of `bytes` there. */
void *guarded_copy(purpose what, int side, const void *from, size_t bytes, size_t alignment);

/* Memory whose bytes are all ones: NaN as floats. */
void *guarded_noise(purpose what, int side, size_t bytes, size_t alignment);

/* Makes the pages, and names kernel and shape where one is touched that must not be. */
void raise_guards(void);

/* Names the kernel and the shape that come next; a new one is counted. */
void begin(const char *kernel, bool is_new, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Ends the program unless two outputs are the same. */
void expect_same(const char *which, const int8_t *expected, const int8_t *found, size_t count);

/* A real number and the sum of the absolute terms that it is made of. */
typedef struct {
    double value;
    double magnitude;
} real;

/* Ends the program unless all floats are close to what they should be. */
void expect_close(const char *which, const real *expected, const float *found, size_t count,
                  double tolerance);

/* Prints how many shapes of each kernel ran. */
void print_counts(void);

uint32_t draw(void);
int32_t draw_between(int32_t low, int32_t high); /* both included */
int8_t *draw_bytes(purpose what, size_t count);
float *draw_floats(purpose what, size_t count);
mnqh_codes draw_codes(void);
mnqh_factor draw_factor(int32_t lowest_shift, int32_t highest_shift);
mnqh_ending_f32 draw_ending(void);

/* Constants of `channels`: as a quantizer makes them, so fine that lines must be mended, or any that
 * the format holds. */
mnqh_channel_constants draw_constants(size_t channels, size_t weights);

/* What a float layer makes of a sum. */
real ended(real sum, mnqh_ending_f32 ending);

/* A convolution over all channels, or over each channel alone. */
typedef struct {
    mnqh_window window;
    size_t input_channels;
    size_t output_channels;
    size_t multiplier; /* 0 for all channels */
} convolution;

size_t input_count(const convolution *c);
size_t output_count(const convolution *c);
size_t weight_count(const convolution *c); /* of one output channel */

/* The convolution of turn `turn` for this many channels and columns; see windows.c. */
convolution make_depthwise(size_t channels, size_t width, size_t turn);
/* The channels are the input's, and the output's follow from them, or the other way round. */
convolution make_dense(size_t channels, size_t width, size_t turn, bool are_inputs);

/* Ends the program unless the convolutions made met every combination of kernel, stride, dilation
 * and multiplier, and each value of these every number of channels and every width. */
void expect_coverage(void);

/* Plain sums of a convolution, in the order of its output, from weights `[taps][channels]` or
 * `[output channels][taps][input channels]`. */
void plain_sums(const convolution *c, const float *input, const float *weights, const float *bias,
                real *sums);
void plain_sums_s8(const convolution *c, const int8_t *input, int32_t zero_point,
                   const mnqh_channel_constants *constants, int32_t *sums);

/* The codes of sums that lie `channels` to a pixel. */
void plain_codes(const int32_t *sums, size_t count, size_t channels,
                 const mnqh_channel_constants *constants, const mnqh_codes *codes,
                 int8_t *outputs);

/* Whether this processor has more than the scalar twins of most kernels. AArch64 has its own of
 * matrix products, with which convolutions go, of int8 depthwise convolutions and of lookups; there
 * only these are run. */
#ifdef __aarch64__
enum { HAS_MOST_KERNELS = 0 };
#else
enum { HAS_MOST_KERNELS = 1 };
#endif

/* How much of the space is gone over. */
typedef struct {
    size_t rounds; /* convolutions of a number of channels and a width */
    size_t every;  /* only every so many widths of a number of channels */
} scope;

static inline bool includes(scope part, size_t channels, size_t width)
{
    return (channels + width) % part.every == 0;
}

/* Each of these goes over the space. */
void check_convolutions_f32(scope part);
void check_convolutions_s8(scope part);
void check_products(scope part);
void check_elements_f32(scope part);
void check_elements_s8(scope part);

#endif
