/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What each trap means, and the instructions the kernel carries out for the
 * user: `rdhwr $29`, and the branch in front of a trap in its delay slot.
 *
 * A `syscall` in a delay slot has its branch emulated, so that the thread
 * goes on behind both whatever the call does to it; every other trap there
 * leaves EPC at the branch, which is run again.
 */
#include "arch.h"
#include "tcb.h"

/* ---- instructions the kernel looks at ---- */

/* Major opcodes, bits 31..26. */
enum {
    OP_SPECIAL = 0, OP_REGIMM = 1, OP_J = 2, OP_JAL = 3,
    OP_BEQ = 4, OP_BNE = 5, OP_BLEZ = 6, OP_BGTZ = 7, OP_COP1 = 17,
    OP_BEQL = 20, OP_BNEL = 21, OP_BLEZL = 22, OP_BGTZL = 23
};

#define REGIMM_GEZ      0x01    /* else: less than zero */
#define REGIMM_LINK     0x10
#define BC1_TRUE        (1u << 16)
#define RDHWR_RT_MASK   (31u << 16)

static unsigned field_rs(uint32_t insn) { return insn >> 21 & 31; }
static unsigned field_rt(uint32_t insn) { return insn >> 16 & 31; }
static unsigned field_rd(uint32_t insn) { return insn >> 11 & 31; }

/* The instruction at pc, through the user's own translation and so in the
   user's cache lines. It has just run: it is mapped. */
static uint32_t fetch(word_t pc)
{
    return *(volatile uint32_t *)pc;
}

/* bc1f, bc1t: condition code 0 is bit 23 of FCSR, 1 to 7 are 25 to 31. */
static bool fpu_branch_taken(uint32_t insn)
{
    unsigned cc = insn >> 18 & 7;
    word_t fcsr;

    if (fpu_owner == current) {
        fpu_put_away();
        sched_fpu_off(current);
    }
    fcsr = current->arch.fpu.fcsr;
    return (fcsr >> (cc ? 24 + cc : 23) & 1) == !!(insn & BC1_TRUE);
}

static bool branch_taken(const struct arch_frame *f, uint32_t insn)
{
    l4_mword_t rs = f->r[field_rs(insn)];
    l4_mword_t rt = f->r[field_rt(insn)];

    switch (insn >> 26) {
    case OP_BEQ:
    case OP_BEQL:
        return rs == rt;
    case OP_BNE:
    case OP_BNEL:
        return rs != rt;
    case OP_BLEZ:
    case OP_BLEZL:
        return rs <= 0;
    case OP_BGTZ:
    case OP_BGTZL:
        return rs > 0;
    case OP_REGIMM:
        return (rs >= 0) == !!(field_rt(insn) & REGIMM_GEZ);
    default:
        return fpu_branch_taken(insn);
    }
}

/* Carry out the branch at EPC: where it goes; its link register is set. */
static word_t branch_target(struct arch_frame *f, uint32_t insn)
{
    word_t slot = f->epc + 4;
    word_t target = slot + 4;
    unsigned link = 0;

    f->r[26] = current->utcb_user;
    switch (insn >> 26) {
    case OP_SPECIAL:                    /* jr has rd 0, jalr the link */
        target = f->r[field_rs(insn)];
        link = field_rd(insn);
        break;
    case OP_JAL:
        link = 31;
        /* fall through */
    case OP_J:
        target = (slot & ~(word_t)0xfffffff) | (insn & 0x3ffffff) << 2;
        break;
    default:
        if (branch_taken(f, insn))
            target = slot + (word_t)((int16_t)insn * 4);
        if (insn >> 26 == OP_REGIMM && (field_rt(insn) & REGIMM_LINK))
            link = 31;
    }
    if (link)
        f->r[link] = slot + 4;
    return target;
}

/* Go past the instruction that trapped. */
static void skip_instruction(struct arch_frame *f)
{
    if (f->cause & CAUSE_BD)
        f->epc = user_ip(branch_target(f, fetch(f->epc)));
    else
        f->epc += 4;
}

/* ---- traps from user mode ---- */

static void trap_tlb(struct arch_frame *f, unsigned code)
{
    word_t access = code == EXC_TLBL ? RIGHT_READ : RIGHT_WRITE;

    /* No user gets that far with a kernel address: the refill handler has
       run into a table entry that leads nowhere. */
    if ((l4_mword_t)f->badvaddr < 0)
        panic_trap(f, "broken page table", f->badvaddr);
    if (mmu_allows(f->badvaddr, access))
        arch_resume(current);
    fault_entry(f->badvaddr, access);
}

/* rdhwr $29 of a CPU without the register, where entry.S leaves it to us: in
   a delay slot. Returns when it is not that. */
static void trap_reserved(struct arch_frame *f)
{
    uint32_t insn = fetch(f->epc + (f->cause & CAUSE_BD ? 4 : 0));

    if ((insn & ~RDHWR_RT_MASK) != RDHWR_TLS)
        return;
    skip_instruction(f);
    f->r[field_rt(insn)] = current->arch.tls;
    f->r[0] = 0;
    arch_resume(current);
}

/* Returns when it was not the FPU, or there is none. */
static void trap_coprocessor(const struct arch_frame *f)
{
    unsigned number = f->cause >> CAUSE_CE_SHIFT & CAUSE_CE_MASK;

    if (number == 1 && (cp0_read32(CP0_CONFIG1) & CONFIG1_FP))
        fpu_take();
}

/*
 * sdbbp is for debuggers. Without one it leads into the boot ROM, in debug
 * mode. The ROM knows nothing of that: what lies there is a trap, of a user's
 * to all appearance, or else it boots the kernel once more. Either way it is
 * a breakpoint of the thread, of whose registers the ROM has spoilt some.
 */
void cpu_debug_trap(struct arch_frame *f)
{
    word_t back;

    __asm__ volatile("dmfc0 %0, " CP0_STRING(CP0_DEPC) : "=r"(f->epc));
    __asm__ volatile("dla %0, 1f\n\t"
                     "dmtc0 %0, " CP0_STRING(CP0_DEPC) "\n\t"
                     "ehb\n\t"
                     "deret\n"
                     "1:"
                     : "=&r"(back) : : "memory");
    f->epc = user_ip(f->epc);
    exception_entry(EXC_BP, 0);
}

static bool is_debug_mode(const struct arch_frame *f)
{
    return (l4_mword_t)f->epc < 0 && (cp0_read32(CP0_DEBUG) & DEBUG_DM);
}

/* By far the most frequent: not in a delay slot. */
static bool is_plain_syscall(const struct arch_frame *f)
{
    return (f->cause & (CAUSE_CODE_MASK | CAUSE_BD)) ==
               EXC_SYS << CAUSE_CODE_SHIFT && (l4_mword_t)f->epc >= 0;
}

/* From entry.S: f is current's frame. */
void cpu_trap(struct arch_frame *f)
{
    unsigned code = (f->cause & CAUSE_CODE_MASK) >> CAUSE_CODE_SHIFT;

    if (is_plain_syscall(f)) {
        f->epc += 4;
        syscall_entry((uint32_t)f->r[2]);
    }
    if (is_debug_mode(f))
        cpu_debug_trap(f);
    f->epc = user_ip(f->epc);           /* it may have jumped there */
    switch (code) {
    case EXC_SYS:
        skip_instruction(f);
        syscall_entry((uint32_t)f->r[2]);
    case EXC_MOD:
    case EXC_TLBL:
    case EXC_TLBS:
        trap_tlb(f, code);
        break;
    case EXC_RI:
        trap_reserved(f);
        break;
    case EXC_CPU:
        trap_coprocessor(f);
        break;
    case EXC_ADEL:
    case EXC_ADES:
        exception_entry(code, f->badvaddr);
    }
    exception_entry(code, 0);
}

/* Programs have no vectors of their own. */
enum reflection arch_reflect(struct tcb *t, word_t number, word_t code,
                             struct user_fault *fault)
{
    (void)t;
    (void)number;
    (void)code;
    (void)fault;
    return REFLECT_NONE;
}

/* ---- traps from kernel mode ---- */

static const char *trap_name(const struct arch_frame *f)
{
    if (f->status & ST_ERL)
        return "cache error";
    switch ((f->cause & CAUSE_CODE_MASK) >> CAUSE_CODE_SHIFT) {
    case EXC_MOD:
    case EXC_TLBS:
        return "store to an unmapped address";
    case EXC_TLBL:
        return "load from an unmapped address";
    case EXC_ADEL:
    case EXC_ADES:
        return "address error";
    default:
        return "unexpected trap";
    }
}

/* From entry.S: f is no thread's frame. */
void cpu_kernel_trap(struct arch_frame *f)
{
    panic_trap(f, trap_name(f), f->badvaddr);
}
