/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ready queues: one ring for each of the 256 priorities and a bitmap of
 * those that are not empty. Insertion, removal and finding the highest cost
 * the same for one thread as for 262,144.
 *
 * Queued are just the threads that are ready and do not run. So IPC that
 * switches directly from one to another touches no queue: the one runs no
 * more but is not ready, the other was not ready but runs.
 */
#ifndef CORE_RUNQ_H
#define CORE_RUNQ_H

#include "tcb.h"

#define PRIORITIES 256

void runq_init(void);

/* Queue t there; if it is queued already it moves. */
void runq_insert_tail(struct tcb *t);
void runq_insert_head(struct tcb *t);

/* Take t out, if it is in. */
void runq_remove(struct tcb *t);

/* The first thread of the highest priority, taken out; NULL if none. */
struct tcb *runq_take_first(void);

#endif
