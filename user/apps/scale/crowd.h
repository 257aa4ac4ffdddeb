/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Many threads, 128 to a task, that all do the same: next to nothing.
 */
#ifndef SCALE_CROWD_H
#define SCALE_CROWD_H

#include "common.h"

enum crowd_mode {
    CROWD_WAIT,     /* for ever */
    CROWD_SLEEP,    /* for hours, each its own time */
    CROWD_READY,    /* would run if nobody else did */
    CROWD_SEND,     /* to crowd_victim, which does not receive; then wait */
    CROWD_ALARM,    /* all until about the same time, in a few milliseconds;
                       then wait */
    CROWD_ECHO      /* answer short calls */
};

extern l4_threadid_t crowd_victim;

#define SPARE_TASKS     16      /* numbers that the crowd leaves free */
#define FIRST_SPARE     (MAX_TASK - SPARE_TASKS + 1)
#define CROWD_MOST      ((FIRST_SPARE - FIRST_TASK) * LTHREADS)

void crowd_init(void);

/* More threads, until there are `threads`; the new ones wait. */
void crowd_grow(unsigned threads);

/* All but the first of each task, which waits, with a timeout, always. */
void crowd_set_mode(enum crowd_mode mode);

/* Only the second of each task that is full. */
void crowd_set_second(enum crowd_mode mode);

void crowd_kill(void);

/* What one task of the crowd is told, about some of its threads. */
struct crowd_order {
    enum crowd_mode mode;
    unsigned first, count;      /* lthreads, from 1 on */
    bool measured;              /* between the marks of span 0 */
};

/* One more such task, apart from the crowd. */
void crowd_start_task(unsigned number);
void crowd_tell(unsigned task, struct crowd_order order);

#endif
