/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QEMU 7.2 plugin: which instructions does a guest execute after a marker
 * starts a span (marker.h)? For a listing of a path.
 *
 * Arguments: isa=ia32|arm|mips64, base=FIRST-KERNEL-ADDRESS, limit=N, out=FILE. FILE gets a line for each
 * span that was started: its number, then the addresses of the first N
 * instructions, in hexadecimal. Only the first time counts; what runs after the
 * span was stopped does not.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "args.h"
#include "marker.h"
#include "qemu.h"

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

static struct {
    uint64_t *address;      /* NULL: not started yet */
    size_t count;
} trail[SPANS];

static size_t limit;
static int active = -1;     /* the span that is recorded */

static void on_marker(unsigned int cpu, void *number)
{
    int marker = (int)(intptr_t)number, span = marker / 2;

    (void)cpu;
    if (marker % 2 == 1) {
        active = active == span ? -1 : active;
    } else if (!trail[span].address) {
        trail[span].address = calloc(limit, sizeof(uint64_t));
        active = trail[span].address ? span : -1;
    }
}

static void on_instruction(unsigned int cpu, void *address)
{
    (void)cpu;
    if (active >= 0 && trail[active].count < limit)
        trail[active].address[trail[active].count++] = (uintptr_t)address;
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        int marker = isa->marker(qemu_plugin_insn_data(insn),
                                 qemu_plugin_insn_size(insn));
        uintptr_t address = (uintptr_t)qemu_plugin_insn_vaddr(insn);
        if (marker >= 0)
            qemu_plugin_register_vcpu_insn_exec_cb(
                insn, on_marker, QEMU_PLUGIN_CB_NO_REGS,
                (void *)(intptr_t)marker);
        else
            qemu_plugin_register_vcpu_insn_exec_cb(
                insn, on_instruction, QEMU_PLUGIN_CB_NO_REGS,
                (void *)address);
    }
}

static void at_end(qemu_plugin_id_t id, void *unused)
{
    FILE *out = out_open();

    (void)id;
    (void)unused;
    if (!out)
        return;
    for (int span = 0; span < SPANS; span++) {
        if (!trail[span].address)
            continue;
        fprintf(out, "%d", span);
        for (size_t i = 0; i < trail[span].count; i++)
            fprintf(out, " %" PRIx64, trail[span].address[i]);
        fprintf(out, "\n");
    }
    fclose(out);
}

static bool take_limit(const char *value)
{
    return (limit = strtoul(value, NULL, 10)) != 0;
}

static const struct arg args[] = { { "limit", take_limit }, { NULL, NULL } };

__attribute__((visibility("default"))) int
qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info,
                    int argc, char **argv)
{
    (void)info;
    if (!args_read("trail", args, argc, argv))
        return 1;
    if (limit == 0) {
        fprintf(stderr, "trail: limit is needed\n");
        return 1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    qemu_plugin_register_atexit_cb(id, at_end, NULL);
    return 0;
}
