/* SPDX-License-Identifier: BSD-2-Clause */
/* Priorities, time slices, thread_switch, thread_schedule. */
#include <hickory/thread.h>

#include "ktest.h"

static volatile l4_umword_t count[3];

static void spin(void *number)
{
    for (;;)
        count[(l4_umword_t)number]++;
}

static unsigned own_prio(void)
{
    return (unsigned)thread_priority(l4_myself());
}

static void clear(void)
{
    count[0] = count[1] = count[2] = 0;
}

TEST(sched, more_urgent_thread_keeps_a_less_urgent_one_from_running)
{
    clear();
    start_thread_prio(spin, (void *)0, own_prio() - 2);
    start_thread_prio(spin, (void *)1, own_prio() - 1);
    l4_ipc_sleep(timeout_us(MSEC(60)));
    check(count[0] == 0);
    check(count[1] > 0);
}

TEST(sched, threads_of_one_priority_share_the_processor)
{
    clear();
    start_thread_prio(spin, (void *)0, own_prio() - 1);
    start_thread_prio(spin, (void *)1, own_prio() - 1);
    start_thread_prio(spin, (void *)2, own_prio() - 1);
    l4_ipc_sleep(timeout_us(MSEC(300)));
    /* 30 slices of 10 ms: no one has less than a sixth. */
    l4_umword_t all = count[0] + count[1] + count[2];
    for (unsigned i = 0; i < 3; i++)
        check(count[i] > all / 6);
}

static volatile l4_umword_t turns;

static void count_turns(void *unused)
{
    (void)unused;
    for (;;) {
        turns++;
        l4_yield();
    }
}

TEST(sched, yield_lets_others_of_the_priority_run)
{
    turns = 0;
    start_thread(count_turns, 0);
    for (unsigned i = 0; i < 20; i++)
        l4_yield();
    check(turns >= 10);
}

TEST(sched, thread_switch_donates_to_a_less_urgent_thread)
{
    clear();
    l4_threadid_t t = start_thread_prio(spin, (void *)0, own_prio() - 1);
    l4_umword_t before = count[0];
    l4_thread_switch(t);
    check(count[0] > before);
}

TEST(sched, schedule_reads_and_sets_priority_and_slice)
{
    l4_threadid_t t = start_thread((void (*)(void *))sleep_forever, 0);
    l4_threadid_t preempter = L4_INVALID_ID, partner;
    l4_sched_param_t param = { 0 }, old;

    l4_ipc_sleep(timeout_us(MSEC(1)));
    param.sp.prio = 33;
    param.sp.time_man = 5;
    param.sp.time_exp = 9;
    l4_thread_schedule(t, param, &preempter, &partner, &old);
    check(old.sp.prio == own_prio());
    check(l4_is_nil_id(partner));
    preempter = L4_INVALID_ID;
    l4_thread_schedule(t, (l4_sched_param_t){ .sched_param = LEAVE },
                       &preempter, &partner, &old);
    check(old.sp.prio == 33 && old.sp.time_man * (1u << 2 * (15 -
          old.sp.time_exp)) == 5u << 12);
}

TEST(sched, schedule_of_nobody_fails)
{
    l4_threadid_t preempter = L4_INVALID_ID, partner, nobody = l4_myself();
    l4_sched_param_t old;

    nobody.id.lthread = 98;
    l4_thread_schedule(nobody, (l4_sched_param_t){ .sched_param = LEAVE },
                       &preempter, &partner, &old);
    check(old.sched_param == LEAVE);
}

TEST(sched, consumed_time_grows_with_running)
{
    l4_threadid_t t = start_thread_prio(spin, (void *)0, own_prio() - 1);
    l4_threadid_t preempter = L4_INVALID_ID, partner;
    l4_sched_param_t old;

    l4_ipc_sleep(timeout_us(MSEC(20)));
    l4_cpu_time_t used = l4_thread_schedule(
        t, (l4_sched_param_t){ .sched_param = LEAVE }, &preempter, &partner,
        &old);
    check(used >= MSEC(10) && used <= MSEC(200));
}

static volatile int mcp_result;

static void raise_own_priority(void *unused)
{
    (void)unused;
    mcp_result = thread_set_priority(l4_myself(), 200) ? 1 : 2;
    sleep_forever();
}

TEST(sched, priority_above_the_maximum_controlled_one_is_refused)
{
    mcp_result = 0;
    start_task_mcp(raise_own_priority, 150);
    l4_ipc_sleep(timeout_us(MSEC(2)));
    check(mcp_result == 2);
    start_task_mcp(raise_own_priority, 220);
    l4_ipc_sleep(timeout_us(MSEC(2)));
    check(mcp_result == 1);
}

TEST(sched, clock_goes_forward)
{
    l4_uint64_t last = now_us();

    for (unsigned i = 0; i < 200; i++) {
        l4_uint64_t now = now_us();
        check(now >= last);
        last = now;
        if (i % 50 == 0)
            l4_ipc_sleep(timeout_us(500));
    }
}
