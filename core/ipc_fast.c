/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fast path: a call or a reply-and-wait with register words, to a
 * partner that is parked. This file is its meaning; a port's ipc_fast.S takes
 * the same numbered steps.
 *
 * Steps F1 to F5 are tests, each with the slow path as its way out and
 * nothing changed. After the commit line nothing can fail.
 *
 * What makes the tests few is that two words say nearly all (tcb.h). `state`
 * of a thread that is parked says that it waits in registers only, without a
 * timeout, for whom, and its priority: as a number it grows with the priority,
 * and open and closed waits do not meet. `limit` of the sender is its own
 * priority in the same form, or more than any state when it may not go this
 * way: foreign, with others queued that it must not pass over, attached to an
 * interrupt, or with the FPU on.
 */
#include "clan.h"
#include "fpage.h"
#include "ipc.h"
#include "irq.h"

/* CALL or REPLY_AND_WAIT; the partner is there, so its time does not count. */
static bool op_is_fast(word_t op)
{
    return (op & ~(word_t)(L4_OP_OPEN | L4_OP_SEND_NOW)) == L4_OP_CALL;
}

/* For anyone, or for just this sender. */
static bool waits_for(const struct tcb *r, const struct tcb *s)
{
    return tcb_is_parked_openly(r) || r->accepts == (word_t)s->id;
}

/* Where a small space is on either side, two words do not say it. */
static bool is_within_small(const struct tcb *r, const struct tcb *s)
{
    return (tcb_is_parked_openly(r) || tcb_is_parked_closed(r)) &&
           r->prio >= s->prio && !(s->hold & ~HOLD_SMALL);
}

/* Is it parked, and as urgent as s at least; and may s go this way? */
static bool is_within(const struct tcb *r, const struct tcb *s)
{
    if ((r->state & ~(T_PARKED_CLOSED - T_PARKED_OPEN)) >= s->limit)
        return true;
    return ARCH_SMALL_SPACES && is_within_small(r, s);
}

bool ipc_fast(struct tcb *self, word_t op)
{
    threadid_t partner = arch_id(&self->frame, 0);
    struct tcb *r = tcb_table[id_number(partner)];
    bool open = op & L4_OP_OPEN;

    if (!op_is_fast(op))                    /* F1 operation */
        return false;
    if (r->id != partner)                   /* F2 partner exists */
        return false;
    if (!is_within(r, self))                /* F3 it is parked, and urgent */
        return false;
    if (!waits_for(r, self))                /* F4 it waits for us */
        return false;
    if (tcb_is_parked_openly(r) && !clan_is_direct(self->task, r->task))
        return false;                       /* F5 same clan or chief; who is
                                               parked for just one sender is
                                               so for one that passes (tcb.h) */

    /* ---- commit: from here on nothing can fail ---- */

    arch_frame_shorten(&self->frame);       /* F6 we are parked */
    self->accepts = (word_t)partner;
    self->state = tcb_parked_state(self, open);
    for (unsigned i = 0; i < L4_REG_WORDS; i++)
        arch_mr_set(&r->frame, i, arch_mr_get(&self->frame, i)); /* F7 words */
    arch_id_set(&r->frame, 0, self->id);    /* F8 sender and dope */
    arch_arg_set(&r->frame, 0, 0);
    r->state = T_READY;                     /* F9 partner runs */
    current = r;
    return true;
}

/* ---- in and out of the fast path's state ---- */

void ipc_park(struct tcb *t)
{
    const struct ipc_level *l = &t->ipc[LEVEL_USER];
    bool open = l->rcv == IPC_OPEN;

    if (t->hold & HOLD_IRQ) {
        irq_park(t);
        return;
    }
    if (t->level != LEVEL_USER || (t->hold & HOLD_ARCH) ||
        (!open && !clan_is_near(t, l->partner)))
        return;
    if ((l->rcv & ~IPC_OPEN) || !arch_frame_shorten(&t->frame)) {
        ipc_park_gate(t, l->rcv, l->timeouts);
        return;
    }
    t->accepts = (word_t)(open ? ID_NIL : l->partner);
    t->state = tcb_parked_state(t, open);
}

#define SEND_EXPONENT   0xf0u

bool ipc_park_gate(struct tcb *t, word_t rcv, uint32_t timeouts)
{
    if (!ARCH_PARKS_BUFFERS || (t->hold & HOLD_SWITCH) ||
        (rcv & (sizeof(word_t) - 1) & ~IPC_OPEN) ||     /* a window, too */
        (timeouts & ~SEND_EXPONENT))
        return false;
    t->accepts = (word_t)t->ipc[LEVEL_USER].partner;
    t->buffer = rcv;
    t->state = T_PARKED_BUFFER + t->prio;
    return true;
}

/* A partner that has died in the meantime keeps an id that finds nobody. */
static threadid_t full_id(word_t low)
{
    const struct tcb *t = tcb_table[id_number(low)];

    return (word_t)t->id == low ? t->id : low;
}

/* What it waits for, as others have that in their ipc[]. */
static void settle_wait(struct tcb *t)
{
    bool closed = !ipc_is_parked_for_all(t);

    if (tcb_is_parked_with_buffer(t))
        arch_frame_complete_gate(&t->frame);
    else
        arch_frame_complete(&t->frame);
    t->ipc[LEVEL_USER] = (struct ipc_level){
        .partner = closed ? full_id(t->accepts) : ID_NIL,
        .sender = t->id,
        .snd = IPC_NONE,
        .rcv = t->buffer | (closed ? 0 : IPC_OPEN),
        .kind = MSG_USER,
    };
    t->buffer = 0;
}

static void settle_fault(struct tcb *t)
{
    uint8_t kind = (uint8_t)(t->state - T_PARKED_FAULT);

    t->level = LEVEL_FAULT;
    t->ipc[LEVEL_FAULT] = (struct ipc_level){
        .partner = full_id(t->accepts),
        .sender = t->id,
        .snd = IPC_NONE,
        .rcv = kind == MSG_FAULT ? fpage_whole() : 0,
        .kind = kind,
    };
}

void ipc_settle(struct tcb *t)
{
    if (tcb_is_parked_openly(t) || tcb_is_parked_closed(t) ||
        tcb_is_parked_with_buffer(t))
        settle_wait(t);
    else if (t->state == T_PARKED_IRQ)
        arch_frame_complete(&t->frame);
    else
        settle_fault(t);
    t->state = T_RECEIVING;
}
