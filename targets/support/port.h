/* What main.c needs of the machine below it. */
#ifndef PORT_H
#define PORT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The self-test of main.c. Returns 0 only when the tables are whole and every output is exact. */
int net_self_test(void);

/* Writes text to the console: stdout on a host, semihosting under an emulator. */
void port_print(const char *text);

/* Of validate.c: answers the host at the other end of a serial line, and does not return. */
void net_validate(void);

/* The next byte of the line, when it is there. */
uint8_t port_read(void);

void port_write(uint8_t byte);

/* Starts counting from zero: instructions under an emulator, what the machine counts on a board. */
void port_count_start(void);

/* Instructions since port_count_start; exact to one tick of the machine's counter. */
uint64_t port_count(void);

#ifdef PORT_EMULATED

/* Fills the unused stack below the caller with a pattern. */
void port_stack_paint(void);

/* Bytes of that stack which have been written since port_stack_paint. */
uint32_t port_stack_bytes(void);

/* Bytes of code, and of const tables, that the model and its runtime take in this image. */
uint32_t port_code_bytes(void);
uint32_t port_table_bytes(void);

#endif

#ifdef __cplusplus
}
#endif
#endif
