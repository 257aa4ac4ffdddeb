/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Inter-process communication: the one call everything else is made of.
 *
 *             ipc_start
 *                 |
 *            send phase ---- partner not ready ---> T_SENDING
 *                 |                                     |
 *             transfer <--- receiver begins to wait ----'
 *                 |
 *          receive phase --- nobody sends yet ----> T_RECEIVING
 *                 |                                     |
 *             transfer <---- a sender comes ------------'
 *                 |
 *               done
 *
 * Between the phases nothing else can come in. Page faults, exceptions and
 * interrupts use the same machine: the kernel starts an IPC in the name of
 * the thread, on its second level (tcb.h).
 */
#ifndef CORE_IPC_H
#define CORE_IPC_H

#include "tcb.h"

#define IPC_NONE        (~(word_t)0)    /* descriptor: no such phase */
#define IPC_OPEN        ((word_t)1)     /* receive: from anyone */
#define IPC_DECEIT      ((word_t)1)     /* send: with a virtual sender */
#define IPC_MAP         ((word_t)2)     /* words are map items / a window */

/* Bits of the dope that are not errors. */
#define DOPE_DECEITED   0x1u
#define DOPE_FPAGE      0x2u
#define DOPE_REDIRECTED 0x4u
#define DOPE_INSIDE     0x8u
#define DOPE_SEND_PHASE 0x10u

/* Errors of either phase; the send phase adds DOPE_SEND_PHASE. */
enum ipc_error {
    IPC_OK = 0,
    IPC_TIMEOUT = 0x20,
    IPC_CANCELLED = 0x40,
    IPC_MAP_FAILED = 0x60,
    IPC_SENDER_FAULT = 0x80,    /* a page fault in the sender's memory was
                                   not resolved in time */
    IPC_RECEIVER_FAULT = 0xA0,  /* ... in the receiver's */
    IPC_ABORTED = 0xC0,
    IPC_MESSAGE_CUT = 0xE0,
    IPC_NOT_EXISTENT = 0x10     /* has no phase in Version 2 */
};

/* System call ipc, by its gate or by an operation word: doc/api/ipc.md. */
void sys_ipc(struct tcb *self);
void sys_ipc_op(struct tcb *self, word_t op);

/* Begin the IPC that is described at t's active level. */
void ipc_start(struct tcb *t);

/* The kernel sends for t, on its second level, and t waits for the answer. */
void ipc_kernel_call(struct tcb *t, enum msg_kind kind, threadid_t partner,
                     word_t w0, word_t w1);

/* The system call `number` of t cannot go on without this page: its pager
   hears of the fault, and then the call is made again. */
void ipc_fault_in_call(struct tcb *t, unsigned number, word_t address,
                       unsigned access);

/* t, which is in no IPC, waits for an answer of `by` as if it had raised an
   exception towards it, with w0 as word 0. */
void ipc_stop(struct tcb *t, threadid_t by, word_t w0);

/* All threads of this task are gone: if t waits for just one of them it does
   so no longer. */
void ipc_forsake(struct tcb *t, threadid_t task);

/* t's time is up. */
void ipc_timeout(struct tcb *t);

/* Break off whatever IPC t is in: cancelled when it waited, aborted in the
   middle of a transfer (then for both sides). t is ready afterwards. */
void ipc_cancel(struct tcb *t);

/* t goes away: end its IPC. It is in no queue afterwards. */
void ipc_forget(struct tcb *t);

/* Does t wait for a message from this line? If so, here it is. */
bool ipc_accepts_irq(const struct tcb *t, unsigned irq);
void ipc_deliver_irq(struct tcb *t, unsigned irq);

/* Only the message, to t's registers: t's state is the caller's affair. */
void ipc_irq_message(struct tcb *t, unsigned irq);

/* Continuations. */
void ipc_continue_transfer(struct tcb *t);
void ipc_continue_receive(struct tcb *t);

/* Does r wait for a message from s at this moment? */
bool ipc_accepts(const struct tcb *r, const struct tcb *s);

/* ---- for transfer.c ---- */

/* The kernel will send a page fault for t, which the pager has to answer in
   the time given (a Version 2 timeouts word). It is sent when t runs next: the
   pager may fault in taking it, and its pager too, and so on; so the stack
   does not grow with the chain. */
void ipc_fault_timed(struct tcb *t, word_t w0, uint32_t timeouts);

/* The message of s (at its active level) has come to r; or has not, as the
   dope says. */
void ipc_received(struct tcb *r, const struct tcb *s, word_t dope);

/* s's message has gone, or could not: then s's IPC ends, else it receives. */
void ipc_sent(struct tcb *s, enum ipc_error error);

/* t's IPC at its active level ends with this error, phase included. */
void ipc_failed(struct tcb *t, word_t error);

/* ---- sendq.c ---- */

/* Whom t, which is about to receive, can hear at once: *s, or NULL. ERR_AGAIN:
   an interrupt waits, and t->searched is how far the search has got. It
   begins at &t->send_queue. */
MUST_CHECK enum err ipc_find_sender(struct tcb *t, struct tcb **s);

/* Take t, which waits no more, out of its partner's send queue. */
void ipc_leave_queue(struct tcb *t);

/* t cannot be found any more. One of those who wait to send to it hears of
   that (IPC_NOT_EXISTENT): true; false when there is none. */
bool ipc_turn_away(struct tcb *t);

/* ---- ipc_fast.c ---- */

/* t waits for a message without a timeout: park it, if the fast path may
   deliver to it. */
void ipc_park(struct tcb *t);

/* t is parked; make it wait as all others do. */
void ipc_settle(struct tcb *t);

/* A send or a wait alone, by operation word, to or for a partner that the fast paths
   know (send_fast.c). True: it is done, and the scheduler says who runs. */
bool send_fast(struct tcb *self, word_t op);

/* Park t, which waits by the gate for whom its ipc[] and this descriptor say; it
   may have a buffer. False: not with these timeouts, or not on this port. */
bool ipc_park_gate(struct tcb *t, word_t rcv, uint32_t timeouts);

/* t, which is parked in a wait of its own, not in a fault: does it hear anyone? */
static inline bool ipc_is_parked_for_all(const struct tcb *t)
{
    return tcb_is_parked_with_buffer(t) ? (t->buffer & IPC_OPEN) != 0
                                        : tcb_is_parked_openly(t);
}

/* The common case of an operation word; false: nothing done, go the slow
   way. Returns true with the partner current. */
bool ipc_fast(struct tcb *self, word_t op);

#endif
