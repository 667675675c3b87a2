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

#ifdef PORT_EMULATED

/* Starts counting instructions from zero. */
void port_count_start(void);

/* Instructions since port_count_start; exact to one tick of the machine's counter. */
uint64_t port_count(void);

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
