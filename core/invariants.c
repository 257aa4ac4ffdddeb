/* SPDX-License-Identifier: BSD-2-Clause */
#include "invariants.h"
#include "panic.h"
#include "sched.h"
#include "small.h"
#include "task.h"
#include "timeout.h"

#define check(x) assert(x)

static void check_waits(const struct tcb *t)
{
    switch ((enum thread_state)t->state) {
    case T_SENDING:
        check(t->send_to != NULL && !list_empty(&t->send_link));
        break;
    case T_TRANSFER:
        check(t->ipc[t->level].from || t->ipc[t->level].transfer.receiver);
        break;
    case T_READY:
        check(!timeout_pending(&t->timeout));
        break;
    case T_RECEIVING:
    case T_HALTED:
        check(t->cont == CONT_NONE);
        break;
    }
}

/* The other side of a transfer knows of it. */
static void check_transfer(const struct tcb *t, const struct ipc_level *l)
{
    const struct tcb *s = l->from, *r = l->transfer.receiver;

    check(!s || s->ipc[0].transfer.receiver == t ||
          s->ipc[1].transfer.receiver == t);
    check(!r || r->ipc[0].from == t || r->ipc[1].from == t);
}

static void check_limit(const struct tcb *t)
{
    check(!(t->hold & HOLD_QUEUE) == list_empty(&t->send_queue));
    check(!(t->hold & HOLD_IRQ) == (t->irq == IRQ_NONE));
    check(!(t->hold & HOLD_FPU) == (t != fpu_user));
    check(!(t->hold & HOLD_SMALL) == !small_number(t->space));
    check(t->buffer == 0 || tcb_is_parked_with_buffer(t));
    check(t->limit == (t->hold ? LIMIT_NONE : T_PARKED_OPEN + t->prio));
}

void check_tcb(const struct tcb *t)
{
    check(tcb_table[id_number(t->id)] == t);
    check(t->task && t->space == &t->task->space);
    check(t->level < IPC_LEVELS);
    check(t->queued == (t->state == T_READY && t != current));
    check((t->state == T_SENDING) == !list_empty(&t->send_link));
    check(t->cont != CONT_TRANSFER || t->ipc[t->level].transfer.receiver);
    for (unsigned i = 0; i < IPC_LEVELS; i++)
        check_transfer(t, &t->ipc[i]);
    check_waits(t);
    check_limit(t);
}

static void check_node(struct mapnode *n, struct pt_slot *slot)
{
    struct pt_slot parent;

    check(mapnode_level(n) == slot->level);
    if (!n->parent)
        return;
    check(*n->link == n);
    mapnode_slot(mapnode_source(n), &parent);
    paddr_t pa = arch_pte_addr(*slot->pte, slot->level);
    paddr_t from = arch_pte_addr(*parent.pte, parent.level);
    check(pa >= from && pa < from + pt_size(parent.level));
}

void check_space(struct space *s)
{
    struct pt_slot slot;

    for (word_t va = 0; va < ARCH_USER_TOP;) {
        ptab_walk(s, va, &slot);
        if (ptab_kind(&slot) == PTE_LEAF) {
            check(*slot.node && (*slot.node)->space == s);
            check(mapnode_va(*slot.node) == (va & ~(pt_size(slot.level) - 1)));
            check_node(*slot.node, &slot);
        }
        va = (va & ~(pt_size(slot.level) - 1)) + pt_size(slot.level);
    }
}

void check_all(void)
{
    if (!CONFIG_DEBUG)
        return;
    sched_catch_up();
    for (unsigned i = 0; i < MAX_TASKS; i++) {
        struct task *task = task_find(i);
        if (!task)
            continue;
        check_space(&task->space);
        if (task->space.ports)
            check_space(task->space.ports);
        for (unsigned l = 0; l < MAX_LTHREADS; l++)
            if (tcb_find_number(i, l))
                check_tcb(tcb_find_number(i, l));
    }
}
