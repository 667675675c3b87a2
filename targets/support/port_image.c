/* What the linker script knows about the image: its sizes and its stack. */
#include "port.h"

#define STACK_PATTERN UINT32_C(0xC5C5C5C5)

/* Left unpainted below the stack pointer, for what the painting function itself pushes. */
#define FRAME_WORDS 16

extern const char _model_code_start[], _model_code_end[];
extern const char _model_tables_start[], _model_tables_end[];
extern uint32_t _stack_limit[];

static uint32_t *stack_top;

static uint32_t *stack_pointer(void)
{
    uint32_t *address;
#ifdef __riscv
    __asm__ volatile("mv %0, sp" : "=r"(address));
#else
    __asm__ volatile("mov %0, sp" : "=r"(address));
#endif
    return address;
}

void port_stack_paint(void)
{
    stack_top = stack_pointer();
    for (volatile uint32_t *word = _stack_limit; word < stack_top - FRAME_WORDS; ++word) {
        *word = STACK_PATTERN;
    }
}

uint32_t port_stack_bytes(void)
{
    const volatile uint32_t *word = _stack_limit;
    while (word < stack_top - FRAME_WORDS && *word == STACK_PATTERN) {
        ++word;
    }
    return (uint32_t)((uintptr_t)stack_top - (uintptr_t)word);
}

uint32_t port_code_bytes(void)
{
    return (uint32_t)((uintptr_t)_model_code_end - (uintptr_t)_model_code_start);
}

uint32_t port_table_bytes(void)
{
    return (uint32_t)((uintptr_t)_model_tables_end - (uintptr_t)_model_tables_start);
}
