/* Arm and RISC-V semihosting: console output and exit.
 * Source: Semihosting for AArch32 and AArch64, release 2.0; RISC-V Semihosting 0.2. */
#include "semihosting.h"

#include "port.h"

#define SYS_WRITE0 0x04u
#define SYS_EXIT_EXTENDED 0x20u
#define ADP_STOPPED_APPLICATION_EXIT 0x20026u

/* The call is a function of its own, for on RISC-V its three instructions must be uncompressed
 * and must not lie across two pages. Operation and argument come in the first two registers. */
uintptr_t port_semihosting_call(uintptr_t operation, uintptr_t argument);

__asm__(
    ".pushsection .text.port_semihosting_call, \"ax\"\n"
    ".balign 16\n"
    ".global port_semihosting_call\n"
#ifdef __riscv
    ".option push\n.option norvc\n"
    "port_semihosting_call:\n"
    "slli x0, x0, 0x1f\nebreak\nsrai x0, x0, 7\nret\n"
    ".option pop\n"
#else
    ".thumb_func\n"
    "port_semihosting_call:\n"
    "bkpt 0xAB\nbx lr\n"
#endif
    ".popsection\n");

void port_print(const char *text)
{
    (void)port_semihosting_call(SYS_WRITE0, (uintptr_t)text);
}

void semihosting_exit(int status)
{
    const uintptr_t block[2] = {ADP_STOPPED_APPLICATION_EXIT, (uintptr_t)status};
    for (;;) {
        (void)port_semihosting_call(SYS_EXIT_EXTENDED, (uintptr_t)block);
    }
}
