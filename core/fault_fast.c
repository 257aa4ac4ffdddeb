/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fast path of faults, exceptions and foreign system calls: to a handler
 * that is parked, and with its answer back. What an IPC would do is done
 * directly: there is no message to copy but two words, the handler has no
 * queue, and nobody can come between.
 *
 * Meanwhile the thread is parked as well (tcb.h): `accepts` says whose answer
 * it waits for, `state` what it has told.
 *
 * Steps H1 to H4 on the way to the handler and A1 to A6 on the way back are
 * tests, each with the general way as its way out and nothing changed. After
 * the commit line nothing can fail.
 */
#include <l4/sys/utcb.h>

#include "clan.h"
#include "fault.h"
#include "fpage.h"
#include "ipc.h"
#include "mapdb.h"
#include "regstate.h"

/* ---- to the handler ---- */

/* Is h parked for t, or for anyone whose messages come directly? */
static bool waits_for(const struct tcb *h, const struct tcb *t)
{
    if (h->state >= T_PARKED_CLOSED)
        return h->accepts == (word_t)t->id;
    return clan_is_direct(t->task, h->task);
}

static bool asks(const struct tcb *h)
{
    const struct l4_utcb *u = h->utcb;

    return u->wanted_exception != 0;
}

bool fault_fast_call(struct tcb *t, enum msg_kind kind, word_t w0)
{
    threadid_t handler = kind == MSG_FAULT ? t->pager : t->handler;
    struct tcb *h = tcb_table[id_number(handler)];
    word_t urgency = h->state & ~(T_PARKED_CLOSED - T_PARKED_OPEN);

    if (h->id != handler)                   /* H1 the handler exists */
        return false;
    if (urgency < T_PARKED_OPEN + t->prio)  /* H2 it is parked, and urgent */
        return false;
    if (!waits_for(h, t))                   /* H3 it waits for us */
        return false;
    if (ARCH_REFLECTS && kind == MSG_EXCEPTION && !asks(h))
        return false;                       /* ... and asks for it before the
                                               program's own handlers do */

    /* ---- commit ---- */

    t->accepts = (word_t)handler;           /* H4 we are parked */
    t->state = T_PARKED_FAULT + kind;
    arch_frame_complete(&h->frame);         /* H5 two words, registers */
    arch_mr_set(&h->frame, 0, w0);
    arch_mr_set(&h->frame, 1, arch_reg_get(&t->frame, REG_IP));
    for (unsigned i = 2; i < L4_REG_WORDS; i++)
        arch_mr_set(&h->frame, i, 0);
    regstate_deliver(t, h, kind);
    arch_id_set(&h->frame, 0, t->id);       /* H6 sender and dope */
    arch_arg_set(&h->frame, 0, 0);
    h->state = T_READY;                     /* H7 the handler runs */
    current = h;
    return true;
}

/* ---- and back ---- */

/* An answer, perhaps with a mapping, and a wait for the next. */
static bool op_is_answer(word_t op)
{
    return (op & ~(word_t)(L4_OP_MAP | L4_OP_SEND_NOW)) ==
           L4_OP_REPLY_AND_WAIT;
}

static bool is_of_fault(const struct tcb *t)
{
    return t->state == T_PARKED_FAULT + MSG_FAULT;
}

/* Is it one small page, to be mapped, where t wants it to be? Then do so. */
static bool map_answer(const struct tcb *self, const struct tcb *t)
{
    word_t item = arch_mr_get(&self->frame, 1);

    if ((item & ~(PAGE_MASK | 2)) != PAGE_SHIFT << 2 ||
        (L4_REG_WORDS > 2 && arch_mr_get(&self->frame, 3)))
        return false;
    return map_small_page(self->space, item, t->space,
                          arch_mr_get(&self->frame, 0)) != NULL;
}

bool fault_fast_answer(struct tcb *self, word_t op)
{
    threadid_t partner = arch_id(&self->frame, 0);
    struct tcb *t = tcb_table[id_number(partner)];

    if (!op_is_answer(op))                  /* A1 operation */
        return false;
    if (t->id != partner)                   /* A2 partner exists */
        return false;
    if (t->state - T_PARKED_FAULT > MSG_EXCEPTION - MSG_USER ||
        t->accepts != (word_t)self->id)     /* A3 it waits for our answer */
        return false;
    if (T_PARKED_OPEN + t->prio < self->limit)
        return false;                       /* A4 it is urgent; we may */
    if (!arch_frame_shorten(&self->frame))  /* A5 we can be parked */
        return false;
    if (op & L4_OP_MAP && !(is_of_fault(t) && map_answer(self, t)))
        return false;                       /* A6 there is one page to map */

    /* ---- commit ---- */

    regstate_take_back(t, self);            /* A7 registers */
    self->accepts = (word_t)partner;        /* A8 we are parked */
    self->state = self->limit;
    t->state = T_READY;                     /* A9 the thread goes on */
    current = t;
    return true;
}
