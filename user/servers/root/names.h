/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of tasks that root did not start: who made them told it. */
#ifndef ROOT_NAMES_H
#define ROOT_NAMES_H

#include <stdbool.h>

#include <hickory/protocol.h>

/* `owner` calls the task `id` by this name. A nil id takes the name away.
   False: it is another's, or there is no room. */
bool name_set(const char *name, l4_taskid_t id, unsigned owner);

/* The task of this name, or nil. */
l4_taskid_t name_find(const char *name);

/* Forget what `owner` has named. */
void names_forget(unsigned owner);

#endif
