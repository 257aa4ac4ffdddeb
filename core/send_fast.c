/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fast path of sends and waits by themselves, with register words: to a
 * partner that is parked, and for one when nobody waits to send. It is C on all
 * targets: who runs next is the scheduler's to say, and that is most of it.
 *
 * Steps S1 to S5 and W1 to W4 are tests, each with the general path as its way
 * out and nothing changed.
 */
#include "clan.h"
#include "ipc.h"
#include "sched.h"

/* ---- send ---- */

/* The partner is there, so its time does not count. */
static bool op_is_send(word_t op)
{
    return (op & ~(word_t)L4_OP_SEND_NOW) == (L4_OP_IPC | L4_OP_SEND);
}

/* It has waited before, so that it is known to others. Its FPU may be on: it goes
   on itself. */
static bool may_send(const struct tcb *self)
{
    return !(self->hold & HOLD_UNKNOWN);
}

/* In registers, by operation word. */
static bool is_parked_in_registers(const struct tcb *r)
{
    return tcb_is_parked_openly(r) || tcb_is_parked_closed(r);
}

static bool accepts(const struct tcb *r, const struct tcb *s)
{
    return tcb_is_parked_openly(r) || r->accepts == (word_t)s->id;
}

static bool send_alone(struct tcb *self)
{
    threadid_t partner = arch_id(&self->frame, 0);
    struct tcb *r = tcb_table[id_number(partner)];

    if (!may_send(self))                    /* S2 we may go this way */
        return false;
    if (r->id != partner)                   /* S3 partner exists */
        return false;
    if (!is_parked_in_registers(r) || !accepts(r, self))
        return false;                       /* S4 it waits for us */
    if (!clan_is_direct(self->task, r->task))
        return false;                       /* S5 same clan or chief */

    /* ---- commit: from here on nothing can fail ---- */

    arch_frame_complete(&r->frame);         /* S6 words, sender, dope */
    for (unsigned i = 0; i < L4_REG_WORDS; i++)
        arch_mr_set(&r->frame, i, arch_mr_get(&self->frame, i));
    arch_id_set(&r->frame, 0, self->id);
    arch_arg_set(&r->frame, 0, IPC_OK);
    arch_arg_set(&self->frame, 0, IPC_OK);  /* S7 both are ready */
    sched_ready(r);
    return true;
}

/* ---- wait ---- */

static bool op_is_wait(word_t op)
{
    return (op & ~(word_t)L4_OP_OPEN) == (L4_OP_IPC | L4_OP_RECV);
}

/* Nobody waits to send to it, nor has it an interrupt line, and it can be parked. */
static bool may_wait(const struct tcb *self)
{
    return !(self->hold & ~(HOLD_FPU | HOLD_SMALL));
}

/* Whom a closed wait is for: there, known, and near. */
static bool is_partner(const struct tcb *p, threadid_t id, const struct tcb *self)
{
    return p->id == id && !(p->hold & HOLD_UNKNOWN) &&
           clan_is_direct(self->task, p->task);
}

static bool wait_alone(struct tcb *self, bool open)
{
    threadid_t partner = open ? ID_NIL : arch_id(&self->frame, 0);

    if (!may_wait(self))                    /* W2 we may go this way */
        return false;
    if (!open && !is_partner(tcb_table[id_number(partner)], partner, self))
        return false;                       /* W3 partner exists, near */
    if (!arch_frame_shorten(&self->frame))  /* W4 we can be parked */
        return false;

    /* ---- commit ---- */

    sched_block(self, T_RECEIVING);
    self->accepts = (word_t)partner;        /* W5 we are parked */
    self->state = tcb_parked_state(self, open);
    return true;
}

bool send_fast(struct tcb *self, word_t op)
{
    if (op_is_send(op))                     /* S1 operation */
        return send_alone(self);
    if (op_is_wait(op))                     /* W1 operation */
        return wait_alone(self, op & L4_OP_OPEN);
    return false;
}
