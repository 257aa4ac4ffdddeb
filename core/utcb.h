/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * UTCBs: memory each thread shares with the kernel, in frames of the kernel
 * pool that its task sees at L4_UTCB_AREA. One frame serves eight threads of
 * a task and lives as long as one of them does.
 */
#ifndef CORE_UTCB_H
#define CORE_UTCB_H

#include "tcb.h"

/* Give t its UTCB: sets utcb and utcb_user. May fail with ERR_NO_MEM. */
MUST_CHECK enum err utcb_create(struct tcb *t);
void utcb_destroy(struct tcb *t);

#endif
