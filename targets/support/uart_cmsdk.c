/* The UART of Arm's boards for prototypes, MPS2 and MPS3, at PORT_UART.
 * Source: Arm Cortex-M System Design Kit, Technical Reference Manual, "APB UART". */
#include "port.h"

static volatile uint32_t *const uart = (volatile uint32_t *)PORT_UART;

enum { DATA = 0, STATE = 1, CONTROL = 2, DIVIDER = 4 };
enum { STATE_FULL = 1, STATE_HAS_BYTE = 2, CONTROL_BOTH_WAYS = 3 };

static void begin(void)
{
    if (uart[CONTROL] != CONTROL_BOTH_WAYS) {
        uart[DIVIDER] = 16; /* the least that there is */
        uart[CONTROL] = CONTROL_BOTH_WAYS;
    }
}

uint8_t port_read(void)
{
    begin();
    while ((uart[STATE] & STATE_HAS_BYTE) == 0) {
    }
    return (uint8_t)uart[DATA];
}

void port_write(uint8_t byte)
{
    begin();
    while ((uart[STATE] & STATE_FULL) != 0) {
    }
    uart[DATA] = byte;
}
