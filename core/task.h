/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tasks: an address space with up to 128 threads, and a place among clans.
 *
 * Each task number is at any time either active (there is a struct task) or
 * inactive; who may make it active is its owner. A task's creator is its
 * chief and owns it; killing a task kills all it is chief of, and the
 * numbers it owned go to its chief.
 */
#ifndef CORE_TASK_H
#define CORE_TASK_H

#include "list.h"
#include "space.h"
#include "unmap.h"

struct task {
    threadid_t id;              /* of its lthread 0 */
    struct space space;
    unsigned number;
    unsigned threads;           /* how many exist */
    bool awaited;               /* dying: somebody may wait for its threads */
    unsigned forsaken;          /* ... tasks below have been looked at */
    unsigned bequeathed;        /* ... task numbers below are not its own */
    struct tcb *condemned;      /* dying: its thread that is being ended */
    unsigned top;               /* no lthread above it */
    bool dying;                 /* being killed: it and all below it make no
                                   threads and no tasks any more */
    struct unmap flush;         /* dying: its address space, then its ports */
    bool flushing;              /* ... is under way */
    uint8_t mcp;                /* maximum controlled priority */
    uint8_t nest;               /* depth in the tree of chiefs */
    struct task *chief;         /* NULL: none above, the initial tasks */
    struct list clan;           /* head: the tasks it is chief of */
    struct list clan_link;      /* in its chief's clan */
};

#define TASK_SIGMA0 2
#define TASK_ROOT   4

/* All numbers belong to the root task, but for its own and sigma0's. */
void task_init(void);

/* The active task of that number, or NULL. */
struct task *task_find(unsigned number);

/* An active task without threads. ERR_NO_MEM changes nothing. */
MUST_CHECK enum err task_create(unsigned number, struct task *chief,
                                unsigned mcp, struct task **out);

/* Is it, or a chief above it, being killed? */
bool task_is_dying(const struct task *t);

struct tcb;

/* System call task_new: see doc/api/task_new.md. */
void sys_task_new(struct tcb *self);

/* Go on with what sys_task_new began. */
void task_continue_kill(struct tcb *self);

#endif
