/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Task numbers: root has them all at first, uses some, hands others out, and
 * makes tasks on behalf of those it started.
 */
#ifndef ROOT_NUMBERS_H
#define ROOT_NUMBERS_H

#include <stdbool.h>

#include <l4/sys/types.h>

/* An id of which only the number counts. */
l4_taskid_t number_id(unsigned number);

/* A number that is free, for a task of root's own; 0: there is none. */
unsigned number_take(void);

/* Hand the right to create task `number` (0: any) to `to`. The number, 0: it
   is not free. */
unsigned number_give(unsigned number, l4_taskid_t to);

/* `owner` has passed the right back. False: it was not his. */
bool number_take_back(unsigned number, unsigned owner);

/* Make the number inactive; `chief` may make it active. False: it is not
   ours. */
bool number_make_inactive(unsigned number, l4_threadid_t chief);

/* All that the task with this number had is free again. */
void numbers_return(unsigned owner);

/* ---- tasks made for others ---- */

/* A new task under this number for `owner`, or nil. A number that is in use
   for such a task of the same owner is used again. */
struct child {
    unsigned number, owner, mcp, priority;
    l4_umword_t sp, ip;
    l4_threadid_t pager;
};
l4_taskid_t child_create(const struct child *c);

/* End it; its number is free. False: it is no such task of his. */
bool child_delete(unsigned number, unsigned owner);

/* For whom it was made, or 0. */
unsigned child_owner(unsigned number);

#endif
