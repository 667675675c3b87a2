/* Checks the tables, runs the self-tests and prints one line for each figure.
 * Ends with status 0 only when the tables are whole and every output is exact. Where something
 * else has a main, net_self_test is what it calls. */
#include <string.h>

#include "net.h"
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

static void print_row(int32_t row)
{
    port_print("layer '");
    port_print(net_selftest_rows[row].layer);
    port_print("', row ");
    print_number((uint64_t)row);
}

/* Returns 1 when all is well; else says where and why. */
static int is_well(const char *where, mnq_status status)
{
    switch (status) {
    case MNQ_OK:
        return 1;
    case MNQ_NO_ARENA:
        port_print("there is no arena: ");
        break;
    case MNQ_MISALIGNED_ARENA:
        port_print("the arena does not begin at a multiple of 16 bytes: ");
        break;
    case MNQ_UNKNOWN_ROW:
        port_print("the layer table has no such row, or no such kernel: ");
        break;
    case MNQ_TABLES_DIFFER:
        port_print("the tables are not those that were emitted: ");
        break;
    case MNQ_AWAITS_ROW:
    case MNQ_NOT_BEGUN:
    case MNQ_TOO_MANY_ROWS:
    case MNQ_TOO_FEW_ROWS:
        port_print("the rows of the image are not those that are awaited: ");
        break;
    }
    port_print(where);
    port_print("\n");
    return 0;
}

#if defined(NET_INPUT_BY_ROWS)
/* The rows of the image that are not fed yet. */
static const int8_t *image;

static void load(int test)
{
    image = net_selftest_inputs[test];
}

static mnq_status infer(void)
{
    mnq_status status = net_begin(arena);
    if (status == MNQ_OK) {
        status = net_feed(arena, image, NET_INPUT_HEIGHT);
    }
    return status == MNQ_OK ? net_end(arena) : status;
}

/* Runs a row of the layer table, or writes the row of the image that it stands for. */
static mnq_status run_row(int32_t row)
{
    const mnq_status status = net_run_row(arena, row);
    if (status != MNQ_AWAITS_ROW) {
        return status;
    }
    memcpy(arena + net_selftest_rows[row].offset, image, NET_INPUT_ROW_BYTES);
    image += NET_INPUT_ROW_BYTES;
    return MNQ_OK;
}
#else
static void load(int test)
{
    memcpy(net_input(arena), net_selftest_inputs[test], NET_INPUT_BYTES);
}

static mnq_status infer(void)
{
    return net_run(arena);
}

static mnq_status run_row(int32_t row)
{
    return net_run_row(arena, row);
}
#endif

/* Returns 1 when the output in the arena is that of the self-test, byte for byte. */
static int has_output(int test)
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

/* FNV-1a of what a row has written, behind that of the rows before. */
static uint32_t checksum_of(const int8_t *bytes, int32_t count, uint32_t checksum)
{
    for (; count > 0; --count) {
        checksum = (checksum ^ (uint8_t)*bytes++) * UINT32_C(16777619);
    }
    return checksum;
}

/* Runs a self-test row by row. Returns 1 when all that each row writes, and so the output, is
 * exact; else names the first layer that differs. */
static int is_exact(int test)
{
    uint32_t checksum = UINT32_C(2166136261);
    load(test);
    for (int32_t row = 0; row < NET_ROW_COUNT; ++row) {
        const int8_t *written = (const int8_t *)arena + net_selftest_rows[row].offset;
        if (!is_well(net_selftest_rows[row].layer, run_row(row))) {
            return 0;
        }
        checksum = checksum_of(written, net_selftest_rows[row].bytes, checksum);
        if (checksum != net_selftest_checksums[test][row]) {
            port_print("self-test ");
            print_number((uint64_t)test + 1);
            port_print(" differs first in ");
            print_row(row);
            port_print("\n");
            return 0;
        }
    }
    return has_output(test);
}

static int count_exact(void)
{
    int exact = 0;
    for (int test = 0; test < NET_SELFTEST_COUNT; ++test) {
        exact += is_exact(test);
    }
    return exact;
}

/* Returns 1 when an inference in one go gives the output of the first self-test. */
static int runs_exactly(void)
{
    load(0);
    return is_well("an inference", infer()) && has_output(0);
}

#if defined(PORT_ROWS)
/* Prints what each row of the layer table takes, a line each. */
static void print_figures(void)
{
    load(0);
    for (int32_t row = 0; row < NET_ROW_COUNT; ++row) {
        port_count_start();
        (void)run_row(row);
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
    (void)infer();
    return port_stack_bytes();
}

static uint64_t measure_instructions(void)
{
    load(0);
    port_count_start();
    (void)infer();
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

int net_self_test(void)
{
    if (!is_well("net_init", net_init(arena)) || !is_well("net_check", net_check())) {
        return 1;
    }
    const int exact = count_exact();
    port_print("self-test: ");
    print_number((uint64_t)exact);
    port_print("/");
    print_number(NET_SELFTEST_COUNT);
    port_print(" exact\n");
    if (exact == NET_SELFTEST_COUNT && !runs_exactly()) {
        return 1;
    }
    print_figures();
    return exact == NET_SELFTEST_COUNT ? 0 : 1;
}

int main(void)
{
    return net_self_test();
}
