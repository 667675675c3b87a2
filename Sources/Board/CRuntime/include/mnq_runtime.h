/* Int8 kernels for microcontrollers: C99, integers only, no heap, no recursion, no state.
 *
 * Each mnq_<op> struct is the twin, field for field, of the tool's Swift struct of that name, and
 * describes one image. Activations are NHWC, and int8 but for what mnq_<op>_wide says. The tool
 * refuses models with numbers outside the ranges that stand beside the fields; no tensor and no
 * table of weights has more than 2^30 values. Zero points are -128 .. 127, clamps -128 <= clamp_min
 * and clamp_max <= 127, where nothing else is said.
 *
 * Kernels read and write only what their layer says. They write in order, so `output` may lie over
 * an operand where what it writes over is read no more: the tool knows for each kernel how far.
 * What is made of an output (mnq_map.h, mnq_boxes.h) is no kernel. */
#ifndef MNQ_RUNTIME_H
#define MNQ_RUNTIME_H

#include <stdint.h>

#include "mnq_version.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Written in front of a table or an arena that kernels may read 16 bytes at a time. */
#if defined(__GNUC__) || defined(__clang__) || defined(__ICCARM__)
#define MNQ_ALIGNED __attribute__((aligned(16)))
#elif defined(_MSC_VER)
#define MNQ_ALIGNED __declspec(align(16))
#else
#error "say here how this compiler aligns an object to 16 bytes"
#endif

/* What a function of a network returns. */
typedef enum {
    MNQ_OK = 0,
    MNQ_NO_ARENA = 1,         /* the arena is a null pointer */
    MNQ_MISALIGNED_ARENA = 2, /* the arena does not begin at a multiple of 16 bytes */
    MNQ_UNKNOWN_ROW = 3,      /* the layer table has no such row, or the row no such kernel */
    MNQ_TABLES_DIFFER = 4,    /* what is in flash is not what was emitted */
    MNQ_AWAITS_ROW = 5,       /* the row of the layer table stands for a row of the image */
    MNQ_NOT_BEGUN = 6,        /* no image was begun in this arena */
    MNQ_TOO_MANY_ROWS = 7,    /* the image has fewer rows left */
    MNQ_TOO_FEW_ROWS = 8,     /* rows of the image are missing */
} mnq_status;

/* How an accumulator times a real factor becomes an integer again. Twin: Swift Rounding. */
typedef enum {
    MNQ_ROUNDING_DOUBLE = 0,      /* high multiply ties up, then shift ties away from zero */
    MNQ_ROUNDING_SINGLE_UP = 1,   /* exact product, rounded once, ties towards +infinity */
    MNQ_ROUNDING_SINGLE_AWAY = 2, /* exact product, rounded once, ties away from zero */
} mnq_rounding;

/* The factor multiplier * 2^(shift - 31). */
typedef struct {
    int32_t multiplier; /* Q0.31, not negative */
    int32_t shift;      /* -31 .. 30; positive shifts left, before the multiply */
} mnq_requantization;

typedef struct {
    int32_t height; /* 1 .. 2^24; as a padding 0 .. 2^16, in a pool less than the kernel */
    int32_t width;  /* the same */
} mnq_extent;

/* How two operands of four axes meet; a stride of 0 repeats an operand along that axis. */
typedef struct {
    int32_t shape[4];     /* 1 .. 2^30, as their product */
    int32_t a_strides[4]; /* 0, or the values of `a` along all later axes: below 2^30 */
    int32_t b_strides[4]; /* the same of `b` */
} mnq_broadcast;

typedef struct {
    mnq_extent input;
    mnq_extent output;
    mnq_extent kernel;
    mnq_extent stride;
    mnq_extent dilation;
    mnq_extent padding;      /* rows above, columns to the left */
    int32_t input_channels;  /* 1 .. 2^24 */
    int32_t output_channels; /* 1 .. 2^24 */
    int32_t groups;          /* 1 or more; divides both */
    int32_t input_zero_point;
    int32_t output_zero_point; /* 0 in front of a curve */
    int32_t clamp_min;         /* -32768 in front of a curve */
    int32_t clamp_max;         /* 32767 in front of a curve */
    mnq_rounding rounding;
    const int8_t *weights;      /* [output_channels][kernel][kernel][input_channels / groups] */
    const int32_t *bias;        /* [output_channels] */
    const int32_t *multipliers; /* [output_channels], each 0 or more */
    const int8_t *shifts;       /* [output_channels], each -31 .. 30 */
    const int16_t *curve;       /* see mnq_curve_code; a null pointer where the codes are int8 */
} mnq_conv2d;

typedef struct {
    mnq_extent input;
    mnq_extent output;
    mnq_extent kernel;
    mnq_extent stride;
    mnq_extent dilation;
    mnq_extent padding;         /* rows above, columns to the left */
    int32_t channels;           /* of the input: 1 .. 2^24 */
    int32_t channel_multiplier; /* 1 .. 2^24 */
    int32_t input_zero_point;
    int32_t output_zero_point; /* 0 in front of a curve */
    int32_t clamp_min;         /* -32768 in front of a curve */
    int32_t clamp_max;         /* 32767 in front of a curve */
    mnq_rounding rounding;
    const int8_t *weights;      /* [kernel][kernel][channels * channel_multiplier] */
    const int32_t *bias;        /* [channels * channel_multiplier] */
    const int32_t *multipliers; /* [channels * channel_multiplier], each 0 or more */
    const int8_t *shifts;       /* [channels * channel_multiplier], each -31 .. 30 */
    const int16_t *curve;       /* see mnq_curve_code; a null pointer where the codes are int8 */
} mnq_depthwise_conv2d;

typedef struct {
    mnq_extent input;
    mnq_extent output;
    mnq_extent kernel; /* height * width is at most 2^30 */
    mnq_extent stride;
    mnq_extent padding;      /* rows and columns that taps reach above and left of the output */
    int32_t input_channels;  /* 1 .. 2^24 */
    int32_t output_channels; /* 1 .. 2^24 */
    int32_t groups;          /* 1 or more; divides both */
    int32_t input_zero_point;
    int32_t output_zero_point; /* 0 in front of a curve */
    int32_t clamp_min;         /* -32768 in front of a curve */
    int32_t clamp_max;         /* 32767 in front of a curve */
    mnq_rounding rounding;
    const int8_t *weights;      /* [output_channels][kernel][kernel][input_channels / groups] */
    const int32_t *bias;        /* [output_channels] */
    const int32_t *multipliers; /* [output_channels], each 0 or more */
    const int8_t *shifts;       /* [output_channels], each -31 .. 30 */
    const int16_t *curve;       /* see mnq_curve_code; a null pointer where the codes are int8 */
} mnq_transposed_conv2d;

typedef struct {
    mnq_extent input; /* each at most 2^20 */
    mnq_extent output;
    int32_t channels;       /* 1 .. 2^24 */
    const int32_t *rows;    /* [output.height], 1024ths: 0 .. 1024 * (input.height - 1) */
    const int32_t *columns; /* [output.width], 1024ths: 0 .. 1024 * (input.width - 1) */
} mnq_resize;

typedef struct {
    int32_t input_count;  /* 1 .. 2^30 */
    int32_t output_count; /* 1 .. 2^30 */
    int32_t input_zero_point;
    int32_t output_zero_point; /* 0 in front of a curve */
    int32_t clamp_min;         /* -32768 in front of a curve */
    int32_t clamp_max;         /* 32767 in front of a curve */
    mnq_rounding rounding;
    const int8_t *weights;      /* [output_count][input_count] */
    const int32_t *bias;        /* [output_count] */
    const int32_t *multipliers; /* [output_count], each 0 or more */
    const int8_t *shifts;       /* [output_count], each -31 .. 30 */
    const int16_t *curve;       /* see mnq_curve_code; a null pointer where the codes are int8 */
} mnq_fully_connected;

typedef struct {
    mnq_broadcast broadcast;
    int32_t a_zero_point;
    mnq_requantization a_factor;
    int32_t b_zero_point;
    mnq_requantization b_factor;
    int32_t output_zero_point;
    mnq_requantization output_factor;
    int32_t clamp_min;
    int32_t clamp_max;
    mnq_rounding rounding;
} mnq_add;

typedef struct {
    mnq_broadcast broadcast;
    int32_t a_zero_point;
    int32_t b_zero_point;
    int32_t output_zero_point;
    mnq_requantization factor;
    int32_t clamp_min;
    int32_t clamp_max;
    mnq_rounding rounding;
} mnq_multiply;

/* The same fields: clamped to -128 .. 127, rounded double, factors at most 1. */
typedef mnq_add mnq_squared_difference;

typedef struct {
    mnq_extent input;
    mnq_extent output;
    mnq_extent kernel; /* height * width is at most 2^23, so that 255 times that fits */
    mnq_extent stride;
    mnq_extent padding; /* rows above, columns to the left */
    int32_t channels;   /* 1 .. 2^24 */
    int32_t clamp_min;
    int32_t clamp_max;
} mnq_average_pool;

typedef struct {
    mnq_extent input;
    mnq_extent output;
    mnq_extent kernel; /* height * width is at most 2^30 */
    mnq_extent stride;
    mnq_extent padding; /* rows above, columns to the left */
    int32_t channels;   /* 1 .. 2^24 */
    int32_t clamp_min;
    int32_t clamp_max;
} mnq_max_pool;

typedef struct {
    int32_t pixels;   /* 1 .. 2^23; of a wide layer 1 .. 2^15 */
    int32_t channels; /* 1 .. 2^24 */
    int32_t input_zero_point;
    int32_t output_zero_point;
    mnq_requantization factor;
    mnq_rounding rounding;
} mnq_mean;

typedef struct {
    int32_t count;       /* 1 .. 2^30 */
    const int8_t *table; /* 256 values; that of code q is at q + 128 */
} mnq_lookup;

typedef struct {
    int32_t count;       /* 1 .. 2^30 */
    int32_t alpha_count; /* divides count */
    int32_t input_zero_point;
    int32_t output_zero_point;
    mnq_requantization identity; /* of codes from the zero point on */
    mnq_requantization below;    /* of those below it, times alpha */
    const int16_t *alpha;        /* -255 .. 255 */
} mnq_prelu;

typedef struct {
    int32_t depth; /* values in a row, 1 .. 4095 */
    mnq_requantization factor; /* from a difference of codes to Q5.26 */
    int32_t smallest_difference; /* 0 or less; a difference below it gives the code of 0 */
} mnq_softmax;

typedef struct {
    int32_t depth; /* values in a row, which is divided by its norm, at an output scale of 1/128 */
    int32_t input_zero_point;
} mnq_l2_normalization;

typedef enum { MNQ_MAXIMUM, MNQ_MINIMUM } mnq_choice;

typedef struct {
    mnq_broadcast broadcast;
    mnq_choice choice;
} mnq_extremum;

/* The value at position p of four axes goes from source_start + p * source_strides to
 * start + p * destination_strides. */
typedef struct {
    int32_t shape[4];               /* 1 .. 2^30, as their product */
    int32_t source_start;           /* 0 .. 2^30 - 1 */
    int32_t source_strides[4];      /* -2^30 .. 2^30 */
    int32_t destination_strides[4]; /* 0 .. 2^30 */
    int32_t start;                  /* 0 .. output_count - 1 */
    int32_t output_count;           /* 1 .. 2^30 */
    int32_t is_filled; /* 0 where other layers write the rest of the output */
    int32_t fill; /* -128 .. 127: what the rest of the output holds, where it is filled */
} mnq_copy;

/* Layers that read or write 16-bit codes: bits are 8 or 16, on one side at least 16. A tensor of
 * such codes has the zero point 0, its clamp lies in -32768 .. 32767, and what reads it has shifts
 * of -31 .. 14. Twin: Swift Wide. */
typedef struct {
    mnq_conv2d layer;
    int32_t input_bits;
    int32_t output_bits;
} mnq_conv2d_wide;

typedef struct {
    mnq_depthwise_conv2d layer;
    int32_t input_bits;
    int32_t output_bits;
} mnq_depthwise_conv2d_wide;

typedef struct {
    mnq_fully_connected layer;
    int32_t input_bits;
    int32_t output_bits;
} mnq_fully_connected_wide;

typedef struct {
    mnq_add layer;
    int32_t a_bits;
    int32_t b_bits;
    int32_t output_bits;
} mnq_add_wide;

typedef struct {
    mnq_multiply layer;
    int32_t a_bits;
    int32_t b_bits;
    int32_t output_bits;
} mnq_multiply_wide;

typedef struct {
    mnq_mean layer;
    int32_t input_bits;
    int32_t output_bits;
} mnq_mean_wide;

void mnq_conv2d_s8(const mnq_conv2d *layer, const int8_t *input, int8_t *output);
void mnq_depthwise_conv2d_s8(const mnq_depthwise_conv2d *layer, const int8_t *input,
                             int8_t *output);
void mnq_transposed_conv2d_s8(const mnq_transposed_conv2d *layer, const int8_t *input,
                              int8_t *output);
void mnq_resize_s8(const mnq_resize *layer, const int8_t *input, int8_t *output);
void mnq_fully_connected_s8(const mnq_fully_connected *layer, const int8_t *input,
                            int8_t *output);
/* The same with a curve behind the sums. */
void mnq_conv2d_curve_s8(const mnq_conv2d *layer, const int8_t *input, int8_t *output);
void mnq_depthwise_conv2d_curve_s8(const mnq_depthwise_conv2d *layer, const int8_t *input,
                                   int8_t *output);
void mnq_transposed_conv2d_curve_s8(const mnq_transposed_conv2d *layer, const int8_t *input,
                                    int8_t *output);
void mnq_fully_connected_curve_s8(const mnq_fully_connected *layer, const int8_t *input,
                                  int8_t *output);
void mnq_add_s8(const mnq_add *layer, const int8_t *a, const int8_t *b, int8_t *output);
void mnq_multiply_s8(const mnq_multiply *layer, const int8_t *a, const int8_t *b,
                     int8_t *output);
void mnq_average_pool_s8(const mnq_average_pool *layer, const int8_t *input, int8_t *output);
void mnq_max_pool_s8(const mnq_max_pool *layer, const int8_t *input, int8_t *output);
void mnq_mean_s8(const mnq_mean *layer, const int8_t *input, int8_t *output);
void mnq_lookup_s8(const mnq_lookup *layer, const int8_t *input, int8_t *output);
void mnq_prelu_s8(const mnq_prelu *layer, const int8_t *input, int8_t *output);
void mnq_softmax_s8(const mnq_softmax *layer, const int8_t *input, int8_t *output);
void mnq_l2_normalization_s8(const mnq_l2_normalization *layer, const int8_t *input,
                             int8_t *output);
void mnq_squared_difference_s8(const mnq_squared_difference *layer, const int8_t *a,
                               const int8_t *b, int8_t *output);
void mnq_extremum_s8(const mnq_extremum *layer, const int8_t *a, const int8_t *b,
                     int8_t *output);
void mnq_copy_s8(const mnq_copy *layer, const int8_t *input, int8_t *output);
/* The same over codes of 8 or 16 bits, which lie at even addresses where they have 16. */
void mnq_conv2d_wide_s16(const mnq_conv2d_wide *layer, const int8_t *input, int8_t *output);
void mnq_depthwise_conv2d_wide_s16(const mnq_depthwise_conv2d_wide *layer, const int8_t *input,
                                   int8_t *output);
void mnq_fully_connected_wide_s16(const mnq_fully_connected_wide *layer, const int8_t *input,
                                  int8_t *output);
void mnq_add_wide_s16(const mnq_add_wide *layer, const int8_t *a, const int8_t *b,
                      int8_t *output);
void mnq_multiply_wide_s16(const mnq_multiply_wide *layer, const int8_t *a, const int8_t *b,
                           int8_t *output);
void mnq_mean_wide_s16(const mnq_mean_wide *layer, const int8_t *input, int8_t *output);

/* What a row of a layer table runs. */
typedef enum {
    MNQ_CONV2D,
    MNQ_DEPTHWISE_CONV2D,
    MNQ_FULLY_CONNECTED,
    MNQ_ADD,
    MNQ_MULTIPLY,
    MNQ_AVERAGE_POOL,
    MNQ_MAX_POOL,
    MNQ_MEAN,
    MNQ_LOOKUP,
    MNQ_SOFTMAX,
    MNQ_EXTREMUM,
    MNQ_COPY,
    MNQ_PRELU,
    MNQ_RESIZE,
    MNQ_TRANSPOSED_CONV2D,
    MNQ_CONV2D_FAST, MNQ_DEPTHWISE_CONV2D_FAST, MNQ_ADD_FAST, MNQ_MULTIPLY_FAST,
    MNQ_CONV2D_DSP,
    MNQ_DEPTHWISE_CONV2D_DSP,
    MNQ_CONV2D_MVE,
    MNQ_DEPTHWISE_CONV2D_MVE,
    MNQ_ADD_MVE,
    MNQ_CONV2D_CURVE,
    MNQ_DEPTHWISE_CONV2D_CURVE,
    MNQ_FULLY_CONNECTED_CURVE,
    MNQ_TRANSPOSED_CONV2D_CURVE,
    MNQ_CONV2D_FAST_CURVE,
    MNQ_DEPTHWISE_CONV2D_FAST_CURVE,
    MNQ_CONV2D_DSP_CURVE,
    MNQ_DEPTHWISE_CONV2D_DSP_CURVE,
    MNQ_CONV2D_WIDE, MNQ_DEPTHWISE_CONV2D_WIDE, MNQ_FULLY_CONNECTED_WIDE,
    MNQ_ADD_WIDE, MNQ_MULTIPLY_WIDE, MNQ_MEAN_WIDE,
    MNQ_CONV2D_WIDE_DSP, MNQ_CONV2D_WIDENING_DSP,
    MNQ_DEPTHWISE_CONV2D_WIDE_DSP, MNQ_DEPTHWISE_CONV2D_WIDENING_DSP, MNQ_ADD_WIDE_DSP,
    MNQ_L2_NORMALIZATION, MNQ_SQUARED_DIFFERENCE,
    MNQ_ARRIVAL, /* none: the caller writes a row of the image */
} mnq_operation;

/* One row of a layer table: which layer to run on which bytes of the arena. */
typedef struct {
    int32_t operation;      /* a mnq_operation */
    const void *layer;      /* the kernel's struct */
    int32_t a;              /* offset of the first operand, 0 or more; -1 for the constant */
    int32_t b;              /* offset of the second operand, where there is one; same */
    int32_t output;         /* offset of the output, 0 or more */
    int32_t scratch;        /* offset of the kernel's working memory, where it needs some */
    const int8_t *constant; /* an operand that is not in the arena, or a null pointer */
} mnq_row;

#ifdef __cplusplus
}
#endif
#endif
