/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QEMU 7.2 plugin: which way do some conditional branches go? For tests that
 * have to take every way out of a path.
 *
 * Arguments: isa=ia32|arm|mips64, base=FIRST-KERNEL-ADDRESS, out=FILE,
 * branches=FILE of "BRANCH NEXT TARGET SLOT" lines in hexadecimal: where it is,
 * where it goes when it is not taken and when it is (0: many places), and its delay
 * slot (0: none). out gets "BRANCH TAKEN PASSED" for each, two counts.
 *
 * After a branch, and its delay slot, comes one of two instructions: both are
 * watched, so the next watched one tells.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "args.h"
#include "qemu.h"

#define MOST    4096            /* branches */

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

static struct branch {
    uint64_t address, next, target, slot;
    uint64_t taken, passed;
} branches[MOST];
static size_t count;

static struct branch *last;     /* that has begun and not gone anywhere yet */

/* Watched instructions; `branch` is the one that stands there, or NULL. */
static struct spot {
    uint64_t address;
    struct branch *branch;
} spots[3 * MOST];
static size_t spot_count;

static void on_spot(unsigned int cpu, void *data)
{
    const struct spot *spot = data;

    (void)cpu;
    if (last && spot->address == last->slot)
        return;
    if (last && spot->address == last->next)
        last->passed++;
    else if (last)
        last->taken++;
    last = spot->branch;
}

/* ---- what is watched ---- */

static int compare(const void *a, const void *b)
{
    const struct spot *one = a, *other = b;

    return (one->address > other->address) - (one->address < other->address);
}

static void watch(uint64_t address, struct branch *branch)
{
    spots[spot_count++] = (struct spot){ address, branch };
}

/* One for each address; a branch counts more than a place to go to. */
static void join_spots(void)
{
    size_t kept = 0;

    qsort(spots, spot_count, sizeof(*spots), compare);
    for (size_t i = 0; i < spot_count; i++)
        if (kept && spots[kept - 1].address == spots[i].address) {
            if (spots[i].branch)
                spots[kept - 1].branch = spots[i].branch;
        } else {
            spots[kept++] = spots[i];
        }
    spot_count = kept;
}

static bool take_branches(const char *name)
{
    FILE *file = fopen(name, "r");

    if (!file)
        return false;
    while (count < MOST) {
        struct branch *b = &branches[count];
        if (fscanf(file, "%" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64,
                   &b->address, &b->next, &b->target, &b->slot) != 4)
            break;
        watch(b->address, b);
        watch(b->next, NULL);
        if (b->target)
            watch(b->target, NULL);
        count++;
    }
    bool complete = feof(file);
    fclose(file);
    join_spots();
    return complete && count > 0;
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        struct spot key = { qemu_plugin_insn_vaddr(insn), NULL };
        struct spot *spot = bsearch(&key, spots, spot_count, sizeof(key),
                                    compare);
        if (spot)
            qemu_plugin_register_vcpu_insn_exec_cb(
                insn, on_spot, QEMU_PLUGIN_CB_NO_REGS, spot);
    }
}

static void at_end(qemu_plugin_id_t id, void *unused)
{
    FILE *out = out_open();

    (void)id;
    (void)unused;
    if (!out)
        return;
    for (size_t i = 0; i < count; i++)
        fprintf(out, "%" PRIx64 " %" PRIu64 " %" PRIu64 "\n",
                branches[i].address, branches[i].taken, branches[i].passed);
    fclose(out);
}

static const struct arg args[] = {
    { "branches", take_branches }, { NULL, NULL },
};

__attribute__((visibility("default"))) int
qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info,
                    int argc, char **argv)
{
    (void)info;
    if (!args_read("branches", args, argc, argv))
        return 1;
    if (!count) {
        fprintf(stderr, "branches: branches are needed\n");
        return 1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    qemu_plugin_register_atexit_cb(id, at_end, NULL);
    return 0;
}
