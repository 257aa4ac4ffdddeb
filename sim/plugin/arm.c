/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ARM instructions (A32): what kind of work each is, and which registers it
 * needs. The encodings are those of the ARM architecture manual, A5. */
#include "model.h"

#define PC      BIT(15)
#define FLAGS   BIT(REG_FLAGS)

static uint32_t field(uint32_t word, int low)
{
    return word >> low & 15;
}

static void to_pc(struct op *op, uint32_t word)
{
    op->class = op->class == CLASS_multiple ||
                (word & 0x0fffffff) == 0x012fff1e ? CLASS_ret : CLASS_jump;
    op->indirect = true;
}

static void multiply(struct op *op, uint32_t word)
{
    bool is_long = word >> 23 & 1;

    op->class = is_long ? CLASS_mul_long : CLASS_mul;
    op->reads |= BIT(field(word, 0)) | BIT(field(word, 8));
    op->writes |= BIT(field(word, 16));
    if (is_long)
        op->writes |= BIT(field(word, 12));
    else if (word >> 21 & 1)
        op->reads |= BIT(field(word, 12));
}

/* Branches by register, status registers, and what else hides among tests that
 * set no flags. */
static void miscellaneous(struct op *op, uint32_t word)
{
    uint32_t kind = word >> 4 & 15;

    op->reads |= BIT(field(word, 0));
    if (kind == 1 && (word >> 21 & 3) == 1) {           /* bx */
        to_pc(op, word);
    } else if (kind == 3) {                             /* blx */
        op->class = CLASS_call;
        op->indirect = true;
        op->writes |= BIT(14);
    } else if (kind == 1) {                             /* clz */
        op->class = CLASS_alu;
        op->writes |= BIT(field(word, 12));
    } else if (kind == 0 && !(word >> 21 & 1)) {
        op->class = CLASS_control_read;                 /* mrs */
        op->writes |= BIT(field(word, 12));
    } else {
        op->class = CLASS_control;
    }
}

static void data_processing(struct op *op, uint32_t word)
{
    uint32_t code = word >> 21 & 15, shift = word >> 4 & 255;
    bool is_immediate = word >> 25 & 1;

    op->class = CLASS_alu;
    if (!is_immediate) {
        op->reads |= BIT(field(word, 0));
        op->first_only = true;      /* both register ports (Cortex-A7) */
        if (shift & 1)
            op->reads |= BIT(field(word, 8));
        if (shift)
            op->class = CLASS_shift;
    }
    if (code != 13 && code != 15)
        op->reads |= BIT(field(word, 16));
    if (code >= 5 && code <= 7)
        op->reads |= FLAGS;
    if (word >> 20 & 1)
        op->writes |= FLAGS;
    if (code < 8 || code > 11)
        op->writes |= BIT(field(word, 12));
    if (op->writes & PC) {
        if (word >> 20 & 1)
            op->class = CLASS_iret;                     /* movs pc, lr */
        else
            to_pc(op, word);
    }
}

/* ldrh, ldrd, ldrex and so on. */
static void extra_access(struct op *op, uint32_t word)
{
    uint32_t kind = word >> 5 & 3, rt = field(word, 12);
    bool load = (word >> 20 & 1) || kind == 2, two = kind >= 2 &&
                                                     !(word >> 20 & 1);

    op->class = load ? CLASS_load : CLASS_store;
    op->addressing |= BIT(field(word, 16));
    if (!(word >> 22 & 1))
        op->addressing |= BIT(field(word, 0));
    op->words = two ? 2 : 1;
    if (two)
        op->class = CLASS_multiple;
    *(load ? &op->writes : &op->reads) |= BIT(rt) | (two ? BIT(rt + 1) : 0);
    if (!(word >> 24 & 1) || (word >> 21 & 1))
        op->writes |= BIT(field(word, 16));
    op->reads |= op->addressing;
}

/* Extensions, bit fields, reversals; and divisions. */
static void media(struct op *op, uint32_t word)
{
    bool divide = (word & 0x0f900000) == 0x07100000;

    op->class = divide ? CLASS_div : CLASS_alu;
    op->reads |= BIT(field(word, 0)) | (divide ? BIT(field(word, 8)) : 0);
    op->writes |= BIT(field(word, divide ? 16 : 12));
}

static void access(struct op *op, uint32_t word)
{
    bool load = word >> 20 & 1;

    op->class = load ? CLASS_load : CLASS_store;
    op->words = 1;
    op->addressing |= BIT(field(word, 16));
    if (word >> 25 & 1)
        op->addressing |= BIT(field(word, 0));
    *(load ? &op->writes : &op->reads) |= BIT(field(word, 12));
    if (load && field(word, 12) == 15) {
        op->class = CLASS_multiple;
        to_pc(op, word);
    }
    if (!(word >> 24 & 1) || (word >> 21 & 1))
        op->writes |= BIT(field(word, 16));
    op->reads |= op->addressing;
}

static void multiple(struct op *op, uint32_t word)
{
    bool load = word >> 20 & 1;

    op->class = CLASS_multiple;
    op->words = (uint8_t)__builtin_popcount(word & 0xffff);
    op->addressing |= BIT(field(word, 16));
    op->reads |= op->addressing | (load ? 0 : word & 0xffff);
    op->writes |= (load ? word & 0xffff : 0) |
                  (word >> 21 & 1 ? BIT(field(word, 16)) : 0);
    if (load && (word & 0x8000)) {
        if (word >> 22 & 1)
            op->class = CLASS_iret;                     /* ldm ..., {pc}^ */
        else
            to_pc(op, word);
    }
}

/* A write of the translation table base makes another space current; TTBR0 is
 * c2, with 64 bits (mcrr) or 32 (mcr). */
static bool is_space(uint32_t word)
{
    return (word & 0x0ff00fff) == 0x0c400f02 ||
           (word & 0x0fff0fff) == 0x0e020f10;
}

static void coprocessor(struct op *op, uint32_t word)
{
    uint32_t number = field(word, 8);
    bool read = word >> 20 & 1;
    uint64_t registers = BIT(field(word, 12)) |
                         ((word & 0x0f000000) == 0x0c000000
                              ? BIT(field(word, 16)) : 0);

    if ((word & 0x0f000000) == 0x0f000000) {
        op->class = CLASS_syscall;                      /* svc */
    } else if (number != 15 && number != 14) {
        op->class = CLASS_fpu;
    } else {
        op->class = is_space(word) ? CLASS_space
                    : read ? CLASS_control_read : CLASS_control;
        *(read ? &op->writes : &op->reads) |= registers & ~PC;
    }
}

/* Without a condition: barriers, cps, clrex, srs, rfe. */
static void unconditional(struct op *op, uint32_t word)
{
    if ((word & 0x0e500000) == 0x08100000)
        op->class = CLASS_iret;                         /* rfe */
    else if ((word & 0x0ff00000) == 0x05700000)
        op->class = CLASS_barrier;
    else if ((word & 0x0e000000) == 0x0a000000)
        op->class = CLASS_call;                         /* blx to Thumb */
    else
        op->class = (word & 0x0f000000) == 0x01000000 ? CLASS_control
                                                      : CLASS_alu;
}

static void by_group(struct op *op, uint32_t word)
{
    bool register_form = (word & 0x0e000000) == 0;

    if (register_form && (word & 0x0f0000f0) == 0x00000090)
        multiply(op, word);
    else if (register_form && (word & 0x90) == 0x90)
        extra_access(op, word);
    else if (register_form && (word & 0x01900000) == 0x01000000)
        miscellaneous(op, word);
    else if ((word & 0x0fb00000) == 0x03200000)
        op->class = word & 0x000f00ff ? CLASS_control : CLASS_nop;
    else if ((word & 0x0c000000) == 0)
        data_processing(op, word);
    else if ((word & 0x0e000010) == 0x06000010)
        media(op, word);
    else if ((word & 0x0c000000) == 0x04000000)
        access(op, word);
    else if ((word & 0x0e000000) == 0x08000000)
        multiple(op, word);
    else
        coprocessor(op, word);
}

void arm_decode(struct op *op, const uint8_t *code, bool big)
{
    uint32_t word = code[0] | code[1] << 8 | code[2] << 16 |
                    (uint32_t)code[3] << 24, condition = word >> 28;

    (void)big;
    if (condition == 15) {
        unconditional(op, word);
        return;
    }
    if (condition != 14)
        op->reads |= FLAGS;
    if ((word & 0x0e000000) == 0x0a000000) {            /* b, bl */
        op->class = word >> 24 & 1 ? CLASS_call
                    : condition == 14 ? CLASS_jump : CLASS_branch;
        op->writes |= word >> 24 & 1 ? BIT(14) : 0;
    } else {
        by_group(op, word);
    }
    op->conditional = condition != 14;
    op->reads &= ~PC;               /* always at hand */
    op->addressing &= ~PC;
    op->writes &= ~PC;
}
