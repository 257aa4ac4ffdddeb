/* SPDX-License-Identifier: BSD-2-Clause */
#include "fault.h"
#include "ipc.h"
#include "irq.h"
#include "kip.h"
#include "panic.h"
#include "runq.h"
#include "sched.h"
#include "small.h"
#include "task.h"
#include "timeout.h"
#include "unmap.h"

#define TICK_STEPS  16      /* of the wake-up queue, in one timer interrupt */

static bool reschedule = true;  /* the current choice may be wrong */
static bool yielded;            /* ... and goes to the queue's tail */
static usec_t slice_end = TIME_NEVER;
static usec_t charged_until;    /* consumed time is accounted up to here */
static usec_t timer;            /* what the hardware timer is set to */

struct tcb *fpu_user;

struct preemption sched_preemption;

void sched_init(void)
{
    runq_init();
    timeout_init();
    charged_until = machine_now();
    timer = TIME_NEVER;
}

void sched_ready(struct tcb *t)
{
    t->state = T_READY;
    if (t == current)
        return;
    runq_insert_tail(t);
    if (t->prio > current->prio || current->state != T_READY)
        reschedule = true;
}

void sched_block(struct tcb *t, enum thread_state state)
{
    t->state = (uint8_t)state;
    if (t == current)
        reschedule = true;
    else
        runq_remove(t);
}

void sched_switch_to(struct tcb *partner)
{
    assert(partner->state == T_READY);
    if (current->state == T_READY && current != &idle_tcb)
        runq_insert_head(current);
    runq_remove(partner);
    current = partner;
    reschedule = false;
}

void sched_yield(void)
{
    reschedule = yielded = true;
}

void sched_set_timeout(struct tcb *t, usec_t when)
{
    timeout_set(&t->timeout, when);
}

void sched_set_prio(struct tcb *t, unsigned prio)
{
    bool queued = t->queued;

    runq_remove(t);
    t->prio = (uint8_t)prio;
    tcb_set_limit(t);
    if (queued)
        runq_insert_tail(t);
    reschedule = true;
}

/* ---- time ---- */

static void charge(usec_t now)
{
    current->consumed += now - charged_until;
    charged_until = now;
}

usec_t sched_consumed(const struct tcb *t)
{
    usec_t now = machine_now();

    return t->consumed + (t == current ? now - charged_until : 0);
}

/* Whom a preemption of t concerns; nobody hears of its own. */
static bool hears(const struct tcb *t, threadid_t preempter)
{
    return preempter != ID_NIL && preempter != ID_INVALID &&
           preempter != t->id;
}

static uint8_t preempters_of(const struct tcb *t)
{
    bool internal = ARCH_INTERNAL_PREEMPTER && hears(t, t->preempter);
    bool external = hears(t, t->ext_preempter);

    return (internal ? PREEMPT_INTERNAL : 0) |
           (external ? PREEMPT_EXTERNAL : 0);
}

bool sched_is_watched(const struct tcb *t)
{
    return preempters_of(t) != 0;
}

/* Wake some of those who are due. When some are left, the timer is set for a
   time that has passed: it comes again as soon as a program runs, so that
   neither interrupts nor who is urgent have to wait for all the others. */
static void wake_due(usec_t now)
{
    struct timeout *due;

    for (unsigned i = 0; i < TICK_STEPS && timeout_step(now, &due); i++)
        if (due)
            ipc_timeout(container_of(due, struct tcb, timeout));
}

void sched_tick(void)
{
    usec_t now = machine_now();

    kip_update_clock(now);
    wake_due(now);
    if (now >= slice_end) {
        sched_yield();
        current->preempted = preempters_of(current);
    }
    timer = TIME_NEVER;
}

/* The next time the kernel has to act by itself. Set a little late rather
   than twice: the hardware timer moves only when it must come earlier. */
static void set_timer(usec_t now)
{
    usec_t next = timeout_next();

    if (slice_end < next)
        next = slice_end;
    if (next > now + MACHINE_TIMER_MAX)
        next = now + MACHINE_TIMER_MAX;
    if (next < timer) {
        timer = next;
        machine_timer_set(next);
    }
}

static void begin_slice(struct tcb *t, usec_t now)
{
    usec_t left = t->slice_left ? t->slice_left : t->slice;

    t->slice_left = 0;
    slice_end = t->slice ? now + left : TIME_NEVER;
}

/* ---- preempters ---- */

static bool is_in_user_mode(const struct tcb *t)
{
    return t->state == T_READY && t->cont == CONT_NONE &&
           t->level == LEVEL_USER;
}

/*
 * When the current thread's slice is over, and it has left the kernel but for
 * this: it calls its preempter, the internal one first, and goes on when that
 * has answered. The preempter begins a slice of its own. False: it need not.
 */
static NOINLINE bool tell_preempters(void)
{
    struct tcb *t = current;
    bool internal = t->preempted & PREEMPT_INTERNAL;
    usec_t now;

    if (!is_in_user_mode(t))
        return false;
    now = machine_now();
    t->preempted &= (uint8_t)~(internal ? PREEMPT_INTERNAL : PREEMPT_EXTERNAL);
    charge(now);
    ipc_kernel_call(t, MSG_PREEMPTION,
                    internal ? t->preempter : t->ext_preempter,
                    PREEMPTION_SLICE_ENDED,
                    arch_reg_get(&t->frame, REG_IP));
    if (current != t) {
        yielded = false;
        begin_slice(current, now);
    }
    return true;
}

static bool tell_preempter(void)
{
    return current->preempted && tell_preempters();
}

/* ---- choosing ---- */

/* The current thread gives way: to the head of its queue with what is left
   of its slice, or to the tail. */
static void put_back(usec_t now)
{
    if (current->state != T_READY || current == &idle_tcb)
        return;
    if (yielded) {
        runq_insert_tail(current);
        return;
    }
    if (slice_end > now && slice_end != TIME_NEVER)
        current->slice_left = slice_end - now;
    runq_insert_head(current);
}

static void choose(void)
{
    usec_t now = machine_now();

    charge(now);
    put_back(now);
    struct tcb *next = runq_take_first();
    if (next != current || yielded)
        begin_slice(next ? next : &idle_tcb, now);
    current = next ? next : &idle_tcb;
    reschedule = yielded = false;
}

void sched_account(void)
{
    struct tcb *runs = current;
    usec_t then = machine_time(machine_stamp_count(sched_preemption.at));

    current = sched_preemption.of;
    sched_preemption.of = NULL;
    charge(then);
    put_back(then);
    begin_slice(sched_preemption.by, then);
    current = runs;
}

/* One stretch of what t still has to do in the kernel. */
static void continue_in_kernel(struct tcb *t)
{
    switch ((enum continuation)t->cont) {
    case CONT_TRANSFER:
        ipc_continue_transfer(t);
        break;
    case CONT_CALL:
        syscall_again(t);
        break;
    case CONT_RECEIVE:
    case CONT_SEARCH:
        ipc_continue_receive(t);
        break;
    case CONT_FAULT:
        t->cont = CONT_NONE;
        ipc_start(t);
        break;
    case CONT_EXCEPTION:
        t->cont = CONT_NONE;
        fault_exception(t);
        break;
    case CONT_UNMAP:
        unmap_continue(t);
        break;
    case CONT_KILL:
        task_continue_kill(t);
        break;
    case CONT_NONE:
        break;
    }
}

/* Has t stopped in the kernel because an interrupt waits? */
static bool was_preempted(const struct tcb *t)
{
    return t->cont == CONT_TRANSFER || t->cont == CONT_SEARCH ||
           t->cont == CONT_UNMAP || t->cont == CONT_KILL;
}

void sched_fpu_on(void)
{
    fpu_user = current;
    tcb_hold(current, HOLD_FPU);
}

void sched_fpu_off(struct tcb *t)
{
    if (t == NULL || fpu_user != t)
        return;
    arch_fpu_off();
    tcb_release(t, HOLD_FPU);
    fpu_user = NULL;
}

/* The FPU stays on only for who goes on using it. */
void sched_resume(struct tcb *t)
{
    if (fpu_user && fpu_user != t)
        sched_fpu_off(fpu_user);
    arch_space_switch(t->space);
    arch_resume(t);
}

void kernel_exit(void)
{
    for (;;) {
        if (was_preempted(current))
            irq_poll();
        tell_preempter();       /* one whose slice has just ended */
        if (reschedule || current->state != T_READY)
            choose();
        if (tell_preempter())   /* one that has another to tell */
            continue;
        if (current == &idle_tcb) {
            set_timer(machine_now());
            idle_tcb.hold = fpu_user ? HOLD_FPU : 0;    /* see irq.c */
            arch_idle();
        }
        if (timer == TIME_NEVER || timeout_next() < timer || slice_end < timer)
            set_timer(machine_now());
        if (current->cont == CONT_NONE)
            break;
        continue_in_kernel(current);
    }
    sched_resume(current);
}

/* ---- system calls ---- */

/* Donate the rest of the slice to a thread, or yield it to anyone. */
void sys_thread_switch(struct tcb *self)
{
    struct tcb *t = tcb_find(arch_id(&self->frame, 0));

    if (t && t != self && t->state == T_READY)
        sched_switch_to(t);
    else
        sched_yield();
}

/* Microseconds as the API's mantissa and exponent, rounded up; and back. */
static word_t encode_time(usec_t us)
{
    unsigned exp = 15;

    if (us == 0)
        return 0;
    while (us > 255 && exp > 1) {
        us = (us + 3) / 4;
        exp--;
    }
    return (us > 255 ? 255 : (word_t)us) << 24 | (word_t)exp << 20;
}

static usec_t decode_time(word_t param)
{
    unsigned exp = param >> 20 & 15, man = param >> 24 & 255;

    return exp ? (usec_t)man << 2 * (15 - exp) : 0;
}

/* The state a caller of thread_schedule sees, bits 16 to 19. */
static word_t state_code(const struct tcb *t)
{
    switch ((enum thread_state)t->state) {
    case T_READY:
        return 0x0;
    case T_SENDING:
        return 0x8;
    case T_RECEIVING:
        return 0xC;
    case T_TRANSFER:
        return 0xD;
    case T_HALTED:
        return 0xF;
    }
    return 0xF;
}

/* Whom t waits for, or nil: for nobody, or for anyone. */
static threadid_t partner_of(const struct tcb *t)
{
    const struct ipc_level *l = &t->ipc[t->level];

    if (t->state == T_SENDING ||
        (t->state == T_RECEIVING && !(l->rcv & IPC_OPEN)))
        return l->partner;
    return ID_NIL;
}

/* Nothing is to be changed. */
static bool is_query(word_t param)
{
    return (uint32_t)param == 0xffffffff;
}

void sys_thread_schedule(struct tcb *self)
{
    struct arch_frame *f = &self->frame;
    struct tcb *t = tcb_find(arch_id(f, 0));
    word_t param = arch_arg(f, 0);

    if (!t || t->prio > self->mcp ||
        (!is_query(param) && ((param & 0xff) > self->mcp ||
                              !small_enter(t->task, param >> 8 & 0xff)))) {
        arch_arg_set(f, 0, ~(word_t)0);
        return;
    }
    word_t old = t->prio | small_number(t->space) << 8 | state_code(t) << 16 |
                 encode_time(t->slice);
    threadid_t preempter = t->ext_preempter;
    usec_t consumed = sched_consumed(t);
    if (!is_query(param)) {
        sched_set_prio(t, param & 0xff);
        t->slice = decode_time(param);
        t->slice_left = 0;
        if (t == self)
            begin_slice(t, machine_now());
    }
    if (arch_id(f, 1) != ID_INVALID)
        t->ext_preempter = arch_id(f, 1);
    arch_arg_set(f, 0, old);
    arch_arg_set(f, 1, (uint32_t)consumed);
    arch_arg_set(f, 2, (uint32_t)(consumed >> 32));
    arch_id_set(f, 0, partner_of(t));
    arch_id_set(f, 1, preempter);
}
