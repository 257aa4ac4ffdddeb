/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scheduling: who runs next, and until when.
 *
 * 256 hard priorities, round robin within one. The end of the running time
 * slice is one absolute time; a direct switch in IPC leaves it alone, so the
 * partner runs on the caller's slice. Time is charged, and a new slice
 * begun, only when the scheduler itself chooses.
 */
#ifndef CORE_SCHED_H
#define CORE_SCHED_H

#include "tcb.h"

void sched_init(void);

/* t can run: its state becomes T_READY. Preempts if its priority is higher. */
void sched_ready(struct tcb *t);

/* t waits: its state becomes `state`. */
void sched_block(struct tcb *t, enum thread_state state);

/*
 * Run `partner`, which is ready, in place of the current thread, on its time
 * slice. Only for a partner whose priority is not below the current one's,
 * or when the current thread has blocked and was the highest ready.
 */
void sched_switch_to(struct tcb *partner);

/*
 * What an interrupt means to queues and times can wait until the core is entered
 * next: nobody looks at them before. The timer stays set for the end of the slice
 * that is interrupted; no thread as urgent as the one that runs instead is ready,
 * so that this one's slice cannot end too late.
 */
extern struct preemption {
    struct tcb *of, *by;        /* who ran, or NULL; who runs instead */
    uint64_t at;                /* machine_stamp() then */
} sched_preemption;

void sched_account(void);

/* Every entry into the core does this before it looks at queues or times. */
static inline void sched_catch_up(void)
{
    if (sched_preemption.of)
        sched_account();
}

/*
 * From an interrupt in user mode, or in idleness: t, which is parked, runs in
 * place of the current thread, if it is more urgent. Its state is T_READY then.
 * False: nothing done.
 */
static inline bool sched_preempt(struct tcb *t)
{
    struct tcb *from = current;

    if (t->prio <= from->prio)
        return false;
    sched_preemption.of = from;
    sched_preemption.by = t;
    sched_preemption.at = machine_stamp();
    t->state = T_READY;
    current = t;
    return true;
}

/* Does anybody want to hear when a time slice of t ends? */
bool sched_is_watched(const struct tcb *t);

/* The current thread is done with its slice. */
void sched_yield(void);

/* A timer interrupt came, or time has passed: wake who is due. */
void sched_tick(void);

/* Wake t at `when`; remember to set the timer. */
void sched_set_timeout(struct tcb *t, usec_t when);

/* t's priority becomes prio. */
void sched_set_prio(struct tcb *t, unsigned prio);

/* Processor time used by t up to now, in microseconds. */
usec_t sched_consumed(const struct tcb *t);

/* Make the system call of t again that met a page fault. (syscall.c) */
void syscall_again(struct tcb *t);

/* To user mode in t, which is current. */
void sched_resume(struct tcb *t) NORETURN;

/*
 * The end of every kernel entry: run what the chosen thread still has to do
 * in the kernel, then resume it; or sleep.
 */
void kernel_exit(void) NORETURN;

/* System calls: see doc/api/. */
void sys_thread_switch(struct tcb *self);
void sys_thread_schedule(struct tcb *self);

#endif
