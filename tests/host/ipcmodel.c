/* SPDX-License-Identifier: BSD-2-Clause */
#include "fault.h"
#include "ipcmodel.h"
#include "ipcstate.h"

static bool exists(int task)
{
    return thread[task * IW_LTHREADS].state != NONE;
}

static void take_over(int i)
{
    const struct tcb *t = iw_thread((unsigned)i);

    thread[i] = (struct thread){
        .id = t->id, .pager = t->pager, .handler = t->preempter,
        .state = READY, .prio = t->prio, .to = NOBODY, .deadline = NEVER,
        .frame = t->frame,
    };
}

void ipcmodel_start(void)
{
    for (int i = 0; i < IW_THREADS; i++)
        if (iw_thread((unsigned)i))
            take_over(i);
    thread[0].state = RECEIVING;
    thread[0].ipc[0] = (struct ipc){ .snd = IPC_NONE, .rcv = IPC_OPEN };
    running = iw_index(current);
}

/* ---- threads ---- */

/* t waits for nothing any more; what it learns if it was waiting. */
static word_t break_off(int t)
{
    struct thread *m = &thread[t];
    word_t error = m->state == SENDING ? 0x50
                   : m->state == RECEIVING || m->then_receives ? 0x40 : 0;

    if (m->to != NOBODY)
        leave_queue(t);
    if (m->level == 1)
        error = 0;
    m->level = 0;
    m->then_receives = false;
    m->deadline = NEVER;
    return error;
}

static void cancel(int t)
{
    word_t error = break_off(t);

    if (error)
        thread[t].frame.arg[0] = error;
    thread[t].state = READY;
}

static void make_thread(int self, int t, unsigned prio)
{
    thread[t] = (struct thread){
        .id = id_with_lthread(thread[self].id, (unsigned)t % IW_LTHREADS),
        .pager = thread[self].pager, .handler = thread[self].handler,
        .state = HALTED, .prio = prio, .to = NOBODY,
        .deadline = NEVER, .frame = { .flags = 0x200 },
    };
}

static void ex_regs(int self, const struct action *a)
{
    int t = self / IW_LTHREADS * IW_LTHREADS + (int)a->lthread;
    struct arch_frame *f = &thread[self].frame;

    if (thread[t].state == NONE)
        make_thread(self, t, a->prio);
    struct thread *m = &thread[t];
    *f = (struct arch_frame){
        .ip = f->ip, .sp = f->sp, .flags = f->flags,
        .mr = { f->mr[0], f->mr[1], f->mr[2], f->mr[3] },
        .arg = { a->lthread, a->sp, a->ip },
        .id = { a->pager, a->preempter },
    };
    word_t old_ip = m->frame.ip, old_sp = m->frame.sp;
    if (a->ip != LEAVE || (a->sp != LEAVE && m->state != HALTED))
        cancel(t);
    word_t old_flags = m->frame.flags;
    if (a->ip != LEAVE) {
        m->frame.ip = a->ip;
        m->frame.flags = 0;
    }
    if (a->sp != LEAVE)
        m->frame.sp = a->sp;
    f->arg[0] = old_flags;
    f->arg[1] = old_sp;
    f->arg[2] = old_ip;
    f->id[0] = m->pager;
    f->id[1] = m->handler;
    if (a->pager != ID_INVALID)
        m->pager = a->pager;
    if (a->preempter != ID_INVALID)
        m->handler = a->preempter;
}

static void kill_thread(int t)
{
    if (thread[t].state == NONE)
        return;
    break_off(t);
    thread[t].state = NONE;
    while (queued[t] > 0)
        done(queue[t][0], 0x10);
}

/* Nobody goes on waiting for just one thread of a task that is gone. */
static void forsake(threadid_t task)
{
    for (int t = 0; t < IW_THREADS; t++) {
        const struct ipc *c = &thread[t].ipc[thread[t].level];
        if (thread[t].state == RECEIVING && !(c->rcv & IPC_OPEN) &&
            id_with_lthread(c->partner, 0) == task)
            done(t, 0x10);
    }
}

static void kill_task(int task)
{
    threadid_t id = thread[task * IW_LTHREADS].id;

    for (int below_it = 0; below_it < IW_TASKS; below_it++)
        if (iw_chief[below_it] == task && exists(below_it))
            kill_task(below_it);
    for (int l = IW_LTHREADS; l-- > 0;)
        kill_thread(task * IW_LTHREADS + l);
    forsake(id);
}

static void time_passes(usec_t us)
{
    for (int i = 0; i < IW_THREADS; i++)
        if (thread[i].state != NONE && thread[i].deadline <= host.now + us)
            done(i, thread[i].state == SENDING ? 0x30 : 0x20);
}

/* ---- one action ---- */

/* The most urgent of those who are ready; then what it still has to do. */
static void settle(void)
{
    for (;;) {
        for (int i = 0; i < IW_THREADS; i++)
            if (thread[i].state == READY &&
                (thread[running].state != READY ||
                 thread[i].prio > thread[running].prio))
                running = i;
        if (!thread[running].then_receives)
            return;
        receive(running);
    }
}

/* The descriptors of an operation word. */
static void perform_op(int self, const struct action *a)
{
    begin(self, (struct ipc){
        .partner = a->partner,
        .snd = !(a->op & L4_OP_SEND) ? IPC_NONE : a->op & L4_OP_MAP ? 2 : 0,
        .rcv = !(a->op & L4_OP_RECV) ? IPC_NONE : a->op & L4_OP_OPEN ? 1 : 0,
        .timeouts = (a->op & L4_OP_SEND_NOW ? TO_SEND_NOW : 0) |
                    (a->op & L4_OP_RECV_NOW ? TO_RECV_NOW : 0),
    });
}

static void perform_ipc(int self, const struct action *a)
{
    struct arch_frame *f = &thread[self].frame;

    f->arg[0] = a->snd;
    f->arg[1] = a->rcv;
    f->arg[2] = a->timeouts;
    f->id[1] = a->virtual;
    bool deceit = a->snd != IPC_NONE && (a->snd & IPC_DECEIT);
    begin(self, (struct ipc){
        .partner = a->partner, .snd = a->snd, .rcv = a->rcv,
        .sender = !deceit ? ID_NIL : a->virtual ? a->virtual : ID_INVALID,
        .timeouts = a->timeouts,
    });
}

static void perform_schedule(const struct action *a)
{
    int t = find(a->partner);

    if (t != NOBODY)
        thread[t].prio = a->prio;
}

void ipcmodel_perform(const struct action *a)
{
    int self = iw_index(a->self);
    struct arch_frame *f = &thread[self].frame;

    check(self == running);
    for (unsigned i = 0; i < L4_REG_WORDS; i++)
        f->mr[i] = a->words[i];
    if (a->kind == DO_IPC || a->kind == DO_OP)
        f->id[0] = a->partner;
    switch (a->kind) {
    case DO_IPC:
        perform_ipc(self, a);
        break;
    case DO_OP:
        perform_op(self, a);
        break;
    case DO_EX_REGS:
        ex_regs(self, a);
        break;
    case DO_FAULT:
        report(self, thread[self].pager,
               (a->ip & ~(word_t)3) | (a->access & RIGHT_WRITE),
               fpage_whole());
        break;
    case DO_EXCEPTION:
        exception(self, a->number);
        break;
    case DO_FOREIGN:
        exception(self, EXCEPTION_FOREIGN);
        break;
    case DO_BAD_CALL:
        exception(self, EXCEPTION_BAD_SYSCALL);
        break;
    case DO_SCHEDULE:
        perform_schedule(a);
        break;
    case DO_KILL:
        kill_task((int)a->task);
        break;
    case DO_TIME:
        time_passes(a->us);
        break;
    case DO_CREATE:         /* compare() takes the new thread over */
    case DO_RAISE:          /* not here: test_irq.c */
        break;
    }
    settle();
}

/* ---- comparing ---- */

static enum state state_of(const struct tcb *t)
{
    if (!t)
        return NONE;
    return t->state == T_READY ? READY : t->state == T_SENDING ? SENDING
           : t->state == T_RECEIVING ? RECEIVING
           : t->state == T_HALTED ? HALTED : NONE;
}

static void compare_frames(const struct arch_frame *k, struct arch_frame *m,
                           bool any_words)
{
    for (unsigned i = 0; i < L4_REG_WORDS; i++) {
        if (any_words)
            m->mr[i] = k->mr[i];
        check(k->mr[i] == m->mr[i]);
    }
    check(k->arg[0] == m->arg[0]);
    check(k->arg[1] == m->arg[1] && k->arg[2] == m->arg[2]);
    check(k->id[0] == m->id[0] && k->id[1] == m->id[1]);
    check(k->ip == m->ip && k->sp == m->sp && k->flags == m->flags);
}

static void compare_queue(const struct tcb *t, int i)
{
    const struct list *l = t->send_queue.next;

    for (int n = 0; n < queued[i]; n++, l = l->next) {
        check(l != &t->send_queue);
        check(container_of(l, struct tcb, send_link) ==
              iw_thread((unsigned)queue[i][n]));
    }
    check(l == &t->send_queue);
}

static void compare_thread(int i)
{
    struct thread *m = &thread[i];
    struct tcb *t = iw_thread((unsigned)i);
    bool parked = t && unpark(t);

    note("thread %d: kernel state %d dope %lx, model state %d dope %lx", i,
         state_of(t), t ? t->frame.arg[0] : 0, m->state, m->frame.arg[0]);
    check(state_of(t) == m->state);
    if (!t)
        return;
    check(t->id == m->id && t->prio == m->prio && t->level == m->level);
    check(t->pager == m->pager && t->preempter == m->handler);
    compare_frames(&t->frame, &m->frame, words_unknown[i]);
    words_unknown[i] = false;
    compare_queue(t, i);
    check_tcb(t);
    if (parked)
        ipc_park(t);
}

void ipcmodel_compare(const struct action *a)
{
    int self = iw_index(a->self);
    struct arch_frame *f = &thread[self].frame;

    if (a->kind == DO_SCHEDULE || a->kind == DO_KILL || a->kind == DO_CREATE)
        *f = a->self->frame;
    if (a->kind == DO_CREATE &&
        iw_thread(a->task * IW_LTHREADS)) {
        take_over((int)a->task * IW_LTHREADS);
        settle();
    }
    for (int i = 0; i < IW_THREADS; i++)
        compare_thread(i);
    note("kernel runs %d, model %d", iw_index(current), running);
    check(iw_index(current) == running);
}
