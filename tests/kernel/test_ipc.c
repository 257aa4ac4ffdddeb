/* SPDX-License-Identifier: BSD-2-Clause */
/* Short IPC: words, queues, timeouts, errors. */
#include "ktest.h"

static l4_threadid_t main_id;

/* Answers every message with its words plus one, for ever. */
static void echo_plus_one(void *unused)
{
    struct l4_words m = { { 0 } };
    l4_threadid_t from = L4_NIL_ID;

    (void)unused;
    l4_ipc_wait_words(&from, &m);
    for (;;) {
        for (unsigned i = 0; i < L4_REG_WORDS; i++)
            m.w[i]++;
        l4_ipc_reply_and_wait_words(&from, &m);
    }
}

static bool echoes(l4_threadid_t server)
{
    struct l4_words m;
    bool ok = true;

    for (unsigned i = 0; i < L4_REG_WORDS; i++)
        m.w[i] = 0x1000 * (i + 1) + ((l4_umword_t)i << (L4_WORD_BITS - 8));
    l4_msgdope_t dope = l4_ipc_call_words(server, &m);
    for (unsigned i = 0; i < L4_REG_WORDS; i++)
        ok = ok && m.w[i] == 0x1001 * (i + 1) - i +
                                 ((l4_umword_t)i << (L4_WORD_BITS - 8));
    return ok && !L4_IPC_IS_ERROR(dope);
}

TEST(ipc, call_inside_a_task_carries_every_word_both_ways)
{
    check(echoes(start_thread(echo_plus_one, 0)));
}

TEST(ipc, call_between_tasks_carries_every_word_both_ways)
{
    check(echoes(start_task(echo_plus_one, 0)));
}

TEST(ipc, two_word_binding_zeroes_the_other_words)
{
    l4_threadid_t server = start_thread(echo_plus_one, 0);
    struct l4_words m = { { 1, 2 } };
    l4_umword_t r0 = 5, r1 = 6;

    check(call2(server, &r0, &r1) == 0);
    check(r0 == 6 && r1 == 7);
    l4_ipc_call_words(server, &m);
    for (unsigned i = 2; i < L4_REG_WORDS; i++)
        check(m.w[i] == 1);
}

TEST(ipc, gate_and_operation_word_understand_each_other)
{
    l4_threadid_t server = start_thread(echo_plus_one, 0);
    l4_umword_t r0 = 10, r1 = 20;
    l4_msgdope_t dope;

    /* A finite timeout cannot stand in an operation word: the gate. */
    check(l4_ipc_call(server, L4_IPC_SHORT_MSG, r0, r1, L4_IPC_SHORT_MSG, &r0,
                      &r1, PATIENCE, &dope) == 0);
    check(r0 == 11 && r1 == 21);
    check(l4_ipc_call(server, L4_IPC_SHORT_MSG, r0, r1, L4_IPC_SHORT_MSG, &r0,
                      &r1, L4_IPC_NEVER, &dope) == 0);
    check(r0 == 12 && r1 == 22);
    check(dope.msgdope == 0);
}

static void send_number(void *number)
{
    send2(main_id, (l4_umword_t)number, 0);
    sleep_forever();
}

TEST(ipc, open_wait_names_the_true_sender)
{
    l4_threadid_t from;
    l4_umword_t w0, w1;

    main_id = l4_myself();
    l4_threadid_t a = start_thread(send_number, (void *)1);
    check(wait2(&from, &w0, &w1) == 0);
    check(l4_thread_equal(from, a) && w0 == 1);
    l4_threadid_t b = start_task(send_number, (void *)2);
    check(wait2(&from, &w0, &w1) == 0);
    check(l4_thread_equal(from, b) && w0 == 2);
}

TEST(ipc, senders_are_heard_in_the_order_they_came)
{
    l4_threadid_t from;
    l4_umword_t w0, w1;

    main_id = l4_myself();
    for (l4_umword_t i = 1; i <= 5; i++) {
        start_thread(send_number, (void *)i);
        l4_ipc_sleep(timeout_us(MSEC(1)));
    }
    for (l4_umword_t i = 1; i <= 5; i++) {
        check(wait2(&from, &w0, &w1) == 0);
        check(w0 == i);
    }
}

TEST(ipc, closed_receive_leaves_other_senders_waiting)
{
    l4_threadid_t from;
    l4_umword_t w0, w1;

    main_id = l4_myself();
    start_thread(send_number, (void *)1);
    l4_ipc_sleep(timeout_us(MSEC(1)));
    l4_threadid_t second = start_thread(send_number, (void *)2);
    check(receive2(second, &w0, &w1) == 0);
    check(w0 == 2);
    check(wait2(&from, &w0, &w1) == 0);
    check(w0 == 1);
}

/* Sends to main, then calls it with the count of what it was told. */
static void send_then_call(void *unused)
{
    l4_umword_t w0 = 1, w1 = 0;

    (void)unused;
    send2(main_id, 1, 0);
    for (;;)
        call2(main_id, &w0, &w1);
}

TEST(ipc, reply_and_wait_leaves_no_gap)
{
    l4_umword_t w0, w1;
    l4_threadid_t from;
    l4_msgdope_t dope;

    main_id = l4_myself();
    l4_threadid_t t = start_thread(send_then_call, 0);
    check(receive2(t, &w0, &w1) == 0);
    check(receive2(t, &w0, &w1) == 0);
    /* The partner has called, so it waits: a reply with timeout 0 arrives,
       time after time. */
    for (unsigned i = 0; i < 100; i++) {
        check(l4_ipc_reply_and_wait(t, L4_IPC_SHORT_MSG, i, 0, &from,
                                    L4_IPC_SHORT_MSG, &w0, &w1,
                                    L4_IPC_TIMEOUT(0, 1, 0, 0, 0, 0),
                                    &dope) == 0);
        check(w0 == i && l4_thread_equal(from, t));
    }
}

TEST(ipc, send_with_timeout_0_fails_when_nobody_waits)
{
    l4_threadid_t t = start_thread((void (*)(void *))sleep_forever, 0);
    l4_msgdope_t dope;

    l4_ipc_sleep(timeout_us(MSEC(1)));
    check(l4_ipc_send(t, L4_IPC_SHORT_MSG, 1, 2, NOW, &dope) ==
          L4_IPC_SETIMEOUT);
}

TEST(ipc, send_timeout_expires_not_before_its_time)
{
    l4_threadid_t t = start_thread((void (*)(void *))sleep_forever, 0);
    l4_msgdope_t dope;
    l4_uint64_t before = now_us();

    check(l4_ipc_send(t, L4_IPC_SHORT_MSG, 1, 2, timeout_us(MSEC(3)),
                      &dope) == L4_IPC_SETIMEOUT);
    check(now_us() - before >= MSEC(3));
}

TEST(ipc, receive_with_timeout_0_fails_when_nobody_sends)
{
    l4_threadid_t from;
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    check(l4_ipc_wait(&from, L4_IPC_SHORT_MSG, &w0, &w1, NOW, &dope) ==
          L4_IPC_RETIMEOUT);
}

TEST(ipc, receive_timeout_expires_not_before_its_time)
{
    l4_threadid_t from;
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    for (unsigned us = 50; us < MSEC(20); us *= 3) {
        l4_uint64_t before = now_us();
        check(l4_ipc_wait(&from, L4_IPC_SHORT_MSG, &w0, &w1, timeout_us(us),
                          &dope) == L4_IPC_RETIMEOUT);
        check(now_us() - before >= us);
    }
}

static void sleep_and_send(void *us)
{
    l4_ipc_sleep(timeout_us((unsigned)(l4_umword_t)us));
    send2(main_id, (l4_umword_t)us, 0);
    sleep_forever();
}

TEST(ipc, sleepers_wake_in_the_order_of_their_times)
{
    static const unsigned times[] = { 9, 3, 6, 1, 12 };
    l4_threadid_t from;
    l4_umword_t w0, w1, last = 0;

    main_id = l4_myself();
    for (unsigned i = 0; i < 5; i++)
        start_thread(sleep_and_send, (void *)(l4_umword_t)MSEC(times[i]));
    for (unsigned i = 0; i < 5; i++) {
        check(wait2(&from, &w0, &w1) == 0);
        check(w0 > last);
        last = w0;
    }
}

TEST(ipc, partner_that_does_not_exist_is_an_error_in_either_phase)
{
    l4_threadid_t nobody = l4_myself();
    l4_umword_t w0 = 0, w1 = 0;

    nobody.id.lthread = 100;
    check(send2(nobody, 1, 2) == L4_IPC_ENOT_EXISTENT);
    check(call2(nobody, &w0, &w1) == L4_IPC_ENOT_EXISTENT);
    check(receive2(nobody, &w0, &w1) == L4_IPC_ENOT_EXISTENT);
    nobody = l4_myself();
    nobody.id.task = 1234;
    check(send2(nobody, 1, 2) == L4_IPC_ENOT_EXISTENT);
    check(send2(L4_INVALID_ID, 1, 2) == L4_IPC_ENOT_EXISTENT);
    check(send2(L4_NIL_ID, 1, 2) == L4_IPC_ENOT_EXISTENT);
}

TEST(ipc, wrong_version_or_chief_in_an_id_does_not_exist)
{
    l4_threadid_t t = start_thread(echo_plus_one, 0);

    t.id.version_low++;
    check(send2(t, 1, 2) == L4_IPC_ENOT_EXISTENT);
    t.id.version_low--;
    t.id.chief++;
    check(send2(t, 1, 2) == L4_IPC_ENOT_EXISTENT);
    t.id.chief--;
    t.id.site++;
    check(send2(t, 1, 2) == L4_IPC_ENOT_EXISTENT);
}

static volatile int cancelled_with;

static void wait_and_note(void *unused)
{
    l4_threadid_t from;
    l4_umword_t w0, w1;

    (void)unused;
    cancelled_with = wait2(&from, &w0, &w1);
    sleep_forever();
}

static void exchange_nothing_but(l4_threadid_t t, l4_umword_t ip,
                                 l4_umword_t sp)
{
    l4_threadid_t preempter = L4_INVALID_ID, pager = L4_INVALID_ID;
    l4_umword_t flags, old_ip, old_sp;

    l4_thread_ex_regs(t, ip, sp, &preempter, &pager, &flags, &old_ip,
                      &old_sp);
}

TEST(ipc, ex_regs_cancels_a_receive)
{
    l4_threadid_t preempter = L4_INVALID_ID, pager = L4_INVALID_ID;
    l4_umword_t flags, ip, sp;

    cancelled_with = -1;
    l4_threadid_t t = start_thread(wait_and_note, 0);
    l4_ipc_sleep(timeout_us(MSEC(1)));
    /* Read where it stands, then set just that: it goes on behind its IPC. */
    l4_thread_ex_regs(t, LEAVE, LEAVE, &preempter, &pager, &flags, &ip, &sp);
    check(cancelled_with == -1);
    exchange_nothing_but(t, ip, LEAVE);
    l4_ipc_sleep(timeout_us(MSEC(1)));
    check(cancelled_with == L4_IPC_RECANCELED);
}

static void call_forever(void *number)
{
    for (;;) {
        l4_umword_t w0 = (l4_umword_t)number, w1 = 0;
        call2(main_id, &w0, &w1);
    }
}

TEST(ipc, one_server_hears_all_of_many_callers)
{
    l4_umword_t w0, w1, heard[8] = { 0 };
    l4_threadid_t from;
    l4_msgdope_t dope;

    main_id = l4_myself();
    for (l4_umword_t i = 0; i < 8; i++)
        start_thread(call_forever, (void *)i);
    check(wait2(&from, &w0, &w1) == 0);
    /* Caller and server hand one time slice to and fro; the next caller has
       its turn when the slice ends. */
    l4_uint64_t start = now_us();
    while (now_us() - start < MSEC(200)) {
        heard[w0 & 7]++;
        check(l4_ipc_reply_and_wait(from, L4_IPC_SHORT_MSG, 1, 1, &from,
                                    L4_IPC_SHORT_MSG, &w0, &w1,
                                    L4_IPC_TIMEOUT(0, 1, 0, 0, 0, 0),
                                    &dope) == 0);
    }
    for (unsigned i = 0; i < 8; i++)
        check(heard[i] > 0);
}

/* ---- absolute timeouts ---- */

TEST(ipc, absolute_receive_timeout_expires_at_its_time)
{
    l4_uint64_t when = now_us() + MSEC(7);

    check(l4_ipc_sleep_until(when) == L4_IPC_RETIMEOUT);
    check(now_us() >= when && now_us() < when + MSEC(2));
}

TEST(ipc, absolute_timeouts_do_not_drift)
{
    l4_uint64_t first = now_us() + MSEC(1);

    for (unsigned i = 0; i < 20; i++) {
        check(l4_ipc_sleep_until(first + i * 1000) == L4_IPC_RETIMEOUT);
        l4_uint64_t late = now_us() - (first + i * 1000);
        check(late < 900);
    }
}

TEST(ipc, absolute_timeout_that_has_passed_does_not_wait)
{
    l4_uint64_t before = now_us();
    l4_msgdope_t dope;
    l4_threadid_t busy = start_thread((void (*)(void *))sleep_forever, 0);

    check(l4_ipc_sleep_until(before) == L4_IPC_RETIMEOUT);
    check(l4_ipc_sleep_until(0) == L4_IPC_RETIMEOUT);
    check(l4_ipc_send(busy, L4_IPC_SHORT_MSG, 0, 0, l4_ipc_until(before, 0),
                      &dope) == L4_IPC_SETIMEOUT);
    check(now_us() - before < MSEC(1));
}

TEST(ipc, absolute_send_timeout_expires_at_its_time)
{
    l4_threadid_t busy = start_thread((void (*)(void *))sleep_forever, 0);
    l4_uint64_t when = now_us() + MSEC(3);
    l4_msgdope_t dope;

    check(l4_ipc_send(busy, L4_IPC_SHORT_MSG, 0, 0, l4_ipc_until(when, 0),
                      &dope) == L4_IPC_SETIMEOUT);
    check(now_us() >= when && now_us() < when + MSEC(2));
}

static void send_later(void *to)
{
    l4_ipc_sleep(timeout_us(MSEC(5)));
    send2(*(l4_threadid_t *)to, 9, 9);
    sleep_forever();
}

TEST(ipc, absolute_timeout_far_away_lets_a_message_come)
{
    l4_threadid_t me = l4_myself(), from;
    l4_umword_t w0 = 0, w1;
    l4_msgdope_t dope;

    start_thread(send_later, &me);
    check(l4_ipc_wait(&from, L4_IPC_SHORT_MSG, &w0, &w1,
                      l4_ipc_until(0, ~0ULL), &dope) == 0);
    check(w0 == 9);
}
