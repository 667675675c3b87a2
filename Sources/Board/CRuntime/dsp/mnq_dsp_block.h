/* The inner loops of mnq_conv2d_dsp: some pixels times some output channels. */
#ifndef MNQ_DSP_BLOCK_H
#define MNQ_DSP_BLOCK_H

#include "mnq_dsp.h"

#if defined(MNQ_WIDE) && MNQ_WIDE == 16
#define BLOCK 2   /* pixels */
#define GROUP 4   /* output channels */
#define STREAMS 1 /* of words of taps: a pair of one pixel, then that of the other */
#define WORDS 2
#define IN_PLACE 0 /* rows of taps that are made where their words will be */
#else
#define BLOCK 4
#define GROUP 2
#define STREAMS 3 /* each of two pixels in one word, from one pixel to the next */
#define WORDS 1
#define IN_PLACE 3
#endif

/* Some pixels and some groups of channels. */
typedef struct {
    const int32_t *pairs, *end;         /* the first stream of taps */
    int32_t stream;                     /* bytes from a stream to the next */
    const int32_t *weights;             /* of the channels from the next one on */
    const mnq_channel *channels, *last; /* the next one, and where they end */
    int8_t *to;                         /* the next codes of the first pixel */
    int32_t pitch;                      /* bytes from them to those of the next one */
    int32_t *sums;                      /* of MNQ_FINISH_CLAMP, all pixels' by channel */
    const int8_t *table;                /* mnq_table_dsp */
    int32_t finish;
    int32_t skip;                       /* bytes of the loop that begin no step */
} block;

/* Of two channels, whose weights lie in one word, the sums with the same taps. */
typedef struct {
    int32_t low, high;
} two_sums;

MNQ_INLINE two_sums multiply_word(int32_t taps, int32_t word, two_sums s)
{
    s.low = mnq_smlad(taps, mnq_sxtb16(word), s.low);
    s.high = mnq_smlad(taps, mnq_sxtb16_odd(word), s.high);
    return s;
}

#if MNQ_SPELLS_DSP
/* Loads that follow one another take a cycle each and one more, and one of two words three. A
 * compiler keeps sums and what they are made of in fourteen registers only when told all at once;
 * with a frame pointer it has none left for that. The loop is entered where the rest of the words
 * fill it. */
#define STEPS 16 /* of the loop */
#define TEXT(number) #number
#define TEXT_OF(number) TEXT(number)
#define FOUR_STEPS NEXT_STEP NEXT_STEP NEXT_STEP NEXT_STEP
#define ALL_STEPS                                                                                 \
    FIRST_STEP                                                                                    \
    "ldr.w %[w], %[skip]\n"                                                                       \
    "add pc, %[w]\n"                                                                              \
    "nop\n"                                                                                       \
    "1:\n" FOUR_STEPS FOUR_STEPS FOUR_STEPS FOUR_STEPS                                            \
    ".ifne . - 1b - " TEXT_OF(STEPS) " * " TEXT_OF(STEP_BYTES) "\n"                               \
    ".error \"a step is not STEP_BYTES long\"\n"                                                  \
    ".endif\n"                                                                                    \
    "ldr.w %[w], %[end]\n"                                                                        \
    "cmp %[pair], %[w]\n"                                                                         \
    "bne.w 1b\n"
/* What the code below knows of the struct that it reads. */
typedef char a_channel_is_16_bytes[sizeof(mnq_channel) == 16 ? 1 : -1];
typedef char a_channel_begins_with_the_bias[offsetof(mnq_channel, bias) == 0 ? 1 : -1];
typedef char then_comes_the_multiplier[offsetof(mnq_channel, multiplier) == 4 ? 1 : -1];
typedef char then_comes_the_rounding[offsetof(mnq_channel, rounding) == 8 ? 1 : -1];
typedef char then_come_the_shifts[offsetof(mnq_channel, right) == 13 ? 1 : -1];
typedef char and_the_lanes[offsetof(mnq_channel, lanes_left) == 14 ? 1 : -1];
typedef char finishes_are_in_order[MNQ_FINISH_POSITIVE == 0 && MNQ_FINISH_SATURATE == 1
                                           && MNQ_FINISH_CLAMP == 2 && MNQ_FINISH_TABLE == 3
                                       ? 1
                                       : -1];
#endif

#if defined(MNQ_WIDE) && MNQ_WIDE == 16

#define FINISHES_BLOCKS 0

#if MNQ_SPELLS_DSP
/* a to d: the upper channels of two words; e to h: the lower ones. */
#define STEP(a, b, c, d, e, f, g, h)                                                              \
    "ldr.w %[w], [%[weights]], #4\n"                                                              \
    "ldr.w %[y], [%[pair], #4]\n"                                                                 \
    "ldr.w %[x], [%[pair]], #8\n"                                                                 \
    "sxtb16 %[v], %[w], ror #8\n"                                                                 \
    "sxtb16 %[w], %[w]\n"                                                                         \
    "smlad %[a], %[x], %[v], %[" a "]\n"                                                          \
    "smlad %[b], %[y], %[v], %[" b "]\n"                                                          \
    "smlad %[e], %[x], %[w], %[" e "]\n"                                                          \
    "smlad %[f], %[y], %[w], %[" f "]\n"                                                          \
    "ldr.w %[w], [%[weights]], #4\n"                                                              \
    "sxtb16 %[v], %[w], ror #8\n"                                                                 \
    "sxtb16 %[w], %[w]\n"                                                                         \
    "smlad %[c], %[x], %[v], %[" c "]\n"                                                          \
    "smlad %[d], %[y], %[v], %[" d "]\n"                                                          \
    "smlad %[g], %[x], %[w], %[" g "]\n"                                                          \
    "smlad %[h], %[y], %[w], %[" h "]\n"
#define STEP_BYTES 64
#define FIRST_STEP STEP("b", "b", "d", "d", "f", "f", "h", "h")
#define NEXT_STEP STEP("a", "b", "c", "d", "e", "f", "g", "h")

/* Goes on to the last channel. */
MNQ_INLINE void multiply_block(block *on)
{
    int32_t a, b, c, d, e, f, g, h, w, v, x, y;
    const int32_t *pair, *weights;
    __asm__("ldr.w %[pair], %[channels]\n"
            "ldr.w %[weights], %[kept]\n"
            ".p2align 2\n"
            "0:\n"
            "ldr.w %[f], [%[pair]]\n"
            "ldr.w %[b], [%[pair], #16]\n"
            "ldr.w %[h], [%[pair], #32]\n"
            "ldr.w %[d], [%[pair], #48]\n"
            "ldr.w %[pair], %[pairs]\n" ALL_STEPS
            "ldr.w %[x], %[sums]\n"
            "ldr.w %[pair], %[channels]\n"
            "ldr.w %[y], %[last]\n"
            "str.w %[e], [%[x]], #4\n"
            "str.w %[f], [%[x]], #4\n"
            "str.w %[a], [%[x]], #4\n"
            "str.w %[b], [%[x]], #4\n"
            "str.w %[g], [%[x]], #4\n"
            "str.w %[h], [%[x]], #4\n"
            "str.w %[c], [%[x]], #4\n"
            "str.w %[d], [%[x]], #4\n"
            "add.w %[pair], %[pair], #64\n"
            "str.w %[x], %[sums]\n"
            "str.w %[pair], %[channels]\n"
            "cmp %[pair], %[y]\n"
            "bne.w 0b\n"
            "str.w %[weights], %[kept]\n"
            : [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d), [e] "=&r"(e), [f] "=&r"(f),
              [g] "=&r"(g), [h] "=&r"(h), [weights] "=&r"(weights), [pair] "=&r"(pair),
              [w] "=&r"(w), [v] "=&r"(v), [x] "=&r"(x), [y] "=&r"(y), [kept] "+m"(on->weights),
              [channels] "+m"(on->channels), [sums] "+m"(on->sums)
            : [pairs] "m"(on->pairs), [end] "m"(on->end), [last] "m"(on->last),
              [skip] "m"(on->skip)
            : "memory", "cc");
}
#else
static void multiply_block(block *on)
{
    const int32_t count = (int32_t)(on->end - on->pairs) / WORDS;
    for (int32_t half = 0; on->channels != on->last; on->channels += 2) {
        two_sums s = {on->channels[0].bias, on->channels[1].bias}, t = s;
        for (int32_t i = 0; i < count; ++i) {
            const int32_t word = on->weights[2 * i + half];
            s = multiply_word(on->pairs[WORDS * i], word, s);
            t = multiply_word(on->pairs[WORDS * i + 1], word, t);
        }
        *on->sums++ = s.low;
        *on->sums++ = t.low;
        *on->sums++ = s.high;
        *on->sums++ = t.high;
        on->weights += half ? 2 * count : 0;
        half = !half;
    }
}
#endif

#else

/* The halfwords of a stream are (x + 128) + 256 * y for taps x and y of two neighboring pixels, so
 * that one multiplication serves both. With X, Y, Z and T for the sums of four pixels, those of the
 * three streams, less 128 times the weights, are
 *
 *     a = X + 256 Y    b = Y + 256 Z    c = Z + 256 T
 *
 * and a - 256 b + 65536 c = X + 2^24 T. X fits in 24 bits, which makes the others come apart too. */
#define UPPERS ((int32_t)0xFF00FF00) /* the high bytes of halfwords */
#define SIGNS ((int32_t)0x80808080)  /* of bytes: without, they have 128 added */

/* Taps of two pixels in one halfword; the upper one of such a word meets no weight. */
MNQ_INLINE int32_t joined(int32_t x, int32_t y) { return x + 128 + 256 * y; }

/* The same of four, first those of bytes 0 and 2. */
MNQ_INLINE int32_t even_taps(int32_t x, int32_t y)
{
    return mnq_uxtab16((int32_t)((uint32_t)y << 8) & UPPERS, x ^ SIGNS);
}

MNQ_INLINE int32_t odd_taps(int32_t x, int32_t y)
{
    return mnq_uxtab16_odd(y & UPPERS, x ^ SIGNS);
}

#if defined(MNQ_CURVE) || defined(MNQ_WIDE)
#define FINISHES_BLOCKS 0
#else
#define FINISHES_BLOCKS MNQ_SPELLS_DSP
#endif

#if MNQ_SPELLS_DSP
/* a to c: the sums of the lower channel; d to f: of the upper one. */
#define STEP(a, b, c, d, e, f)                                                                    \
    "ldr.w %[r], [%[pair], %[n], lsl #1]\n"                                                       \
    "ldr.w %[q], [%[pair], %[n]]\n"                                                               \
    "ldr.w %[w], [%[weights]], #4\n"                                                              \
    "ldr.w %[p], [%[pair]], #4\n"                                                                 \
    "sxtb16 %[v], %[w], ror #8\n"                                                                 \
    "sxtb16 %[w], %[w]\n"                                                                         \
    "smlad %[d], %[p], %[v], %[" d "]\n"                                                          \
    "smlad %[e], %[q], %[v], %[" e "]\n"                                                          \
    "smlad %[f], %[r], %[v], %[" f "]\n"                                                          \
    "smlad %[a], %[p], %[w], %[" a "]\n"                                                          \
    "smlad %[b], %[q], %[w], %[" b "]\n"                                                          \
    "smlad %[c], %[r], %[w], %[" c "]\n"
#define STEP_BYTES 48
#define FIRST_STEP STEP("c", "c", "c", "f", "f", "f")
#define NEXT_STEP STEP("a", "b", "c", "d", "e", "f")

/* x, a, b and c become twice the sums of four pixels. The channel's constants lie from the offset
 * on: twice its bias in `twice`, then r, w and v. */
#define APART(x, a, b, c, twice, bias, multiplier, rounding, right)                               \
    "ldr.w %[" twice "], [%[pair], #" bias "]\n"                                                  \
    "ldr.w %[r], [%[pair], #" multiplier "]\n"                                                    \
    "ldr.w %[w], [%[pair], #" rounding "]\n"                                                      \
    "ldrb.w %[v], [%[pair], #" right "]\n"                                                        \
    "sub.w %[" x "], %[" a "], %[" b "], lsl #8\n"                                                \
    "add.w %[" x "], %[" x "], %[" c "], lsl #16\n"                                               \
    "lsl.w %[" twice "], %[" twice "], #1\n"                                                      \
    "lsl.w %[" x "], %[" x "], #8\n"                                                              \
    "sub.w %[" a "], %[" a "], %[" x "], asr #8\n"                                                \
    "add.w %[" x "], %[" twice "], %[" x "], asr #7\n"                                            \
    "sub.w %[" b "], %[" b "], %[" a "], asr #8\n"                                                \
    "add.w %[" a "], %[" twice "], %[" a "], asr #7\n"                                            \
    "sub.w %[" c "], %[" c "], %[" b "], asr #8\n"                                                \
    "add.w %[" b "], %[" twice "], %[" b "], asr #7\n"                                            \
    "add.w %[" c "], %[" twice "], %[" c "], asr #7\n"
#define LOWER APART("p", "a", "b", "c", "q", "0", "4", "8", "13")
#define UPPER APART("q", "d", "e", "f", "n", "16", "20", "24", "29")

/* mnq_put_shifted_dsp up to the code, of sums that are doubled, since no shift goes left. */
#define PRODUCT(x, t) "smmlar %[" x "], %[" x "], %[r], %[w]\n"
#define ROUNDED(x, t)                                                                             \
    "smmlar %[" t "], %[" x "], %[r], %[w]\n"                                                     \
    "add.w %[" x "], %[" t "], %[" x "], asr #31\n"
#define SHIFTED(x, t) "asr.w %[" x "], %[" x "], %[v]\n"
#define SATURATED(x, t) "ssat %[" x "], #8, %[" x "]\n"
#define LOOKED_UP(x, t) "ldrsb.w %[" x "], [%[" t "], %[" x "]]\n"
#define EACH(DO, x, a, b, c, t) DO(x, t) DO(a, t) DO(b, t) DO(c, t)
#define POSITIVE(...)                                                                             \
    EACH(PRODUCT, __VA_ARGS__) EACH(SHIFTED, __VA_ARGS__) EACH(SATURATED, __VA_ARGS__)
#define SATURATE(...)                                                                             \
    EACH(ROUNDED, __VA_ARGS__) EACH(SHIFTED, __VA_ARGS__) EACH(SATURATED, __VA_ARGS__)
#define TABLE(x, a, b, c, t)                                                                      \
    SATURATE(x, a, b, c, t) "ldr.w %[" t "], %[table]\n" EACH(LOOKED_UP, x, a, b, c, t)
#if FINISHES_BLOCKS
#define BOTH(FINISH) LOWER FINISH("p", "a", "b", "c", "q") UPPER FINISH("q", "d", "e", "f", "n")
#else
#define BOTH(FINISH) ""
#endif
#define STORED_SUM(x) "asr.w %[" x "], %[" x "], #1\n str.w %[" x "], [%[r]], #4\n"

/* Goes on to the last channel. */
MNQ_INLINE void multiply_block(block *on)
{
    int32_t a, b, c, d, e, f, p, q, r, w, v, n;
    const int32_t *pair, *weights;
    __asm__("ldr.w %[pair], %[channels]\n"
            "ldr.w %[weights], %[kept]\n"
            ".p2align 2\n"
            "0:\n"
            "ldrsh.w %[c], [%[pair], #14]\n"
            "ldrsh.w %[f], [%[pair], #30]\n"
            "ldr.w %[n], %[stream]\n"
            "ldr.w %[pair], %[pairs]\n"
            "lsl.w %[c], %[c], #7\n"
            "lsl.w %[f], %[f], #7\n" ALL_STEPS
            "ldr.w %[w], %[finish]\n"
            "ldr.w %[pair], %[channels]\n"
            "cmp %[w], #1\n"
            "bhs.w 3f\n" BOTH(POSITIVE)
            "2:\n"
            "ldr.w %[r], %[to]\n"
            "ldr.w %[w], %[pitch]\n"
            "bfi %[p], %[q], #8, #8\n"
            "bfi %[a], %[d], #8, #8\n"
            "bfi %[b], %[e], #8, #8\n"
            "bfi %[c], %[f], #8, #8\n"
            "add.w %[v], %[r], %[w]\n"
            "add.w %[q], %[r], %[w], lsl #1\n"
            "strh.w %[p], [%[r]], #2\n"
            "add.w %[n], %[v], %[w], lsl #1\n"
            "strh.w %[a], [%[v]]\n"
            "strh.w %[b], [%[q]]\n"
            "strh.w %[c], [%[n]]\n"
            "str.w %[r], %[to]\n"
            "8:\n"
            "ldr.w %[w], %[last]\n"
            "add.w %[pair], %[pair], #32\n"
            "str.w %[pair], %[channels]\n"
            "cmp %[pair], %[w]\n"
            "bne.w 0b\n"
            "b.w 9f\n"
            "3: bhi.w 4f\n" BOTH(SATURATE)
            "b.w 2b\n"
            "4: cmp %[w], #3\n"
            "bne.w 5f\n" BOTH(TABLE)
            "b.w 2b\n"
            "5:\n" LOWER
            "ldr.w %[r], %[sums]\n"
            STORED_SUM("p") STORED_SUM("a") STORED_SUM("b") STORED_SUM("c")
            "str.w %[r], %[sums]\n" UPPER
            "ldr.w %[r], %[sums]\n"
            STORED_SUM("q") STORED_SUM("d") STORED_SUM("e") STORED_SUM("f")
            "str.w %[r], %[sums]\n"
            "b.w 8b\n"
            "9:\n"
            "str.w %[weights], %[kept]\n"
            : [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d), [e] "=&r"(e), [f] "=&r"(f),
              [p] "=&r"(p), [q] "=&r"(q), [r] "=&r"(r), [w] "=&r"(w), [v] "=&r"(v), [n] "=&r"(n),
              [weights] "=&r"(weights), [pair] "=&r"(pair), [kept] "+m"(on->weights),
              [channels] "+m"(on->channels), [to] "+m"(on->to), [sums] "+m"(on->sums)
            : [pairs] "m"(on->pairs), [end] "m"(on->end), [last] "m"(on->last),
              [stream] "m"(on->stream), [skip] "m"(on->skip), [table] "m"(on->table),
              [pitch] "m"(on->pitch), [finish] "m"(on->finish)
            : "memory", "cc");
}
#else
/* The sums of four pixels, from those of the streams on. */
MNQ_INLINE void take_apart(const int32_t *streams, int32_t bias, int32_t *sums)
{
    const uint32_t a = (uint32_t)streams[0], b = (uint32_t)streams[1], c = (uint32_t)streams[2];
    const int32_t x = (int32_t)((a - (b << 8) + (c << 16)) << 8) >> 8;
    const int32_t y = (int32_t)(a - (uint32_t)x) >> 8;
    const int32_t z = (int32_t)(b - (uint32_t)y) >> 8;
    const int32_t t = (int32_t)(c - (uint32_t)z) >> 8;
    sums[0] = x + bias;
    sums[1] = y + bias;
    sums[2] = z + bias;
    sums[3] = t + bias;
}

static void multiply_block(block *on)
{
    const int32_t count = (int32_t)(on->end - on->pairs);
    for (; on->channels != on->last; on->channels += GROUP) {
        const two_sums start = {mnq_offset_dsp(on->channels), mnq_offset_dsp(on->channels + 1)};
        two_sums a = start, b = start, c = start;
        for (int32_t i = 0; i < count; ++i) {
            const int32_t word = on->weights[i];
            a = multiply_word(on->pairs[i], word, a);
            b = multiply_word(on->pairs[i + count], word, b);
            c = multiply_word(on->pairs[i + 2 * count], word, c);
        }
        const int32_t low[STREAMS] = {a.low, b.low, c.low};
        const int32_t high[STREAMS] = {a.high, b.high, c.high};
        take_apart(low, on->channels[0].bias, on->sums);
        take_apart(high, on->channels[1].bias, on->sums + BLOCK);
        on->sums += GROUP * BLOCK;
        on->weights += count;
    }
}
#endif
#endif

MNQ_INLINE int32_t block_skip(int32_t count)
{
#if MNQ_SPELLS_DSP
    return (STEPS - (count - 1) % STEPS) * STEP_BYTES;
#else
    return count * 0;
#endif
}

#endif
