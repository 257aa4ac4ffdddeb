/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A scheduler at user level: what its parts have of each other. The kernel
 * knows priorities and time slices, and no other policy; this one gives each
 * of its workers a share of the processor.
 */
#ifndef SCHEDULER_H
#define SCHEDULER_H

#include <stdbool.h>

#include <l4/sys/types.h>

#define WORKERS     3
#define LOW         10          /* their priority; the scheduler's is higher */

/* A quantum as a slice of thread_schedule: 250 * 4^(15 - 14) microseconds. */
#define QUANTUM_MAN 250
#define QUANTUM_EXP 14
#define QUANTUM     (QUANTUM_MAN * 4)

struct worker {
    l4_threadid_t id;
    unsigned share;
    l4_uint64_t pass;           /* policy.c */
    l4_uint64_t used;           /* processor time it was charged for */
    volatile unsigned long done;    /* what it did with it */
};

extern struct worker workers[WORKERS];

/* Priority, time slices of a quantum, and an external preempter (invalid:
   leave it) for a thread. The slice it may be in begins anew. */
bool set_quantum(l4_threadid_t thread, unsigned priority,
                 l4_threadid_t preempter);

/* ---- policy.c: who is next ---- */

struct worker *policy_choose(void);

/* It has run. */
void policy_charge(struct worker *w);

/* ---- donate.c, preempt.c: two ways to give time. False: not possible ---- */

bool donate(unsigned quanta);
bool preempt(unsigned quanta);

#endif
