/* A plugin of QEMU (its API version 1) that counts, by address, what firmware does from the last
 * arrival at one address to the next arrival at another: the n-th time is region n.
 *
 * Arguments: begin=, end= (addresses), line= (bytes of a flash line), ram= (the first address
 * behind the flash), out= (a file). The file has a line an instruction and region:
 * region address size executions taken unaligned lines
 * of which `taken` are executions after which another one than the next instruction came, and
 * `lines` accesses to a line of flash that the one before was not in.
 *
 * QEMU's packages leave its header out; these are the declarations that the plugin needs. */
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t qemu_plugin_id_t;
typedef uint32_t qemu_plugin_meminfo_t;
struct qemu_info;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum { NO_REGISTERS = 0, READS_AND_WRITES = 3, ADD_64 = 0 };

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t,
                                           void (*)(qemu_plugin_id_t, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *, void (*)(unsigned, void *), int,
                                          void *);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *, void (*)(unsigned, void *),
                                            int, void *);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *, int, void *, uint64_t);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *,
                                      void (*)(unsigned, qemu_plugin_meminfo_t, uint64_t, void *),
                                      int, int, void *);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, void *), void *);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);
unsigned qemu_plugin_mem_size_shift(qemu_plugin_meminfo_t);

#define EXPORTED __attribute__((visibility("default")))
#define BUCKETS 16384

typedef struct instruction {
    uint64_t address, size;
    uint64_t executions, fallen_through, unaligned, lines;
    struct instruction *next;
} instruction;

/* Instructions that QEMU translated together. */
typedef struct {
    uint64_t start, after;
    instruction *last;
} block;

EXPORTED int qemu_plugin_version = 1;
static instruction *buckets[BUCKETS];
static uint64_t begin_address, end_address, ram = UINT64_MAX, line_bytes = 16, line_now;
static int is_inside, region;
static const block *previous;
static FILE *out;

static void each(void (*body)(instruction *))
{
    for (int i = 0; i < BUCKETS; ++i) {
        for (instruction *one = buckets[i]; one; one = one->next) {
            body(one);
        }
    }
}

static void forget(instruction *one)
{
    one->executions = one->fallen_through = one->unaligned = one->lines = 0;
}

static void print(instruction *one)
{
    if (one->executions > 0) {
        fprintf(out, "%d %" PRIx64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
                region, one->address, one->size, one->executions,
                one->executions - one->fallen_through, one->unaligned, one->lines);
    }
}

static void on_begin(unsigned cpu, void *data)
{
    (void)cpu, (void)data;
    is_inside = 1;
    each(forget);
}

static void on_end(unsigned cpu, void *data)
{
    (void)cpu, (void)data;
    if (is_inside) {
        is_inside = 0;
        each(print);
        ++region;
    }
}

static void on_block(unsigned cpu, void *data)
{
    const block *const now = data;
    (void)cpu;
    if (previous && previous->after == now->start) {
        ++previous->last->fallen_through;
    }
    previous = now;
}

static void on_access(unsigned cpu, qemu_plugin_meminfo_t access, uint64_t address, void *data)
{
    instruction *const one = data;
    (void)cpu;
    one->unaligned += (address & ((1u << qemu_plugin_mem_size_shift(access)) - 1)) != 0;
    if (address < ram && address / line_bytes != line_now) {
        line_now = address / line_bytes;
        ++one->lines;
    }
}

static instruction *found(uint64_t address, uint64_t size)
{
    instruction **const bucket = &buckets[address / 2 % BUCKETS], *one = *bucket;
    while (one && one->address != address) {
        one = one->next;
    }
    if (!one) {
        one = calloc(1, sizeof *one);
        if (!one) {
            abort();
        }
        one->address = address;
        one->size = size;
        one->next = *bucket;
        *bucket = one;
    }
    return one;
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *translated)
{
    const size_t count = qemu_plugin_tb_n_insns(translated);
    block *const now = calloc(1, sizeof *now);
    (void)id;
    if (!now) {
        abort();
    }
    for (size_t i = 0; i < count; ++i) {
        struct qemu_plugin_insn *const insn = qemu_plugin_tb_get_insn(translated, i);
        const uint64_t address = qemu_plugin_insn_vaddr(insn);
        instruction *const one = found(address, qemu_plugin_insn_size(insn));
        now->start = i == 0 ? address : now->start;
        now->after = address + one->size;
        now->last = one;
        if (address == begin_address) {
            qemu_plugin_register_vcpu_insn_exec_cb(insn, on_begin, NO_REGISTERS, NULL);
        }
        if (address == end_address) {
            qemu_plugin_register_vcpu_insn_exec_cb(insn, on_end, NO_REGISTERS, NULL);
        }
        qemu_plugin_register_vcpu_insn_exec_inline(insn, ADD_64, &one->executions, 1);
        qemu_plugin_register_vcpu_mem_cb(insn, on_access, NO_REGISTERS, READS_AND_WRITES, one);
    }
    qemu_plugin_register_vcpu_tb_exec_cb(translated, on_block, NO_REGISTERS, now);
}

static void at_exit(qemu_plugin_id_t id, void *data)
{
    (void)id, (void)data;
    fprintf(out, "regions %d\n", region);
    fclose(out);
}

EXPORTED int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int count,
                                 char **arguments)
{
    (void)info;
    for (int i = 0; i < count; ++i) {
        const char *const value = strchr(arguments[i], '=');
        if (!value) {
            return 1;
        }
        if (strncmp(arguments[i], "begin=", 6) == 0) {
            begin_address = strtoull(value + 1, NULL, 16) & ~1ull;
        } else if (strncmp(arguments[i], "end=", 4) == 0) {
            end_address = strtoull(value + 1, NULL, 16) & ~1ull;
        } else if (strncmp(arguments[i], "ram=", 4) == 0) {
            ram = strtoull(value + 1, NULL, 16);
        } else if (strncmp(arguments[i], "line=", 5) == 0) {
            line_bytes = strtoull(value + 1, NULL, 10);
        } else if (strncmp(arguments[i], "out=", 4) == 0) {
            out = fopen(value + 1, "w");
        }
    }
    if (!out || line_bytes == 0) {
        return 1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    qemu_plugin_register_atexit_cb(id, at_exit, NULL);
    return 0;
}
