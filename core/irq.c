/* SPDX-License-Identifier: BSD-2-Clause */
#include "ipc.h"
#include "irq.h"
#include "sched.h"
#include "timeout.h"

static struct {
    struct tcb *thread;     /* attached, or NULL */
    bool pending;           /* came, and is not delivered yet */
} line[MACHINE_IRQS];

void irq_park(struct tcb *t)
{
    const struct ipc_level *l = &t->ipc[LEVEL_USER];

    if (t->level != LEVEL_USER || l->rcv != 0 || (t->hold & HOLD_SWITCH) ||
        l->partner != irq_id((unsigned)t->irq) || sched_is_watched(t) ||
        !arch_frame_shorten(&t->frame))
        return;
    t->accepts = (word_t)l->partner;
    t->state = T_PARKED_IRQ;
}

enum err irq_attach(struct tcb *t, unsigned irq)
{
    if (t->irq == (int)irq)
        return OK;
    if (line[irq].thread)
        return ERR_DENIED;
    irq_detach(t);
    line[irq].thread = t;
    line[irq].pending = false;
    t->irq = (int)irq;
    tcb_hold(t, HOLD_IRQ);
    return OK;
}

void irq_detach(struct tcb *t)
{
    if (t->irq == IRQ_NONE)
        return;
    machine_irq_mask((unsigned)t->irq);
    line[t->irq].thread = NULL;
    t->irq = IRQ_NONE;
    tcb_release(t, HOLD_IRQ);
}

bool irq_take(struct tcb *t)
{
    unsigned irq = (unsigned)t->irq;

    if (!ipc_accepts_irq(t, irq))
        return false;       /* waits for somebody else: stays masked */
    if (!line[irq].pending) {
        machine_irq_unmask(irq);
        return false;
    }
    line[irq].pending = false;
    ipc_deliver_irq(t, irq);
    return true;
}

static void arrived(unsigned irq)
{
    struct tcb *t = line[irq].thread;

    if (t && t->state == T_PARKED_IRQ)
        ipc_settle(t);
    if (t && ipc_accepts_irq(t, irq))
        ipc_deliver_irq(t, irq);
    else if (t)
        line[irq].pending = true;
}

void irq_poll(void)
{
    int irq;

    while ((irq = machine_irq_next()) != IRQ_NONE) {
        if (irq == IRQ_TIMER)
            sched_tick();
        else
            arrived((unsigned)irq);
    }
}

/* May the port's own way lead from this thread to one that is parked? */
static bool can_deliver(const struct tcb *from)
{
    return ARCH_DELIVERS && !CONFIG_DEBUG &&
           !(from->hold & (HOLD_FPU | HOLD_SWITCH));
}

/* By the general way; apart for the same reason as handle(). */
static NORETURN NOINLINE void resume_with_message(struct tcb *t, unsigned irq)
{
    arch_entered();
    arch_frame_complete(&t->frame);
    ipc_irq_message(t, irq);
    sched_resume(t);
}

/* The common case: a thread is parked for just this, and more urgent than the
   one that runs. It runs at once. What else may be pending comes when it does. */
static void run_at_once(int irq)
{
    struct tcb *t = line[irq].thread;

    if (!t || t->state != T_PARKED_IRQ || !sched_preempt(t))
        return;
    if (can_deliver(sched_preemption.of))
        arch_deliver(t, (word_t)irq + 1, sched_preemption.of);
    resume_with_message(t, (unsigned)irq);
}

/* All others. Apart, so that the common case saves no registers for it. */
static NORETURN NOINLINE void handle(int irq)
{
    arch_entered();
    if (irq >= 0)
        arrived((unsigned)irq);
    else if (irq == IRQ_TIMER)
        sched_tick();
    irq_poll();
    kernel_exit();
}

void irq_entry(word_t which)
{
    int irq = machine_irq_taken(which);

    sched_catch_up();
    if (irq >= 0)
        run_at_once(irq);
    handle(irq);
}
