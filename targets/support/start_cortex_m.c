/* Reset, faults and vector table of a Cortex-M under an emulator. */
#include <string.h>

#include "port.h"
#include "semihosting.h"

#if defined(__ARM_FP) || defined(__ARM_FEATURE_MVE)
#define CPACR (*(volatile uint32_t *)0xE000ED88u)
#define CPACR_FULL_ACCESS_CP10_CP11 (UINT32_C(0xF) << 20)
#endif
#define FAULT_STATUS 3

extern char _data_start[], _data_end[], _bss_start[], _bss_end[], _stack_top[];
extern const char _data_load[];

int main(void);
void port_systick_handler(void);
void port_reset(void);

void port_reset(void)
{
#if defined(__ARM_FP) || defined(__ARM_FEATURE_MVE)
    CPACR |= CPACR_FULL_ACCESS_CP10_CP11;
    __asm__ volatile("dsb\nisb" ::: "memory");
#endif
    memcpy(_data_start, _data_load, (size_t)(_data_end - _data_start));
    memset(_bss_start, 0, (size_t)(_bss_end - _bss_start));
    semihosting_exit(main());
}

static void fault(void)
{
    port_print("fault\n");
    semihosting_exit(FAULT_STATUS);
}

struct vector_table {
    const void *stack_top;
    void (*handlers[15])(void);
};

__attribute__((section(".vectors"), used)) static const struct vector_table vectors = {
    _stack_top,
    {port_reset, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault,
     fault, fault, port_systick_handler},
};
