/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DEMO_ACTOR_H
#define DEMO_ACTOR_H

#include <l4/sys/types.h>

/* Register under the task's name and wait until the guide calls. */
l4_threadid_t actor_wait(void);

/* Tell the guide that it is over, and sleep. */
void actor_done(l4_threadid_t guide) L4_NORETURN;

#endif
