#include "OutOfMemory.h"

#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    /* Kept for the end: blocks so small that the system's malloc takes them from its heap, where any
     * thread can use them, and not from a mapping of their own. */
    kept_blocks = 32,
    kept_bytes = 1 << 15,
    /* Requests of more wait once memory has run out. What reads a folder asks for kept_bytes. */
    little = kept_bytes,
    /* How long the process is given to end in order. */
    most_seconds = 10,
};

static void *kept[kept_blocks];
static atomic_int is_watching;
static atomic_int waker = -1;
/* Bytes of the request that failed first; 0 while none has. */
static atomic_size_t missing;
/* How often a request for little has waited for a millisecond. */
static atomic_int waits;

static atomic_int is_told;

void mnqm_told(void) { atomic_store(&is_told, 1); }

void mnqm_say(void) {
    if (atomic_load(&is_told)) return;
    char text[320];
    int count = snprintf(
        text, sizeof text,
        "Error: the memory does not suffice: %zu bytes more were asked for and are not to be had; use "
        "fewer threads (--threads), smaller images or a smaller model, or a machine or a limit "
        "(ulimit -v) with more memory\n",
        atomic_load(&missing));
    if (write(STDERR_FILENO, text, (size_t)count) < 0) return;
}

__attribute__((weak)) const char *mnqm_commit(void) { return ""; }

void mnqm_wake(int descriptor) { atomic_store(&waker, descriptor); }

#if defined(__GLIBC__) && !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer) \
    && !__has_feature(memory_sanitizer)

/* The system's own, under the names that it keeps for libraries such as this. */
void *__libc_malloc(size_t count);
void *__libc_calloc(size_t items, size_t size);
void *__libc_realloc(void *block, size_t count);
void *__libc_memalign(size_t alignment, size_t count);

void mnqm_begin(void) {
    /* A heap for each thread reserves 64 MB of addresses, which a limit of addresses counts, and each
     * request of a thread that gets none asks for it again. */
    struct rlimit addresses;
    if (getrlimit(RLIMIT_AS, &addresses) == 0 && addresses.rlim_cur != RLIM_INFINITY)
        mallopt(M_ARENA_MAX, 1);
    for (int i = 0; i < kept_blocks; i++) kept[i] = __libc_malloc(kept_bytes);
    atomic_store(&is_watching, 1);
}

static _Noreturn void end_here(void) {
    mnqm_say();
    _exit(MNQM_STATUS);
}

/* Notes that `count` bytes are not to be had. Returns for little ones, which may be tried again. */
static void run_out(size_t count) {
    size_t none = 0;
    int is_first = atomic_compare_exchange_strong(&missing, &none, count);
    int descriptor = atomic_load(&waker);
    if (descriptor < 0) end_here();
    if (is_first) {
        for (int i = 0; i < kept_blocks; i++) free(kept[i]);
        const uint8_t byte = 0;
        if (write(descriptor, &byte, 1) != 1) end_here();
    } else if (count <= little) {
        /* What was kept is just being released, or has gone, too. */
        if (atomic_fetch_add(&waits, 1) >= most_seconds * 1000) end_here();
        usleep(1000);
    }
    if (count <= little) return;
    sleep(most_seconds);
    end_here();
}

/* Whether a request for `count` bytes that gave `block` failed. */
static int failed(const void *block, size_t count) {
    return block == NULL && count > 0 && atomic_load_explicit(&is_watching, memory_order_relaxed);
}

void *malloc(size_t count) {
    void *block = __libc_malloc(count);
    while (failed(block, count)) {
        run_out(count);
        block = __libc_malloc(count);
    }
    return block;
}

void *calloc(size_t items, size_t size) {
    void *block = __libc_calloc(items, size);
    size_t count;
    if (__builtin_mul_overflow(items, size, &count)) count = SIZE_MAX;
    while (failed(block, count)) {
        run_out(count);
        block = __libc_calloc(items, size);
    }
    return block;
}

void *realloc(void *old, size_t count) {
    void *block = __libc_realloc(old, count);
    while (failed(block, count)) {
        run_out(count);
        block = __libc_realloc(old, count);
    }
    return block;
}

void *aligned_alloc(size_t alignment, size_t count) {
    void *block = __libc_memalign(alignment, count);
    while (failed(block, count)) {
        run_out(count);
        block = __libc_memalign(alignment, count);
    }
    return block;
}

int posix_memalign(void **block, size_t alignment, size_t count) {
    if (alignment == 0 || alignment % sizeof(void *) != 0 || (alignment & (alignment - 1)) != 0)
        return EINVAL;
    void *new = aligned_alloc(alignment, count);
    if (new == NULL) return ENOMEM;
    *block = new;
    return 0;
}

#else

/* A sanitizer, or another C library, has a malloc of its own. */
void mnqm_begin(void) {}

#endif
