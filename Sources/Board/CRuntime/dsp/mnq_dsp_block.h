/* The inner loop of mnq_conv2d_dsp: two pixels times four output channels. */
#ifndef MNQ_DSP_BLOCK_H
#define MNQ_DSP_BLOCK_H

#include "mnq_dsp.h"

#define BLOCK 2 /* pixels */
#define GROUP 4 /* output channels */

/* One pixel's sums of two channels, `both` of the upper one alone with MNQ_WIDE. */
typedef struct {
    int32_t both, low;
} pixel_sums;

MNQ_INLINE pixel_sums multiply_word(int32_t pair, int32_t word, pixel_sums s)
{
#ifdef MNQ_WIDE
    s.both = mnq_smlad(pair, mnq_sxtb16_odd(word), s.both);
#else
    s.both = mnq_smlad(pair, word, s.both);
#endif
    s.low = mnq_smlad(pair, mnq_sxtb16(word), s.low);
    return s;
}

/* The accumulator of the upper of two channels, whose sums began at the bias of the lower one. */
MNQ_INLINE int32_t upper(pixel_sums s, int32_t lower_bias, int32_t bias)
{
#ifdef MNQ_WIDE
    return mnq_wrapping_sum(s.both, (int32_t)((uint32_t)bias - (uint32_t)lower_bias));
#else
    (void)lower_bias;
    return ((int32_t)((uint32_t)s.both - (uint32_t)s.low) >> 8) + bias;
#endif
}

/* Two pixels and some fours of channels. */
typedef struct {
    const int32_t *pairs, *end;           /* of the pixels, side by side */
    const int32_t *weights;               /* of the channels from the next one on */
    const mnq_channel *channels, *last;   /* the next one, and where they end */
    int8_t *x, *y;                        /* the next codes of the first and the second pixel */
    int32_t *sums;                        /* of MNQ_FINISH_CLAMP, both pixels' by channel */
    const int8_t *table;                  /* mnq_table_dsp */
    int32_t finish;
    int32_t skip;                         /* bytes of the loop that begin no step */
} block;

#if MNQ_SPELLS_DSP

/* Two words of weights times one pair of each of two pixels. Loads that follow one another take a
 * cycle each and one more, and one of two words three. A compiler keeps eight sums and what they
 * are made of in fourteen registers only when told all at once; with a frame pointer it has none
 * left for that. a to d: both channels of w and of v; e to h: the lower ones. The first step
 * begins at the biases in f and h, and the loop is entered where the rest of the words fill it. */
#ifdef MNQ_WIDE
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
/* The upper channels' sums, whose biases are in x and y: they began at the lower ones'. */
#define UPPERS                                                                                    \
    "ldr.w %[weights], [%[pair]]\n"                                                               \
    "sub.w %[x], %[x], %[weights]\n"                                                              \
    "ldr.w %[weights], [%[pair], #32]\n"                                                          \
    "sub.w %[y], %[y], %[weights]\n"                                                              \
    "add.w %[a], %[a], %[x]\n"                                                                    \
    "add.w %[b], %[b], %[x]\n"                                                                    \
    "add.w %[c], %[c], %[y]\n"                                                                    \
    "add.w %[d], %[d], %[y]\n"
#define HALVED
#else
#define STEP(a, b, c, d, e, f, g, h)                                                              \
    "ldr.w %[v], [%[weights], #4]\n"                                                              \
    "ldr.w %[w], [%[weights]], #8\n"                                                              \
    "ldr.w %[y], [%[pair], #4]\n"                                                                 \
    "ldr.w %[x], [%[pair]], #8\n"                                                                 \
    "smlad %[a], %[x], %[w], %[" a "]\n"                                                          \
    "smlad %[b], %[y], %[w], %[" b "]\n"                                                          \
    "smlad %[c], %[x], %[v], %[" c "]\n"                                                          \
    "smlad %[d], %[y], %[v], %[" d "]\n"                                                          \
    "sxtb16 %[w], %[w]\n"                                                                         \
    "sxtb16 %[v], %[v]\n"                                                                         \
    "smlad %[e], %[x], %[w], %[" e "]\n"                                                          \
    "smlad %[f], %[y], %[w], %[" f "]\n"                                                          \
    "smlad %[g], %[x], %[v], %[" g "]\n"                                                          \
    "smlad %[h], %[y], %[v], %[" h "]\n"
#define STEP_BYTES 56
/* The upper channels' sums, doubled. */
#define UPPERS                                                                                    \
    "sub.w %[a], %[a], %[e]\n"                                                                    \
    "sub.w %[b], %[b], %[f]\n"                                                                    \
    "sub.w %[c], %[c], %[g]\n"                                                                    \
    "sub.w %[d], %[d], %[h]\n"                                                                    \
    "lsl.w %[x], %[x], #1\n"                                                                      \
    "lsl.w %[y], %[y], #1\n"                                                                      \
    "add.w %[a], %[x], %[a], asr #7\n"                                                            \
    "add.w %[b], %[x], %[b], asr #7\n"                                                            \
    "add.w %[c], %[y], %[c], asr #7\n"                                                            \
    "add.w %[d], %[y], %[d], asr #7\n"
#define HALVED                                                                                    \
    "asr.w %[a], %[a], #1\n"                                                                      \
    "asr.w %[b], %[b], #1\n"                                                                      \
    "asr.w %[c], %[c], #1\n"                                                                      \
    "asr.w %[d], %[d], #1\n"
#endif
#define FIRST_STEP STEP("f", "f", "h", "h", "f", "f", "h", "h")
#define NEXT_STEP STEP("a", "b", "c", "d", "e", "f", "g", "h")
#define FOUR_STEPS NEXT_STEP NEXT_STEP NEXT_STEP NEXT_STEP
#define STEPS 16 /* of the loop */
#define TEXT(number) #number
#define TEXT_OF(number) TEXT(number)

/* The codes of a channel behind w and v: mnq_shifted_code_dsp of sums that are `doubled`, since
 * no shift goes left. Its constants lie at the offsets from pair on. */
#define DOUBLED(p, q) "lsl.w %[" p "], %[" p "], #1\n lsl.w %[" q "], %[" q "], #1\n"
#define STORED(p, q) "strb.w %[" p "], [%[w]], #1\n strb.w %[" q "], [%[v]], #1\n"
#define SATURATED(p, q)                                                                           \
    "asr.w %[" p "], %[" p "], %[weights]\n"                                                      \
    "asr.w %[" q "], %[" q "], %[weights]\n"                                                      \
    "ssat %[" p "], #8, %[" p "]\n"                                                               \
    "ssat %[" q "], #8, %[" q "]\n"
#define POSITIVE(p, q, multiplier, rounding, right, doubled)                                      \
    "ldr.w %[x], [%[pair], #" multiplier "]\n"                                                    \
    "ldr.w %[y], [%[pair], #" rounding "]\n"                                                      \
    "ldrb.w %[weights], [%[pair], #" right "]\n" doubled                                          \
    "smmlar %[" p "], %[" p "], %[x], %[y]\n"                                                     \
    "smmlar %[" q "], %[" q "], %[x], %[y]\n" SATURATED(p, q) STORED(p, q)
#define ROUNDED(p, q, multiplier, rounding, right, doubled)                                       \
    "ldr.w %[x], [%[pair], #" multiplier "]\n"                                                    \
    "ldr.w %[y], [%[pair], #" rounding "]\n" doubled                                              \
    "smmlar %[weights], %[" p "], %[x], %[y]\n"                                                   \
    "add.w %[" p "], %[weights], %[" p "], asr #31\n"                                             \
    "smmlar %[weights], %[" q "], %[x], %[y]\n"                                                   \
    "add.w %[" q "], %[weights], %[" q "], asr #31\n"                                             \
    "ldrb.w %[weights], [%[pair], #" right "]\n" SATURATED(p, q)
#define SATURATE(p, q, multiplier, rounding, right, doubled)                                      \
    ROUNDED(p, q, multiplier, rounding, right, doubled) STORED(p, q)
#define TABLE(p, q, multiplier, rounding, right, doubled)                                         \
    ROUNDED(p, q, multiplier, rounding, right, doubled)                                           \
    "ldr.w %[x], %[table]\n"                                                                      \
    "ldrsb.w %[" p "], [%[x], %[" p "]]\n"                                                        \
    "ldrsb.w %[" q "], [%[x], %[" q "]]\n" STORED(p, q)
#if defined(MNQ_CURVE) || defined(MNQ_WIDE)
#define FINISHES_BLOCKS 0
#define FOUR(FINISH) ""
#else
#define FINISHES_BLOCKS 1
#define FOUR(FINISH)                                                                              \
    FINISH("e", "f", "4", "8", "13", DOUBLED("e", "f"))                                           \
    FINISH("a", "b", "20", "24", "29", "")                                                        \
    FINISH("g", "h", "36", "40", "45", DOUBLED("g", "h"))                                         \
    FINISH("c", "d", "52", "56", "61", "")
#endif

/* What the code below knows of the struct that it reads. */
typedef char a_channel_is_16_bytes[sizeof(mnq_channel) == 16 ? 1 : -1];
typedef char a_channel_begins_with_the_bias[offsetof(mnq_channel, bias) == 0 ? 1 : -1];
typedef char then_comes_the_multiplier[offsetof(mnq_channel, multiplier) == 4 ? 1 : -1];
typedef char then_comes_the_rounding[offsetof(mnq_channel, rounding) == 8 ? 1 : -1];
typedef char then_come_the_shifts[offsetof(mnq_channel, right) == 13 ? 1 : -1];
typedef char finishes_are_in_order[MNQ_FINISH_POSITIVE == 0 && MNQ_FINISH_SATURATE == 1
                                           && MNQ_FINISH_CLAMP == 2 && MNQ_FINISH_TABLE == 3
                                       ? 1
                                       : -1];

MNQ_INLINE int32_t block_skip(int32_t count)
{
    return (STEPS - (count - 1) % STEPS) * STEP_BYTES;
}

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
            "ldr.w %[h], [%[pair], #32]\n"
            "ldr.w %[pair], %[pairs]\n"
            FIRST_STEP
            "ldr.w %[w], %[skip]\n"
            "add pc, %[w]\n"
            "nop\n"
            "1:\n" FOUR_STEPS FOUR_STEPS FOUR_STEPS FOUR_STEPS
            ".ifne . - 1b - " TEXT_OF(STEPS) " * " TEXT_OF(STEP_BYTES) "\n"
            ".error \"a step is not STEP_BYTES long\"\n"
            ".endif\n"
            "ldr.w %[w], %[end]\n"
            "cmp %[pair], %[w]\n"
            "bne.w 1b\n"
            "str.w %[weights], %[kept]\n"
            "ldr.w %[pair], %[channels]\n"
            "ldr.w %[w], %[to_x]\n"
            "ldr.w %[v], %[to_y]\n"
            "ldr.w %[x], [%[pair], #16]\n"
            "ldr.w %[y], [%[pair], #48]\n"
            UPPERS
            "ldr.w %[weights], %[finish]\n"
            "cmp %[weights], #1\n"
            "bhs.w 3f\n" FOUR(POSITIVE)
            "2:\n"
            "str.w %[w], %[to_x]\n"
            "str.w %[v], %[to_y]\n"
            "add.w %[pair], %[pair], #64\n"
            "str.w %[pair], %[channels]\n"
            "ldr.w %[x], %[last]\n"
            "ldr.w %[weights], %[kept]\n"
            "cmp %[pair], %[x]\n"
            "bne.w 0b\n"
            "b.w 6f\n"
            "3: bhi.w 4f\n" FOUR(SATURATE)
            "b.w 2b\n"
            "4: cmp %[weights], #3\n"
            "bne.w 5f\n" FOUR(TABLE)
            "b.w 2b\n"
            "5:\n"
            HALVED
            "ldr.w %[x], %[sums]\n"
            "str.w %[e], [%[x]], #4\n"
            "str.w %[f], [%[x]], #4\n"
            "str.w %[a], [%[x]], #4\n"
            "str.w %[b], [%[x]], #4\n"
            "str.w %[g], [%[x]], #4\n"
            "str.w %[h], [%[x]], #4\n"
            "str.w %[c], [%[x]], #4\n"
            "str.w %[d], [%[x]], #4\n"
            "str.w %[x], %[sums]\n"
            "b.w 2b\n"
            "6:\n"
            : [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d), [e] "=&r"(e), [f] "=&r"(f),
              [g] "=&r"(g), [h] "=&r"(h), [weights] "=&r"(weights), [pair] "=&r"(pair),
              [w] "=&r"(w), [v] "=&r"(v), [x] "=&r"(x), [y] "=&r"(y), [kept] "+m"(on->weights),
              [channels] "+m"(on->channels), [to_x] "+m"(on->x), [to_y] "+m"(on->y),
              [finish] "+m"(on->finish)
            : [pairs] "m"(on->pairs), [end] "m"(on->end), [last] "m"(on->last),
              [skip] "m"(on->skip), [table] "m"(on->table), [sums] "m"(on->sums)
            : "memory", "cc");
}
#else
#define FINISHES_BLOCKS 0

MNQ_INLINE int32_t block_skip(int32_t count) { return count * 0; }

static void multiply_block(block *on)
{
    const int32_t count = (int32_t)(on->end - on->pairs) / BLOCK;
    for (int32_t half = 0; on->channels != on->last; on->channels += 2) {
        const int32_t first = on->channels[0].bias, second = on->channels[1].bias;
        pixel_sums s = {first, first}, t = s;
        for (int32_t i = 0; i < count; ++i) {
            const int32_t word = on->weights[2 * i + half];
            s = multiply_word(on->pairs[BLOCK * i], word, s);
            t = multiply_word(on->pairs[BLOCK * i + 1], word, t);
        }
        *on->sums++ = s.low;
        *on->sums++ = t.low;
        *on->sums++ = upper(s, first, second);
        *on->sums++ = upper(t, first, second);
        on->weights += half ? 2 * count : 0;
        half = !half;
    }
}
#endif

#endif
