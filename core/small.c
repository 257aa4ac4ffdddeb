/* SPDX-License-Identifier: BSD-2-Clause */
#include "small.h"

#include "task.h"
#include "types.h"

/* Found by number none of them stays parked, and so none for the other kind. */
static void mark_threads(unsigned task, bool small)
{
    for (unsigned i = 0; i < MAX_LTHREADS; i++) {
        struct tcb *t = tcb_find_number(task, i);
        if (!t)
            continue;
        if (small)
            tcb_hold(t, HOLD_SMALL);
        else
            tcb_release(t, HOLD_SMALL);
        arch_small_changed(t);
    }
}

bool small_enter(struct task *t, unsigned number)
{
    struct space *s = &t->space;

    if (!ARCH_SMALL_SPACES || number == SMALL_SAME || number == 0 ||
        number == small_number(s))
        return true;
    if (s->ports || !arch_small_enter(s, number))
        return false;
    s->small = number;
    mark_threads(t->number, true);
    return true;
}

void small_leave(struct space *s)
{
    if (!small_number(s))
        return;
    arch_small_leave(s);
    s->small = 0;
    mark_threads(s->task, false);
}
