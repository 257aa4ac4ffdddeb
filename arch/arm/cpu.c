/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The frame's registers by name, thread-local storage, lazy switching of the
 * FPU.
 */
#include <l4/sys/arch/regs.h>

#include "arch.h"
#include "klib.h"
#include "tcb.h"

#define REG(reg_name, member) \
    { .name = reg_name, .offset = offsetof(struct arch_frame, member) }

const struct arch_reg_desc arch_regs[] = {
    REG("r0", r[0]), REG("r1", r[1]), REG("r2", r[2]), REG("r3", r[3]),
    REG("r4", r[4]), REG("r5", r[5]), REG("r6", r[6]), REG("r7", r[7]),
    REG("r8", r[8]), REG("r9", r[9]), REG("r10", r[10]), REG("r11", r[11]),
    REG("r12", r[12]), REG("sp", sp), REG("lr", lr), REG("pc", pc),
    REG("cpsr", cpsr),
    { .name = "tls", .offset = offsetof(struct tcb, arch.tls) },
    { .name = NULL }
};
_Static_assert(sizeof(arch_regs) / sizeof(arch_regs[0]) == L4_REG_COUNT + 1,
               "as many as the API says");

/* entry.S stores r0 to r14, pc and cpsr as one block, at the TCB's start. */
_Static_assert(offsetof(struct tcb, frame) == 0, "frame is first");
_Static_assert(offsetof(struct arch_frame, pc) == 15 * 4, "frame layout");
_Static_assert(sizeof(struct arch_frame) == 17 * 4, "frame layout");
_Static_assert(offsetof(struct l4_fpu_state, fpscr) == 32 * 8,
               "FPU layout");
_Static_assert(sizeof(struct l4_fpu_state) == L4_FPU_BYTES, "FPU layout");

void arch_frame_init(struct arch_frame *f, word_t ip, word_t sp)
{
    *f = (struct arch_frame){ .sp = sp, .cpsr = MODE_USR };
    arch_reg_set(f, REG_IP, ip);
}

/* Nothing but what core keeps. */
void arch_thread_init(struct tcb *t)
{
    (void)t;
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

/* PC and CPSR by the same filter as from system calls; all others may have any
   value. */
void arch_regs_changed(struct tcb *t, word_t changed)
{
    struct arch_frame *f = &t->frame;

    if (!(changed & (1ul << L4_REG_PC | 1ul << L4_REG_CPSR)))
        return;
    arch_reg_set(f, REG_FLAGS, f->cpsr);
    arch_reg_set(f, REG_IP, arch_reg_get(f, REG_IP));
}

/* ---- FPU ---- */

/* Whose registers the FPU holds, on or off; or NULL. */
static struct tcb *fpu_owner;

void arch_fpu_off(void)
{
    fpu_switch(0);
}

void arch_fpu_forget(struct tcb *t)
{
    if (fpu_owner == t)
        fpu_owner = NULL;
    sched_fpu_off(t);
}

/* The FPU is given to t, or to nobody when t is NULL. It is on afterwards. */
static void fpu_give(struct tcb *t)
{
    fpu_exchange(fpu_owner ? &fpu_owner->arch.fpu : NULL,
                 t ? &t->arch.fpu : NULL);
    fpu_owner = t;
}

void fpu_take(struct tcb *t)
{
    if (fpu_owner == t)
        fpu_switch(FPEXC_EN);
    else
        fpu_give(t);
    sched_fpu_on();
}

void arch_fpu_store(struct tcb *t, void *to)
{
    if (fpu_owner == t) {
        fpu_give(NULL);
        sched_fpu_off(fpu_user);
        arch_fpu_off();
    }
    memcpy(to, &t->arch.fpu, L4_FPU_BYTES);
}

void arch_fpu_load(struct tcb *t, const void *from)
{
    arch_fpu_forget(t);
    memcpy(&t->arch.fpu, from, L4_FPU_BYTES);
    t->arch.fpu.fpscr &= FPSCR_USER;
}

/* ---- start ---- */

/* boot.S has set the vectors. The FPU's coprocessors are open, so that
   FPEXC.EN alone is the switch (B1.11). */
void arch_init(void)
{
    cp15_write(CPACR, CPACR_FPU);
    isb();
}
