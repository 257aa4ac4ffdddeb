/* SPDX-License-Identifier: BSD-2-Clause */
/* task_new: tasks come, go, and belong to somebody. */
#include "ktest.h"

static l4_threadid_t main_id;

static void hello(void *unused)
{
    l4_umword_t w0 = 1, w1 = 0;

    (void)unused;
    call2(main_id, &w0, &w1);
    sleep_forever();
}

TEST(task, new_task_runs_and_is_of_our_clan)
{
    l4_threadid_t from, t;
    l4_umword_t w0, w1;

    main_id = l4_myself();
    t = start_task(hello, 0);
    check(wait2(&from, &w0, &w1) == 0 && l4_thread_equal(from, t));
    check(t.id.chief == 4 && t.id.nest == 1 && t.id.lthread == 0);
}

TEST(task, killed_task_does_not_exist)
{
    l4_threadid_t t = start_task((void (*)(void *))sleep_forever, 0);

    l4_ipc_sleep(timeout_us(MSEC(1)));
    kill_task(t);
    check(send2(t, 1, 2) == L4_IPC_ENOT_EXISTENT);
}

TEST(task, new_incarnation_has_another_version)
{
    l4_taskid_t number = free_task_id();
    l4_threadid_t first, second;

    first = start_task((void (*)(void *))sleep_forever, 0);
    kill_task(first);
    second = l4_task_new(number, 255, 0, 0x1000, l4_myself());
    check(first.id.task == second.id.task);
    check(!l4_thread_equal(first, second));
    check(send2(first, 1, 2) == L4_IPC_ENOT_EXISTENT);
    kill_task(second);
}

static void wait_for_error(void *task)
{
    l4_msgdope_t dope;

    /* Nobody receives; killing the partner ends it. */
    *(volatile int *)test_memory =
        l4_ipc_send(*(l4_threadid_t *)task, L4_IPC_SHORT_MSG, 1, 2,
                    L4_IPC_NEVER, &dope);
    sleep_forever();
}

TEST(task, killing_a_partner_wakes_who_waits_to_send_to_it)
{
    static l4_threadid_t t;

    t = start_task((void (*)(void *))sleep_forever, 0);
    *(volatile int *)test_memory = 0;
    l4_ipc_sleep(timeout_us(MSEC(1)));
    start_thread(wait_for_error, &t);
    l4_ipc_sleep(timeout_us(MSEC(1)));
    check(*(volatile int *)test_memory == 0);
    kill_task(t);
    l4_ipc_sleep(timeout_us(MSEC(1)));
    check(*(volatile int *)test_memory == L4_IPC_ENOT_EXISTENT);
}

/* A chief: makes a task of its own in the number it is told, and reports. */
static void be_chief(void *unused)
{
    l4_umword_t number, w1;
    l4_taskid_t t = l4_myself();

    (void)unused;
    receive2(main_id, &number, &w1);
    t.id.task = (l4_uint32_t)number & 2047;
    t = l4_task_new(t, 255, 0, 0x1000, main_id);
    l4_umword_t low = (l4_umword_t)(t.raw & 0xffffffff);
    l4_umword_t high = (l4_umword_t)(t.raw >> 32);
    call2(main_id, &low, &high);
    sleep_forever();
}

static l4_taskid_t give_number(l4_taskid_t number, l4_threadid_t chief)
{
    return l4_task_new(number, (l4_umword_t)chief.raw, 0, 0, L4_NIL_ID);
}

static l4_threadid_t make_grandchild(l4_threadid_t chief, l4_taskid_t number)
{
    l4_umword_t low, high;

    send2(chief, number.id.task, 0);
    receive2(chief, &low, &high);
    return (l4_threadid_t){ .raw = ((l4_uint64_t)high << 32) | low };
}

TEST(task, number_can_be_given_to_another_who_is_then_its_chief)
{
    main_id = l4_myself();
    l4_threadid_t chief = start_task(be_chief, 0);
    l4_taskid_t number = free_task_id();

    check(!l4_is_nil_id(give_number(number, chief)));
    /* It is not ours any more. */
    check(l4_is_nil_id(l4_task_new(number, 255, 0, 0x1000, main_id)));
    l4_threadid_t t = make_grandchild(chief, number);
    check(t.id.task == number.id.task && t.id.chief == chief.id.task);
    check(t.id.nest == 2);
    kill_task(chief);
    /* With its chief it died, and its number came back to us. */
    check(!l4_is_nil_id(give_number(number, main_id)));
}

TEST(task, creature_without_the_number_cannot_make_a_task)
{
    main_id = l4_myself();
    l4_threadid_t chief = start_task(be_chief, 0);
    l4_taskid_t number = free_task_id();

    check(l4_is_nil_id(make_grandchild(chief, number)));
}

TEST(task, the_initial_tasks_cannot_be_replaced)
{
    l4_taskid_t t = l4_myself();

    t.id.task = 2;
    check(l4_is_nil_id(l4_task_new(t, 255, 0, 0x1000, l4_myself())));
    t.id.task = 4;
    check(l4_is_nil_id(l4_task_new(t, 255, 0, 0x1000, l4_myself())));
    t.id.task = 0;
    check(l4_is_nil_id(l4_task_new(t, 255, 0, 0x1000, l4_myself())));
}

TEST(task, three_hundred_tasks_come_and_go)
{
    l4_umword_t before = 0;

    for (unsigned i = 0; i < 300; i++) {
        l4_taskid_t t = free_task_id();
        t.id.task = 100 + i % 7;
        t = l4_task_new(t, 255, fresh_stack(), 0x1000, l4_myself());
        check(!l4_is_nil_id(t));
        kill_task(t);
        if (i == 50)
            before = l4_kdebug(L4_KDEBUG_COUNT, 0);
    }
    check(l4_kdebug(L4_KDEBUG_COUNT, 0) == before);
}

TEST(task, kernel_memory_that_runs_out_is_an_error_and_comes_back)
{
    l4_umword_t before = l4_kdebug(L4_KDEBUG_COUNT, 0);
    l4_taskid_t t = free_task_id();
    unsigned made = 0;

    for (unsigned i = 50; i < 2048; i++, made++) {
        t.id.task = i & 2047;
        if (l4_is_nil_id(l4_task_new(t, 255, 0, 0x1000, l4_myself())))
            break;
    }
    check(made > 100);
    for (unsigned i = 50; i < 50 + made; i++) {
        t.id.task = i & 2047;
        check(!l4_is_nil_id(give_number(t, l4_myself())));
    }
    check(l4_kdebug(L4_KDEBUG_COUNT, 0) == before);
}

/* ---- who waits for the dead ---- */

static volatile int waiter_result;
static l4_threadid_t awaited;

static void wait_for_it(void *unused)
{
    l4_umword_t w0, w1;

    (void)unused;
    waiter_result = -1;
    waiter_result = receive2(awaited, &w0, &w1);
    sleep_forever();
}

static void call_it(void *unused)
{
    struct l4_words m = { { 0 } };

    (void)unused;
    waiter_result = -1;
    l4_msgdope_t dope = l4_ipc_call_words(awaited, &m);
    waiter_result = (int)L4_IPC_ERROR(dope);
    sleep_forever();
}

static void never_answer(void *unused)
{
    l4_threadid_t from;
    l4_umword_t w0, w1;

    (void)unused;
    for (;;)
        wait2(&from, &w0, &w1);
}

static void expect_woken(void (*waiter)(void *))
{
    awaited = start_task(never_answer, 0);
    l4_ipc_sleep(timeout_us(MSEC(2)));
    start_thread(waiter, 0);
    l4_ipc_sleep(timeout_us(MSEC(2)));
    check(waiter_result == -1);
    kill_task(awaited);
    l4_ipc_sleep(timeout_us(MSEC(1)));
    check(waiter_result == L4_IPC_ENOT_EXISTENT);
}

TEST(task, killing_a_partner_wakes_who_waits_to_hear_it)
{
    expect_woken(wait_for_it);
}

TEST(task, killing_a_server_wakes_its_callers)
{
    expect_woken(call_it);
}

/* A pager that takes a fault and does not answer it. */
static void fault_at_nothing(void *unused)
{
    (void)unused;
    *(volatile l4_umword_t *)0x33333330 = 1;
}

TEST(task, thread_whose_pager_is_killed_can_be_sent_elsewhere)
{
    l4_threadid_t preempter = L4_INVALID_ID, pager;
    l4_umword_t flags, ip, sp;

    pager = start_task(never_answer, 0);
    l4_threadid_t its_pager = pager;
    l4_ipc_sleep(timeout_us(MSEC(2)));
    l4_threadid_t t = start_thread_prio(fault_at_nothing, 0, 1);
    l4_thread_ex_regs(t, LEAVE, LEAVE, &preempter, &pager, &flags, &ip, &sp);
    l4_ipc_sleep(timeout_us(MSEC(2)));
    kill_task(its_pager);
    waiter_result = -1;
    awaited = its_pager;
    preempter = pager = L4_INVALID_ID;
    l4_thread_ex_regs(t, (l4_umword_t)wait_for_it, LEAVE, &preempter, &pager,
                      &flags, &ip, &sp);
    l4_ipc_sleep(timeout_us(MSEC(2)));
    check(waiter_result == L4_IPC_ENOT_EXISTENT);
}
