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

/* ---- preempters ---- */

#define SLICE_ENDED 0x0Du

/* A thread below us that counts, in slices of some 5 ms; `preempter` hears of
   their ends. */
static l4_threadid_t start_with_preempter(l4_threadid_t preempter)
{
    l4_threadid_t t = start_thread_prio(spin, (void *)0, own_prio() - 1);
    l4_threadid_t partner;
    l4_sched_param_t param = { 0 }, old;

    clear();
    param.sp.prio = own_prio() - 1;
    param.sp.time_man = 5;
    param.sp.time_exp = 10;
    l4_thread_schedule(t, param, &preempter, &partner, &old);
    return t;
}

/* The next preemption message of t. */
static void hear_preemption(l4_threadid_t t)
{
    l4_umword_t w0 = 0, w1 = 0;

    check(receive2(t, &w0, &w1) == 0);
    check(w0 == SLICE_ENDED && w1 > 0x1000 && w1 < kip->user_top);
}

TEST(sched, external_preempter_hears_when_a_slice_ends)
{
    l4_threadid_t t = start_with_preempter(l4_myself());
    l4_uint64_t began = now_us();

    hear_preemption(t);
    check(now_us() - began >= MSEC(5) && now_us() - began < MSEC(50));
    check(count[0] > 0);
}

TEST(sched, preempted_thread_waits_for_its_preempters_answer)
{
    l4_threadid_t t = start_with_preempter(l4_myself());

    hear_preemption(t);
    l4_umword_t before = count[0];
    l4_ipc_sleep(timeout_us(MSEC(20)));
    check(count[0] == before);
    check(send2(t, 0, 0) == 0);
    hear_preemption(t);
    check(count[0] > before);
}

TEST(sched, preempter_that_is_not_there_is_passed_over)
{
    l4_threadid_t nobody = l4_myself();

    nobody.id.lthread = 98;
    start_with_preempter(nobody);
    l4_ipc_sleep(timeout_us(MSEC(20)));
    l4_umword_t before = count[0];
    l4_ipc_sleep(timeout_us(MSEC(20)));
    check(count[0] > before);
}

TEST(sched, preempter_may_change_the_registers_of_the_thread)
{
    l4_threadid_t t = start_with_preempter(l4_myself());

    hear_preemption(t);
    l4_utcb()->reg[L4_REG_IP] = (l4_umword_t)sleep_forever;
    l4_utcb()->changed = (l4_umword_t)1 << L4_REG_IP;
    check(send2(t, 0, 0) == 0);
    l4_umword_t before = count[0];
    l4_ipc_sleep(timeout_us(MSEC(20)));
    check(count[0] == before);
}

/* The thread in the slot of lthread_ex_regs hears first on ia32, where it is
   Version 2's internal preempter; elsewhere it is the excepter only. */
TEST(sched, internal_preempter_hears_before_the_external_one_where_there_is_one)
{
    l4_threadid_t t = start_with_preempter(l4_myself());
    l4_threadid_t preempter = l4_myself(), pager = L4_INVALID_ID;
    l4_umword_t flags, ip, sp;

    l4_thread_ex_regs(t, LEAVE, LEAVE, &preempter, &pager, &flags, &ip, &sp);
    hear_preemption(t);
    l4_umword_t before = count[0];
    check(send2(t, 0, 0) == 0);
    hear_preemption(t);
#if defined(__i386__)
    check(count[0] == before);
#else
    check(count[0] > before);
#endif
}
