/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CORE_THREAD_H
#define CORE_THREAD_H

#include "tcb.h"

/* A new thread's time slice. */
#define DEFAULT_SLICE ((usec_t)10000)

/* In the place of a register that an exchange gives: leave it as it is. */
#define LEAVE (~(word_t)0)

/* A thread that tcb_create made is to begin at ip with stack sp, once it is
   made ready. */
void thread_prepare(struct tcb *t, unsigned prio, word_t ip, word_t sp);

/* System calls: see doc/api/. */
void sys_lthread_ex_regs(struct tcb *self);
void sys_inter_task_ex_regs(struct tcb *self);
void sys_cache_sync(struct tcb *self);
void sys_thread_tls(struct tcb *self);

#endif
