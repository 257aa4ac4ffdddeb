/* SPDX-License-Identifier: BSD-2-Clause */
/* Floating-point registers, which the kernel switches at their first use. */
#include <hickory/thread.h>

#include "cpu.h"
#include "ktest.h"

#define WORKERS 4
#define ROUNDS  40

void fpu_use(void)
{
    static volatile double unit = 1;

    unit = unit * 1.0;
}

static volatile unsigned right[WORKERS];
static volatile bool fresh, looked;

/* Each with its own values and its own rounding mode. */
static void work(void *number)
{
    unsigned which = (unsigned)(l4_umword_t)number;
    /* In memory: a register may hold more digits. */
    volatile double one = 1, three = 3, first, now;

    fpu_set_rounding(which & 3);
    first = one / three;
    for (unsigned i = 0; i < ROUNDS; i++) {
        bool same = fpu_survives(which * 100 + i);
        now = one / three;
        right[which] += same && fpu_rounding() == (which & 3) && now == first;
    }
    sleep_forever();
}

static void start_workers(void)
{
    for (unsigned i = 0; i < WORKERS; i++) {
        right[i] = 0;
        start_thread(work, (void *)(l4_umword_t)i);
    }
}

static bool all_are_right(void)
{
    bool all = true;

    for (unsigned i = 0; i < WORKERS; i++)
        all = all && right[i] == ROUNDS;
    return all;
}

TEST(fpu, threads_keep_all_registers_and_their_rounding_modes)
{
    start_workers();
    for (unsigned i = 0; i < 100 && !all_are_right(); i++)
        l4_ipc_sleep(timeout_us(MSEC(1)));
    check(all_are_right());
}

TEST(fpu, registers_stay_when_others_that_use_it_are_killed)
{
    static const unsigned killed = 3;
    bool same = true;

    fpu_set_rounding(1);
    for (unsigned i = 0; i < killed; i++) {
        right[0] = 0;
        l4_threadid_t t = start_task(work, (void *)0);
        for (unsigned k = 0; k < 10; k++)
            same = same && fpu_survives(i * 10 + k);
        l4_ipc_sleep(timeout_us(MSEC(1) / 4));
        kill_task(t);
        same = same && fpu_survives(i * 10);
    }
    check(same && fpu_rounding() == 1);
    fpu_set_rounding(0);
}

static void look(void *unused)
{
    (void)unused;
    fresh = fpu_is_fresh();
    looked = true;
    sleep_forever();
}

static void wait_for_look(void)
{
    for (unsigned i = 0; i < 100 && !looked; i++)
        l4_ipc_sleep(timeout_us(MSEC(1)));
    check(looked);
}

TEST(fpu, new_thread_finds_nothing_of_anyone_in_it)
{
    l4_threadid_t t = start_task(work, (void *)1);

    fpu_set_rounding(2);
    check(fpu_survives(1234));
    l4_ipc_sleep(timeout_us(MSEC(2)));
    kill_task(t);
    fresh = looked = false;
    start_task(look, 0);
    check(fpu_survives(5678));
    wait_for_look();
    check(fresh);
    fpu_set_rounding(0);
}

/* ---- a thread that is sent elsewhere ---- */

static volatile unsigned mode_there;

static void set_mode_and_wait(void *unused)
{
    (void)unused;
    fpu_set_rounding(3);
    sleep_forever();
}

static void look_there(void)
{
    mode_there = fpu_rounding();
    looked = true;
    sleep_forever();
}

TEST(fpu, exchange_of_registers_leaves_it_alone)
{
    static char stack[2048] __attribute__((aligned(16)));
    l4_threadid_t t = start_thread_prio(set_mode_and_wait, 0, 1);
    l4_threadid_t preempter = L4_INVALID_ID, pager = L4_INVALID_ID;
    l4_umword_t flags, ip, sp;

    l4_ipc_sleep(timeout_us(MSEC(2)));
    check(fpu_survives(99));
    looked = false;
    mode_there = 0;
    l4_thread_ex_regs(t, (l4_umword_t)look_there,
                      (l4_umword_t)stack + sizeof(stack) - 64, &preempter,
                      &pager, &flags, &ip, &sp);
    wait_for_look();
    check(mode_there == 3 && fpu_survives(100) && fpu_rounding() == 0);
}

/* ---- set from outside ---- */

static char state[L4_FPU_BYTES] __attribute__((aligned(1024)));

static void compute(void *unused)
{
    (void)unused;
    for (;;) {
        fpu_survives(7);
        fpu_set_rounding(fpu_rounding() & 3);
    }
}

static int set_state(l4_threadid_t t)
{
    l4_threadid_t preempter = L4_INVALID_ID, pager = L4_INVALID_ID;
    l4_umword_t flags, ip, sp;

    l4_utcb()->fpu_buffer = (l4_umword_t)state;
    return l4_inter_task_ex_regs(t, LEAVE, LEAVE, &preempter, &pager, &flags,
                                 &ip, &sp, L4_EX_FPU_SET);
}

/* What the thread does with them is its own affair: it may trap. */
TEST(fpu, no_registers_that_are_set_from_outside_harm_the_kernel)
{
    l4_uint32_t seed = 1;

    for (unsigned i = 0; i < 8; i++) {
        l4_threadid_t t = start_task(compute, 0);
        thread_set_priority(t, 1);
        l4_ipc_sleep(timeout_us(MSEC(1)));
        for (unsigned k = 0; k < L4_FPU_BYTES; k++) {
            seed = seed * 1664525 + 1013904223;
            state[k] = i == 0 ? (char)0xff : (char)(seed >> 24);
        }
        check(set_state(t) == 0);
        l4_ipc_sleep(timeout_us(MSEC(1)));
        check(fpu_survives(i) && fpu_rounding() == 0);
        kill_task(t);
    }
}
