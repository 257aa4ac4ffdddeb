/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QEMU 7.2 plugin: how many instructions does a guest execute between two
 * marker instructions, in user and in kernel mode?
 *
 * Markers do nothing on the CPU and carry a number n below 100: 2k starts
 * span k, 2k + 1 stops it. Spans may overlap and may run many times; the
 * markers themselves are not counted. Only one CPU is supported.
 *
 *     ia32    nopl 0x4c340000+n(%eax)
 *     arm     hint #(0x80 + n)
 *     mips64  ori $0, $0, 0x4c00 + n
 *
 * Arguments: isa=ia32|arm|mips64, base=FIRST-KERNEL-ADDRESS, out=FILE, and
 * perhaps each=on, symbols=FILE.
 * FILE gets one JSON object on a line for each span that ran, then one for
 * the whole run. With each=on every run of a span has a line of its own, in
 * the order in which they ended. The interface of 7.2 tells no privilege
 * level, so an instruction counts as the kernel's when its address is.
 *
 * With symbols, lines of "ADDRESS NAME" for the kernel's functions, it finds
 * the longest stretches of kernel code without a look at the interrupts: from
 * an entry, or from the last look, to the next look or to user mode. A look is
 * a call of one of the functions in `looks`. For each function that took most
 * of some stretch there is a line with the longest of those. Boot, up to the
 * first arch_resume, does not count; code above the last name is a user's.
 *
 * An instruction that faults was begun and counts; it counts again when it
 * is restarted, and each iteration of a repeated string instruction counts.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "marker.h"
#include "qemu.h"

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

struct span {
    bool open;              /* started and not yet stopped */
    bool unpaired;          /* started twice, or stopped when not started */
    uint64_t runs;
    uint64_t begin[MODES];  /* the counters at the last start */
    uint64_t first[MODES];  /* the first run */
    uint64_t sum[MODES];    /* all runs */
};

static struct span spans[SPANS];
static uint64_t executed[MODES];    /* incremented by translated code */
static FILE *out;
static bool each;                   /* a line for each run of a span */

static void write_run(const struct span *span)
{
    fprintf(out,
            "{\"span\": %d, \"run\": %" PRIu64 ", \"user\": %" PRIu64
            ", \"kernel\": %" PRIu64 "}\n",
            (int)(span - spans), span->runs,
            executed[USER] - span->begin[USER],
            executed[KERNEL] - span->begin[KERNEL]);
}

static void start(struct span *span)
{
    span->unpaired |= span->open;
    span->open = true;
    memcpy(span->begin, executed, sizeof(executed));
}

static void stop(struct span *span)
{
    span->unpaired |= !span->open;
    if (!span->open)
        return;
    span->open = false;
    span->runs++;
    for (int mode = 0; mode < MODES; mode++)
        span->sum[mode] += executed[mode] - span->begin[mode];
    if (span->runs == 1)
        memcpy(span->first, span->sum, sizeof(span->first));
    if (each)
        write_run(span);
}

/* The guest executes the marker whose number is in `data`. */
static void at_marker(unsigned int cpu, void *data)
{
    uintptr_t number = (uintptr_t)data;

    (void)cpu;
    if (number % 2 == 0)
        start(&spans[number / 2]);
    else
        stop(&spans[number / 2]);
}

/* ---- stretches ---- */

/* Here the kernel looks for interrupts that wait, or lets them in. */
static const char *const looks[] = {
    "machine_irq_pending", "machine_irq_next", "arch_idle",
};
#define LOOKS (sizeof(looks) / sizeof(looks[0]))

/* Where a long operation of the kernel begins or goes on. */
static const char *const operations[] = {
    "sys_", "ipc_continue", "unmap_continue", "task_continue", "fault_entry",
    "exception_entry", "sched_tick",
};
#define OPERATIONS (sizeof(operations) / sizeof(operations[0]))

struct function {
    uint64_t address;
    const char *name;
    bool is_look, is_operation;
    uint64_t stretch;           /* the stretch that `count` is of */
    uint64_t count;             /* instructions in it */
    struct {                    /* the longest that this took most of */
        uint64_t length, own;
        const struct function *operation, *from, *to;
    } longest;
};

static struct function *functions;  /* by address; [0] is for user mode */
static size_t function_count;

static uint64_t stretch = 1;        /* number of the present one */
static uint64_t cut;                /* executed[KERNEL] when it began */
static uint64_t counted;            /* ... when `inside` was entered */
static struct function *inside, *most;
static const struct function *operation, *from;
static bool resumed, has_begun;     /* a program will run, has run */
static uint64_t kernel_end = UINT64_MAX;

/* The function at this address of the kernel. */
static struct function *function_at(uint64_t address)
{
    size_t low = 0, high = function_count;

    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (functions[middle].address <= address)
            low = middle;
        else
            high = middle;
    }
    return &functions[low];
}

/* What has been executed since the last call was of `inside`. */
static void account(struct function *next)
{
    if (inside && executed[KERNEL] != counted) {
        if (inside->stretch != stretch) {
            inside->stretch = stretch;
            inside->count = 0;
        }
        inside->count += executed[KERNEL] - counted;
        if (!most || inside->count > most->count)
            most = inside;
    }
    counted = executed[KERNEL];
    inside = next;
}

/* A stretch ends at `at`, and the next one begins there. */
static void end_stretch(struct function *at)
{
    uint64_t length = executed[KERNEL] - cut;

    account(at);
    if (has_begun && most && length > most->longest.length) {
        most->longest.length = length;
        most->longest.own = most->count;
        most->longest.operation = operation;
        most->longest.from = from;
        most->longest.to = at;
    }
    cut = executed[KERNEL];
    from = at;
    most = NULL;
    if (at == &functions[0])
        operation = NULL;       /* over; a look is in the middle of it */
    stretch++;
}

static void at_user_block(unsigned int cpu, void *data)
{
    (void)cpu;
    (void)data;
    if (executed[KERNEL] != cut)
        end_stretch(&functions[0]);
    from = &functions[0];
    has_begun = resumed;
}

static void at_kernel_block(unsigned int cpu, void *data)
{
    (void)cpu;
    account(data);
}

static void at_look(unsigned int cpu, void *data)
{
    (void)cpu;
    end_stretch(data);
}

static void at_resume(unsigned int cpu, void *data)
{
    (void)cpu;
    (void)data;
    resumed = true;
}

static void at_operation(unsigned int cpu, void *data)
{
    (void)cpu;
    operation = data;
}

static bool is_kernels(uint64_t address)
{
    return address >= kernel_base && address < kernel_end;
}

static void watch_block(struct qemu_plugin_tb *tb)
{
    uint64_t address = qemu_plugin_tb_vaddr(tb);

    if (!is_kernels(address))
        qemu_plugin_register_vcpu_tb_exec_cb(tb, at_user_block,
                                             QEMU_PLUGIN_CB_NO_REGS, NULL);
    else
        qemu_plugin_register_vcpu_tb_exec_cb(
            tb, at_kernel_block, QEMU_PLUGIN_CB_NO_REGS, function_at(address));
}

/* The first instruction of some functions says something. */
static void watch_function(struct qemu_plugin_insn *insn)
{
    struct function *f = function_at(qemu_plugin_insn_vaddr(insn));

    if (f->address != qemu_plugin_insn_vaddr(insn))
        return;
    if (strcmp(f->name, "arch_resume") == 0)
        qemu_plugin_register_vcpu_insn_exec_cb(
            insn, at_resume, QEMU_PLUGIN_CB_NO_REGS, NULL);
    else if (f->is_look || f->is_operation)
        qemu_plugin_register_vcpu_insn_exec_cb(
            insn, f->is_look ? at_look : at_operation,
            QEMU_PLUGIN_CB_NO_REGS, f);
}

static bool begins_with(const char *name, const char *const *list,
                        size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (strncmp(name, list[i], strlen(list[i])) == 0)
            return true;
    return false;
}

/* Read the names, sorted by address. */
static bool read_symbols(const char *file_name)
{
    FILE *file = fopen(file_name, "r");
    char name[80];
    uint64_t address = 0;

    if (!file)
        return false;
    strcpy(name, "user");
    do {
        functions = realloc(functions,
                            (function_count + 1) * sizeof(*functions));
        if (!functions)
            break;
        functions[function_count++] = (struct function){
            .address = address,
            .name = strdup(name),
            .is_look = begins_with(name, looks, LOOKS),
            .is_operation = begins_with(name, operations, OPERATIONS),
        };
    } while (fscanf(file, "%" SCNx64 " %79s", &address, name) == 2);
    fclose(file);
    kernel_end = address;
    return functions && function_count > 1;
}

static const char *name_of(const struct function *f)
{
    return f ? f->name : "";
}

static void write_stretch(const struct function *f)
{
    if (f->longest.length)
        fprintf(out,
                "{\"stretch\": %" PRIu64 ", \"most\": \"%s\", \"own\": %" PRIu64
                ", \"operation\": \"%s\", \"from\": \"%s\", \"to\": \"%s\"}\n",
                f->longest.length, f->name, f->longest.own,
                name_of(f->longest.operation), name_of(f->longest.from),
                name_of(f->longest.to));
}

/* ---- instructions ---- */

static void instrument(struct qemu_plugin_insn *insn)
{
    int number = isa->marker(qemu_plugin_insn_data(insn),
                             qemu_plugin_insn_size(insn));
    enum mode mode;

    if (number >= 0) {
        qemu_plugin_register_vcpu_insn_exec_cb(
            insn, at_marker, QEMU_PLUGIN_CB_NO_REGS,
            (void *)(uintptr_t)number);
        return;
    }
    mode = is_kernels(qemu_plugin_insn_vaddr(insn)) ? KERNEL : USER;
    if (functions && mode == KERNEL)
        watch_function(insn);
    qemu_plugin_register_vcpu_insn_exec_inline(
        insn, QEMU_PLUGIN_INLINE_ADD_U64, &executed[mode], 1);
}

/* QEMU translates a block: a marker may lie inside, so each instruction
 * counts by itself. */
static void at_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    size_t count = qemu_plugin_tb_n_insns(tb);

    (void)id;
    if (functions)
        watch_block(tb);
    for (size_t i = 0; i < count; i++)
        instrument(qemu_plugin_tb_get_insn(tb, i));
}

static void write_span(int number, const struct span *span)
{
    fprintf(out,
            "{\"span\": %d, \"runs\": %" PRIu64 ", \"user\": %" PRIu64
            ", \"kernel\": %" PRIu64 ", \"first_user\": %" PRIu64
            ", \"first_kernel\": %" PRIu64 ", \"paired\": %s}\n",
            number, span->runs, span->sum[USER], span->sum[KERNEL],
            span->first[USER], span->first[KERNEL],
            span->open || span->unpaired ? "false" : "true");
}

static void at_exit(qemu_plugin_id_t id, void *data)
{
    (void)id;
    (void)data;
    for (int i = 0; i < SPANS; i++)
        if (spans[i].runs || spans[i].open || spans[i].unpaired)
            write_span(i, &spans[i]);
    for (size_t i = 0; i < function_count; i++)
        write_stretch(&functions[i]);
    fprintf(out,
            "{\"span\": null, \"user\": %" PRIu64 ", \"kernel\": %" PRIu64
            "}\n",
            executed[USER], executed[KERNEL]);
    if (fclose(out) != 0)
        perror(out_name);
}

static bool take_each(const char *value)
{
    return take_switch(&each, value);
}

static const struct arg args[] = {
    { "each", take_each }, { "symbols", read_symbols }, { NULL, NULL },
};

__attribute__((visibility("default"))) int
qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info,
                    int argc, char **argv)
{
    (void)info;
    if (!args_read("count", args, argc, argv))
        return -1;
    out = out_open();
    if (!out)
        return -1;
    qemu_plugin_register_vcpu_tb_trans_cb(id, at_translation);
    qemu_plugin_register_atexit_cb(id, at_exit, NULL);
    return 0;
}
