#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("omit-frame-pointer") /* see QUADS */
#endif
#include "mnq_dsp.h"

/* A depthwise convolution with a kernel of 3x3 or 5x5 at stride 1 or 2, channel by channel: a
 * plane of 16-bit taps with its border, whose neighbors make the pairs that SMLAD multiplies.
 *
 * weights: int8_t [channels][kernel][kernel]; `left` of a channel is 8 at most.
 * scratch: the plane, then sums of some rows of outputs, up to three past their end. */

#define MAXIMUM_KERNEL 5
#define SLACK 4 /* words read past the last row, for sums that nothing uses */
#define SUMS 128 /* of short rows, made at once; half of that at stride 2, whose planes are larger */

/* What one channel after another is made of. */
typedef struct {
    int32_t *taps;   /* the plane */
    int32_t pitch;   /* words from a row of it to the next */
    int32_t step;    /* words from a row of windows to the next */
    int32_t *sums;
    int32_t rows;    /* of outputs, whose sums are made at once */
    int32_t width;   /* sums of a row */
    int32_t weights[MAXIMUM_KERNEL * (MAXIMUM_KERNEL - 1)]; /* as pairs */
} work;

/* The taps from `from` to `end`, one every `step`, four at a time, as halfwords; returns where the
 * next one goes. */
MNQ_INLINE int16_t *load_fours(const mnq_tap *from, const mnq_tap *end, int32_t step, int16_t *to)
{
#if MNQ_SPELLS_DSP
    /* Loads that follow one another take a cycle each and one more. */
    int32_t a, b, c, d;
    step *= (int32_t)sizeof(mnq_tap);
    __asm__ volatile("cmp %[from], %[end]\n"
                     "beq.w 2f\n"
                     ".p2align 2\n"
                     "1:\n"
                     MNQ_LOAD_TAP " %[a], [%[from]]\n"
                     MNQ_LOAD_TAP " %[b], [%[from], %[step]]\n"
                     MNQ_LOAD_TAP " %[c], [%[from], %[step], lsl #1]\n"
                     MNQ_LOAD_TAP " %[d], [%[from], %[three]]\n"
                     "add.w %[from], %[from], %[step], lsl #2\n"
                     "pkhbt %[a], %[a], %[b], lsl #16\n"
                     "pkhbt %[c], %[c], %[d], lsl #16\n"
                     "str.w %[a], [%[to]], #4\n"
                     "str.w %[c], [%[to]], #4\n"
                     "cmp %[from], %[end]\n"
                     "bne.w 1b\n"
                     "2:\n"
                     : [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d),
                       [from] "+&r"(from), [to] "+&r"(to)
                     : [end] "r"(end), [step] "r"(step), [three] "r"(3 * step)
                     : "memory", "cc");
#else
    for (; from != end; from += step) {
        *to++ = *from;
    }
#endif
    return to;
}

/* Fills the inside of a plane; what lies around it stays the zero point. */
MNQ_APART void load_plane(const mnq_packed *layer, const mnq_tap *input, const work *to)
{
    const int32_t channels = layer->input_channels, pitch = 2 * to->pitch;
    const int32_t rest = layer->input.width & 3;
    const int32_t fours = (layer->input.width - rest) * channels;
    int16_t *row = (int16_t *)to->taps + layer->padding.height * pitch + layer->padding.width;
    for (int32_t y = layer->input.height; y > 0; --y) {
        int16_t *next = load_fours(input, input + fours, channels, row);
        input += fours;
        for (int32_t x = rest; x > 0; --x) {
            *next++ = *input;
            input += channels;
        }
        row += pitch;
    }
}

/* All pairs of neighboring weights, row by row, times what a channel's sums are shifted by. */
MNQ_INLINE void load_weights(const int8_t *weights, int32_t size, int32_t scale, int32_t *pairs)
{
    const int32_t *const end = pairs + size * (size - 1);
    while (pairs != end) {
        const int32_t a = weights[0] * scale, b = weights[1] * scale, c = weights[2] * scale;
        *pairs++ = mnq_pair(a, b);
        *pairs++ = mnq_pair(b, c);
        if (size == 5) {
            const int32_t d = weights[3] * scale, e = weights[4] * scale;
            *pairs++ = mnq_pair(c, d);
            *pairs++ = mnq_pair(d, e);
        }
        weights += size;
    }
}

/* One kernel row of four outputs. Word x_i of the plane holds taps 2i (low) and 2i + 1 (high), the
 * first output's taps from x0 on; the weights of a row are the pairs 01, 12, and for 5x5 23, 34,
 * low half first. What each output adds up, in this order:
 *
 *            stride 1                     stride 2
 *     3x3 0  x0*01  x1l*2                 x0*01  x1l*2
 *         1  x0h*0  x1*12                 x1*01  x2l*2
 *         2  x1*01  x2l*2                 x2*01  x3l*2
 *         3  x1h*0  x2*12                 x3*01  x4l*2
 *     5x5 0  x0*01  x1*23  x2l*4          x0*01  x1*23  x2l*4
 *         1  x0h*0  x1*12  x2*34          x1*01  x2*23  x3l*4
 *         2  x1*01  x2*23  x3l*4          x2*01  x3*23  x4l*4
 *         3  x1h*0  x2*12  x3*34          x3*01  x4*23  x5l*4
 *
 * A word times a pair is SMLAD. xl is the low half alone, times the high half of the last pair
 * (SMLABT); xh is the high half, times the low half of the first one (SMLATB). */
#if MNQ_SPELLS_DSP
#define LOADED(x, from, at) "ldr.w %[" x "], [%[" from "], #" at "]\n"
#define ADDED(instruction, s, x, w, from)                                                         \
    instruction " %[" s "], %[" x "], %[" w "], %[" from "]\n"
#define NEXT_ROW "add.w %[taps], %[taps], %[pitch]\n"

/* Loads that follow one another take a cycle each and one more. The weights lie at a, b, c and d;
 * the outputs begin at what s0 to s3 name: the first row's at the bias in s3. */
#define ROW_3_1(next, a, b, s0, s1, s2, s3)                                                       \
    LOADED("w", "weights", a) LOADED("v", "weights", b)                                           \
    LOADED("x", "taps", "0") LOADED("y", "taps", "4") LOADED("z", "taps", "8") next               \
    ADDED("smlad", "s0", "x", "w", s0) ADDED("smlatb", "s1", "x", "w", s1)                        \
    ADDED("smlad", "s2", "y", "w", s2) ADDED("smlatb", "s3", "y", "w", s3)                        \
    ADDED("smlabt", "s0", "y", "v", "s0") ADDED("smlad", "s1", "y", "v", "s1")                    \
    ADDED("smlabt", "s2", "z", "v", "s2") ADDED("smlad", "s3", "z", "v", "s3")
#define ROW_3_2(next, a, b, s0, s1, s2, s3)                                                       \
    LOADED("w", "weights", a) LOADED("v", "weights", b) LOADED("x", "taps", "0")                  \
    LOADED("y", "taps", "4") LOADED("z", "taps", "8") LOADED("t", "taps", "12")                   \
    ADDED("smlad", "s0", "x", "w", s0) ADDED("smlad", "s1", "y", "w", s1)                         \
    ADDED("smlad", "s2", "z", "w", s2) ADDED("smlad", "s3", "t", "w", s3)                         \
    LOADED("x", "taps", "16") next                                                                \
    ADDED("smlabt", "s0", "y", "v", "s0") ADDED("smlabt", "s1", "z", "v", "s1")                   \
    ADDED("smlabt", "s2", "t", "v", "s2") ADDED("smlabt", "s3", "x", "v", "s3")
#define ROW_5_1(next, a, b, c, d, s0, s1, s2, s3)                                                 \
    LOADED("w", "weights", a) LOADED("v", "weights", b) LOADED("x", "taps", "0")                  \
    LOADED("y", "taps", "4") LOADED("z", "taps", "8") LOADED("t", "taps", "12") next              \
    ADDED("smlad", "s0", "x", "w", s0) ADDED("smlatb", "s1", "x", "w", s1)                        \
    ADDED("smlad", "s2", "y", "w", s2) ADDED("smlatb", "s3", "y", "w", s3)                        \
    ADDED("smlad", "s1", "y", "v", "s1") ADDED("smlad", "s3", "z", "v", "s3")                     \
    LOADED("w", "weights", c) LOADED("v", "weights", d)                                           \
    ADDED("smlad", "s0", "y", "w", "s0") ADDED("smlabt", "s0", "z", "v", "s0")                    \
    ADDED("smlad", "s1", "z", "v", "s1") ADDED("smlad", "s2", "z", "w", "s2")                     \
    ADDED("smlabt", "s2", "t", "v", "s2") ADDED("smlad", "s3", "t", "v", "s3")
#define ROW_5_2(next, a, b, c, d, s0, s1, s2, s3)                                                 \
    LOADED("w", "weights", a) LOADED("v", "weights", c) LOADED("x", "taps", "0")                  \
    LOADED("y", "taps", "4") LOADED("z", "taps", "8") LOADED("t", "taps", "12")                   \
    ADDED("smlad", "s0", "x", "w", s0) ADDED("smlad", "s1", "y", "w", s1)                         \
    ADDED("smlad", "s2", "z", "w", s2) ADDED("smlad", "s3", "t", "w", s3)                         \
    ADDED("smlad", "s0", "y", "v", "s0") ADDED("smlad", "s1", "z", "v", "s1")                     \
    ADDED("smlad", "s2", "t", "v", "s2")                                                          \
    LOADED("w", "weights", d) LOADED("x", "taps", "16") LOADED("y", "taps", "20") next            \
    ADDED("smlad", "s3", "x", "v", "s3") ADDED("smlabt", "s0", "z", "w", "s0")                    \
    ADDED("smlabt", "s1", "t", "w", "s1") ADDED("smlabt", "s2", "x", "w", "s2")                   \
    ADDED("smlabt", "s3", "y", "w", "s3")
#define SUMS_3(ROW)                                                                               \
    ROW(NEXT_ROW, "0", "4", "s3", "s3", "s3", "s3")                                               \
    ROW(NEXT_ROW, "8", "12", "s0", "s1", "s2", "s3")                                              \
    ROW("", "16", "20", "s0", "s1", "s2", "s3")
#define SUMS_5(ROW)                                                                               \
    ROW(NEXT_ROW, "0", "4", "8", "12", "s3", "s3", "s3", "s3")                                    \
    ROW(NEXT_ROW, "16", "20", "24", "28", "s0", "s1", "s2", "s3")                                 \
    ROW(NEXT_ROW, "32", "36", "40", "44", "s0", "s1", "s2", "s3")                                 \
    ROW(NEXT_ROW, "48", "52", "56", "60", "s0", "s1", "s2", "s3")                                 \
    ROW("", "64", "68", "72", "76", "s0", "s1", "s2", "s3")

/* All registers at once, which leaves none for a frame. After a row, y is where it ended. */
#define QUADS(sums)                                                                               \
    __asm__ volatile(".p2align 2\n"                                                              \
                     "1:\n"                                                                       \
                     "ldr.w %[s3], %[bias]\n" sums                                                \
                     "str.w %[s0], [%[to]], #4\n"                                                 \
                     "str.w %[s1], [%[to]], #4\n"                                                 \
                     "str.w %[s2], [%[to]], #4\n"                                                 \
                     "str.w %[s3], [%[to]], #4\n"                                                 \
                     "ldr.w %[x], %[back]\n"                                                      \
                     "ldr.w %[y], %[end]\n"                                                       \
                     "sub.w %[taps], %[taps], %[x]\n"                                             \
                     "cmp %[to], %[y]\n"                                                          \
                     "bne.w 1b\n"                                                                 \
                     "ldr.w %[x], %[next]\n"                                                      \
                     "ldr.w %[z], %[width]\n"                                                     \
                     "ldr.w %[w], %[last]\n"                                                      \
                     "add.w %[taps], %[taps], %[x]\n"                                             \
                     "add.w %[y], %[y], %[z]\n"                                                   \
                     "str.w %[y], %[end]\n"                                                       \
                     "cmp %[to], %[w]\n"                                                          \
                     "bne.w 1b\n"                                                                 \
                     : [s0] "=&r"(s0), [s1] "=&r"(s1), [s2] "=&r"(s2), [s3] "=&r"(s3),            \
                       [x] "=&r"(x), [y] "=&r"(y), [z] "=&r"(z), [t] "=&r"(t), [w] "=&r"(w),      \
                       [v] "=&r"(v), [taps] "+&r"(taps), [to] "+&r"(to), [end] "+m"(end)          \
                     : [pitch] "r"(pitch), [weights] "r"(weights), [bias] "m"(bias),              \
                       [back] "m"(back), [next] "m"(next), [width] "m"(width), [last] "m"(last)   \
                     : "memory", "cc")

/* The sums of rows of outputs, four at a time: up to three past the end of each. */
MNQ_INLINE void multiply(const work *on, const int32_t *taps, int32_t rows, int32_t bias,
                         int32_t size, int32_t stride)
{
    int32_t s0, s1, s2, s3, x, y, z, t, w, v;
    const int32_t *const weights = on->weights;
    int32_t *to = on->sums, *end = to + on->width, *const last = to + rows * on->width;
    const int32_t word = (int32_t)sizeof(int32_t), pitch = word * on->pitch;
    const int32_t width = word * on->width, back = (size - 1) * pitch - 2 * stride * word;
    const int32_t next = word * (on->step - on->width / 2 * stride);
    if (size == 3 && stride == 1) {
        QUADS(SUMS_3(ROW_3_1));
    } else if (size == 3) {
        QUADS(SUMS_3(ROW_3_2));
    } else if (stride == 1) {
        QUADS(SUMS_5(ROW_5_1));
    } else {
        QUADS(SUMS_5(ROW_5_2));
    }
}
#else
/* One sum of a kernel row, from the word where its first tap lies, or half of it. */
MNQ_INLINE int32_t multiply_taps(const int32_t *x, const int32_t *weights, int32_t size, int odd,
                                 int32_t sum)
{
    if (odd) {
        sum = mnq_smlatb(x[0], weights[0], sum);
        sum = mnq_smlad(x[1], weights[1], sum);
        return size == 3 ? sum : mnq_smlad(x[2], weights[3], sum);
    }
    sum = mnq_smlad(x[0], weights[0], sum);
    return size == 3 ? mnq_smlabt(x[1], weights[1], sum)
                     : mnq_smlabt(x[2], weights[3], mnq_smlad(x[1], weights[2], sum));
}

/* The sums of rows of outputs, up to three past the end of each. */
MNQ_INLINE void multiply(const work *on, const int32_t *taps, int32_t rows, int32_t bias,
                         int32_t size, int32_t stride)
{
    int32_t *to = on->sums;
    for (; rows > 0; --rows) {
        for (int32_t x = 0; x < on->width; ++x) {
            const int32_t *const from = taps + (stride == 1 ? x / 2 : x);
            int32_t sum = bias;
            for (int32_t row = 0; row < size; ++row) {
                sum = multiply_taps(from + row * on->pitch, on->weights + row * (size - 1), size,
                                    stride == 1 && (x & 1), sum);
            }
            *to++ = sum;
        }
        taps += on->step;
    }
}
#endif

#define MULTIPLY(size, stride)                                                                    \
    MNQ_APART void multiply_##size##_##stride(const work *on, const int32_t *taps, int32_t rows,  \
                                              int32_t bias)                                       \
    {                                                                                             \
        multiply(on, taps, rows, bias, size, stride);                                             \
    }
MULTIPLY(3, 1)
MULTIPLY(3, 2)
MULTIPLY(5, 1)
MULTIPLY(5, 2)

/* The codes of lines of sums of one channel. */
MNQ_INLINE void finish(const mnq_packed *layer, const int32_t *sums, int32_t pitch, int32_t lines,
                       int32_t length, mnq_factor factor, int8_t *output, mnq_finish finish)
{
    const int32_t step = layer->output_channels * mnq_bytes(finish);
    const int8_t *const table = mnq_table_dsp(layer, finish);
    for (; lines > 0; --lines) {
        const int32_t *sum = sums;
        for (int32_t left = length & 3; left > 0; --left) {
            mnq_put_shifted_dsp(layer, table, factor, *sum++, finish, output);
            output += step;
        }
        for (int32_t left = length >> 2; left > 0; --left) {
            const mnq_four a = mnq_load_four(sum, 0);
            mnq_put_shifted_dsp(layer, table, factor, a.first, finish, output);
            output += step;
            mnq_put_shifted_dsp(layer, table, factor, a.second, finish, output);
            output += step;
            mnq_put_shifted_dsp(layer, table, factor, a.third, finish, output);
            output += step;
            mnq_put_shifted_dsp(layer, table, factor, a.fourth, finish, output);
            output += step;
            sum += 4;
        }
        sums += pitch;
    }
}

/* Whole rows of sums are one line. */
MNQ_APART void finish_rows(const mnq_packed *layer, const work *on, int32_t rows,
                           const mnq_channel *channel, int8_t *output)
{
    const int32_t *sums = on->sums;
    const int32_t pitch = on->width, width = layer->output.width;
    const int32_t lines = pitch == width ? 1 : rows;
    const int32_t length = pitch == width ? rows * width : width;
    const mnq_factor factor = mnq_factor_of(channel);
#define FINISH(constant) finish(layer, sums, pitch, lines, length, factor, output, constant)
#ifdef MNQ_WIDE
    if (layer->finish == MNQ_FINISH_16) {
        FINISH(MNQ_FINISH_16);
    } else if (layer->finish == MNQ_FINISH_CURVE) {
        FINISH(MNQ_FINISH_CURVE);
#else
    if (mnq_finish_of(layer) == MNQ_FINISH_POSITIVE) {
        FINISH(MNQ_FINISH_POSITIVE);
    } else if (mnq_finish_of(layer) == MNQ_FINISH_SATURATE) {
        FINISH(MNQ_FINISH_SATURATE);
    } else if (mnq_finish_of(layer) == MNQ_FINISH_TABLE) {
        FINISH(MNQ_FINISH_TABLE);
#endif
    } else {
        FINISH(MNQ_FINISH_CLAMP);
    }
}

static void convolve_channel(const mnq_packed *layer, work *on, const int8_t *weights,
                             const mnq_channel *channel, int8_t *output)
{
    const int32_t size = layer->kernel.width, stride = layer->stride.width;
    const int32_t *taps = on->taps;
    const int32_t bias = (int32_t)((uint32_t)channel->bias << channel->left);
    if (size == 3) {
        load_weights(weights, 3, 1 << channel->left, on->weights);
    } else {
        load_weights(weights, 5, 1 << channel->left, on->weights);
    }
    for (int32_t left = layer->output.height; left > 0; left -= on->rows) {
        const int32_t rows = mnq_min(on->rows, left);
        if (size == 3 && stride == 1) {
            multiply_3_1(on, taps, rows, bias);
        } else if (size == 3) {
            multiply_3_2(on, taps, rows, bias);
        } else if (stride == 1) {
            multiply_5_1(on, taps, rows, bias);
        } else {
            multiply_5_2(on, taps, rows, bias);
        }
        finish_rows(layer, on, rows, channel, output);
        taps += rows * on->step;
        output += rows * layer->output.width * layer->output_channels * mnq_bytes(layer->finish);
    }
}

MNQ_KERNEL
void mnq_depthwise_conv2d_dsp(const mnq_packed *layer, const int8_t *input, int8_t *output,
                              void *scratch)
{
    const mnq_extent kernel = layer->kernel, stride = layer->stride;
    const int32_t rows = mnq_max((layer->output.height - 1) * stride.height + kernel.height,
                                 layer->padding.height + layer->input.height);
    const int32_t columns = mnq_max((layer->output.width - 1) * stride.width + kernel.width,
                                    layer->padding.width + layer->input.width);
    const int8_t *weights = layer->weights;
    work on;
    on.taps = scratch;
    on.pitch = (columns + 1) / 2;
    on.step = stride.height * on.pitch;
    on.sums = on.taps + rows * on.pitch + SLACK;
    on.width = (layer->output.width + 3) / 4 * 4;
    on.rows = mnq_max(SUMS / (stride.width * on.width), 1);
    const int32_t border = mnq_pair(layer->input_zero_point, layer->input_zero_point);
    for (int32_t *word = on.taps; word != on.sums; ++word) {
        *word = border;
    }
    for (int32_t c = 0; c < layer->input_channels; ++c) {
        load_plane(layer, (const mnq_tap *)(const void *)input + c, &on);
        convolve_channel(layer, &on, weights, layer->channels + c,
                         output + c * mnq_bytes(layer->finish));
        weights += kernel.height * kernel.width;
    }
}

#if defined(MNQ_SIZES) && !defined(MNQ_CURVE)
#include "kernel_sizes.h"

int32_t mnq_depthwise_conv2d_dsp_scratch(const mnq_packed *layer)
{
    const int32_t rows = mnq_max((layer->output.height - 1) * layer->stride.height
                                     + layer->kernel.height,
                                 layer->padding.height + layer->input.height);
    const int32_t columns = mnq_max((layer->output.width - 1) * layer->stride.width
                                        + layer->kernel.width,
                                    layer->padding.width + layer->input.width);
    const int32_t width = (layer->output.width + 3) / 4 * 4;
    const int32_t rows_at_once = mnq_max(SUMS / (layer->stride.width * width), 1);
    const int32_t together = mnq_min(rows_at_once, layer->output.height);
    const int32_t words = rows * ((columns + 1) / 2) + SLACK + together * width;
    return (int32_t)sizeof(int32_t) * words;
}

int32_t mnq_depthwise_conv2d_dsp_weights(const mnq_packed *layer)
{
    return layer->kernel.height * layer->kernel.width * layer->output_channels;
}
#endif
