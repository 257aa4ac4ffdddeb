/* SPDX-License-Identifier: BSD-2-Clause */
#include <l4/sys/ipc.h>
#include <l4/sys/syscalls.h>

#include <hickory/mark.h>
#include <hickory/thread.h>

#include "crowd.h"

/* Stacks of a task: one of 32 KB for its first thread, and below it 128 of
   256 bytes. */
#define LOG2_STACK      8
#define LOG2_STACKS     16
#define LOG2_AREA       (LOG2_STACKS + 11)
#define STACKS_SIZE     (1UL << LOG2_STACKS)

l4_threadid_t crowd_victim;     /* the crowd's tasks share this memory */

static l4_umword_t area;
static unsigned size;           /* threads there are */

/* ---- in the crowd ---- */

/* 67 s times 1 to 255. */
static void sleeper(void *number)
{
    unsigned man = (l4_umword_t)number % 255 + 1;

    for (;;)
        l4_ipc_sleep(L4_IPC_TIMEOUT(0, 0, man, 2, 0, 0));
}

static void runner(void *unused)
{
    (void)unused;
    for (;;)
        l4_yield();
}

static void sender(void *unused)
{
    l4_msgdope_t dope;

    l4_ipc_send(crowd_victim, L4_IPC_SHORT_MSG, 0, 0, L4_IPC_NEVER, &dope);
    park(unused);
}

/* Who starts later sleeps less: 64 us times 255 down to 1. */
static void alarm(void *number)
{
    unsigned man = 255 - (l4_umword_t)number % 255;

    l4_ipc_sleep(L4_IPC_TIMEOUT(0, 0, man, 12, 0, 0));
    park(number);
}

void thread_begin(void);        /* arch/ARCH/thread.S */

static void direct(l4_umword_t stacks, enum crowd_mode mode, unsigned lthread)
{
    static void (*const work[])(void *) = {
        [CROWD_WAIT] = park, [CROWD_SLEEP] = sleeper, [CROWD_READY] = runner,
        [CROWD_SEND] = sender, [CROWD_ALARM] = alarm,
        [CROWD_ECHO] = echo,
    };
    struct thread_work *at =
        (void *)(stacks + (((l4_umword_t)lthread + 1) << LOG2_STACK) - 32);

    *at = (struct thread_work){ work[mode], (void *)(l4_umword_t)lthread };
    exchange_registers(lthread, (l4_umword_t)thread_begin, (l4_umword_t)at);
}

static void set_priorities(const struct crowd_order *o, unsigned priority)
{
    l4_threadid_t t = l4_myself();

    for (unsigned i = o->first; i < o->first + o->count; i++) {
        t.id.lthread = i;
        set_priority(t, priority);
    }
}

static void obey(l4_umword_t stacks, const struct crowd_order *o)
{
    if (o->measured)
        L4_SPAN_BEGIN(0);
    for (unsigned i = o->first; i < o->first + o->count; i++)
        direct(stacks, o->mode, i);
    if (o->measured)
        L4_SPAN_END(0);
}

static struct crowd_order order_of(l4_umword_t w0, l4_umword_t w1)
{
    return (struct crowd_order){
        .mode = w0 & 7, .measured = w0 & 8,
        .first = w1 & 0xff, .count = w1 >> 8,
    };
}

/* The first thread of each task. */
static void leader(void *stacks)
{
    enum crowd_mode mode = CROWD_WAIT;
    l4_threadid_t from = L4_NIL_ID;
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    while (l4_ipc_wait(&from, L4_IPC_SHORT_MSG, &w0, &w1,
                       L4_IPC_TIMEOUT(0, 0, 255, 1, 0, 0), &dope))
        ;
    for (;;) {
        struct crowd_order o = order_of(w0, w1);
        obey((l4_umword_t)stacks, &o);
        if (o.mode == CROWD_READY)
            set_priorities(&o, PRIO_READY);
        else if (mode == CROWD_READY)
            set_priorities(&o, PRIO_MAIN);
        mode = o.mode;
        while (l4_ipc_reply_and_wait(
                   from, L4_IPC_SHORT_MSG, 0, 0, &from, L4_IPC_SHORT_MSG, &w0,
                   &w1, L4_IPC_TIMEOUT(0, 1, 255, 1, 0, 0), &dope))
            ;
    }
}

/* ---- outside ---- */

void crowd_init(void)
{
    area = ram(LOG2_AREA);
    pager_pieces(area, LOG2_AREA, LOG2_STACKS);
}

void crowd_start_task(unsigned number)
{
    l4_umword_t stacks = area + ((l4_umword_t)number << LOG2_STACKS);

    task_start(number, stacks + STACKS_SIZE, leader, (void *)stacks);
    settle();
}

void crowd_tell(unsigned task, struct crowd_order order)
{
    l4_umword_t w0 = order.mode | (order.measured ? 8 : 0);
    l4_umword_t w1 = order.first | order.count << 8;
    l4_msgdope_t dope;

    require(l4_ipc_call(task_id(task), L4_IPC_SHORT_MSG, w0, w1,
                        L4_IPC_SHORT_MSG, &w0, &w1, L4_IPC_NEVER,
                        &dope) == 0);
}

/* Of the n-th task of the crowd, when there are `threads` in all. */
static unsigned threads_in(unsigned n, unsigned threads)
{
    return threads <= n * LTHREADS ? 0
           : threads < (n + 1) * LTHREADS ? threads - n * LTHREADS
                                          : LTHREADS;
}

void crowd_grow(unsigned threads)
{
    for (unsigned n = size / LTHREADS; threads_in(n, threads); n++) {
        unsigned had = threads_in(n, size), wanted = threads_in(n, threads);
        if (had == 0) {
            crowd_start_task(FIRST_TASK + n);
            had = 1;
        }
        if (wanted > had)
            crowd_tell(FIRST_TASK + n,
                       (struct crowd_order){ CROWD_WAIT, had, wanted - had,
                                             false });
    }
    size = threads;
    settle();
}

void crowd_set_mode(enum crowd_mode mode)
{
    for (unsigned n = 0; threads_in(n, size) > 1; n++)
        crowd_tell(FIRST_TASK + n,
                   (struct crowd_order){ mode, 1, threads_in(n, size) - 1,
                                         false });
    settle();
}

void crowd_set_second(enum crowd_mode mode)
{
    for (unsigned n = 0; threads_in(n, size) == LTHREADS; n++)
        crowd_tell(FIRST_TASK + n, (struct crowd_order){ mode, 1, 1, false });
    settle();
}

void crowd_kill(void)
{
    for (unsigned n = 0; threads_in(n, size); n++)
        task_kill(FIRST_TASK + n);
    size = 0;
}
