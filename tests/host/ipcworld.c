/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>

#include "clan.h"
#include "ipcworld.h"
#include "irq.h"

const unsigned iw_number[IW_TASKS] = { TASK_SIGMA0, TASK_ROOT, 10, 11, 12,
                                       13 };
const int iw_chief[IW_TASKS] = { -1, -1, IW_ROOT, IW_ROOT, IW_A, IW_B };

bool iw_interrupts;

static bool distinct;

struct tcb *iw_thread(unsigned i)
{
    struct tcb *t = tcb_table[iw_number[i / IW_LTHREADS] * MAX_LTHREADS +
                              i % IW_LTHREADS];

    return t != &dummy_tcb ? t : NULL;
}

int iw_index(const struct tcb *t)
{
    for (unsigned i = 0; i < IW_THREADS; i++)
        if (iw_thread(i) == t)
            return (int)i;
    return -1;
}

static bool prio_is_used(unsigned prio)
{
    for (unsigned i = 0; i < IW_THREADS; i++)
        if (iw_thread(i) && iw_thread(i)->prio == prio)
            return true;
    return false;
}

static unsigned random_prio(void)
{
    unsigned prio;

    if (!distinct)
        return 100 + rnd(3);
    do
        prio = 10 + rnd(200);
    while (prio_is_used(prio));
    return prio;
}

/* ---- the beginning ---- */

/* Make t run, for it to do something. */
static void become(struct tcb *t)
{
    set_prio(t, 250);
    check(current == t);
}

/* Lthreads 1 and 2 of the running task. */
static void make_siblings(void)
{
    new_thread(1, random_prio());
    new_thread(2, random_prio());
}

static struct tcb *make_task(unsigned task)
{
    return new_task(iw_number[task], random_prio());
}

/* What A and B are chiefs of. */
static int creature_of(unsigned task)
{
    return task == IW_A ? IW_C : task == IW_B ? IW_D : -1;
}

void iw_start(bool distinct_prios)
{
    struct tcb *t[IW_TASKS];

    distinct = distinct_prios;
    world_boot();
    become(root);
    make_siblings();
    new_thread(IW_IDLER, 1);
    t[IW_A] = make_task(IW_A);
    t[IW_B] = make_task(IW_B);
    check(do_task_hand_over(iw_number[IW_C], t[IW_A]->id) != ID_NIL);
    check(do_task_hand_over(iw_number[IW_D], t[IW_B]->id) != ID_NIL);
    set_prio(root, random_prio());
    for (unsigned task = IW_A; task < IW_TASKS; task++) {
        become(t[task]);
        make_siblings();
        if (creature_of(task) >= 0)
            t[creature_of(task)] = make_task((unsigned)creature_of(task));
        set_prio(t[task], random_prio());
    }
}

/* ---- choosing ---- */

/* Mostly somebody; at times who is gone, nobody, or an impossible id. */
static threadid_t random_id(void)
{
    struct tcb *t = iw_thread(IW_LTHREADS + rnd(IW_THREADS - IW_LTHREADS));

    if (chance(3))
        return ID_NIL;
    if (chance(2))
        return ID_INVALID;
    if (!t)
        return id_make(iw_number[rnd(IW_TASKS)], rnd(4), 99, 4, 1);
    return chance(3) ? t->id + 1 : t->id;
}

static bool hears(const struct tcb *t, const struct tcb *self)
{
    const struct ipc_level *l = &t->ipc[t->level];

    if (tcb_is_parked(t))
        return t->state < T_PARKED_CLOSED || t->accepts == (word_t)self->id;
    return t->state == T_RECEIVING &&
           (l->rcv & IPC_OPEN || l->partner == self->id);
}

/* If there is one, somebody who waits for a message from self. */
static threadid_t random_receiver(const struct tcb *self)
{
    for (unsigned tries = 0; tries < 8; tries++) {
        threadid_t id = random_id();
        const struct tcb *t = tcb_table[id_number(id)];
        if (t->id == id && hears(t, self))
            return id;
    }
    return random_id();
}

/* Mostly somebody in whose name self may send to dest, if there is one. */
static threadid_t random_virtual(const struct tcb *self, threadid_t dest)
{
    for (unsigned tries = 0; tries < 6; tries++) {
        threadid_t id = random_id();
        if (clan_may_deceive(self, id, dest))
            return id;
    }
    return random_id();
}

/* If there is one, somebody who waits to send to self. */
static threadid_t random_waiter(const struct tcb *self)
{
    const struct list *l = self->send_queue.next;

    for (unsigned skip = rnd(3); skip > 0; skip--)
        l = l->next;
    return l == &self->send_queue
               ? random_id()
               : container_of(l, struct tcb, send_link)->id;
}

static uint32_t random_timeouts(bool never_waits)
{
    unsigned exp = 9 + rnd(4), man = rnd(256);

    if (never_waits)
        return TO_NOW;
    switch (rnd(8)) {
    case 0:
        return TO_NEVER;
    case 1:
        return chance(50) ? TO_SEND_NOW : TO_RECV_NOW;
    default:
        return TO_BOTH(man, exp);
    }
}

static word_t random_window(void)
{
    return (word_t)(8 + rnd(40)) << 2 | IPC_MAP;
}

/* Descriptors of any kind. */
static void choose_any_ipc(struct action *a, bool never_waits)
{
    a->kind = DO_IPC;
    a->snd = chance(25) ? IPC_NONE : chance(85) ? 0 : IPC_MAP;
    a->rcv = chance(25) ? IPC_NONE
                        : (chance(85) ? 0 : random_window()) | rnd(2);
    a->timeouts = random_timeouts(never_waits);
    if (a->snd == IPC_NONE && chance(30))
        a->partner = random_waiter(a->self);
    if (iw_interrupts && chance(10))
        a->partner = irq_id(rnd(3));
    a->virtual = random_virtual(a->self, a->partner);
    if (a->snd != IPC_NONE && chance(40))
        a->snd |= IPC_DECEIT;
}

/* As servers and their clients do it. */
static void choose_service(struct action *a)
{
    static const word_t ops[] = {
        L4_OP_REPLY_AND_WAIT | L4_OP_SEND_NOW,
        L4_OP_REPLY_AND_WAIT | L4_OP_SEND_NOW,
        L4_OP_IPC | L4_OP_RECV | L4_OP_OPEN, L4_OP_REPLY_AND_WAIT,
        L4_OP_CALL, L4_OP_CALL | L4_OP_SEND_NOW,
    };

    a->kind = DO_OP;
    a->op = ops[rnd(6)];
    if (chance(15))
        a->op = L4_OP_IPC | rnd(L4_OP_RECV_NOW * 2);
}

static void choose_ipc(struct action *a, bool never_waits)
{
    a->partner = chance(75) ? random_receiver(a->self) : random_id();
    if (never_waits || chance(35))
        choose_any_ipc(a, never_waits);
    else
        choose_service(a);
}

static bool is_ready(unsigned task, unsigned lthread)
{
    struct tcb *t = tcb_find_number(task, lthread);

    return t && t->state == T_READY;
}

static void choose_ex_regs(struct action *a)
{
    unsigned task = a->self->task->number;

    a->kind = DO_EX_REGS;
    do
        a->lthread = rnd(3);
    while (is_ready(task, a->lthread) && chance(80));
    a->ip = chance(60) || !tcb_find_number(task, a->lthread) ? rnd64() : LEAVE;
    a->sp = chance(40) ? rnd64() : LEAVE;
    a->pager = chance(40) ? random_id() : ID_INVALID;
    a->preempter = chance(20) ? random_id() : ID_INVALID;
    a->prio = random_prio();
}

static void choose_task(struct action *a)
{
    unsigned self = (unsigned)iw_index(a->self) / IW_LTHREADS;

    if (self > IW_B)
        return choose_ex_regs(a);
    a->task = self == IW_ROOT ? chance(50) ? IW_A : IW_B
                              : (unsigned)creature_of(self);
    bool exists = task_find(iw_number[a->task]);
    if (exists && chance(80))
        return choose_ex_regs(a);
    a->kind = exists ? DO_KILL : DO_CREATE;
    a->prio = random_prio();
    a->pager = chance(80) ? a->self->id : random_id();
    if (a->pager == ID_NIL)
        a->pager = a->self->id;
}

static void choose_schedule(struct action *a)
{
    a->kind = DO_SCHEDULE;
    a->partner = random_id();
    a->prio = random_prio();
    if (a->partner == iw_thread(IW_ROOT * IW_LTHREADS + IW_IDLER)->id)
        a->partner = a->self->id;
}

static void choose_idle(struct action *a)
{
    if (chance(30)) {
        a->kind = DO_TIME;
        a->us = rnd(100000);
    } else if (chance(50)) {
        choose_ex_regs(a);
    } else if (chance(20)) {
        choose_task(a);
    } else {
        choose_ipc(a, true);
    }
}

static void choose(struct action *a)
{
    unsigned percent = rnd(100);

    if (percent < 66) {
        choose_ipc(a, false);
    } else if (percent < 80) {
        choose_ex_regs(a);
    } else if (percent < 86) {
        static const int traps[] = { DO_FAULT, DO_FAULT, DO_EXCEPTION,
                                     DO_FOREIGN, DO_BAD_CALL };
        a->kind = traps[rnd(5)];
        a->ip = rnd64();
    } else if (percent < 92) {
        a->kind = DO_TIME;
        a->us = rnd(20000);
    } else if (percent < 96) {
        choose_schedule(a);
    } else {
        choose_task(a);
    }
}

struct action iw_random_action(void)
{
    struct action a = { .self = current };
    int self = iw_index(current);

    a.number = rnd(64);
    for (unsigned i = 0; i < L4_REG_WORDS; i++)
        a.words[i] = chance(80) ? rnd64() & ~L4_IOFPAGE : 0;
    a.access = RIGHT_READ | rnd(4);
    if (self == IW_SIGMA0 * IW_LTHREADS) {
        a.kind = DO_IPC;
        a.snd = IPC_NONE;
        a.rcv = IPC_OPEN;
    } else if (iw_interrupts && chance(5)) {
        a.kind = DO_RAISE;
    } else if (self == IW_ROOT * IW_LTHREADS + IW_IDLER) {
        choose_idle(&a);
    } else {
        choose(&a);
    }
    return a;
}

/* ---- doing ---- */

static void perform_ex_regs(const struct action *a)
{
    struct l4_call_args args = {
        .arg = { a->lthread, a->sp, a->ip },
        .id = { { .raw = a->pager }, { .raw = a->preempter } },
    };

    unsigned task = a->self->task->number;
    bool is_new = !tcb_find_number(task, a->lthread);

    l4_arch_call(L4_SYS_LTHREAD_EX_REGS, &args);
    if (is_new)
        set_prio(tcb_find_number(task, a->lthread), a->prio);
}

static void perform_create(const struct action *a)
{
    do_task_new(iw_number[a->task], a->pager, 255);
    struct tcb *t = tcb_find_number(iw_number[a->task], 0);
    if (!t)
        return;
    if (creature_of(a->task) >= 0)
        do_task_hand_over(iw_number[creature_of(a->task)], t->id);
    set_prio(t, a->prio);
}

/* With HOST_TRACE set: what is done, to find out how it came to a failure. */
static void trace(const struct action *a)
{
    static const char *const names[] = {
        "ipc", "op", "ex_regs", "fault", "exception", "foreign", "bad call",
        "schedule", "kill", "create", "time", "raise"
    };

    if (!getenv("HOST_TRACE"))
        return;
    printf("# at %lu %2d (%d): %s", host.now, iw_index(a->self),
           a->self->prio, names[a->kind]);
    if (a->kind == DO_IPC || a->kind == DO_OP)
        printf(" %lx to %d, snd %lx rcv %lx timeouts %x", a->op,
               iw_index(tcb_find(a->partner)), a->snd, a->rcv, a->timeouts);
    printf(", lthread %u ip %lx sp %lx, task %u, prio %u, %lu us\n",
           a->lthread, a->ip, a->sp, a->task, a->prio, a->us);
}

void iw_perform(const struct action *a)
{
    trace(a);
    for (unsigned i = 0; i < L4_REG_WORDS; i++)
        current->frame.mr[i] = a->words[i];
    switch (a->kind) {
    case DO_IPC:
        current->frame.id[1] = a->virtual;
        return do_ipc(a->partner, a->snd, a->rcv, a->timeouts);
    case DO_OP:
        return do_op(a->op, a->partner);
    case DO_EX_REGS:
        return perform_ex_regs(a);
    case DO_FAULT:
        return host_fault(a->ip, a->access);
    case DO_EXCEPTION:
        return host_exception(a->number, 0);
    case DO_FOREIGN:
        tcb_hold(a->self, HOLD_FOREIGN);
        host_syscall(L4_SYS_ID_NEAREST);
        tcb_release(a->self, HOLD_FOREIGN);
        return;
    case DO_BAD_CALL:
        return host_syscall(L4_SYS_GATES + a->number % (L4_OP_IPC - L4_SYS_GATES));
    case DO_SCHEDULE:
        do_schedule(a->partner, param_of(a->prio, 100, 10));
        return;
    case DO_KILL:
        do_task_kill(iw_number[a->task]);
        return;
    case DO_CREATE:
        return perform_create(a);
    case DO_TIME:
        return host_advance(a->us);
    case DO_RAISE:
        return host_raise(a->number % 3);
    }
}
