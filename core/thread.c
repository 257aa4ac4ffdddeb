/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads of one task: lthread_ex_regs, and what acts on the own task. */
#include "ipc.h"
#include "ptab.h"
#include "sched.h"
#include "task.h"
#include "thread.h"

#define LEAVE (~(word_t)0)      /* "do not change this register" */

void thread_start(struct tcb *t, unsigned prio, word_t ip, word_t sp)
{
    arch_frame_init(&t->frame, ip, sp);
    t->prio = (uint8_t)prio;
    t->slice = DEFAULT_SLICE;
    sched_ready(t);
}

/* What a thread was before the exchange. */
struct old_state {
    word_t flags, ip, sp;
    threadid_t pager, preempter;
};

static struct old_state state_of(const struct tcb *t)
{
    return (struct old_state){
        .flags = arch_reg_get(&t->frame, REG_FLAGS),
        .ip = arch_reg_get(&t->frame, REG_IP),
        .sp = arch_reg_get(&t->frame, REG_SP),
        .pager = t->pager,
        .preempter = t->preempter,
    };
}

static void return_old(struct tcb *self, const struct old_state *old)
{
    struct arch_frame *f = &self->frame;

    arch_arg_set(f, 0, old->flags);
    arch_arg_set(f, 1, old->sp);
    arch_arg_set(f, 2, old->ip);
    arch_id_set(f, 0, old->pager);
    arch_id_set(f, 1, old->preempter);
}

static void exchange(struct tcb *self, struct tcb *t)
{
    struct arch_frame *f = &self->frame;
    word_t sp = arch_arg(f, 1), ip = arch_arg(f, 2);
    threadid_t pager = arch_id(f, 0), preempter = arch_id(f, 1);
    const struct old_state old = state_of(t);

    /* New registers end whatever it was doing; a thread that was never
       started, or halted, runs only when it gets an ip. */
    if (ip != LEAVE || (sp != LEAVE && t->state != T_HALTED))
        ipc_cancel(t);
    if (ip != LEAVE) {
        /* Flags that belong to where it was (single steps, part of a block)
           make no sense where it goes. */
        arch_reg_set(&t->frame, REG_FLAGS, 0);
        arch_reg_set(&t->frame, REG_IP, ip);
    }
    if (sp != LEAVE)
        arch_reg_set(&t->frame, REG_SP, sp);
    return_old(self, &old);
    if (pager != ID_INVALID)
        t->pager = pager;
    if (preempter != ID_INVALID)
        t->preempter = preempter;
}

/* A thread that did not exist: as its maker, halted at address 0. */
static enum err make_thread(struct tcb *self, unsigned lthread,
                            struct tcb **out)
{
    if (task_is_dying(self->task))
        return ERR_DENIED;
    if (tcb_create(self->task, lthread, out) != OK)
        return ERR_NO_MEM;
    struct tcb *t = *out;
    arch_frame_init(&t->frame, 0, 0);
    t->prio = self->prio;
    t->mcp = self->mcp;
    t->slice = DEFAULT_SLICE;
    t->pager = self->pager;
    t->preempter = self->preempter;
    return OK;
}

void sys_lthread_ex_regs(struct tcb *self)
{
    unsigned lthread = arch_arg(&self->frame, 0) & (MAX_LTHREADS - 1);
    struct tcb *t = tcb_find_number(self->task->number, lthread);

    if (!t && make_thread(self, lthread, &t) != OK) {
        arch_id_set(&self->frame, 0, ID_INVALID);
        arch_arg_set(&self->frame, 2, LEAVE);
        return;
    }
    exchange(self, t);
}

/*
 * Make instructions written at [arg 0, arg 0 + arg 1) of the own space
 * visible to instruction fetch, up to the end of the page. Result in arg 0:
 * bytes done, 0 when nothing is mapped there; the library loops.
 */
void sys_cache_sync(struct tcb *self)
{
    word_t va = arch_arg(&self->frame, 0), len = arch_arg(&self->frame, 1);
    word_t left = PAGE_SIZE - (va & ~PAGE_MASK);
    struct pt_slot slot;

    if (len > left)
        len = left;
    arch_arg_set(&self->frame, 0, 0);
    if (va >= ARCH_USER_TOP)
        return;
    ptab_walk(self->space, va, &slot);
    if (ptab_kind(&slot) != PTE_LEAF || arch_pte_attr(*slot.pte) != ATTR_RAM)
        return;
    paddr_t pa = arch_pte_addr(*slot.pte, slot.level) +
                 (va & (pt_size(slot.level) - 1));
    if (pa + len > ARCH_PHYS_LIMIT)
        return;
    arch_cache_sync(phys_to_kva(pa), len);
    arch_arg_set(&self->frame, 0, len);
}
