/* Linked into the packaged program only: the commit, and what would otherwise ask for a newer C
 * library than the rest of the program does. */
#define _GNU_SOURCE
#include <link.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>

const char *mnqm_commit(void);
const char *mnqm_commit(void) { return MNQ_COMMIT; }

/* Of the C library 2.35; its arguments fit a double with room to spare. */
float hypotf(float x, float y) { return (float)sqrt((double)x * (double)x + (double)y * (double)y); }

/* `struct dl_find_object` of the C library 2.35, by which libgcc finds a function's frames. */
struct found {
    unsigned long long flags;
    void *start, *end;
    struct link_map *map;
    void *frames;
    unsigned long long reserved[7];
};

struct search {
    uintptr_t address;
    struct found *found;
};

static int look(struct dl_phdr_info *object, size_t size, void *data) {
    (void)size;
    struct search *search = data;
    uintptr_t start = UINTPTR_MAX, end = 0, frames = 0;
    int holds = 0;
    for (int i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];
        uintptr_t first = object->dlpi_addr + part->p_vaddr;
        if (part->p_type == PT_GNU_EH_FRAME) frames = first;
        if (part->p_type != PT_LOAD) continue;
        uintptr_t last = first + part->p_memsz;
        if (search->address >= first && search->address < last) holds = 1;
        if (first < start) start = first;
        if (last > end) end = last;
    }
    if (!holds || frames == 0) return 0;
    *search->found = (struct found){
        .start = (void *)start, .end = (void *)end, .frames = (void *)frames};
    return 1;
}

/* 0 where the object that holds `address` has been found. */
int _dl_find_object(void *address, struct dl_find_object *found);
int _dl_find_object(void *address, struct dl_find_object *found) {
    struct search search = {(uintptr_t)address, (struct found *)(void *)found};
    return dl_iterate_phdr(look, &search) == 1 ? 0 : -1;
}
