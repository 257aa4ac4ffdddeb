/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CORE_UNMAP_H
#define CORE_UNMAP_H

#include "tcb.h"

/* System call fpage_unmap: see doc/api/fpage_unmap.md. */
void sys_fpage_unmap(struct tcb *self);

/* Go on with what it began. */
void unmap_continue(struct tcb *self);

#endif
