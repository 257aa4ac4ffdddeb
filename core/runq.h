/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ready queues: one ring for each of the 256 priorities and a bitmap of
 * those that are not empty. Insertion, removal and finding the highest cost
 * the same for one thread as for 262,144.
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

/*
 * First ready thread of the highest priority, still queued; NULL if none.
 * Threads found queued but no longer ready are dropped on the way: IPC
 * leaves them in (lazy queueing), since most are ready again soon.
 */
struct tcb *runq_first(void);

#endif
