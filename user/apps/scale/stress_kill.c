/* SPDX-License-Identifier: BSD-2-Clause */
/* Tasks that are killed: full, nested, waited for. */
#include <l4/sys/ipc.h>
#include <l4/sys/syscalls.h>

#include <hickory/thread.h>

#include "crowd.h"
#include "stress.h"

#define THREADS     8192u   /* of the crowd */
#define NESTED      14      /* as deep as tasks go */
#define ROOM        4096

static char stacks[NESTED][ROOM] __attribute__((aligned(4096)));
static volatile unsigned next_allowed;      /* in memory that all share */

void thread_begin(void);        /* arch/ARCH/thread.S */

void stress_kill_full_tasks(void)
{
    crowd_grow(THREADS / 4);
    crowd_set_mode(CROWD_SLEEP);
    crowd_kill();
    crowd_grow(THREADS / 4);
    crowd_set_mode(CROWD_READY);
    crowd_kill();
}

/* ---- nested ---- */

/* A chief is its creature's pager, as no other may be. */
static void page_creature(void)
{
    l4_threadid_t from = L4_NIL_ID;
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    l4_ipc_wait(&from, L4_IPC_SHORT_MSG, &w0, &w1, L4_IPC_NEVER, &dope);
    for (;;) {
        volatile char *p = (volatile char *)(w0 & L4_PAGEMASK);
        *p = *p;
        l4_ipc_reply_and_wait(
            from, L4_IPC_SHORT_FPAGE, (l4_umword_t)p,
            l4_fpage((l4_umword_t)p, L4_PAGESHIFT, L4_FPAGE_RW,
                     L4_FPAGE_MAP).raw,
            &from, L4_IPC_SHORT_MSG, &w0, &w1,
            L4_IPC_TIMEOUT(0, 1, 0, 0, 0, 0), &dope);
    }
}

/* The n-th task: makes threads, which never run, and, as soon as it has the
   number, the next task. */
static void nested(void *number)
{
    unsigned n = (unsigned)(l4_umword_t)number;

    for (unsigned i = 1; i < LTHREADS; i++)
        exchange_registers(i, (l4_umword_t)park, (l4_umword_t)stacks[n]);
    if (n + 1 == NESTED)
        park(0);
    while (next_allowed <= n)
        l4_ipc_sleep(L4_IPC_TIMEOUT(0, 0, 250, 14, 0, 0));
    struct thread_work *work = (void *)(stacks[n + 1] + ROOM - 64);
    *work = (struct thread_work){ nested, (void *)(l4_umword_t)(n + 1) };
    l4_task_new(task_id(FIRST_SPARE + n + 1), 255, (l4_umword_t)work,
                (l4_umword_t)thread_begin, l4_myself());
    page_creature();
}

/* The right to make the n-th task goes to the one before. */
static void hand_over(unsigned n)
{
    l4_threadid_t heir = task_id(FIRST_SPARE + n - 1);

    l4_task_new(task_id(FIRST_SPARE + n), (l4_umword_t)heir.raw, 0, 0,
                L4_NIL_ID);
    next_allowed = n;
    l4_ipc_sleep(L4_IPC_TIMEOUT(0, 0, 200, 10, 0, 0));      /* 205 ms */
}

void stress_kill_nested_tasks(void)
{
    next_allowed = 0;
    task_start(FIRST_SPARE, (l4_umword_t)stacks[0] + ROOM, nested, 0);
    settle();
    for (unsigned n = 1; n < NESTED; n++)
        hand_over(n);
    task_kill(FIRST_SPARE);
}

/* ---- waited for ---- */

void stress_kill_who_is_waited_for(void)
{
    crowd_grow(THREADS);
    crowd_start_task(FIRST_SPARE);
    crowd_tell(FIRST_SPARE, (struct crowd_order){ CROWD_WAIT, 1, 1, false });
    crowd_victim = task_id(FIRST_SPARE);
    crowd_victim.id.lthread = 1;
    crowd_set_mode(CROWD_SEND);
    task_kill(FIRST_SPARE);
    settle();
    crowd_kill();
}
