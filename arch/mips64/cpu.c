/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The frame's registers by name, thread-local storage, the lazy switch of the
 * FPU.
 */
#include <l4/sys/arch/regs.h>

#include "arch.h"
#include "klib.h"
#include "tcb.h"

_Static_assert(offsetof(struct tcb, frame) == 0, "entry.S relies on it");
_Static_assert(sizeof(struct l4_fpu_state) == L4_FPU_BYTES, "FPU layout");

struct tcb *fpu_owner;

#define GPR(n, name) { name, offsetof(struct arch_frame, r[n]) }

const struct arch_reg_desc arch_regs[] = {
    GPR(1, "at"), GPR(2, "v0"), GPR(3, "v1"), GPR(4, "a0"), GPR(5, "a1"),
    GPR(6, "a2"), GPR(7, "a3"), GPR(8, "a4"), GPR(9, "a5"), GPR(10, "a6"),
    GPR(11, "a7"), GPR(12, "t0"), GPR(13, "t1"), GPR(14, "t2"),
    GPR(15, "t3"), GPR(16, "s0"), GPR(17, "s1"), GPR(18, "s2"),
    GPR(19, "s3"), GPR(20, "s4"), GPR(21, "s5"), GPR(22, "s6"),
    GPR(23, "s7"), GPR(24, "t8"), GPR(25, "t9"), GPR(28, "gp"),
    GPR(29, "sp"), GPR(30, "s8"), GPR(31, "ra"),
    { "lo", offsetof(struct arch_frame, lo) },
    { "hi", offsetof(struct arch_frame, hi) },
    { "epc", offsetof(struct arch_frame, epc) },
    { "status", offsetof(struct arch_frame, status) },
    { "cause", offsetof(struct arch_frame, cause) },
    { "badvaddr", offsetof(struct arch_frame, badvaddr) },
    { "tls", offsetof(struct tcb, arch.tls) },
    { NULL, 0 }
};
_Static_assert(sizeof(arch_regs) / sizeof(arch_regs[0]) == L4_REG_COUNT + 1,
               "as many as the API says");

void arch_frame_init(struct arch_frame *f, word_t ip, word_t sp)
{
    memset(f, 0, sizeof(*f));
    f->epc = user_ip(ip);
    f->r[29] = sp;
}

/* Whose UTCB needs flushes of the cache does not take fast paths. */
void arch_thread_init(struct tcb *t)
{
    if (!arch_same_lines(t->utcb, t->utcb_user))
        tcb_hold(t, HOLD_ARCH);
}

/* boot.S has set Status, Cause and EBase. */
void arch_init(void)
{
    cp0_write32(CP0_HWRENA, HWRENA_USER);
    mmu_init();
}

/* ---- thread-local storage ---- */

bool arch_tls_set(struct tcb *t, word_t slot, word_t low, word_t high)
{
    (void)high;
    if (slot >= L4_TLS_SLOTS)
        return false;
    t->arch.tls = low;
    return true;
}

/* All but EPC may have any value; Status, Cause and BadVAddr go nowhere. */
void arch_regs_changed(struct tcb *t, word_t changed)
{
    (void)changed;
    t->frame.epc = user_ip(t->frame.epc);
}

/* ---- FPU ---- */

/* Status is made anew on the way to user mode: the FPU is on for fpu_user. */
void arch_fpu_off(void)
{
}

void arch_fpu_forget(struct tcb *t)
{
    if (fpu_owner == t)
        fpu_owner = NULL;
    sched_fpu_off(t);
}

void fpu_put_away(void)
{
    if (fpu_owner)
        fpu_save(&fpu_owner->arch.fpu);
    fpu_owner = NULL;
}

void arch_fpu_store(struct tcb *t, void *to)
{
    if (fpu_owner == t) {
        fpu_put_away();
        sched_fpu_off(t);
    }
    memcpy(to, &t->arch.fpu, L4_FPU_BYTES);
}

void arch_fpu_load(struct tcb *t, const void *from)
{
    arch_fpu_forget(t);
    memcpy(&t->arch.fpu, from, L4_FPU_BYTES);
    t->arch.fpu.fcsr &= FCSR_USER;
}

/* A cause bit whose enable bit is set would trap in ctc1, in the kernel. */
void fpu_take(void)
{
    struct l4_fpu_state *s = &current->arch.fpu;

    if (fpu_owner != current) {
        fpu_put_away();
        s->fcsr &= ~((s->fcsr & FCSR_ENABLES) << FCSR_CAUSE_ABOVE |
                     FCSR_UNIMPLEMENTED);
        fpu_load(s);
        fpu_owner = current;
    }
    sched_fpu_on();
    arch_resume(current);
}
