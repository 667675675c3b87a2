/* A UART of the 16550's kind, with registers of a byte, at PORT_UART.
 * Source: PC16550D data sheet. */
#include "port.h"

static volatile uint8_t *const uart = (volatile uint8_t *)PORT_UART;

enum { DATA = 0, LINE_STATUS = 5 };
enum { HAS_BYTE = 0x01, IS_EMPTY = 0x20 };

uint8_t port_read(void)
{
    while ((uart[LINE_STATUS] & HAS_BYTE) == 0) {
    }
    return uart[DATA];
}

void port_write(uint8_t byte)
{
    while ((uart[LINE_STATUS] & IS_EMPTY) == 0) {
    }
    uart[DATA] = byte;
}
