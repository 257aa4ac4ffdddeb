/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stride scheduling (Waldspurger and Weihl, 1995). Each worker has a pass;
 * the one with the lowest runs next, and then its pass goes up by the time it
 * has used, divided by its share. So the passes stay close together, and the
 * times are as the shares are.
 */
#include <hickory/thread.h>

#include "scheduler.h"

#define SCALE   4               /* a multiple of every share */

struct worker *policy_choose(void)
{
    struct worker *next = &workers[0];

    for (unsigned i = 1; i < WORKERS; i++)
        if (workers[i].pass < next->pass)
            next = &workers[i];
    return next;
}

/* The kernel knows how long it ran: a quantum, or less if it gave up. */
void policy_charge(struct worker *w)
{
    l4_uint64_t used = thread_consumed(w->id);

    w->pass += (used - w->used) * SCALE / w->share;
    w->used = used;
}
