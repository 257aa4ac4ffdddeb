/* SPDX-License-Identifier: BSD-2-Clause */
/* lthread_ex_regs: making threads, reading and changing them. */
#include <hickory/thread.h>

#include "ktest.h"

static volatile l4_umword_t ran;

static void run_once(void *value)
{
    ran = (l4_umword_t)value;
    sleep_forever();
}

static void run_other(void *unused)
{
    (void)unused;
    ran = 1000;
    sleep_forever();
}

TEST(thread, first_exchange_makes_a_thread_that_runs)
{
    ran = 0;
    start_thread(run_once, (void *)17);
    l4_ipc_sleep(timeout_us(MSEC(1)));
    check(ran == 17);
}

TEST(thread, exchange_returns_the_old_registers_and_handlers)
{
    l4_threadid_t t = start_thread(run_once, (void *)1);
    l4_threadid_t preempter = L4_INVALID_ID, pager = l4_myself();
    l4_umword_t flags, ip, sp, ip2, sp2;

    l4_ipc_sleep(timeout_us(MSEC(1)));
    l4_thread_ex_regs(t, LEAVE, LEAVE, &preempter, &pager, &flags, &ip, &sp);
    check(l4_thread_equal(pager, thread_pager()));
    check(ip > 0x1000 && ip < kip->user_top && sp > 0x1000);
    pager = L4_INVALID_ID;
    preempter = L4_INVALID_ID;
    l4_thread_ex_regs(t, LEAVE, LEAVE, &preempter, &pager, &flags, &ip2,
                      &sp2);
    check(l4_thread_equal(pager, l4_myself()));
    check(ip == ip2 && sp == sp2);
}

TEST(thread, exchange_sends_a_waiting_thread_elsewhere)
{
    l4_threadid_t t = start_thread(run_once, (void *)1);
    l4_threadid_t preempter = L4_INVALID_ID, pager = L4_INVALID_ID;
    l4_umword_t flags, ip, sp;

    l4_ipc_sleep(timeout_us(MSEC(1)));
    check(ran == 1);
    l4_thread_ex_regs(t, (l4_umword_t)run_other, LEAVE, &preempter, &pager,
                      &flags, &ip, &sp);
    l4_ipc_sleep(timeout_us(MSEC(1)));
    check(ran == 1000);
}

TEST(thread, own_id_has_task_and_lthread)
{
    l4_threadid_t self = l4_myself();

    check(self.id.task == 4 && self.id.lthread == 0 && self.id.nest == 0);
    check(l4_thread_equal(l4_get_taskid(self), self));
    check(self.raw >> 17 == 4 && (self.raw & 0x3ff) == 1);
}

static volatile l4_uint64_t reported;

static void report_self(void *unused)
{
    (void)unused;
    reported = l4_myself().raw;
    sleep_forever();
}

TEST(thread, id_of_an_lthread_differs_in_the_lthread_field_only)
{
    l4_threadid_t t = start_thread(report_self, 0);

    l4_ipc_sleep(timeout_us(MSEC(1)));
    check(reported == t.raw && t.id.lthread != 0);
    t.id.lthread = 0;
    check(l4_thread_equal(t, l4_myself()));
}

static volatile l4_umword_t utcb_seen[2];

static void note_utcb(void *number)
{
    struct l4_utcb *u = l4_utcb();

    u->user[1] = (l4_umword_t)number + 50;
    l4_ipc_sleep(timeout_us(MSEC(1)));
    utcb_seen[(l4_umword_t)number] =
        l4_utcb() == u && u->user[1] == (l4_umword_t)number + 50
            ? (l4_umword_t)u : 0;
    sleep_forever();
}

TEST(thread, each_thread_finds_its_own_utcb)
{
    l4_threadid_t a = start_thread(note_utcb, (void *)0);

    start_thread(note_utcb, (void *)1);
    l4_ipc_sleep(timeout_us(MSEC(5)));
    check(utcb_seen[0] != 0 && utcb_seen[1] != 0);
    check(utcb_seen[0] != utcb_seen[1]);
    check(utcb_seen[0] == kip->utcb_area +
                              ((l4_umword_t)a.id.lthread
                               << kip->utcb_log2_size));
}

/* ---- floating point, switched lazily by the port ---- */

static volatile bool fp_ok[2];

static void compute(void *number)
{
    unsigned which = (unsigned)(l4_umword_t)number;
    double x = which + 1.5, sum = 0;

    for (unsigned i = 0; i < 2000; i++) {
        sum += x;
        if (i % 50 == 0)
            l4_yield();
    }
    fp_ok[which] = sum == x * 2000;
    sleep_forever();
}

TEST(thread, floating_point_registers_belong_to_their_thread)
{
    double mine = 0.125;

    fp_ok[0] = fp_ok[1] = false;
    start_thread(compute, (void *)0);
    start_thread(compute, (void *)1);
    for (unsigned i = 0; i < 100 && !(fp_ok[0] && fp_ok[1]); i++) {
        mine *= 2;
        l4_ipc_sleep(timeout_us(MSEC(1)));
        mine *= 0.5;
    }
    check(fp_ok[0] && fp_ok[1]);
    check(mine == 0.125);
}
