/* SPDX-License-Identifier: BSD-2-Clause */
/* Timeouts of the API as times since boot: doc/api/messages.md. */
#ifndef CORE_DEADLINE_H
#define CORE_DEADLINE_H

#include "tcb.h"
#include "timeout.h"

#define DO_NOT_WAIT ((usec_t)0)

/* When the send or receive phase of t's IPC, at its active level, is over if
   it begins now: a time, TIME_NEVER, or DO_NOT_WAIT. */
usec_t deadline_send(struct tcb *t);
usec_t deadline_receive(struct tcb *t);

/* Is the receive timeout the relative one of 0? */
bool deadline_receive_is_now(const struct tcb *t);

#endif
