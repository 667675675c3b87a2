#define _DEFAULT_SOURCE

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "twins.h"

/* Kernels, and what one shape is told as. */
enum { MOST_KERNELS = 64, MOST_TEXT = 400 };

static struct {
    const char *kernel;
    size_t shapes;
} counts[MOST_KERNELS];

static char present[MOST_TEXT];

void begin(const char *kernel, bool is_new, const char *format, ...)
{
    size_t i = 0;
    while (counts[i].kernel && strcmp(counts[i].kernel, kernel) != 0) {
        ++i;
    }
    counts[i].kernel = kernel;
    counts[i].shapes += is_new;
    const int length = snprintf(present, sizeof present, "%s, ", kernel);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(present + length, sizeof present - (size_t)length, format, arguments);
    va_end(arguments);
}

void print_counts(void)
{
    for (size_t i = 0; counts[i].kernel; ++i) {
        printf("%s: %zu shapes\n", counts[i].kernel, counts[i].shapes);
    }
}

void expect_same(const char *which, const int8_t *expected, const int8_t *found, size_t count)
{
    for (size_t i = 0; i < count; ++i) {
        if (expected[i] != found[i]) {
            printf("%s: %s: output %zu is %d, not %d\n", present, which, i, found[i], expected[i]);
            exit(1);
        }
    }
}

void expect_close(const char *which, const real *expected, const float *found, size_t count,
                  double tolerance)
{
    for (size_t i = 0; i < count; ++i) {
        const double difference = (double)found[i] - expected[i].value;
        const double limit = tolerance * expected[i].magnitude;
        if (!(difference <= limit && -difference <= limit)) {
            printf("%s: %s: output %zu is %g, not %g\n", present, which, i, (double)found[i],
                   expected[i].value);
            exit(1);
        }
    }
}

#if defined(__SANITIZE_ADDRESS__)
#define HAS_RED_ZONES 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_RED_ZONES 1
#endif
#endif

#ifdef HAS_RED_ZONES
/* The last pieces stay; and emulators cannot look for what stays. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0";
}

void *guarded(purpose what, int side, size_t bytes, size_t alignment)
{
    static void *pieces[PURPOSES][SIDES];
    (void)alignment; /* that of malloc is enough */
    free(pieces[what][side]);
    pieces[what][side] = malloc(bytes);
    return pieces[what][side];
}

void raise_guards(void)
{
}
#else
/* More than any shape needs; only pages that are touched take memory. */
enum { REGION_BYTES = 1 << 24 };

static char *regions[PURPOSES][SIDES];

void *guarded(purpose what, int side, size_t bytes, size_t alignment)
{
    char *region = regions[what][side];
    if (bytes > REGION_BYTES) {
        printf("%s: %zu bytes are more than a region has\n", present, bytes);
        exit(1);
    }
    return side == AT_START ? region
                            : region + (REGION_BYTES - bytes) / alignment * alignment;
}

static void tell_touch(int number)
{
    static const char words[] = ": touches memory that is not its own\n";
    (void)number;
    (void)!write(STDOUT_FILENO, present, strlen(present));
    (void)!write(STDOUT_FILENO, words, sizeof words - 1);
    _exit(1);
}

void raise_guards(void)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    for (size_t i = 0; i < PURPOSES * SIDES; ++i) {
        char *base = mmap(NULL, REGION_BYTES + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                          0);
        if (base == MAP_FAILED ||
            mprotect(base + page, REGION_BYTES, PROT_READ | PROT_WRITE) != 0) {
            perror("guard pages");
            exit(1);
        }
        regions[i / SIDES][i % SIDES] = base + page;
    }
    signal(SIGSEGV, tell_touch);
    signal(SIGBUS, tell_touch);
}
#endif

void *guarded_copy(purpose what, int side, const void *from, size_t bytes, size_t alignment)
{
    void *to = guarded(what, side, bytes, alignment);
    return bytes > 0 ? memcpy(to, from, bytes) : to;
}

void *guarded_noise(purpose what, int side, size_t bytes, size_t alignment)
{
    void *to = guarded(what, side, bytes, alignment);
    return bytes > 0 ? memset(to, 0xFF, bytes) : to;
}
