/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ia32 instructions: what kind of work each is, which registers it needs, and
 * what the Pentium's second pipe takes. QEMU has found their lengths already.
 * The encodings are those of Intel's manual, volume 2, appendix A. */
#include "model.h"

#define FLAGS   BIT(REG_FLAGS)
#define ESP     4

/* An opcode's operands. */
struct code {
    const uint8_t *at;      /* the opcode's last byte */
    uint8_t modrm, mod, reg, rm;
    bool memory;
};

/* Fill in the registers of the operand that ModRM addresses. */
static void address(struct op *op, const struct code *code)
{
    uint8_t sib = code->at[2];

    if (code->rm != 4) {
        if (code->mod != 0 || code->rm != 5)
            op->addressing |= BIT(code->rm);
        return;
    }
    if (code->mod != 0 || (sib & 7) != 5)
        op->addressing |= BIT(sib & 7);
    if ((sib >> 3 & 7) != ESP)
        op->addressing |= BIT(sib >> 3 & 7);
}

static struct code operands(struct op *op, const uint8_t *at)
{
    struct code code = {at, at[1], at[1] >> 6, at[1] >> 3 & 7, at[1] & 7,
                        at[1] >> 6 != 3};

    if (code.memory)
        address(op, &code);
    return code;
}

/* A displacement and an immediate operand together fit no pair (AP-500). */
static bool has_displacement(const struct code *code)
{
    return code->memory && (code->mod != 0 || code->rm == 5);
}

/* `op r/m, source` that reads and writes r/m, or only one of both. */
static void on_rm(struct op *op, const struct code *code, bool reads,
                  bool writes)
{
    if (!code->memory) {
        op->class = CLASS_alu;
        op->reads |= reads ? BIT(code->rm) : 0;
        op->writes |= writes ? BIT(code->rm) : 0;
    } else if (!writes) {
        op->class = CLASS_load_alu;
    } else {
        op->class = reads ? CLASS_alu_store : CLASS_store;
    }
}

/* add, or, adc, sbb, and, sub, xor, cmp in their six forms */
static void arithmetic(struct op *op, const uint8_t *at)
{
    uint8_t kind = at[0] >> 3 & 7, form = at[0] & 7;
    bool compare = kind == 7;

    op->first_only = kind == 2 || kind == 3;    /* adc, sbb */
    op->reads |= op->first_only ? FLAGS : 0;
    op->writes |= FLAGS;
    if (form >= 4) {                            /* al, eax with immediate */
        op->class = CLASS_alu;
        op->reads |= BIT(0);
        op->writes |= compare ? 0 : BIT(0);
        return;
    }
    struct code code = operands(op, at);
    if (form < 2) {                             /* r/m, r */
        on_rm(op, &code, true, !compare);
        op->reads |= BIT(code.reg);
        if (!code.memory && code.reg == code.rm && (kind == 6 || kind == 5))
            op->reads = 0;                      /* xor, sub of itself: zero */
    } else {                                    /* r, r/m */
        op->class = code.memory ? CLASS_load_alu : CLASS_alu;
        op->reads |= BIT(code.reg) | (code.memory ? 0 : BIT(code.rm));
        op->writes |= compare ? 0 : BIT(code.reg);
    }
}

static void group1(struct op *op, const uint8_t *at)
{
    struct code code = operands(op, at);

    on_rm(op, &code, true, code.reg != 7);
    op->first_only = code.reg == 2 || code.reg == 3;
    op->reads |= op->first_only ? FLAGS : 0;
    op->writes |= FLAGS;
    op->unpaired = has_displacement(&code);
}

/* mov between r/m and r, or to r/m an immediate */
static void move(struct op *op, const uint8_t *at)
{
    struct code code = operands(op, at);
    bool is_immediate = at[0] >= 0xc6, to_rm = at[0] < 0x8a || is_immediate;

    op->class = code.memory ? to_rm ? CLASS_store : CLASS_load : CLASS_alu;
    if (to_rm) {
        op->reads |= is_immediate ? 0 : BIT(code.reg);
        op->writes |= code.memory ? 0 : BIT(code.rm);
        op->unpaired = is_immediate && has_displacement(&code);
    } else {
        op->reads |= code.memory ? 0 : BIT(code.rm);
        op->writes |= BIT(code.reg);
    }
}

static void shifts(struct op *op, const uint8_t *at)
{
    struct code code = operands(op, at);
    bool by_cl = at[0] >= 0xd2;

    on_rm(op, &code, true, true);
    op->class = code.memory ? CLASS_alu_store : CLASS_shift;
    op->reads |= by_cl ? BIT(1) : 0;
    op->writes |= FLAGS;
    op->unpaired = by_cl;
    op->first_only = true;
}

static void push(struct op *op, uint64_t value, bool paired)
{
    op->class = CLASS_push;
    op->reads |= value | BIT(ESP);
    op->writes |= BIT(ESP);
    op->free_stack = true;
    op->unpaired = !paired;
}

/* test, not, neg, mul, div; inc, dec, call, jmp, push of r/m */
static void group3and5(struct op *op, const uint8_t *at)
{
    struct code code = operands(op, at);
    uint64_t rm = code.memory ? 0 : BIT(code.rm);

    op->reads |= rm;
    op->unpaired = true;
    if (at[0] < 0xf8 && code.reg >= 4) {
        op->class = code.reg < 6 ? CLASS_mul : CLASS_div;
        op->reads |= BIT(0) | (code.reg < 6 ? 0 : BIT(2));
        op->writes |= BIT(0) | BIT(2) | FLAGS;
    } else if (at[0] < 0xf8) {
        on_rm(op, &code, true, code.reg >= 2);
        op->writes |= code.reg == 2 ? 0 : FLAGS;
    } else if (code.reg < 2) {
        on_rm(op, &code, true, true);
        op->writes |= FLAGS;
        op->unpaired = false;
    } else if (code.reg == 6) {
        push(op, rm, false);
    } else {
        op->class = code.reg < 4 ? CLASS_call : CLASS_jump;
        op->indirect = true;
    }
}

/* Opcodes of two bytes, `at` is the second one. */
static void two_bytes(struct op *op, const uint8_t *at)
{
    struct code code;

    op->unpaired = true;
    op->class = CLASS_complex;
    if (at[0] >= 0x80 && at[0] <= 0x8f) {
        op->class = CLASS_branch;
        op->conditional = true;
        op->reads |= FLAGS;
        op->unpaired = false;
    } else if (at[0] == 0x34 || at[0] == 0x05) {
        op->class = CLASS_syscall;
    } else if (at[0] == 0x35 || at[0] == 0x07) {
        op->class = CLASS_sysret;
    } else if (at[0] == 0x22 && (at[1] >> 3 & 7) == 3) {
        op->class = CLASS_space;
    } else if (at[0] == 0x20 || at[0] == 0x32 || at[0] == 0x31) {
        op->class = CLASS_control_read;
    } else if (at[0] == 0x22 || at[0] == 0x30 || at[0] == 0x00 ||
               at[0] == 0x01 || at[0] == 0x06 || at[0] == 0xa2) {
        op->class = CLASS_control;
    } else if (at[0] == 0xa1 || at[0] == 0xa9 || at[0] == 0xb2 ||
               at[0] == 0xb4 || at[0] == 0xb5) {
        op->class = CLASS_segment;                      /* pop fs; lfs, lgs */
        if (at[0] >= 0xb2)
            op->writes |= BIT(operands(op, at).reg);
    } else if (at[0] == 0x1f || at[0] == 0x18) {
        op->class = CLASS_nop;
    } else if (at[0] == 0xa0 || at[0] == 0xa8) {
        push(op, 0, false);
    } else if (at[0] >= 0xa0 || (at[0] >= 0x40 && at[0] <= 0x4f) ||
               (at[0] >= 0x90 && at[0] <= 0x9f)) {
        code = operands(op, at);
        op->reads |= code.memory ? 0 : BIT(code.rm);
        op->class = at[0] == 0xaf ? CLASS_mul
                    : code.memory ? CLASS_load_alu : CLASS_alu;
        op->reads |= at[0] < 0xa0 ? FLAGS : 0;
        op->writes |= at[0] >= 0x90 && at[0] <= 0x9f ? BIT(code.rm)
                                                     : BIT(code.reg);
        if (at[0] == 0xa3 || at[0] == 0xab || at[0] == 0xaf ||
            (at[0] >= 0xba && at[0] <= 0xbd))
            op->writes |= FLAGS;
    } else {
        op->class = CLASS_fpu;
    }
}

static bool is_prefix(uint8_t byte)
{
    return byte == 0x66 || byte == 0x67 || byte == 0xf0 || byte == 0xf2 ||
           byte == 0xf3 || byte == 0x26 || byte == 0x2e || byte == 0x36 ||
           byte == 0x3e || byte == 0x64 || byte == 0x65;
}

static void from_40_to_7f(struct op *op, const uint8_t *at)
{
    uint8_t byte = at[0], low = byte & 7;

    op->class = CLASS_complex;
    if (byte < 0x50) {                                  /* inc, dec */
        op->class = CLASS_alu;
        op->reads |= BIT(low);
        op->writes |= BIT(low) | FLAGS;
    } else if (byte < 0x58) {
        push(op, BIT(low), true);
    } else if (byte < 0x60) {
        op->class = CLASS_pop;
        op->reads |= BIT(ESP);
        op->writes |= BIT(low) | BIT(ESP);
        op->free_stack = true;
    } else if (byte == 0x68 || byte == 0x6a) {
        push(op, 0, true);
    } else if (byte == 0x69 || byte == 0x6b) {
        op->class = CLASS_mul;
        op->writes |= BIT(operands(op, at).reg) | FLAGS;
        op->reads |= at[1] >> 6 == 3 ? BIT(at[1] & 7) : 0;
    } else if (byte >= 0x6c && byte <= 0x6f) {
        op->class = CLASS_io;
    } else if (byte >= 0x70) {
        op->class = CLASS_branch;
        op->conditional = true;
        op->reads |= FLAGS;
    } else {
        op->unpaired = true;
    }
}

static void from_80_to_bf(struct op *op, const uint8_t *at)
{
    uint8_t byte = at[0];
    struct code code;

    op->class = CLASS_complex;
    op->unpaired = true;
    if (byte <= 0x83) {
        op->unpaired = false;
        group1(op, at);
    } else if (byte <= 0x87) {                          /* test, xchg */
        code = operands(op, at);
        on_rm(op, &code, true, byte > 0x85);
        op->reads |= BIT(code.reg);
        op->writes |= byte > 0x85 ? BIT(code.reg) : FLAGS;
        op->unpaired = byte > 0x85;
    } else if (byte <= 0x8b) {
        op->unpaired = false;
        move(op, at);
    } else if (byte == 0x8d) {                          /* lea */
        code = operands(op, at);
        op->class = CLASS_alu;
        op->writes |= BIT(code.reg);
        op->unpaired = false;
    } else if (byte == 0x8e) {
        op->class = CLASS_segment;
        operands(op, at);
    } else if (byte == 0x90) {
        op->class = CLASS_nop;
        op->unpaired = false;
    } else if (byte >= 0xa0 && byte <= 0xa3) {
        op->class = byte < 0xa2 ? CLASS_load : CLASS_store;
        *(byte < 0xa2 ? &op->writes : &op->reads) |= BIT(0);
        op->unpaired = false;
    } else if (byte == 0xa8 || byte == 0xa9) {
        op->class = CLASS_alu;
        op->reads |= BIT(0);
        op->writes |= FLAGS;
        op->unpaired = false;
    } else if (byte >= 0xa4 && byte <= 0xaf) {
        op->class = CLASS_string;
        op->addressing |= BIT(6) | BIT(7);
        op->writes |= BIT(6) | BIT(7);
    } else if (byte >= 0xb0) {
        op->class = CLASS_alu;
        op->writes |= BIT(byte & 7);
        op->unpaired = false;
    }
}

static void from_c0(struct op *op, const uint8_t *at)
{
    uint8_t byte = at[0];

    op->class = CLASS_complex;
    if (byte <= 0xc1 || (byte >= 0xd0 && byte <= 0xd3)) {
        shifts(op, at);
    } else if (byte == 0xc6 || byte == 0xc7) {
        move(op, at);
    } else if (byte == 0xc2 || byte == 0xc3) {
        op->class = CLASS_ret;
        op->indirect = true;
    } else if (byte == 0xc4 || byte == 0xc5) {          /* les, lds */
        op->class = CLASS_segment;
        op->writes |= BIT(operands(op, at).reg);
    } else if (byte == 0xcc || byte == 0xcd) {
        op->class = CLASS_interrupt;
    } else if (byte == 0xcf) {
        op->class = CLASS_iret;
    } else if (byte >= 0xd8 && byte <= 0xdf) {
        op->class = CLASS_fpu;
        operands(op, at);
    } else if (byte == 0xe8) {
        op->class = CLASS_call;
    } else if (byte == 0xe9 || byte == 0xeb) {
        op->class = CLASS_jump;
    } else if ((byte >= 0xe4 && byte <= 0xe7) || (byte >= 0xec && byte <= 0xef)) {
        op->class = CLASS_io;
    } else if (byte == 0xf6 || byte == 0xf7 || byte == 0xfe || byte == 0xff) {
        group3and5(op, at);
    }
}

void ia32_decode(struct op *op, const uint8_t *code, bool big)
{
    uint8_t byte;

    (void)big;
    while (is_prefix(*code)) {
        op->first_only = true;      /* the first pipe decodes prefixes */
        code++;
    }
    byte = *code;
    if (byte == 0x0f)
        two_bytes(op, code + 1);
    else if (byte == 0x07 || byte == 0x17 || byte == 0x1f)
        op->class = CLASS_segment;                      /* pop of one */
    else if (byte < 0x40 && (byte & 7) == 6)
        push(op, 0, false);
    else if (byte < 0x40)
        arithmetic(op, code);
    else if (byte < 0x80)
        from_40_to_7f(op, code);
    else if (byte < 0xc0)
        from_80_to_bf(op, code);
    else
        from_c0(op, code);
    op->conditional |= byte >= 0xe0 && byte <= 0xe3;    /* loop, jecxz */
    op->reads |= op->free_stack ? 0 : op->addressing;
}
