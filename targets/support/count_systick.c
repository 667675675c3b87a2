/* Counts instructions with SysTick, for emulators that take a fixed time per instruction.
 * PORT_PICOSECONDS_PER_TICK: a tick in units of one thousandth of an instruction. */
#include "port.h"

#define SYST_CSR (*(volatile uint32_t *)0xE000E010u)
#define SYST_RVR (*(volatile uint32_t *)0xE000E014u)
#define SYST_CVR (*(volatile uint32_t *)0xE000E018u)
#define ICSR (*(volatile uint32_t *)0xE000ED04u)
#define ICSR_PENDSTSET (UINT32_C(1) << 26)
#define LAST_TICK UINT32_C(0xFFFFFF)

void port_systick_handler(void);

/* The counter has 24 bits: a few hundred million instructions. Its interrupt adds the rest. */
static volatile uint32_t wraps;

void port_systick_handler(void)
{
    wraps = wraps + 1;
}

void port_count_start(void)
{
    wraps = 0;
    SYST_RVR = LAST_TICK;
    SYST_CVR = 0;
    SYST_CSR = 7; /* core clock, interrupt, enable */
}

uint64_t port_count(void)
{
    uint32_t seen, current;
    do {
        seen = wraps;
        current = SYST_CVR;
    } while (seen != wraps || (ICSR & ICSR_PENDSTSET) != 0);
    /* The interrupt comes with the count of 0, which therefore begins a round. */
    const uint64_t ticks = (uint64_t)seen * (LAST_TICK + 1) + ((0 - current) & LAST_TICK);
    return ticks * PORT_PICOSECONDS_PER_TICK / 1000;
}
