#include "net_arena.h"

#include <stddef.h>

#include "net.h"

static NET_ALIGNED uint8_t arena[NET_ARENA_BYTES];
static int is_taken;

void *net_arena_take(void)
{
    void *const free_arena = is_taken ? NULL : arena;
    is_taken = 1;
    return free_arena;
}

void net_arena_return(void)
{
    is_taken = 0;
}
