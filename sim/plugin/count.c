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
 * Arguments: isa=ia32|arm|mips64, base=FIRST-KERNEL-ADDRESS, out=FILE.
 * FILE gets one JSON object on a line for each span that ran, then one for
 * the whole run. The interface of 7.2 tells no privilege level, so an
 * instruction counts as the kernel's when its address is.
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

/* The part of <qemu-plugin.h> that is used here: Debian does not ship it. */
typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info;
enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS };
enum qemu_plugin_op { QEMU_PLUGIN_INLINE_ADD_U64 };

void qemu_plugin_register_vcpu_tb_trans_cb(
    qemu_plugin_id_t id,
    void (*callback)(qemu_plugin_id_t id, struct qemu_plugin_tb *tb));
void qemu_plugin_register_atexit_cb(
    qemu_plugin_id_t id, void (*callback)(qemu_plugin_id_t id, void *data),
    void *data);
void qemu_plugin_register_vcpu_insn_exec_cb(
    struct qemu_plugin_insn *insn,
    void (*callback)(unsigned int cpu, void *data),
    enum qemu_plugin_cb_flags flags, void *data);
void qemu_plugin_register_vcpu_insn_exec_inline(
    struct qemu_plugin_insn *insn, enum qemu_plugin_op op, void *counter,
    uint64_t addend);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *
qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);

/* What QEMU looks for in a plugin. */
__attribute__((visibility("default"))) int qemu_plugin_version = 1;
int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info,
                        int argc, char **argv);

#define MARKERS 100
#define SPANS (MARKERS / 2)

enum mode { USER, KERNEL, MODES };

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
static uint64_t kernel_base;
static const char *out_name;

/* The 32 bits at `bytes`, first byte lowest. */
static uint32_t word_at(const uint8_t *bytes)
{
    return bytes[0] | bytes[1] << 8 | bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

/* The number of a marker whose upper bits are `pattern`, or -1. */
static int number_in(uint32_t word, uint32_t pattern)
{
    uint32_t number = word - pattern;

    return number < MARKERS ? (int)number : -1;
}

static int ia32_marker(const uint8_t *code, size_t size)
{
    static const uint8_t nopl[] = {0x0f, 0x1f, 0x80};

    if (size != 7 || memcmp(code, nopl, sizeof(nopl)) != 0)
        return -1;
    return number_in(word_at(code + 3), 0x4c340000);
}

static int arm_marker(const uint8_t *code, size_t size)
{
    return size == 4 ? number_in(word_at(code), 0xe320f080) : -1;
}

/* Either byte order: neither reads as a marker of the other. */
static int mips64_marker(const uint8_t *code, size_t size)
{
    uint32_t word;
    int number;

    if (size != 4)
        return -1;
    word = word_at(code);
    number = number_in(word, 0x34004c00);
    return number >= 0 ? number
                       : number_in(__builtin_bswap32(word), 0x34004c00);
}

static const struct isa {
    const char *name;
    int (*marker)(const uint8_t *code, size_t size);
} isas[] = {
    {"ia32", ia32_marker},
    {"arm", arm_marker},
    {"mips64", mips64_marker},
};
static const struct isa *isa;

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
    mode = qemu_plugin_insn_vaddr(insn) >= kernel_base ? KERNEL : USER;
    qemu_plugin_register_vcpu_insn_exec_inline(
        insn, QEMU_PLUGIN_INLINE_ADD_U64, &executed[mode], 1);
}

/* QEMU translates a block: a marker may lie inside, so each instruction
 * counts by itself. */
static void at_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    size_t count = qemu_plugin_tb_n_insns(tb);

    (void)id;
    for (size_t i = 0; i < count; i++)
        instrument(qemu_plugin_tb_get_insn(tb, i));
}

static void write_span(FILE *out, int number, const struct span *span)
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
    FILE *out = fopen(out_name, "w");

    (void)id;
    (void)data;
    if (!out) {
        perror(out_name);
        return;
    }
    for (int i = 0; i < SPANS; i++)
        if (spans[i].runs || spans[i].open || spans[i].unpaired)
            write_span(out, i, &spans[i]);
    fprintf(out,
            "{\"span\": null, \"user\": %" PRIu64 ", \"kernel\": %" PRIu64
            "}\n",
            executed[USER], executed[KERNEL]);
    if (fclose(out) != 0)
        perror(out_name);
}

static const struct isa *isa_find(const char *name)
{
    for (size_t i = 0; i < sizeof(isas) / sizeof(isas[0]); i++)
        if (strcmp(isas[i].name, name) == 0)
            return &isas[i];
    return NULL;
}

/* Take one NAME=VALUE; false when it is not known. */
static bool argument(const char *text)
{
    if (strncmp(text, "isa=", 4) == 0)
        return (isa = isa_find(text + 4)) != NULL;
    if (strncmp(text, "base=", 5) == 0)
        return (kernel_base = strtoull(text + 5, NULL, 0)) != 0;
    if (strncmp(text, "out=", 4) == 0)
        return (out_name = strdup(text + 4)) != NULL;
    return false;
}

__attribute__((visibility("default"))) int
qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info,
                    int argc, char **argv)
{
    (void)info;
    for (int i = 0; i < argc; i++) {
        if (!argument(argv[i])) {
            fprintf(stderr, "count: bad argument %s\n", argv[i]);
            return -1;
        }
    }
    if (!isa || !kernel_base || !out_name) {
        fprintf(stderr, "count: isa, base and out are needed\n");
        return -1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, at_translation);
    qemu_plugin_register_atexit_cb(id, at_exit, NULL);
    return 0;
}
