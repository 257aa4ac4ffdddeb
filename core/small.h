/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Small address spaces (Liedtke; seed 003 calls them by this name): where a
 * port can lay a space of some megabytes into a part of the kernel's half of
 * all spaces, switches to and from it need not flush the TLB. A thread makes
 * its task small by thread_schedule; it grows out of it by itself, when a
 * thread of it uses more than the part has.
 *
 * The neutral half: who is in one. The threads of a small space carry
 * HOLD_SMALL, since the fast paths know whole address spaces only.
 */
#ifndef CORE_SMALL_H
#define CORE_SMALL_H

#include "space.h"
#include "tcb.h"

struct task;

/* Its number as thread_schedule has it; 0: it is not small. */
static inline unsigned small_number(const struct space *s)
{
    return ARCH_SMALL_SPACES ? s->small : 0;
}

/* The task's space becomes the small one of this number; SMALL_SAME and 0 leave
   all as it is. False: there is none of that number, or it is not free, or the
   space has I/O ports, which a small one cannot; nothing has changed. */
#define SMALL_SAME 255u
MUST_CHECK bool small_enter(struct task *t, unsigned number);

/* The space is not small any more, if it was. */
void small_leave(struct space *s);

#endif
