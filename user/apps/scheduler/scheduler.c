/* SPDX-License-Identifier: BSD-2-Clause */
/* The scheduler's workers, and what comes of their shares. */
#include <stdio.h>

#include <l4/sys/syscalls.h>

#include <hickory/thread.h>

#include "scheduler.h"

#define QUANTA  140

struct worker workers[WORKERS] = {
    { .share = 1 }, { .share = 2 }, { .share = 4 },
};

static void work(void *argument)
{
    struct worker *self = argument;

    for (;;)
        self->done++;
}

/* A new thread has its maker's priority, and may run before that is changed:
   then it has used some time already, which does not count. */
static bool start_workers(void)
{
    static char stack[WORKERS][1024] __attribute__((aligned(16)));

    for (unsigned i = 0; i < WORKERS; i++) {
        workers[i].id = thread_create(
            i + 1, (struct thread_stack){ stack[i], sizeof(stack[i]) },
            (struct thread_work){ work, &workers[i] });
        if (l4_is_nil_id(workers[i].id) ||
            !thread_set_priority(workers[i].id, LOW))
            return false;
        workers[i].used = thread_consumed(workers[i].id);
    }
    return true;
}

bool set_quantum(l4_threadid_t thread, unsigned priority,
                 l4_threadid_t preempter)
{
    l4_sched_param_t param = { .sched_param = 0 }, old;
    l4_threadid_t partner;

    param.sp.prio = priority & 255;
    param.sp.time_man = QUANTUM_MAN;
    param.sp.time_exp = QUANTUM_EXP;
    l4_thread_schedule(thread, param, &preempter, &partner, &old);
    return old.sched_param != ~(l4_umword_t)0;
}

/* ---- what comes of it ---- */

static unsigned long per_mille(unsigned long part, unsigned long whole)
{
    return whole ? (part * 1000 + whole / 2) / whole : 0;
}

static void print_shares(const struct worker *before)
{
    unsigned long time[WORKERS], times = 0, shares = 0;

    for (unsigned i = 0; i < WORKERS; i++) {
        time[i] = (unsigned long)(workers[i].used - before[i].used);
        times += time[i];
        shares += workers[i].share;
    }
    printf("   worker  share  wanted     got  time (us)  work done\n");
    for (unsigned i = 0; i < WORKERS; i++) {
        unsigned long wanted = per_mille(workers[i].share, shares);
        unsigned long got = per_mille(time[i], times);
        printf("   %6u %6u %5lu.%lu%% %5lu.%lu%% %10lu %10lu\n", i + 1,
               workers[i].share, wanted / 10, wanted % 10, got / 10, got % 10,
               time[i], workers[i].done - before[i].done);
    }
}

/* Nothing is printed while it lasts: printing would take of the quanta. */
static bool measure(const char *way, bool (*schedule)(unsigned quanta))
{
    struct worker before[WORKERS];

    for (unsigned i = 0; i < WORKERS; i++)
        before[i] = workers[i];
    printf("\n%s:\n", way);
    if (!schedule(QUANTA)) {
        printf("   it cannot be done\n");
        return false;
    }
    print_shares(before);
    return true;
}

int main(void)
{
    if (!start_workers()) {
        printf("scheduler: no workers\n");
        return 1;
    }
    printf("%u quanta of %u us for %u workers\n", QUANTA, QUANTUM, WORKERS);
    return !measure("By donation of time slices", donate) ||
           !measure("By preemption messages", preempt);
}
