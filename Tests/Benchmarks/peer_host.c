/* Runs a peer's C on this machine for so many seconds and prints images per CPU-second. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#ifdef PEER_BAKENN
#include "bknn_peer.h"
static int8_t input[BKNN_PEER_INPUT_BYTES], output[BKNN_PEER_OUTPUT_BYTES];
static _Alignas(64) uint8_t arena[BKNN_PEER_ARENA_SIZE];
static void run(void) { bknn_peer_infer(arena, input, output); }
#else
/* emx-onnx-cgen's, of a network with an open batch. */
void peer(int images, const void *input, void *output);
static float input[1 << 20], output[1 << 12];
static void run(void) { peer(1, input, output); }
#endif

int main(int count, char **words)
{
    const double seconds = count > 1 ? atof(words[1]) : 1;
    long images = 0;
    double spent;
    run();
    const clock_t start = clock();
    do {
        run();
        ++images;
        spent = (double)(clock() - start) / CLOCKS_PER_SEC;
    } while (spent < seconds);
    printf("%f\n", (double)images / spent);
    return 0;
}
