/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads and interrupts without more ado. */
#ifndef L4_UTIL_THREAD_H
#define L4_UTIL_THREAD_H

#include <l4/sys/types.h>

EXTERN_C_BEGIN

/* Start lthread thread_no with the caller's pager; `stack` is where its stack
   begins, downwards. When function returns the thread sleeps for ever. */
l4_threadid_t l4util_create_thread(int thread_no, void (*function)(void),
                                   void *stack);

/* Attach the caller to an interrupt: its id, or nil when it is not to be had.
   And give up what the caller has. */
l4_threadid_t l4util_attach_interrupt(int irq);
void l4util_detach_interrupt(void);

EXTERN_C_END

#endif
