/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fast path: a call or a reply-and-wait with register words, to a
 * partner that waits for it. This file is its meaning; a port's ipc_fast.S,
 * where there is one, takes the same numbered steps.
 *
 * Steps F1 to F7 are tests, each with the slow path as its way out and
 * nothing changed. After the commit line nothing can fail.
 */
#include "ipc.h"
#include "task.h"
#include "timeout.h"

static bool op_is_fast(word_t op)
{
    return (op & ~(word_t)(L4_OP_OPEN | L4_OP_SEND_NOW)) == L4_OP_CALL;
}

/* r waits, in registers only, for anyone or for just this sender, with no
   time-out running. */
static bool waits_for(const struct tcb *r, const struct tcb *s)
{
    const struct ipc_level *l = &r->ipc[LEVEL_USER];

    return r->state == T_RECEIVING && r->level == LEVEL_USER &&
           (l->rcv == IPC_OPEN || (l->rcv == 0 && l->partner == s->id)) &&
           !timeout_pending(&r->timeout);
}

/* Nobody is waiting to send to s: it can go straight into its own wait. A
   closed wait needs no look: its partner is waiting, so it is not sending. */
static bool may_wait(const struct tcb *s, word_t op)
{
    return !(op & L4_OP_OPEN) ||
           (list_empty(&s->send_queue) && s->irq == IRQ_NONE);
}

/* Messages pass directly inside a clan and between chief and creature. */
static bool direct(const struct task *a, const struct task *b)
{
    return a->chief == b->chief || a->chief == b || b->chief == a;
}

static void begin_wait(struct tcb *s, threadid_t partner, word_t op)
{
    struct ipc_level *l = &s->ipc[LEVEL_USER];

    l->partner = partner;
    l->snd = IPC_NONE;
    l->rcv = op & L4_OP_OPEN ? IPC_OPEN : 0;
    l->timeouts = 0;
    l->kind = MSG_USER;
    s->state = T_RECEIVING;
}

bool ipc_fast(struct tcb *self, word_t op)
{
    threadid_t partner = arch_id(&self->frame, 0);
    struct tcb *r = tcb_table[id_number(partner)];

    if (!op_is_fast(op))                    /* F1 operation */
        return false;
    if (self->foreign)                      /* F2 not a foreign thread */
        return false;
    if (r->id != partner)                   /* F3 partner exists */
        return false;
    if (!waits_for(r, self))                /* F4 partner waits for us */
        return false;
    if (!may_wait(self, op))                /* F5 nobody waits for us */
        return false;
    if (r->prio < self->prio)               /* F6 partner is as urgent */
        return false;
    if (!direct(self->task, r->task))       /* F7 same clan or chief */
        return false;

    /* ---- commit: from here on nothing can fail ---- */

    begin_wait(self, partner, op);          /* F8 our new state */
    for (unsigned i = 0; i < L4_REG_WORDS; i++)
        arch_mr_set(&r->frame, i, arch_mr_get(&self->frame, i)); /* F9 words */
    arch_id_set(&r->frame, 0, self->id);    /* F10 sender and dope */
    arch_arg_set(&r->frame, 0, 0);
    r->state = T_READY;                     /* F11 partner runs */
    r->awaited = true;
    current = r;
    return true;
}
