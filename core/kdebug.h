/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CORE_KDEBUG_H
#define CORE_KDEBUG_H

#include "tcb.h"

/* System call kdebug: console and end of the run. See doc/api/kdebug.md. */
void sys_kdebug(struct tcb *self);

#endif
