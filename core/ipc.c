/* SPDX-License-Identifier: BSD-2-Clause */
#include "clan.h"
#include "deadline.h"
#include "fault.h"
#include "ipc.h"
#include "irq.h"
#include "panic.h"
#include "runq.h"
#include "sched.h"
#include "timeout.h"
#include "transfer.h"
#include "usermem.h"

/* ---- the end of an IPC ---- */

/* Did nobody deal with the fault, as opposed to badly? */
static bool is_unanswered(word_t dope)
{
    switch (dope & L4_IPC_ERROR_MASK & ~DOPE_SEND_PHASE) {
    case IPC_TIMEOUT:
    case IPC_CANCELLED:
    case IPC_ABORTED:
        return true;
    }
    return (dope & L4_IPC_ERROR_MASK) == IPC_NOT_EXISTENT;
}

/*
 * The fault or exception t reported is dealt with. Whatever the handler
 * answered, t runs again, and faults again if it has to. Only when there is
 * no handler does it stay where it is, until somebody gives it registers. A
 * preempter need not be there.
 */
static void finish_fault(struct tcb *t, word_t dope)
{
    bool stays = is_unanswered(dope) &&
                 t->ipc[LEVEL_FAULT].kind != MSG_PREEMPTION;

    t->level = LEVEL_USER;
    if (transfer_fault_done(t, stays))
        return;
    if (stays) {
        t->call_again = 0;
        t->raise_again = false;
        sched_block(t, T_HALTED);
    } else {
        t->cont = t->call_again ? CONT_CALL :
                  t->raise_again ? CONT_EXCEPTION : CONT_NONE;
        sched_ready(t);
    }
}

/* t's IPC at its active level is over. */
static void finish(struct tcb *t, word_t dope)
{
    timeout_cancel(&t->timeout);
    t->cont = CONT_NONE;
    if (t->level == LEVEL_FAULT) {
        finish_fault(t, dope);
        return;
    }
    arch_arg_set(&t->frame, 0, dope);
    sched_ready(t);
}

void ipc_failed(struct tcb *t, word_t error)
{
    finish(t, error);
}

/* ---- receive phase ---- */

static bool is_open(const struct ipc_level *l)
{
    return l->rcv & IPC_OPEN;
}

bool ipc_accepts(const struct tcb *r, const struct tcb *s)
{
    const struct ipc_level *l = &r->ipc[r->level];

    return r->state == T_RECEIVING &&
           (is_open(l) || l->partner == s->ipc[s->level].sender);
}

/* A wait for an interrupt's id, or for nobody. True: that was all. */
static bool receive_special(struct tcb *t)
{
    struct ipc_level *l = tcb_ipc(t);

    if (is_open(l) || !irq_is_id(l->partner))
        return false;
    if (l->partner == ID_NIL) {
        if (deadline_receive_is_now(t))
            irq_detach(t);
        return false;
    }
    if (irq_attach(t, irq_of_id(l->partner)) != OK) {
        ipc_failed(t, IPC_NOT_EXISTENT);
        return true;
    }
    return false;
}

/* A closed wait for a thread: it has to be there, and knows of it. */
static bool partner_is_gone(const struct ipc_level *l)
{
    if (is_open(l) || irq_is_id(l->partner))
        return false;
    struct tcb *p = tcb_find(l->partner);
    if (p)
        tcb_release(p, HOLD_UNKNOWN);
    return p == NULL;
}

/* Does t wait for just one thread of this task? */
static bool awaits(const struct tcb *t, threadid_t task)
{
    const struct ipc_level *l = &t->ipc[t->level];
    threadid_t partner = t->accepts;

    if (!tcb_is_parked(t)) {
        if (t->state != T_RECEIVING || is_open(l))
            return false;
        partner = l->partner;
    } else if (ipc_is_parked_for_all(t)) {
        return false;
    }
    return (uint32_t)id_with_lthread(partner, 0) == (uint32_t)task;
}

void ipc_forsake(struct tcb *t, threadid_t task)
{
    if (!awaits(t, task))
        return;
    if (tcb_is_parked(t))
        ipc_settle(t);
    timeout_cancel(&t->timeout);
    ipc_failed(t, IPC_NOT_EXISTENT);
}

/* Start to wait; the caller has made sure that no sender waits already. */
static void wait(struct tcb *t)
{
    usec_t when = deadline_receive(t);

    t->cont = CONT_NONE;
    sched_block(t, T_RECEIVING);
    if (t->irq != IRQ_NONE && irq_take(t))
        return;
    if (when == DO_NOT_WAIT)
        ipc_failed(t, IPC_TIMEOUT);
    else if (when == TIME_NEVER)
        ipc_park(t);
    else
        sched_set_timeout(t, when);
}

void ipc_continue_receive(struct tcb *t)
{
    struct tcb *s;

    if (t->cont != CONT_SEARCH)
        t->searched = &t->send_queue;
    t->cont = CONT_NONE;
    if (receive_special(t))
        return;
    if (ipc_find_sender(t, &s) == ERR_AGAIN) {
        t->cont = CONT_SEARCH;
        sched_ready(t);
    } else if (s) {
        sched_block(t, T_RECEIVING);
        transfer_begin(s, t);
    } else if (partner_is_gone(tcb_ipc(t))) {
        ipc_failed(t, IPC_NOT_EXISTENT);
    } else {
        wait(t);
    }
}

/*
 * t has sent; now it receives, if it wants to. When a sender is there
 * already t takes its message when it runs next, which keeps the kernel's
 * stack from growing with a chain of senders; nobody can come in between,
 * since the sender's place in the queue is fixed.
 */
static void after_send(struct tcb *t)
{
    struct tcb *s;

    if (tcb_ipc(t)->rcv == IPC_NONE) {
        finish(t, IPC_OK);
        return;
    }
    t->searched = &t->send_queue;
    enum err e = ipc_find_sender(t, &s);
    if (e == ERR_AGAIN || s) {
        t->cont = e == ERR_AGAIN ? CONT_SEARCH : CONT_RECEIVE;
        sched_ready(t);
    } else {
        ipc_continue_receive(t);
    }
}

void ipc_received(struct tcb *r, const struct tcb *s, word_t dope)
{
    const struct ipc_level *l = &s->ipc[s->level];

    if (r->level == LEVEL_USER) {
        arch_id_set(&r->frame, 0, l->sender);
        if (dope & DOPE_REDIRECTED)
            arch_ipc_set_real_dest(&r->frame, l->partner);
    }
    finish(r, dope);
}

void ipc_sent(struct tcb *s, enum ipc_error error)
{
    if (error)
        ipc_failed(s, (word_t)error | DOPE_SEND_PHASE);
    else
        after_send(s);
}

/* ---- send phase ---- */

static void enqueue(struct tcb *s, struct tcb *r)
{
    usec_t when = deadline_send(s);

    if (when == DO_NOT_WAIT) {
        ipc_failed(s, IPC_TIMEOUT | DOPE_SEND_PHASE);
        return;
    }
    sched_block(s, T_SENDING);
    s->send_to = r;
    list_insert(&s->send_link, &r->send_queue);
    tcb_hold(r, HOLD_QUEUE);
    if (when != TIME_NEVER)
        sched_set_timeout(s, when);
}

static void send(struct tcb *s)
{
    struct ipc_level *l = tcb_ipc(s);
    struct route route = clan_route(s, l->partner);

    l->route_flags = (uint8_t)route.flags;
    if (!route.to)
        ipc_failed(s, IPC_NOT_EXISTENT);
    else if (ipc_accepts(route.to, s))
        transfer_begin(s, route.to);
    else
        enqueue(s, route.to);
}

void ipc_start(struct tcb *t)
{
    if (tcb_ipc(t)->snd != IPC_NONE)
        send(t);
    else if (tcb_ipc(t)->rcv != IPC_NONE)
        ipc_continue_receive(t);
    else
        finish(t, IPC_OK);
}

/* ---- system call and kernel-made calls ---- */

/* The virtual sender that self names. False: its stack is not there; the
   fault goes to the pager, and then the call is made again. */
static bool get_deceit(struct tcb *self, threadid_t *id)
{
    word_t sp = arch_reg_get(&self->frame, REG_SP), low, high;
    struct user_fault f;

    if (!ARCH_DECEIT_ON_STACK) {
        *id = arch_ipc_deceit(&self->frame);
        return true;
    }
    *id = ID_INVALID;
    if (user_read(self, sp, &low, &f) &&
        user_read(self, sp + sizeof(word_t), &high, &f)) {
        *id = (uint64_t)high << 32 | (uint32_t)low;
        return true;
    }
    if (f.never)
        return true;
    ipc_fault_in_call(self, L4_SYS_IPC, f.address, f.access);
    return false;
}

/* A send in somebody else's name. False: nothing to go on with now. */
static bool deceive(struct tcb *self, struct ipc_level *l)
{
    threadid_t virtual;

    if (!get_deceit(self, &virtual))
        return false;
    if (!clan_may_deceive(self, virtual, l->partner)) {
        ipc_failed(self, IPC_NOT_EXISTENT);
        return false;
    }
    l->sender = virtual;
    return true;
}

void sys_ipc(struct tcb *self)
{
    struct arch_frame *f = &self->frame;
    struct ipc_level *l = &self->ipc[LEVEL_USER];

    tcb_release(self, HOLD_UNKNOWN);
    *l = (struct ipc_level){
        .partner = arch_id(f, 0),
        .sender = self->id,
        .snd = arch_ipc_snd(f),
        .rcv = arch_ipc_rcv(f),
        .timeouts = (uint32_t)arch_ipc_timeouts(f),
        .kind = MSG_USER,
    };
    if (l->snd != IPC_NONE && (l->snd & IPC_DECEIT) && !deceive(self, l))
        return;
    ipc_start(self);
}

/* Timeout words with mantissa 0 and an exponent: now. */
#define SEND_NOW    0x10u
#define RECV_NOW    0x01u

void sys_ipc_op(struct tcb *self, word_t op)
{
    struct ipc_level *l = &self->ipc[LEVEL_USER];

    tcb_release(self, HOLD_UNKNOWN);
    *l = (struct ipc_level){
        .partner = arch_id(&self->frame, 0),
        .sender = self->id,
        .snd = !(op & L4_OP_SEND) ? IPC_NONE : op & L4_OP_MAP ? IPC_MAP : 0,
        .rcv = !(op & L4_OP_RECV) ? IPC_NONE : op & L4_OP_OPEN ? IPC_OPEN : 0,
        .timeouts = (op & L4_OP_SEND_NOW ? SEND_NOW : 0) |
                    (op & L4_OP_RECV_NOW ? RECV_NOW : 0),
        .kind = MSG_USER,
    };
    ipc_start(self);
}

static void prepare_kernel_call(struct tcb *t, const struct ipc_level *l)
{
    assert(t->level == LEVEL_USER);
    t->level = LEVEL_FAULT;
    t->ipc[LEVEL_FAULT] = *l;
}

void ipc_kernel_call(struct tcb *t, enum msg_kind kind, threadid_t partner,
                     word_t w0, word_t w1)
{
    const struct ipc_level l = {
        .partner = partner,
        .sender = t->id,
        .rcv = kind == MSG_FAULT ? fpage_whole() : 0,
        .kind = (uint8_t)kind,
        .words = { w0, w1 },
    };

    prepare_kernel_call(t, &l);
    ipc_start(t);
}

void ipc_fault_in_call(struct tcb *t, unsigned number, word_t address,
                       unsigned access)
{
    t->call_again = (uint8_t)(number + 1);
    ipc_kernel_call(t, MSG_FAULT, t->pager, fault_word(address, access),
                    arch_reg_get(&t->frame, REG_IP));
}

void ipc_stop(struct tcb *t, threadid_t by, word_t w0)
{
    const struct ipc_level l = {
        .partner = by,
        .sender = t->id,
        .snd = IPC_NONE,
        .kind = MSG_EXCEPTION,
        .words = { w0, arch_reg_get(&t->frame, REG_IP) },
    };

    prepare_kernel_call(t, &l);
    sched_block(t, T_RECEIVING);
}

void ipc_fault_timed(struct tcb *t, word_t w0, uint32_t timeouts)
{
    const struct ipc_level l = {
        .partner = t->pager,
        .sender = t->id,
        .rcv = fpage_whole(),
        .kind = MSG_FAULT,
        .timeouts = timeouts,
        .words = { w0, arch_reg_get(&t->frame, REG_IP) },
    };

    prepare_kernel_call(t, &l);
    t->cont = CONT_FAULT;
    sched_ready(t);
}

/* ---- interrupts, timeouts, cancel ---- */

bool ipc_accepts_irq(const struct tcb *t, unsigned irq)
{
    const struct ipc_level *l = &t->ipc[LEVEL_USER];

    return t->state == T_RECEIVING && t->level == LEVEL_USER &&
           (is_open(l) || l->partner == irq_id(irq));
}

void ipc_irq_message(struct tcb *t, unsigned irq)
{
    for (unsigned i = 0; i < L4_REG_WORDS; i++)
        arch_mr_set(&t->frame, i, 0);
    arch_id_set(&t->frame, 0, irq_id(irq));
    arch_arg_set(&t->frame, 0, IPC_OK);
}

void ipc_deliver_irq(struct tcb *t, unsigned irq)
{
    ipc_irq_message(t, irq);
    finish(t, IPC_OK);
}

void ipc_timeout(struct tcb *t)
{
    word_t phase = t->state == T_SENDING ? DOPE_SEND_PHASE : 0;

    assert(t->state == T_SENDING || t->state == T_RECEIVING);
    ipc_leave_queue(t);
    ipc_failed(t, IPC_TIMEOUT | phase);
}

void ipc_cancel(struct tcb *t)
{
    word_t error = transfer_break_off(t);

    if (error)
        arch_arg_set(&t->frame, 0, error);
    walk_end(&t->unmap.walk);
    t->cont = CONT_NONE;
    t->call_again = 0;
    t->raise_again = false;
    t->preempted = 0;
    sched_ready(t);
}

void ipc_forget(struct tcb *t)
{
    transfer_break_off(t);
    t->cont = CONT_NONE;
    sched_block(t, T_HALTED);
    runq_remove(t);
    irq_detach(t);
}
