/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QEMU 7.2 plugin: how many instructions does each visit to the kernel take,
 * and which of some points does it pass? For what happens too often to be
 * marked and too early to be traced, as TLB refills.
 *
 * A visit begins with the first instruction of the kernel after user mode, or
 * at a point whose name begins with "entry", and ends before the next such: two
 * of them that come one right after the other are two. Visits belong to the span (marker.h)
 * that was started last and is not stopped.
 *
 * Arguments: isa=ia32|arm|mips64, base=FIRST-KERNEL-ADDRESS, points=FILE,
 * out=FILE. points has lines of "ADDRESS NAME", at most six. out gets for each
 * span, or null for outside of all, {"span": K, "user": instructions of user
 * mode}, and for each kind of visit
 *
 *     {"span": K, "passed": ["NAME", ...], "instructions": N, "visits": V}
 *
 * Those of LONG instructions and more are all counted as LONG.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "args.h"
#include "marker.h"
#include "qemu.h"

#define POINTS  6
#define LONG    256
#define OUTSIDE SPANS           /* the last of the rows */

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

static struct {
    uint64_t address;
    char name[64];
} points[POINTS];
static unsigned point_count;

static uint64_t visits[SPANS + 1][1 << POINTS][LONG + 1];
static uint64_t user[SPANS + 1];
static unsigned active = OUTSIDE;

/* The present visit; none: length is 0. */
static unsigned length, passed, visit_span;

static void end_visit(void)
{
    if (length)
        visits[visit_span][passed][length < LONG ? length : LONG]++;
    length = passed = 0;
}

static void on_marker(unsigned int cpu, void *number)
{
    unsigned marker = (unsigned)(uintptr_t)number;

    (void)cpu;
    if (marker % 2 == 0)
        active = marker / 2;
    else if (active == marker / 2)
        active = OUTSIDE;
}

static void on_user(unsigned int cpu, void *unused)
{
    (void)cpu;
    (void)unused;
    end_visit();
    user[active]++;
}

static void on_kernel(unsigned int cpu, void *unused)
{
    (void)cpu;
    (void)unused;
    if (length++ == 0)
        visit_span = active;
}

/* Called before on_kernel of the same instruction. */
static void on_point(unsigned int cpu, void *number)
{
    unsigned point = (unsigned)(uintptr_t)number;

    (void)cpu;
    if (strncmp(points[point].name, "entry", 5) == 0)
        end_visit();
    passed |= 1u << point;
}

static void watch_points(struct qemu_plugin_insn *insn)
{
    for (unsigned i = 0; i < point_count; i++)
        if (points[i].address == qemu_plugin_insn_vaddr(insn))
            qemu_plugin_register_vcpu_insn_exec_cb(
                insn, on_point, QEMU_PLUGIN_CB_NO_REGS,
                (void *)(uintptr_t)i);
}

static void watch(struct qemu_plugin_insn *insn)
{
    int marker = isa->marker(qemu_plugin_insn_data(insn),
                             qemu_plugin_insn_size(insn));

    if (marker >= 0) {
        qemu_plugin_register_vcpu_insn_exec_cb(
            insn, on_marker, QEMU_PLUGIN_CB_NO_REGS,
            (void *)(intptr_t)marker);
        return;
    }
    if (qemu_plugin_insn_vaddr(insn) < kernel_base) {
        qemu_plugin_register_vcpu_insn_exec_cb(
            insn, on_user, QEMU_PLUGIN_CB_NO_REGS, NULL);
        return;
    }
    watch_points(insn);
    qemu_plugin_register_vcpu_insn_exec_cb(insn, on_kernel,
                                           QEMU_PLUGIN_CB_NO_REGS, NULL);
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++)
        watch(qemu_plugin_tb_get_insn(tb, i));
}

/* ---- output ---- */

static void write_span(FILE *out, unsigned span)
{
    if (span == OUTSIDE)
        fprintf(out, "{\"span\": null");
    else
        fprintf(out, "{\"span\": %u", span);
}

static void write_kind(FILE *out, unsigned span, unsigned mask, unsigned n)
{
    const char *comma = "";

    write_span(out, span);
    fprintf(out, ", \"passed\": [");
    for (unsigned i = 0; i < point_count; i++)
        if (mask >> i & 1) {
            fprintf(out, "%s\"%s\"", comma, points[i].name);
            comma = ", ";
        }
    fprintf(out, "], \"instructions\": %u, \"visits\": %" PRIu64 "}\n", n,
            visits[span][mask][n]);
}

static void at_end(qemu_plugin_id_t id, void *unused)
{
    FILE *out = out_open();

    (void)id;
    (void)unused;
    if (!out)
        return;
    for (unsigned span = 0; span <= OUTSIDE; span++) {
        if (!user[span])
            continue;
        write_span(out, span);
        fprintf(out, ", \"user\": %" PRIu64 "}\n", user[span]);
        for (unsigned mask = 0; mask < 1 << POINTS; mask++)
            for (unsigned n = 0; n <= LONG; n++)
                if (visits[span][mask][n])
                    write_kind(out, span, mask, n);
    }
    fclose(out);
}

/* ---- arguments ---- */

static bool read_points(const char *name)
{
    FILE *file = fopen(name, "r");

    if (!file)
        return false;
    while (point_count < POINTS &&
           fscanf(file, "%" SCNx64 " %63s", &points[point_count].address,
                  points[point_count].name) == 2)
        point_count++;
    fclose(file);
    return point_count > 0;
}

static const struct arg args[] = { { "points", read_points }, { NULL, NULL } };

__attribute__((visibility("default"))) int
qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info,
                    int argc, char **argv)
{
    (void)info;
    if (!args_read("visits", args, argc, argv))
        return 1;
    if (!point_count) {
        fprintf(stderr, "visits: points are needed\n");
        return 1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    qemu_plugin_register_atexit_cb(id, at_end, NULL);
    return 0;
}
