/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * UTCBs: memory each thread shares with the kernel, in frames of the kernel
 * pool that its task sees at L4_UTCB_AREA. One frame serves eight threads of
 * a task and lives as long as one of them does.
 */
#ifndef CORE_UTCB_H
#define CORE_UTCB_H

#include <l4/sys/utcb.h>

#include "tcb.h"

/* Give t its UTCB: sets utcb and utcb_user. May fail with ERR_NO_MEM. */
MUST_CHECK enum err utcb_create(struct tcb *t);
void utcb_destroy(struct tcb *t);

/* Before the kernel reads what the program has written into t's UTCB, and
   after it has written there: see arch_window_flush(). */
static inline void utcb_sync(const struct tcb *t)
{
    if (!arch_same_lines(t->utcb, t->utcb_user))
        arch_window_flush(t->utcb, sizeof(struct l4_utcb));
}

#endif
