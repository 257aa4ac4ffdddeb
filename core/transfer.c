/* SPDX-License-Identifier: BSD-2-Clause */
#include "fault.h"
#include "ipc.h"
#include "message.h"
#include "panic.h"
#include "sched.h"
#include "timeout.h"
#include "transfer.h"

/* ---- who is in a transfer with whom ---- */

/* The level at which s sends to r. */
static struct ipc_level *sending_level(struct tcb *s, const struct tcb *r)
{
    for (unsigned i = 0; i < IPC_LEVELS; i++)
        if (s->ipc[i].transfer.receiver == r)
            return &s->ipc[i];
    return NULL;
}

/* The level at which r receives from s. */
static struct ipc_level *receiving_level(struct tcb *r, const struct tcb *s)
{
    for (unsigned i = 0; i < IPC_LEVELS; i++)
        if (r->ipc[i].from == s)
            return &r->ipc[i];
    return NULL;
}

static void unlink_pair(struct tcb *s, struct tcb *r)
{
    sending_level(s, r)->transfer.receiver = NULL;
    receiving_level(r, s)->from = NULL;
    s->cont = CONT_NONE;
}

/* ---- the normal course ---- */

/*
 * Who runs after a message has passed from s to r: the receiver, at once and
 * on the sender's slice, if it is at least as urgent and the sender waits.
 */
static void switch_after(const struct tcb *s, struct tcb *r)
{
    if (r->state != T_READY || r == current)
        return;
    if (s == current && s->state != T_READY && r->prio >= s->prio)
        sched_switch_to(r);
}

static void finish(struct tcb *s, struct tcb *r, enum ipc_error error)
{
    const struct ipc_level *l = tcb_ipc(s);
    word_t dope = l->transfer.dope | l->route_flags | (word_t)error |
                  (l->sender != s->id ? DOPE_DECEITED : 0);

    unlink_pair(s, r);
    ipc_received(r, s, dope);
    ipc_sent(s, error);
    switch_after(s, r);
}

/* ---- page faults inside a transfer ---- */

/* Page-fault time-outs: an exponent p stands for 4^(15-p) microseconds, 0
   for never; the shorter of the two sides' counts. */
static unsigned fault_exponent(struct tcb *s, struct tcb *r)
{
    unsigned snd = tcb_ipc(s)->timeouts >> 12 & 15;
    unsigned rcv = tcb_ipc(r)->timeouts >> 8 & 15;

    return snd > rcv ? snd : rcv;
}

/*
 * Does the other side of a fault wait for it? Not one whose own part of the
 * message is all in registers, who may have no page-fault time-out to set: a
 * server that takes short messages must not have to trust its clients' pagers.
 */
static bool is_waited_for(struct tcb *s, struct tcb *r,
                          const struct tcb *owner)
{
    return owner == s ? (tcb_ipc(r)->rcv & ~IPC_OPEN) != 0
                      : (tcb_ipc(s)->snd & ~(IPC_DECEIT | IPC_MAP)) != 0;
}

static enum ipc_error fault_error(const struct tcb *s, const struct tcb *owner)
{
    return owner == s ? IPC_SENDER_FAULT : IPC_RECEIVER_FAULT;
}

/* Both phases of the fault's own IPC get the time; 15 is "not at all". */
static uint32_t timeouts_of(unsigned exponent)
{
    return exponent ? 1u << 24 | 1u << 16 | exponent << 4 | exponent : 0;
}

static void fault(struct tcb *s, struct tcb *r, const struct user_fault *f)
{
    unsigned exponent = fault_exponent(s, r);

    if (f->never) {
        finish(s, r, IPC_MESSAGE_CUT);
        return;
    }
    if (exponent == 15 || !is_waited_for(s, r, f->owner)) {
        finish(s, r, fault_error(s, f->owner));
        return;
    }
    s->cont = CONT_NONE;
    sched_block(s, T_TRANSFER);
    sched_block(r, T_TRANSFER);
    ipc_fault_timed(f->owner, fault_word(f->address, f->access),
                    timeouts_of(exponent));
}

bool transfer_fault_done(struct tcb *t, bool failed)
{
    struct ipc_level *l = &t->ipc[LEVEL_USER];
    struct tcb *s = l->transfer.receiver ? t : l->from;

    if (!s)
        return false;
    struct tcb *r = s == t ? l->transfer.receiver : t;
    sched_block(t, T_TRANSFER);
    if (failed) {
        finish(s, r, fault_error(s, t));
    } else {
        s->cont = CONT_TRANSFER;
        sched_ready(s);
    }
    return true;
}

void ipc_continue_transfer(struct tcb *s)
{
    struct tcb *r = tcb_ipc(s)->transfer.receiver;
    struct user_fault f;
    enum ipc_error error;

    switch (message_transfer(s, r, &error, &f)) {
    case MESSAGE_DONE:
        finish(s, r, error);
        break;
    case MESSAGE_PREEMPTED:
        s->cont = CONT_TRANSFER;
        sched_ready(s);
        break;
    case MESSAGE_FAULT:
        fault(s, r, &f);
        break;
    }
}

void transfer_begin(struct tcb *s, struct tcb *r)
{
    timeout_cancel(&s->timeout);
    timeout_cancel(&r->timeout);
    ipc_leave_queue(s);
    tcb_ipc(s)->transfer = (struct transfer){ .receiver = r };
    tcb_ipc(r)->from = s;
    sched_block(r, T_TRANSFER);
    s->state = T_READY;
    ipc_continue_transfer(s);
}

/* ---- breaking off ---- */

/* The other side of a transfer that was broken off. */
struct abandoned {
    struct tcb *t;      /* NULL: there was no transfer */
    unsigned level;     /* at which it was in the transfer */
    word_t error;       /* for it */
};

/* End t's part of a transfer at this level, if it is in one. */
static struct abandoned leave_transfer(struct tcb *t, struct ipc_level *l)
{
    struct abandoned other = { NULL, 0, 0 };

    if (l->transfer.receiver) {
        other.t = l->transfer.receiver;
        other.level = (unsigned)(receiving_level(other.t, t) - other.t->ipc);
        other.error = IPC_ABORTED;
        unlink_pair(t, other.t);
    } else if (l->from) {
        other.t = l->from;
        other.level = (unsigned)(sending_level(other.t, t) - other.t->ipc);
        other.error = IPC_ABORTED | DOPE_SEND_PHASE;
        unlink_pair(other.t, t);
    }
    return other;
}

/* The wait or transfer of t's fault, if it is in one, is over. */
static struct abandoned leave_fault(struct tcb *t)
{
    struct abandoned other = { NULL, 0, 0 };

    if (t->level != LEVEL_FAULT)
        return other;
    other = leave_transfer(t, &t->ipc[LEVEL_FAULT]);
    timeout_cancel(&t->timeout);
    ipc_leave_queue(t);
    t->level = LEVEL_USER;
    t->cont = CONT_NONE;
    /* It waited in that level; below, it was running or in a transfer. */
    const struct ipc_level *l = &t->ipc[LEVEL_USER];
    t->state = l->transfer.receiver || l->from ? T_TRANSFER : T_READY;
    return other;
}

/*
 * The one left behind gets its error. It may have been waiting for its own
 * pager inside that transfer, and that pager, answering, for its pager: each
 * of them in turn is left behind. A loop, not a recursion: the stack is
 * small and the chain may be long.
 */
static void abandon(struct abandoned a)
{
    while (a.t) {
        struct abandoned next = { NULL, 0, 0 };
        if (a.t->level > a.level)
            next = leave_fault(a.t);
        ipc_failed(a.t, a.error);
        a = next;
    }
}

word_t transfer_break_off(struct tcb *t)
{
    struct ipc_level *l = &t->ipc[LEVEL_USER];
    word_t error = 0;

    abandon(leave_fault(t));
    timeout_cancel(&t->timeout);
    struct abandoned other = leave_transfer(t, l);
    if (other.t)
        error = other.error & DOPE_SEND_PHASE ? IPC_ABORTED
                                              : IPC_ABORTED | DOPE_SEND_PHASE;
    else if (t->state == T_SENDING)
        error = IPC_CANCELLED | DOPE_SEND_PHASE;
    else if (t->state == T_RECEIVING || t->cont == CONT_RECEIVE ||
             t->cont == CONT_SEARCH)
        error = IPC_CANCELLED;
    abandon(other);
    ipc_leave_queue(t);
    return error;
}
