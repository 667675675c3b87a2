/* Counts instructions with the retired-instruction counter of RISC-V, which is exact. */
#include "port.h"

static uint64_t start;

static uint64_t retired(void)
{
    uint32_t high, low, again;
    do {
        __asm__ volatile(
            ".option push\n.option arch, +zicsr\n"
            "csrr %0, minstreth\ncsrr %1, minstret\ncsrr %2, minstreth\n"
            ".option pop"
            : "=&r"(high), "=&r"(low), "=r"(again));
    } while (high != again);
    return (uint64_t)high << 32 | low;
}

void port_count_start(void)
{
    start = retired();
}

uint64_t port_count(void)
{
    return retired() - start;
}
