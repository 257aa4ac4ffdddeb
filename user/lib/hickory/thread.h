/* SPDX-License-Identifier: BSD-2-Clause */
/* More threads in a task, and how they are scheduled. */
#ifndef HICKORY_THREAD_H
#define HICKORY_THREAD_H

#include <stdbool.h>
#include <stddef.h>

#include <l4/sys/types.h>

/* Stack of a new thread; keep it as long as the thread runs. */
struct thread_stack {
    void *base;
    size_t size;
};

/* What a new thread does. */
struct thread_work {
    void (*function)(void *argument);
    void *argument;
};

/*
 * Start lthread `number` (1 to 127) of this task, with this task's pager; the
 * caller chooses a number that is not in use. Its id; nil when the number or
 * the stack cannot be. When `function` returns the thread sleeps for ever.
 */
l4_threadid_t thread_create(unsigned number, struct thread_stack stack,
                            struct thread_work work);

/* Where a thread's function returns to. */
void thread_end(void) L4_NORETURN;

/* The pager of the calling thread. */
l4_threadid_t thread_pager(void);

/*
 * Give a thread this priority; its time slices stay. False: no such thread,
 * or it or the priority is above the caller's maximum controlled priority.
 */
bool thread_set_priority(l4_threadid_t thread, unsigned priority);

/* ... and time slices that never end: only a higher priority preempts it.
   In the parameter word the slice's exponent 0 says so, as in a timeout. */
bool thread_set_endless(l4_threadid_t thread, unsigned priority);

/* The priority of a thread, or -1. */
int thread_priority(l4_threadid_t thread);

/* The task of a thread becomes the small address space of this number
   (L4_SMALL_SPACE), on targets that have such; where not, nothing happens. False:
   refused, see doc/api/thread_schedule.md. */
bool thread_set_small(l4_threadid_t thread, unsigned number);

/* Which it is; 0: a large one. */
unsigned thread_small(l4_threadid_t thread);

/* Processor time it has used, in microseconds; 0 if there is no such. */
l4_uint64_t thread_consumed(l4_threadid_t thread);

#endif
