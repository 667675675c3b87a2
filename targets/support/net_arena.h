/* One arena for a program, which a value of Swift's has while it lives. */
#ifndef NET_ARENA_H
#define NET_ARENA_H

/* The arena, or a null pointer where somebody has it. Call it from one thread. */
void *net_arena_take(void);

void net_arena_return(void);

#endif
