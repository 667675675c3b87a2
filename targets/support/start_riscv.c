/* Reset and traps of a RISC-V core under an emulator. */
#include <string.h>

#include "port.h"
#include "semihosting.h"

#define FAULT_STATUS 3

extern char _data_start[], _data_end[], _bss_start[], _bss_end[];
extern const char _data_load[];

int main(void);
void port_start(void);
void port_trap(void);

__asm__(
    ".section .vectors, \"ax\"\n"
    ".global port_reset\n"
    "port_reset:\n"
    ".option push\n"
    ".option norelax\n"
    "la gp, __global_pointer$\n"
    "la sp, _stack_top\n"
    "la t0, port_trap\n"
    ".option arch, +zicsr\n"
    "csrw mtvec, t0\n"
    "j port_start\n"
    ".option pop\n"
    ".text\n");

void port_start(void)
{
    memcpy(_data_start, _data_load, (size_t)(_data_end - _data_start));
    memset(_bss_start, 0, (size_t)(_bss_end - _bss_start));
    semihosting_exit(main());
}

__attribute__((aligned(4))) void port_trap(void)
{
    port_print("fault\n");
    semihosting_exit(FAULT_STATUS);
}
