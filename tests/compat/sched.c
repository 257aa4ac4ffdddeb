/* SPDX-License-Identifier: BSD-2-Clause */
/* Priorities, slices, switching; threads that count together. */
#include <l4/sys/types.h>
#include <l4/sys/ipc.h>
#include <l4/sys/syscalls.h>
#include <l4/util/atomic.h>
#include <l4/util/cpu.h>
#include <l4/util/lock.h>
#include <l4/util/prio.h>
#include <l4/util/thread.h>
#include <l4/util/util.h>

#include "check.h"

#define THREADS 3
#define COUNTS  2000

static char stacks[THREADS][4096] __attribute__((aligned(16)));
static l4util_simple_lock_t lock;
static volatile long plain, locked;
static volatile l4_uint32_t atomic, ready;

/* Counts under the lock, and without one in one instruction. */
static void counter(void)
{
    int i;

    for (i = 0; i < COUNTS; i++) {
        l4_simple_lock(&lock);
        locked++;
        if (i % 100 == 0)
            l4_yield();
        l4_simple_unlock(&lock);
        l4util_inc32(&atomic);
        l4util_atomic_add(&plain, 2);
        l4util_cpu_pause();
    }
    l4util_inc32(&ready);
    l4_sleep_forever();
}

static void counting(void)
{
    l4_threadid_t t[THREADS];
    int i;

    CHECK(l4_simple_try_lock(&lock) && l4_simple_lock_locked(&lock));
    CHECK(!l4_simple_try_lock(&lock));
    for (i = 0; i < THREADS; i++)
        t[i] = l4util_create_thread(i + 1, counter, stacks[i] + 4096);
    l4_thread_switch(t[0]);
    l4_yield();
    CHECK(locked == 0);
    l4_simple_unlock(&lock);
    while (ready < THREADS)
        l4_yield();
    CHECK(locked == THREADS * COUNTS && plain == 2 * THREADS * COUNTS);
    CHECK(atomic == THREADS * COUNTS);
    l4_simple_lock_solid(&lock);
    CHECK(l4_simple_lock_locked(&lock));
}

/* Read, change, read again; as in the many examples. */
static void parameters(void)
{
    l4_threadid_t me = l4_myself(), preempter, partner;
    l4_threadid_t waiting = l4util_create_thread(4, l4_sleep_forever,
                                                 stacks[0] + 4096);
    l4_sched_param_t param, old;
    l4_cpu_time_t time;
    unsigned prio;

    param.sched_param = -1;
    preempter = partner = L4_INVALID_ID;
    time = l4_thread_schedule(me, param, &preempter, &partner, &old);
    CHECK(!l4_is_invalid_sched_param(old));
    CHECK((time & 0xffffffffffffULL) > 0);
    prio = old.sp.prio;
    CHECK(prio > 1 && old.sp.state == 0);

    param = old;
    param.sp.prio = prio - 1;
    param.sp.state = 0;
    l4_sched_param_set_time(20000, &param);
    CHECK(param.sp.time_man == 78 && param.sp.time_exp == 11);
    preempter = L4_INVALID_ID;
    l4_thread_schedule(waiting, param, &preempter, &partner, &old);
    CHECK(old.sp.prio == prio);
    preempter = L4_INVALID_ID;
    l4_thread_schedule(waiting, L4_INVALID_SCHED_PARAM, &preempter, &partner,
                       &old);
    CHECK(old.sp.prio == prio - 1);
    CHECK(old.sp.time_man != 0 && old.sp.time_exp != 0);

    CHECK(l4util_prio_thread_set(waiting, prio) == 0);
    CHECK(l4util_prio_thread_set(waiting, 255) != 0);
    me.id.lthread = 99;
    preempter = L4_INVALID_ID;
    l4_thread_schedule(me, L4_INVALID_SCHED_PARAM, &preempter, &partner, &old);
    CHECK(l4_is_invalid_sched_param(old));
}

int main(void)
{
    counting();
    parameters();
    FINISH("sched");
}
