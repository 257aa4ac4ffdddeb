/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Giving time by thread_switch. The scheduler has the higher priority and
 * never waits, so no worker runs unless it is given time:
 *
 *   scheduler  --thread_switch-->  worker  --end of the slice-->  scheduler
 *
 * What it gives is the rest of its own time slice, and its slices are a
 * quantum long. When one is over the kernel looks for the highest thread that
 * is ready; that is the scheduler again, back from thread_switch and with a
 * new slice.
 */
#include <l4/sys/syscalls.h>

#include <hickory/thread.h>

#include "scheduler.h"

bool donate(unsigned quanta)
{
    int priority = thread_priority(l4_myself());

    /* Our present slice begins anew, too. */
    if (priority <= LOW ||
        !set_quantum(l4_myself(), (unsigned)priority, L4_INVALID_ID))
        return false;
    for (unsigned i = 0; i < quanta; i++) {
        struct worker *next = policy_choose();
        l4_thread_switch(next->id);
        policy_charge(next);
    }
    return true;
}
