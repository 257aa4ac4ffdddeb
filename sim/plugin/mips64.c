/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MIPS64 instructions: what kind of work each is, and which registers it needs.
 * The encodings are those of the MIPS64 manual, volume II-A, appendix A. */
#include "model.h"

#define HILO BIT(REG_HILO)

static uint64_t gpr(uint32_t number)
{
    return number ? BIT(number) : 0;    /* $0 is never waited for */
}

/* The bytes are those of a marker's kind: either order. The opcode field tells
 * nothing about the order, so the caller says it. */
static uint32_t fetch(const uint8_t *code, bool big)
{
    return big ? (uint32_t)code[0] << 24 | code[1] << 16 | code[2] << 8 |
                     code[3]
               : (uint32_t)code[3] << 24 | code[2] << 16 | code[1] << 8 |
                     code[0];
}

static void special(struct op *op, uint32_t word)
{
    uint64_t rs = gpr(word >> 21 & 31), rt = gpr(word >> 16 & 31);
    uint32_t function = word & 63;

    op->class = CLASS_alu;
    op->reads = rs | rt;
    op->writes = gpr(word >> 11 & 31);
    if (function == 8 || function == 9) {               /* jr, jalr */
        op->class = function == 9 ? CLASS_call
                    : rs == BIT(31) ? CLASS_ret : CLASS_jump;
        op->delayed = op->indirect = true;
    } else if (function == 12 || function == 13) {      /* syscall, break */
        op->class = CLASS_syscall;
    } else if (function == 15) {
        op->class = CLASS_barrier;                      /* sync */
    } else if (function == 16 || function == 18) {      /* mfhi, mflo */
        op->reads = HILO;
    } else if (function >= 24 && function <= 31) {
        op->class = (function & 2 ? CLASS_div : CLASS_mul) +
                    (function & 4 ? 1 : 0);
        op->writes = HILO;
    } else if (word == 0 || word == 0x40 || word == 0xc0) {
        op->class = word == 0xc0 ? CLASS_barrier : CLASS_nop;   /* ehb */
    } else if (function <= 7 || function >= 56) {
        op->class = CLASS_shift;
    }
}

static void coprocessor0(struct op *op, uint32_t word)
{
    uint32_t rt = word >> 16 & 31, what = word >> 21 & 31;

    op->class = CLASS_control;
    if (what <= 1) {                                    /* mfc0, dmfc0 */
        op->class = CLASS_control_read;
        op->writes = gpr(rt);
    } else if (what == 4 || what == 5) {                /* mtc0, dmtc0 */
        op->reads = gpr(rt);
    } else if ((word & 63) == 24) {
        op->class = CLASS_iret;                         /* eret */
    }
}

static bool is_load(uint32_t code)
{
    return (code >= 32 && code <= 39) || code == 26 || code == 27 ||
           code == 48 || code == 52 || code == 55;
}

static bool is_store(uint32_t code)
{
    return (code >= 40 && code <= 46) || code == 56 || code == 60 ||
           code == 63;
}

static bool is_branch(uint32_t code)
{
    return code == 1 || (code >= 4 && code <= 7) || (code >= 20 && code <= 23);
}

static void branch(struct op *op, uint32_t word)
{
    uint64_t rs = gpr(word >> 21 & 31), rt = gpr(word >> 16 & 31);
    bool regimm = word >> 26 == 1;

    op->class = CLASS_branch;
    op->delayed = true;
    op->conditional = rs || rt || regimm;
    op->reads = regimm ? rs : rs | rt;
    if (regimm && (word >> 16 & 31) >= 16) {            /* bal and such */
        op->class = CLASS_call;
        op->writes = BIT(31);
    }
}

static void immediate(struct op *op, uint32_t word)
{
    uint32_t code = word >> 26;
    uint64_t rs = gpr(word >> 21 & 31), rt = gpr(word >> 16 & 31);

    op->class = CLASS_alu;
    if (is_load(code)) {
        op->class = CLASS_load;
        op->reads = op->addressing = rs;
        op->writes = rt;
    } else if (is_store(code)) {
        op->class = CLASS_store;
        op->addressing = rs;
        op->reads = rs | rt;
        op->writes = code == 56 || code == 60 ? rt : 0; /* sc, scd */
    } else if (code == 47 || code == 51) {              /* cache, pref */
        op->class = code == 47 ? CLASS_control : CLASS_nop;
        op->reads = rs;
    } else if (code == 28 || code == 31) {
        op->reads = rs | rt;        /* SPECIAL2 and 3: mul, ext, seb, ... */
        op->writes = gpr(word >> 11 & 31) | (code == 31 ? rt : 0);
        op->class = code == 28 && (word & 63) < 6 ? CLASS_mul
                    : code == 31 && (word & 63) == 59 ? CLASS_control_read
                                                      : CLASS_alu;
    } else {
        op->reads = rs;
        op->writes = rt;
    }
}

void mips64_decode(struct op *op, const uint8_t *code, bool big)
{
    uint32_t word = fetch(code, big), major = word >> 26;

    if (major == 0) {
        special(op, word);
    } else if (major == 2 || major == 3) {              /* j, jal */
        op->class = major == 3 ? CLASS_call : CLASS_jump;
        op->writes = major == 3 ? BIT(31) : 0;
        op->delayed = true;
    } else if (is_branch(major)) {
        branch(op, word);
    } else if (major == 16) {
        coprocessor0(op, word);
    } else if ((major >= 17 && major <= 19) || major == 49 || major == 53 ||
               major == 57 || major == 61) {
        op->class = CLASS_fpu;
    } else {
        immediate(op, word);
    }
}
