/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Giving time by thread_switch. The scheduler has the higher priority and
 * never waits, so no worker runs unless it is given time:
 *
 *   scheduler  --thread_switch-->  worker  --end of the slice-->  scheduler
 *
 * What it gives is the rest of its own time slice, which it makes a quantum
 * long. When that is over the kernel looks for the highest thread that is
 * ready, and this is the scheduler again, back from thread_switch.
 */
#include <l4/sys/syscalls.h>

#include <hickory/thread.h>

#include "scheduler.h"

bool donate(unsigned quanta)
{
    int priority = thread_priority(l4_myself());

    /* The slice begins anew: until now it may have been root's, since who is
       answered goes on in the slice of the one that answers. */
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
