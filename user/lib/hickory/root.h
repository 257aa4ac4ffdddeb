/* SPDX-License-Identifier: BSD-2-Clause */
/* Client side of root's own requests; see doc/api/root.md. */
#ifndef HICKORY_ROOT_H
#define HICKORY_ROOT_H

#include <l4/sys/types.h>

#include <hickory/protocol.h>

/* This task is done: root ends it. */
void root_exit(int status) L4_NORETURN;

/* The thread that registered as `name`; nil when there is none. */
l4_threadid_t root_lookup(const char *name);

/* The same, but wait until there is one, at most so many microseconds. */
l4_threadid_t root_lookup_wait(const char *name, l4_uint64_t usec);

/* The calling thread takes messages for its task's name from now on. */
enum request_result root_register(void);

/* The right to create one task: *task is its id for l4_task_new(). */
enum request_result root_task_number(l4_taskid_t *task);

#endif
