/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a sequence of instructions takes by a model, without QEMU: for the tests
 * of the model, and for those who write one.
 *
 *   sequence ISA MODEL ROUNDS < lines of "HEX-BYTES [taken TARGET-LINE]"
 *
 * Instructions stand one after the other in memory and find all they need in
 * the caches. The sequence is gone through ROUNDS times; printed are the cycles
 * of the last time. A branch is not taken unless it says so.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marker.h"
#include "model.h"

#define MOST    256
#define BEGIN   0x1000

static struct line {
    struct op op;
    bool taken;
    unsigned target;
} line[MOST];
static unsigned lines;

static unsigned read_bytes(const char *hex, uint8_t *code)
{
    unsigned size = 0, byte;

    for (; size < 16 && sscanf(hex, "%2x", &byte) == 1; hex += 2)
        code[size++] = (uint8_t)byte;
    return size;
}

static bool read_line(const char *text, const struct isa *isa, uint64_t at)
{
    static void (*const decoders[])(struct op *, const uint8_t *, bool) = {
        ia32_decode, arm_decode, mips64_decode,
    };
    uint8_t code[24] = {0};
    char hex[40];
    struct line *l = &line[lines];

    if (sscanf(text, "%39s taken %u", hex, &l->target) < 1 || lines >= MOST)
        return false;
    l->taken = strstr(text, "taken") != NULL;
    l->op.size = (uint8_t)read_bytes(hex, code);
    l->op.address = l->op.line = at;
    decoders[isa - isas](&l->op, code, false);
    lines++;
    return true;
}

static bool is_branch(const struct op *op)
{
    return op->class >= CLASS_branch && op->class <= CLASS_ret;
}

/* So long before that every register is ready, for addresses too. */
static void run_in(void)
{
    static const struct events nothing;
    const struct op nop = {.class = CLASS_nop, .size = 1, .unpaired = true};

    for (int i = 0; i < 8; i++)
        pipeline_op(&nop, &nothing);
}

static void run_once(void)
{
    static const struct events nothing;

    for (unsigned i = 0; i < lines; i++) {
        const struct line *l = &line[i];
        pipeline_op(&l->op, &nothing);
        if (is_branch(&l->op))
            pipeline_branch(&l->op, l->taken,
                            l->taken && l->target < lines
                                ? line[l->target].op.address
                                : l->op.address + l->op.size);
    }
}

int main(int argc, char **argv)
{
    static struct model model;
    char text[128];
    uint64_t at = BEGIN, since = 0;
    const struct isa *isa = argc == 4 ? isa_find(argv[1]) : NULL;
    const char *problem = isa ? model_read(&model, argv[2]) : "usage";

    if (problem) {
        fprintf(stderr, "sequence: %s\n", problem);
        return 2;
    }
    while (fgets(text, sizeof(text), stdin))
        if (read_line(text, isa, at))
            at += line[lines - 1].op.size;
    pipeline_init(&model);
    run_in();
    for (int i = atoi(argv[3]); i > 0; i--) {
        since = pipeline_time();
        run_once();
    }
    printf("%" PRIu64 "\n", (pipeline_time() - since) / pipeline_units());
    return 0;
}
