/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each way out of the fast path (core/ipc_fast.c, steps F1 to F5): what goes
 * the slow way must come to the same end.
 */
#include <hickory/thread.h>

#include "ktest.h"

static l4_threadid_t main_id;
static volatile l4_umword_t got;

static void answer_once(void *unused)
{
    struct l4_words m = { { 0 } };
    l4_threadid_t from = L4_NIL_ID;

    (void)unused;
    l4_ipc_wait_words(&from, &m);
    got = m.w[0];
    m.w[0]++;
    l4_ipc_words(L4_OP_SEND, &from, &m);
    sleep_forever();
}

static l4_umword_t call_word(l4_threadid_t to, l4_umword_t word)
{
    struct l4_words m = { { word } };

    return L4_IPC_IS_ERROR(l4_ipc_call_words(to, &m)) ? 0 : m.w[0];
}

TEST(ipc_fast, f1_send_alone_arrives)
{
    l4_threadid_t t = start_thread(answer_once, 0);
    struct l4_words m = { { 7 } };

    l4_ipc_sleep(timeout_us(MSEC(1)));
    check(!L4_IPC_IS_ERROR(l4_ipc_words(L4_OP_SEND, &t, &m)));
    check(!L4_IPC_IS_ERROR(l4_ipc_words(L4_OP_RECV, &t, &m)));
    check(m.w[0] == 8 && got == 7);
}

TEST(ipc_fast, f2_missing_partner_is_reported)
{
    l4_threadid_t nobody = l4_myself();
    struct l4_words m = { { 7 } };

    nobody.id.lthread = 99;
    check(L4_IPC_ERROR(l4_ipc_call_words(nobody, &m)) ==
          L4_IPC_ENOT_EXISTENT);
}

static void echo_forever(void *unused)
{
    struct l4_words m = { { 0 } };
    l4_threadid_t from = L4_NIL_ID;

    (void)unused;
    l4_ipc_wait_words(&from, &m);
    for (;;)
        l4_ipc_reply_and_wait_words(&from, &m);
}

TEST(ipc_fast, f2_every_part_of_the_id_counts)
{
    l4_threadid_t t = start_task(echo_forever, 0), wrong;
    struct l4_words m = { { 7 } };

    check(call_word(t, 1) == 1);
    for (unsigned bit = 0; bit < 64; bit++) {
        wrong.raw = t.raw ^ 1ull << bit;
        check(L4_IPC_ERROR(l4_ipc_call_words(wrong, &m)) ==
              L4_IPC_ENOT_EXISTENT);
        check(call_word(t, 2) == 2);
    }
}

static l4_threadid_t server_of_chief;
static volatile l4_umword_t answer_of_chief;

static void call_chief(void *unused)
{
    (void)unused;
    answer_of_chief = call_word(server_of_chief, 41);
    sleep_forever();
}

static void play_chief(void (*chief)(void *), void (*creature)(void *))
{
    answer_of_chief = 0;
    server_of_chief = start_thread(chief, 0);
    l4_ipc_sleep(timeout_us(MSEC(1)));
    start_task(creature, 0);
    l4_ipc_sleep(timeout_us(MSEC(5)));
}

/* Answers many who are not the one that has called us, then that one. */
static void reply_to_wrong_ids(void *unused)
{
    struct l4_words m = { { 0 } };
    l4_threadid_t from = L4_NIL_ID, wrong;

    (void)unused;
    got = 0;
    l4_ipc_wait_words(&from, &m);
    for (unsigned bit = 0; bit < 64; bit++) {
        wrong.raw = from.raw ^ 1ull << bit;
        got += L4_IPC_ERROR(l4_ipc_reply_and_wait_words(&wrong, &m)) ==
               L4_IPC_ENOT_EXISTENT;
    }
    m.w[0] = 42;
    l4_ipc_reply_and_wait_words(&from, &m);
    sleep_forever();
}

TEST(ipc_fast, f2_every_part_of_the_id_counts_in_a_reply)
{
    play_chief(reply_to_wrong_ids, call_chief);
    check(got == 64 && answer_of_chief == 42);
}

static void answer_late(void *unused)
{
    l4_ipc_sleep(timeout_us(MSEC(2)));
    answer_once(unused);
}

TEST(ipc_fast, f3_partner_that_does_not_wait_yet_answers_later)
{
    check(call_word(start_thread(answer_late, 0), 41) == 42);
}

static void answer_with_timeout(void *unused)
{
    l4_threadid_t from;
    l4_umword_t w0, w1;

    (void)unused;
    wait2(&from, &w0, &w1);     /* a time-out is running while it waits */
    send2(from, w0 + 1, 0);
    sleep_forever();
}

TEST(ipc_fast, f3_partner_with_a_timeout_answers)
{
    l4_threadid_t t = start_thread(answer_with_timeout, 0);

    l4_ipc_sleep(timeout_us(MSEC(1)));
    check(call_word(t, 41) == 42);
    /* The partner's time-out must not fire in a later wait of its own. */
    l4_ipc_sleep(timeout_us(MSEC(3)));
}

static void send_word(void *word)
{
    send2(main_id, (l4_umword_t)word, 0);
    sleep_forever();
}

TEST(ipc_fast, f3_reply_and_wait_takes_the_message_that_waits)
{
    struct l4_words m = { { 0 } };
    l4_threadid_t server;

    main_id = l4_myself();
    got = 0;
    server = start_thread(answer_once, 0);
    l4_threadid_t other = start_thread(send_word, (void *)99);
    l4_ipc_sleep(timeout_us(MSEC(1)));
    l4_threadid_t partner = server;
    m.w[0] = 5;
    check(!L4_IPC_IS_ERROR(
        l4_ipc_words(L4_OP_REPLY_AND_WAIT, &partner, &m)));
    check(l4_thread_equal(partner, other) && m.w[0] == 99);
    check(!L4_IPC_IS_ERROR(l4_ipc_words(L4_OP_RECV, &server, &m)));
    check(m.w[0] == 6 && got == 5);
}

TEST(ipc_fast, f3_less_urgent_partner_gets_the_message)
{
    int prio = thread_priority(l4_myself());
    l4_threadid_t t = start_thread_prio(answer_once, 0, (unsigned)prio - 1);

    l4_ipc_sleep(timeout_us(MSEC(1)));
    check(call_word(t, 41) == 42);
}

static volatile unsigned urgent_ran;

static void be_urgent(void *unused)
{
    (void)unused;
    l4_ipc_sleep(timeout_us(MSEC(2)));
    urgent_ran = 1;
    sleep_forever();
}

/* Answers after it has been busy for longer than be_urgent sleeps. */
static void answer_slowly(void *unused)
{
    struct l4_words m = { { 0 } };
    l4_threadid_t from = L4_NIL_ID;

    (void)unused;
    l4_ipc_wait_words(&from, &m);
    l4_uint64_t start = now_us();
    while (now_us() - start < MSEC(5))
        ;
    m.w[0] = urgent_ran;
    l4_ipc_words(L4_OP_SEND, &from, &m);
    sleep_forever();
}

TEST(ipc_fast, f3_more_urgent_thread_interrupts_a_less_urgent_partner)
{
    unsigned prio = (unsigned)thread_priority(l4_myself());

    urgent_ran = 0;
    l4_threadid_t t = start_thread_prio(answer_slowly, 0, prio - 2);
    start_thread_prio(be_urgent, 0, prio - 1);
    l4_ipc_sleep(timeout_us(MSEC(1)));
    check(call_word(t, 0) == 1);
}

/* Hears `first_partner` alone, then anyone. */
static l4_threadid_t first_partner;
static volatile l4_umword_t heard_first;

static void answer_second(void *unused)
{
    struct l4_words m = { { 0 } };

    l4_ipc_words(L4_OP_RECV, &first_partner, &m);
    heard_first = m.w[0];
    answer_once(unused);
}

static void send_late(void *to)
{
    l4_ipc_sleep(timeout_us(MSEC(2)));
    send2(*(l4_threadid_t *)to, 99, 0);
    sleep_forever();
}

TEST(ipc_fast, f4_partner_that_waits_for_another_answers_later)
{
    l4_threadid_t t = L4_NIL_ID;

    first_partner = start_thread(send_late, &t);
    t = start_thread(answer_second, 0);
    l4_ipc_sleep(timeout_us(MSEC(1)));
    check(call_word(t, 41) == 42 && heard_first == 99);
}

TEST(ipc_fast, f4_reply_to_a_partner_that_waits_for_another_is_dropped)
{
    struct l4_words m = { { 5 } };
    l4_threadid_t t = L4_NIL_ID, partner;

    heard_first = 0;
    first_partner = start_thread(send_late, &t);
    t = start_thread(answer_second, 0);
    l4_ipc_sleep(timeout_us(MSEC(1)));
    partner = t;
    check(L4_IPC_ERROR(l4_ipc_reply_and_wait_words(&partner, &m)) ==
          L4_IPC_SETIMEOUT);
    check(call_word(t, 41) == 42 && heard_first == 99);
}

/* In a task of its own: calls another task of the same chief. */
static l4_threadid_t sibling;

static void call_sibling(void *unused)
{
    l4_umword_t w0 = call_word(sibling, 10), w1 = 0;

    (void)unused;
    call2(main_id, &w0, &w1);
    sleep_forever();
}

TEST(ipc_fast, f5_tasks_of_one_clan_talk_directly)
{
    l4_umword_t w0, w1;
    l4_threadid_t from;

    main_id = l4_myself();
    sibling = start_task(answer_once, 0);
    l4_threadid_t caller = start_task(call_sibling, 0);
    check(wait2(&from, &w0, &w1) == 0);
    check(l4_thread_equal(from, caller) && w0 == 11);
}

/* The first call of a new thread goes the general way. */
static void call_chief_again(void *unused)
{
    (void)unused;
    for (l4_umword_t i = 1; i <= 3; i++)
        answer_of_chief += call_word(server_of_chief, i);
    sleep_forever();
}

TEST(ipc_fast, f5_creature_calls_its_chief)
{
    play_chief(echo_forever, call_chief_again);
    check(answer_of_chief == 1 + 2 + 3);
}

TEST(ipc_fast, words_of_a_thousand_calls_come_back)
{
    l4_threadid_t servers[2] = { start_thread(echo_forever, 0),
                                 start_task(echo_forever, 0) };

    for (l4_umword_t i = 1; i <= 1000; i++)
        check(call_word(servers[i % 2], i * 0x10001) == i * 0x10001);
}

/* From now on we hear of its page faults. */
static void become_pager_of(l4_threadid_t t)
{
    l4_threadid_t excepter = L4_INVALID_ID, pager = l4_myself();
    l4_umword_t flags, ip, sp;

    check(l4_inter_task_ex_regs(t, LEAVE, LEAVE, &excepter, &pager, &flags,
                                &ip, &sp, L4_EX_NO_CANCEL) == 0);
}

/* Answers with what is in its own UTCB, which every task has at one place. */
static void tell_mark(void *mark)
{
    struct l4_words m = { { 0 } };
    l4_threadid_t from = L4_NIL_ID;

    l4_utcb()->user[0] = (l4_umword_t)mark;
    l4_ipc_wait_words(&from, &m);
    for (;;) {
        m.w[0] = l4_utcb()->user[0];
        l4_ipc_reply_and_wait_words(&from, &m);
    }
}

/* Word 0 of the message to main: how many of 20 answers of two siblings were
   theirs. */
static l4_threadid_t teller[2];

static void ask_for_marks(void *mark)
{
    l4_umword_t right = 0, w1 = 0;

    l4_utcb()->user[0] = (l4_umword_t)mark;
    for (unsigned i = 0; i < 20; i++)
        right += call_word(teller[i & 1], 0) == (i & 1) + 1 &&
                 l4_utcb()->user[0] == (l4_umword_t)mark;
    call2(main_id, &right, &w1);
    sleep_forever();
}

TEST(ipc_fast, every_task_stays_in_its_own_space)
{
    l4_umword_t right = 0, w1 = 0;

    main_id = l4_myself();
    teller[0] = start_task(tell_mark, (void *)1);
    l4_threadid_t asker = start_task(ask_for_marks, (void *)3);
    teller[1] = start_task(tell_mark, (void *)2);
    check(receive2(asker, &right, &w1) == 0);
    check(right == 20);
}

static l4_taskid_t task_numbered(unsigned number)
{
    l4_taskid_t t = free_task_id();

    t.id.task = number & 0x7ff;
    return t;
}

/* Processors tell few address spaces apart at a time, so one that has waited
   for long may have to be introduced anew. Nobody is to hear of that: a page
   fault would come here as an answer. */
TEST(ipc_fast, partner_answers_after_three_hundred_other_spaces)
{
    l4_threadid_t server = start_task(echo_forever, 0);
    l4_threadid_t inside = start_thread(echo_forever, 0);
    l4_umword_t w0, w1;

    check(call_word(server, 1) == 1);
    become_pager_of(server);
    check(call_word(server, 2) == 2);
    for (unsigned i = 0; i < 300; i++) {
        l4_taskid_t t = task_numbered(100 + i);
        t = l4_task_new(t, 255, fresh_stack(), 0x1000, l4_myself());
        check(receive2(t, &w0, &w1) == 0);  /* its fault: it has run */
    }
    check(call_word(inside, 3) == 3);       /* after that our FPU is off */
    check(call_word(server, 4) == 4);
    for (unsigned i = 0; i < 300; i++)
        kill_task(task_numbered(100 + i));
}
