/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CORE_THREAD_H
#define CORE_THREAD_H

#include "tcb.h"

/* A new thread's time slice. */
#define DEFAULT_SLICE ((usec_t)10000)

/* Let a thread that tcb_create made run: from ip with stack sp. */
void thread_start(struct tcb *t, unsigned prio, word_t ip, word_t sp);

/* System calls: see doc/api/. */
void sys_lthread_ex_regs(struct tcb *self);
void sys_cache_sync(struct tcb *self);

#endif
