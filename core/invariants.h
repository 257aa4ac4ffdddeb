/* SPDX-License-Identifier: BSD-2-Clause */
/* Whole-structure checkers: they panic on the first thing that is wrong. */
#ifndef CORE_INVARIANTS_H
#define CORE_INVARIANTS_H

#include "mapdb.h"
#include "tcb.h"

/* Everything, in debug kernels; nothing in release ones. */
void check_all(void);

/* One thread: state, queues and IPC agree with each other. */
void check_tcb(const struct tcb *t);

/* The pages of a space and their nodes agree. */
void check_space(struct space *s);

#endif
