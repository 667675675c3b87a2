/* How many of 3,000 random channels get which kind of line, and the time to find it: one row of the
 * table in Docs/HostKernels.md. `line_kinds.py` compiles it with the constants of that row. */
#include <stdio.h>
#include <time.h>

#include "mnqh_panel_s8.h"

enum { CHANNELS = 3000 };

static uint64_t state = 1;

/* A number in `least ... most`. Source: SplitMix64, Steele et al., doi:10.1145/2660193.2660195. */
static int32_t draw(int32_t least, int32_t most)
{
    uint64_t z = state += 0x9E3779B97F4A7C15U;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return least + (int32_t)((z ^ (z >> 31)) % (uint64_t)(most - least + 1));
}

/* 9 to 288 weights, few of them large, a bias to 10,000, a factor of 2^-13 ... 2^-5. */
static mnqh_panel_kind draw_kind(const mnqh_codes *codes)
{
    mnqh_panel_channel channel = {0};
    for (int32_t taps = draw(9, 288); taps > 0; --taps) {
        mnqh_add_weight(&channel.sums, (int8_t)(draw(-42, 42) + draw(-42, 42) + draw(-43, 43)));
    }
    const int32_t bias = draw(-10000, 10000);
    const int32_t multiplier = draw(1 << 30, INT32_MAX);
    const int8_t shift = (int8_t)draw(-12, -5);
    const mnqh_channel_constants constants = {NULL, &bias, &multiplier, &shift};
    mnqh_panel_s8 panel;
    mnqh_pack_panel_s8(&constants, codes, &channel, 1, &panel);
    return panel.kind;
}

int main(void)
{
    const mnqh_codes columns[] = {
        {-128, -128, -128, 127, MNQH_ROUND_DOUBLE},
        {-128, 3, -128, 127, MNQH_ROUND_DOUBLE},
        {-128, 3, -128, 127, MNQH_ROUND_SINGLE_UP},
        {-128, 3, -128, 127, MNQH_ROUND_SINGLE_AWAY},
    };
    double shortest = 0;
    double longest = 0;
    for (int column = 0; column < 4; ++column) {
        int counts[4] = {0};
        state = 1;
        const clock_t start = clock();
        for (int i = 0; i < CHANNELS; ++i) {
            counts[draw_kind(&columns[column])] += 1;
        }
        const double time = (double)(clock() - start) / CLOCKS_PER_SEC / CHANNELS * 1e6;
        shortest = column == 0 || time < shortest ? time : shortest;
        longest = time > longest ? time : longest;
        printf("%.1f, %.1f, %.1f, %.1f | ", counts[0] * 100.0 / CHANNELS,
               counts[1] * 100.0 / CHANNELS, counts[2] * 100.0 / CHANNELS,
               counts[3] * 100.0 / CHANNELS);
    }
    printf("%.0f to %.0f\n", shortest, longest);
    return 0;
}
