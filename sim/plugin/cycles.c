/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QEMU 7.2 plugin: how many cycles would a guest take on a processor that a
 * model describes? Spans and markers are those of count.c, and so are the lines
 * that it writes, with more figures.
 *
 * Arguments: isa=ia32|arm|mips64, base=FIRST-KERNEL-ADDRESS, out=FILE,
 * model=FILE of "NAME VALUE" lines, large=SHIFT of the kernel's pages, and
 * perhaps cold=on (caches and translation buffers are emptied where a span
 * begins), refill=ADDRESS of a handler in place of modelled translation buffers
 * (mips64), big=on (its byte order), and profile=SPAN: of this span also what
 * each address took, as {"span": "ADDRESS", "count": N,
 * "cycles": C}.
 *
 * A line of memory counts as touched once in each run of a span, by the mode
 * that touched it first.
 *
 * What QEMU tells of an instruction's accesses comes after it tells that the
 * instruction begins, and whether a branch was taken shows the next one: so an
 * instruction is put through the pipeline when the next begins.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "marker.h"
#include "model.h"
#include "qemu.h"

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

/* One mode's counters: instructions, then those of model.h. */
#define FIGURES (COUNTS + 1)
#define INSTRUCTIONS COUNTS

static const char *const figure_names[FIGURES] = {
    [CYCLES] = "_cycles", [ICACHE_LINES] = "_icache_lines",
    [DCACHE_LINES] = "_dcache_lines", [L1_MISSES] = "_l1_misses",
    [L2_MISSES] = "_l2_misses", [TLB_MISSES] = "_tlb_misses",
    [INSTRUCTIONS] = "",
};

typedef uint64_t figures[MODES][FIGURES];

struct span {
    bool open, unpaired;
    uint64_t runs;
    uint64_t began;         /* `age` at the last start */
    figures begin, first, sum;
};

/* A line of memory: when was it last touched? */
struct line {
    uint64_t name;          /* 0: free */
    uint64_t age;
};

struct lines {
    struct line *table;
    size_t size, used;      /* a power of two */
};

static struct span spans[SPANS];
static unsigned open_spans;
static uint64_t age = 1;            /* spans begun so far, and one */
static figures total;               /* lines apart, which are the spans' */
static struct lines code_lines, data_lines;

static struct model model;
static struct memory memory;
static uint64_t refill;
static unsigned large_shift = 12;
static bool cold, big;
static FILE *out;

static int profiled = -1;           /* the span, or -1 */
static struct spot {
    uint64_t address;               /* 0: free */
    uint64_t count, cycles;
} *spots;
#define SPOTS   (1u << 16)          /* addresses at most, with room to spare */

static const struct op *pending;    /* executed, not yet accounted for */
static struct events pending_events;
static const struct op *branch;     /* whose delay slot comes first */

/* ---- lines touched ---- */

static struct line *line_find(struct lines *lines, uint64_t name)
{
    size_t i = name * UINT64_C(0x9e3779b97f4a7c15) >> 20;

    for (;; i++) {
        struct line *line = &lines->table[i & (lines->size - 1)];
        if (line->name == name || !line->name)
            return line;
    }
}

static void grow(struct lines *lines)
{
    struct lines old = *lines;

    lines->size = old.size ? old.size * 2 : 4096;
    lines->table = calloc(lines->size, sizeof(*lines->table));
    if (!lines->table)
        abort();
    for (size_t i = 0; i < old.size; i++)
        if (old.table[i].name)
            *line_find(lines, old.table[i].name) = old.table[i];
    free(old.table);
}

/* Count a line in the open spans in whose present run it is new. */
static void touch(struct lines *lines, uint64_t name, enum mode mode,
                  enum count count)
{
    struct line *line;

    if (!open_spans)
        return;
    if (lines->used * 2 >= lines->size)
        grow(lines);
    line = line_find(lines, name + 1);
    lines->used += line->name == 0;
    if (line->age == age)
        return;
    for (int i = 0; i < SPANS; i++)
        if (spans[i].open && line->age < spans[i].began)
            spans[i].sum[mode][count]++;
    line->name = name + 1;
    line->age = age;
}

/* ---- one instruction after the other ---- */

static enum mode mode_of(const struct op *op)
{
    return op->kernel ? KERNEL : USER;
}

static struct spot *find_spot(uint64_t address)
{
    size_t i = address * UINT64_C(0x9e3779b97f4a7c15) >> 48;

    for (size_t n = 0; n < SPOTS; n++, i++) {
        struct spot *spot = &spots[i % SPOTS];
        if (spot->address == address || !spot->address)
            return spot;
    }
    return NULL;
}

static void note_spot(uint64_t address, uint64_t cycles, bool again)
{
    struct spot *spot;

    if (profiled < 0 || !spans[profiled].open)
        return;
    spot = find_spot(address);
    if (!spot)
        return;
    spot->address = address;
    spot->count += !again;
    spot->cycles += cycles;
}

static void charge(enum mode mode, uint64_t since)
{
    total[mode][CYCLES] += pipeline_time() - since;
}

static void resolve(const struct op *op, uint64_t next)
{
    uint64_t through = op->address + op->size * (op->delayed ? 2 : 1);
    uint64_t since = pipeline_time();

    pipeline_branch(op, next != through, next);
    charge(mode_of(op), since);
    note_spot(op->address, pipeline_time() - since, true);
}

/* Put the pending instruction through the pipeline; the next is at `next`. */
static void account(uint64_t next)
{
    const struct op *op = pending, *before = branch;
    uint64_t since = pipeline_time();
    enum mode mode;

    if (!op)
        return;
    pending = branch = NULL;
    mode = mode_of(op);
    memory_fetch(&memory, op, &pending_events);
    touch(&code_lines, op->line / model.icache.line, mode, ICACHE_LINES);
    if (op->class == CLASS_space)
        memory_space(&memory);
    pipeline_op(op, &pending_events);
    charge(mode, since);
    note_spot(op->address, pipeline_time() - since, false);
    for (int i = L1_MISSES; i <= TLB_MISSES; i++)
        total[mode][i] += pending_events.count[i];
    memset(&pending_events, 0, sizeof(pending_events));
    if (before)
        resolve(before, next);
    if (op->class >= CLASS_branch && op->class <= CLASS_ret) {
        if (op->delayed)
            branch = op;
        else
            resolve(op, next);
    }
}

static bool enters_kernel(const struct op *op)
{
    return op->class == CLASS_syscall || op->class == CLASS_interrupt;
}

/* From user mode without an instruction that says so: a fault, an interrupt. */
static void take_trap(void)
{
    uint64_t since = pipeline_time();

    pipeline_trap();
    charge(KERNEL, since);
}

static void at_instruction(unsigned int cpu, void *data)
{
    const struct op *op = data, *last = pending;
    bool entry = last && op->kernel && !last->kernel;

    (void)cpu;
    account(op->address);
    if (refill && op->address == refill)
        total[entry ? USER : KERNEL][TLB_MISSES]++;
    if (entry) {
        branch = NULL;
        if (!enters_kernel(last))
            take_trap();
    }
    total[mode_of(op)][INSTRUCTIONS]++;
    pending = op;
}

static void at_access(unsigned int cpu, qemu_plugin_meminfo_t info,
                      uint64_t address, void *data)
{
    const struct op *op = data;
    struct qemu_plugin_hwaddr *place = qemu_plugin_get_hwaddr(info, address);
    uint64_t physical = address;

    (void)cpu;
    if (op != pending)
        return;
    if (place && qemu_plugin_hwaddr_is_io(place)) {
        pending_events.data += model.memory;
        return;
    }
    if (place)
        physical = qemu_plugin_hwaddr_phys_addr(place);
    touch(&data_lines, physical / model.dcache.line, mode_of(op),
          DCACHE_LINES);
    memory_data(&memory, address, physical, address >= kernel_base,
                qemu_plugin_mem_is_store(info), &pending_events);
}

/* ---- spans ---- */

static void start(struct span *span)
{
    span->unpaired |= span->open;
    open_spans += !span->open;
    span->open = true;
    span->began = ++age;
    for (int mode = 0; mode < MODES; mode++)
        memcpy(span->begin[mode], total[mode], sizeof(total[mode]));
    if (cold)
        memory_empty(&memory);
}

static void stop(struct span *span)
{
    span->unpaired |= !span->open;
    if (!span->open)
        return;
    span->open = false;
    open_spans--;
    span->runs++;
    for (int mode = 0; mode < MODES; mode++)
        for (int i = 0; i < FIGURES; i++)
            span->sum[mode][i] += total[mode][i] - span->begin[mode][i];
    if (span->runs == 1)
        memcpy(span->first, span->sum, sizeof(span->first));
}

/* A marker costs nothing; a branch right before it counts as not taken. */
static void at_marker(unsigned int cpu, void *data)
{
    uintptr_t number = (uintptr_t)data;

    (void)cpu;
    account(pending ? pending->address + pending->size : 0);
    if (number % 2 == 0)
        start(&spans[number / 2]);
    else
        stop(&spans[number / 2]);
}

/* ---- translation ---- */

static void decode(struct op *op, const uint8_t *code)
{
    static void (*const decoders[])(struct op *, const uint8_t *, bool) = {
        ia32_decode, arm_decode, mips64_decode,
    };

    decoders[isa - isas](op, code, big);
}

static void instrument(struct qemu_plugin_insn *insn)
{
    uint8_t code[24] = {0};     /* a decoder may look beyond the end */
    size_t size = qemu_plugin_insn_size(insn);
    int number = isa->marker(qemu_plugin_insn_data(insn), size);
    struct op *op;

    if (number >= 0) {
        qemu_plugin_register_vcpu_insn_exec_cb(
            insn, at_marker, QEMU_PLUGIN_CB_NO_REGS,
            (void *)(uintptr_t)number);
        return;
    }
    op = calloc(1, sizeof(*op));    /* a block may come back: never freed */
    if (!op)
        abort();
    memcpy(code, qemu_plugin_insn_data(insn), size < 16 ? size : 16);
    op->address = qemu_plugin_insn_vaddr(insn);
    op->line = (uintptr_t)qemu_plugin_insn_haddr(insn);
    op->size = (uint8_t)size;
    op->kernel = op->address >= kernel_base;
    decode(op, code);
    qemu_plugin_register_vcpu_insn_exec_cb(insn, at_instruction,
                                           QEMU_PLUGIN_CB_NO_REGS, op);
    qemu_plugin_register_vcpu_mem_cb(insn, at_access, QEMU_PLUGIN_CB_NO_REGS,
                                     QEMU_PLUGIN_MEM_RW, op);
}

static void at_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    size_t count = qemu_plugin_tb_n_insns(tb);

    (void)id;
    for (size_t i = 0; i < count; i++)
        instrument(qemu_plugin_tb_get_insn(tb, i));
}

/* ---- results ---- */

static void write_figures(const char *prefix, figures of)
{
    for (int mode = 0; mode < MODES; mode++)
        for (int i = 0; i < FIGURES; i++)
            fprintf(out, ", \"%s%s%s\": %" PRIu64, prefix,
                    mode == USER ? "user" : "kernel", figure_names[i],
                    i == CYCLES ? of[mode][i] / pipeline_units()
                                : of[mode][i]);
}

static void at_exit(qemu_plugin_id_t id, void *data)
{
    (void)id;
    (void)data;
    account(0);
    for (int i = 0; i < SPANS; i++) {
        struct span *span = &spans[i];
        if (!span->runs && !span->open && !span->unpaired)
            continue;
        fprintf(out, "{\"span\": %d, \"runs\": %" PRIu64 ", \"paired\": %s", i,
                span->runs, span->open || span->unpaired ? "false" : "true");
        write_figures("", span->sum);
        write_figures("first_", span->first);
        fprintf(out, "}\n");
    }
    fprintf(out, "{\"span\": null");
    write_figures("", total);
    fprintf(out, "}\n");
    for (size_t i = 0; profiled >= 0 && i < SPOTS; i++)
        if (spots[i].address)
            fprintf(out, "{\"span\": \"%" PRIx64 "\", \"count\": %" PRIu64
                    ", \"cycles\": %.3f}\n", spots[i].address,
                    spots[i].count,
                    (double)spots[i].cycles / pipeline_units());
    if (fclose(out) != 0)
        perror(out_name);
}

/* ---- arguments ---- */

static bool take_model(const char *file_name)
{
    const char *problem = model_read(&model, file_name);

    if (problem)
        fprintf(stderr, "cycles: model %s: %s\n", file_name, problem);
    return !problem;
}

static bool take_refill(const char *value)
{
    return take_address(&refill, value);
}

static bool take_large(const char *value)
{
    large_shift = (unsigned)atoi(value);
    return large_shift >= 12 && large_shift < 40;
}

static bool take_profile(const char *value)
{
    profiled = atoi(value);
    spots = calloc(SPOTS, sizeof(*spots));
    return profiled >= 0 && profiled < SPANS && spots;
}

static bool take_cold(const char *value)
{
    return take_switch(&cold, value);
}

static bool take_big(const char *value)
{
    return take_switch(&big, value);
}

static const struct arg args[] = {
    { "model", take_model }, { "refill", take_refill },
    { "large", take_large }, { "profile", take_profile },
    { "cold", take_cold }, { "big", take_big }, { NULL, NULL },
};

__attribute__((visibility("default"))) int
qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info,
                    int argc, char **argv)
{
    (void)info;
    if (!args_read("cycles", args, argc, argv))
        return -1;
    if (!model.width) {
        fprintf(stderr, "cycles: a model is needed\n");
        return -1;
    }
    if (!memory_init(&memory, &model, large_shift)) {
        fprintf(stderr, "cycles: not enough memory\n");
        return -1;
    }
    memory_empty(&memory);
    pipeline_init(&model);
    out = out_open();
    if (!out)
        return -1;
    qemu_plugin_register_vcpu_tb_trans_cb(id, at_translation);
    qemu_plugin_register_atexit_cb(id, at_exit, NULL);
    return 0;
}
