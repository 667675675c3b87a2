/* Runs the self-tests and prints one line for each figure.
 * Ends with status 0 only when every output is exact. */
#include <string.h>

#ifdef PORT_ROWS
#include "net.c" /* whose rows are then counted one by one */
#else
#include "net.h"
#endif
#include "net_selftest.h"
#include "port.h"

static NET_ALIGNED uint8_t arena[NET_ARENA_BYTES];

/* Decimal digits of value, ending at the last byte of text; returns the first digit. */
static const char *digits(uint64_t value, char text[21])
{
    char *digit = text + 20;
    *digit = '\0';
    do {
        *--digit = (char)('0' + (int)(value % 10));
        value /= 10;
    } while (value != 0);
    return digit;
}

static void print_number(uint64_t value)
{
    char text[21];
    port_print(digits(value, text));
}

static void print_figure(const char *name, uint64_t value)
{
    port_print(name);
    port_print(": ");
    print_number(value);
    port_print("\n");
}

static void load(int test)
{
    memcpy(net_input(arena), net_selftest_inputs[test], NET_INPUT_BYTES);
}

/* Returns 1 when the output in the arena is that of the self-test, byte for byte. */
static int is_exact(int test)
{
    const int8_t *output = net_output(arena);
    for (int i = 0; i < NET_OUTPUT_BYTES; ++i) {
        if (output[i] != net_selftest_outputs[test][i]) {
            port_print("self-test ");
            print_number((uint64_t)test + 1);
            port_print(" differs first at output ");
            print_number((uint64_t)i);
            port_print("\n");
            return 0;
        }
    }
    return 1;
}

static int count_exact(void)
{
    int exact = 0;
    for (int test = 0; test < NET_SELFTEST_COUNT; ++test) {
        load(test);
        net_run(arena);
        exact += is_exact(test);
    }
    return exact;
}

#if defined(PORT_ROWS)
/* Prints what each row of the layer table takes, a line each. */
static void print_figures(void)
{
    load(0);
    for (int32_t row = 0; row < NET_ROW_COUNT; ++row) {
        port_count_start();
        net_run_row(&net_rows[row], (int8_t *)arena);
        const uint64_t instructions = port_count();
        port_print("row ");
        print_number((uint64_t)row);
        print_figure("", instructions);
    }
}
#elif defined(PORT_EMULATED)
static uint32_t measure_stack(void)
{
    load(0);
    port_stack_paint();
    net_run(arena);
    return port_stack_bytes();
}

static uint64_t measure_instructions(void)
{
    load(0);
    port_count_start();
    net_run(arena);
    return port_count();
}

static void print_figures(void)
{
    print_figure("instructions", measure_instructions());
    print_figure("arena", NET_ARENA_BYTES);
    print_figure("stack", measure_stack());
    print_figure("code", port_code_bytes());
    print_figure("tables", port_table_bytes());
}
#else
static void print_figures(void)
{
    print_figure("arena", NET_ARENA_BYTES);
}
#endif

int main(void)
{
    if (net_init(arena) != 0) {
        port_print("the arena is not aligned to 16 bytes\n");
        return 1;
    }
    const int exact = count_exact();
    port_print("self-test: ");
    print_number((uint64_t)exact);
    port_print("/");
    print_number(NET_SELFTEST_COUNT);
    port_print(" exact\n");
    print_figures();
    return exact == NET_SELFTEST_COUNT ? 0 : 1;
}
