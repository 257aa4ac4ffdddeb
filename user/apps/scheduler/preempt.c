/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Giving time by messages. The scheduler is the external preempter of its
 * workers. When the time slice of one is over the kernel sends a message in
 * its name, and the worker waits for the answer: now the scheduler has it.
 *
 *   scheduler  --answer-->  worker  --end of the slice: message-->  scheduler
 *
 * Between two messages the scheduler waits, and could serve others as well;
 * and the slice is the worker's own, so that each could have another length.
 */
#include <stddef.h>

#include <l4/sys/ipc.h>
#include <l4/sys/syscalls.h>

#include "scheduler.h"

/* What word 0 of the message looks like: a reason above these bits. */
#define IS_PREEMPTION(w0)   (((w0) & 0xf) == 0xd)

static bool set_preempter(void)
{
    for (unsigned i = 0; i < WORKERS; i++)
        if (!set_quantum(workers[i].id, LOW, l4_myself()))
            return false;
    return true;
}

static struct worker *find_worker(l4_threadid_t id)
{
    for (unsigned i = 0; i < WORKERS; i++)
        if (l4_thread_equal(workers[i].id, id))
            return &workers[i];
    return NULL;
}

/* Charge who has been preempted. False: that was something else. */
static bool charge(l4_threadid_t from, l4_umword_t w0)
{
    struct worker *w = find_worker(from);

    if (!w || !IS_PREEMPTION(w0))
        return false;
    policy_charge(w);
    return true;
}

/* They all run until they have been preempted once; then all wait. */
static bool collect(void)
{
    for (unsigned i = 0; i < WORKERS; i++) {
        l4_threadid_t from;
        l4_umword_t w0, w1;
        l4_msgdope_t dope;
        if (l4_ipc_wait(&from, L4_IPC_SHORT_MSG, &w0, &w1, L4_IPC_NEVER,
                        &dope) || !charge(from, w0))
            return false;
    }
    return true;
}

bool preempt(unsigned quanta)
{
    if (!set_preempter() || !collect())
        return false;
    for (unsigned i = WORKERS; i < quanta; i++) {
        l4_threadid_t from;
        l4_umword_t w0, w1;
        l4_msgdope_t dope;
        if (l4_ipc_reply_and_wait(policy_choose()->id, L4_IPC_SHORT_MSG, 0, 0,
                                  &from, L4_IPC_SHORT_MSG, &w0, &w1,
                                  L4_IPC_NEVER, &dope) || !charge(from, w0))
            return false;
    }
    return true;
}
