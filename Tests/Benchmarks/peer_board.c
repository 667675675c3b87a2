/* BakeNN's C in the place of the runtime of an emitted folder: its self-tests and figures. */
#include <string.h>

#include "bknn_peer.h"
#include "net_selftest.h"
#include "port.h"

static _Alignas(16) uint8_t arena[BKNN_PEER_ARENA_SIZE];
static int8_t input[BKNN_PEER_INPUT_BYTES], output[BKNN_PEER_OUTPUT_BYTES];

static void print_number(uint64_t value)
{
    char text[21] = "";
    char *digit = text + sizeof text - 1;
    do {
        *--digit = (char)('0' + (int)(value % 10));
        value /= 10;
    } while (value != 0);
    port_print(digit);
}

static void print_figure(const char *name, uint64_t value)
{
    port_print(name);
    port_print(": ");
    print_number(value);
    port_print("\n");
}

int main(void)
{
    int exact = 0;
    for (int test = 0; test < NET_SELFTEST_COUNT; ++test) {
        memcpy(input, net_selftest_inputs[test], sizeof input);
        bknn_peer_infer(arena, input, output);
        exact += memcmp(output, net_selftest_outputs[test], sizeof output) == 0;
    }
    port_print("self-test: ");
    print_number((uint64_t)exact);
    port_print("/");
    print_number(NET_SELFTEST_COUNT);
    port_print(" exact\n");
    port_count_start();
    bknn_peer_infer(arena, input, output);
    print_figure("instructions", port_count());
    print_figure("arena", sizeof arena + sizeof input + sizeof output);
    print_figure("code", port_code_bytes());
    print_figure("tables", port_table_bytes());
    return 0;
}
