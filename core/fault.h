/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CORE_FAULT_H
#define CORE_FAULT_H

#include "tcb.h"

/* Exception numbers beside those of the hardware, on every target. */
#define EXCEPTION_BAD_SYSCALL   0x100   /* no such call */
#define EXCEPTION_FOREIGN       0x101   /* system call of a foreign thread */

void fault_bad_syscall(struct tcb *t);
void fault_foreign_syscall(struct tcb *t);

#endif
