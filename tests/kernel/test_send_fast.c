/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sends and waits alone, by operation word: one way out of their fast path at a
 * time (core/send_fast.c), and who runs next.
 */
#include <hickory/thread.h>

#include "cpu.h"
#include "ktest.h"

static l4_threadid_t main_id;
static volatile l4_umword_t heard, error;

static l4_umword_t send_by_op(l4_threadid_t to, l4_umword_t word)
{
    struct l4_words m = { { word } };

    return l4_ipc_words(L4_OP_SEND, &to, &m).msgdope & L4_IPC_ERROR_MASK;
}

/* Closed for *from, or when that is nil from anyone. */
static l4_umword_t wait_by_op(l4_threadid_t *from, l4_umword_t *word)
{
    l4_umword_t op = L4_OP_RECV | (l4_is_nil_id(*from) ? L4_OP_OPEN : 0);
    struct l4_words m = { { 0 } };
    l4_msgdope_t dope = l4_ipc_words(op, from, &m);

    *word = m.w[0];
    return dope.msgdope & L4_IPC_ERROR_MASK;
}

static void settle(void)
{
    l4_ipc_sleep(timeout_us(MSEC(1)));
}

/* One message after the other: their digits. */
static void listen(void *from)
{
    l4_umword_t word;

    for (;;) {
        l4_threadid_t whom = from ? *(l4_threadid_t *)from : L4_NIL_ID;
        if (wait_by_op(&whom, &word) == 0)
            heard = heard * 10 + word;
    }
}

static l4_threadid_t start_listener(l4_threadid_t *from)
{
    heard = 0;
    main_id = l4_myself();
    l4_threadid_t t = start_thread(listen, from);
    settle();
    return t;
}

TEST(send_fast, messages_arrive_one_after_the_other)
{
    l4_threadid_t t = start_listener(0);

    for (l4_umword_t i = 1; i < 5; i++) {
        check(send_by_op(t, i) == 0);
        settle();
    }
    check(heard == 1234);
}

static volatile l4_uint64_t source;
static volatile l4_umword_t words[L4_REG_WORDS];

static void note_all(void *unused)
{
    l4_threadid_t from = L4_NIL_ID;
    struct l4_words m = { { 0 } };

    (void)unused;
    l4_ipc_words(L4_OP_RECV | L4_OP_OPEN, &from, &m);
    source = from.raw;
    for (unsigned i = 0; i < L4_REG_WORDS; i++)
        words[i] = m.w[i];
    sleep_forever();
}

TEST(send_fast, all_words_and_the_senders_id_arrive)
{
    struct l4_words m;
    l4_threadid_t t = start_thread(note_all, 0);

    settle();
    for (unsigned i = 0; i < L4_REG_WORDS; i++)
        m.w[i] = 50 + i;
    check(l4_ipc_words(L4_OP_SEND, &t, &m).msgdope == 0);
    settle();
    check(source == l4_myself().raw);
    for (unsigned i = 0; i < L4_REG_WORDS; i++)
        check(words[i] == 50 + i);
}

static void send_at_once(void *to)
{
    send_by_op(*(l4_threadid_t *)to, 7);
    sleep_forever();
}

/* A new task's: nothing that its thread does comes before. */
TEST(send_fast, s2_message_that_is_a_threads_first_ipc_arrives)
{
    static l4_threadid_t t;

    t = start_listener(0);
    start_task(send_at_once, &t);
    settle();
    check(heard == 7);
}

TEST(send_fast, s3_every_part_of_the_id_counts)
{
    l4_threadid_t t = start_listener(0), other = t;

    other.id.version_low ^= 1;
    check(send_by_op(other, 1) == L4_IPC_ENOT_EXISTENT);
    other = t;
    other.id.nest ^= 1;
    check(send_by_op(other, 2) == L4_IPC_ENOT_EXISTENT);
    check(send_by_op(L4_INVALID_ID, 3) == L4_IPC_ENOT_EXISTENT);
    check(send_by_op(t, 4) == 0);
    settle();
    check(heard == 4);
}

TEST(send_fast, s4_partner_that_waits_for_just_us_hears_us)
{
    static l4_threadid_t self;

    self = l4_myself();
    l4_threadid_t t = start_listener(&self);
    check(send_by_op(t, 6) == 0);
    settle();
    check(heard == 6);
}

/* We are not heard before it waits for anyone. */
static void hear_another_first(void *another)
{
    l4_threadid_t from = *(l4_threadid_t *)another;
    l4_umword_t word;

    wait_by_op(&from, &word);
    heard = heard * 10 + word;
    listen(0);
}

TEST(send_fast, s4_partner_that_waits_for_another_hears_us_later)
{
    static l4_threadid_t t, another;
    struct l4_words m = { { 1 } };

    heard = 0;
    another = start_thread((void (*)(void *))sleep_forever, 0);
    settle();
    t = start_thread(hear_another_first, &another);
    settle();
    check((l4_ipc_words(L4_OP_SEND | L4_OP_SEND_NOW, &t, &m).msgdope &
           L4_IPC_ERROR_MASK) == L4_IPC_SETIMEOUT);
    check(heard == 0);
    l4_threadid_t again = start_thread(send_at_once, &t);
    settle();
    check(heard == 0 && !l4_thread_equal(again, another));
}

static void sleep_and_listen(void *unused)
{
    (void)unused;
    l4_ipc_sleep(timeout_us(MSEC(2)));
    listen(0);
}

TEST(send_fast, s4_partner_that_does_not_wait_yet_hears_us_later)
{
    heard = 0;
    l4_threadid_t t = start_thread(sleep_and_listen, 0);
    settle();
    check(send_by_op(t, 5) == 0);
    settle();
    check(heard == 5);
}

/* ---- who runs ---- */

TEST(send_fast, more_urgent_partner_runs_at_once_and_a_less_urgent_one_later)
{
    unsigned prio = (unsigned)thread_priority(l4_myself());

    heard = 0;
    l4_threadid_t urgent = start_thread_prio(listen, 0, prio);
    l4_threadid_t other = start_thread_prio(listen, 0, prio - 2);
    settle();
    thread_set_priority(l4_myself(), prio - 1);
    check(send_by_op(other, 1) == 0 && heard == 0);
    check(send_by_op(urgent, 2) == 0 && heard == 2);
    settle();
    check(heard == 21);
    thread_set_priority(l4_myself(), prio);
}

/* ---- waits ---- */

static void send_digit(void *digit)
{
    send_by_op(main_id, (l4_umword_t)digit);
    sleep_forever();
}

TEST(send_fast, w2_wait_takes_the_message_of_who_waits_to_send)
{
    l4_threadid_t from = L4_NIL_ID;
    l4_umword_t word;

    main_id = l4_myself();
    l4_threadid_t t = start_thread(send_digit, (void *)8);
    settle();
    check(wait_by_op(&from, &word) == 0);
    check(l4_thread_equal(from, t) && word == 8);
}

/* It is turned off for whoever runs meanwhile, and on again for us. */
TEST(send_fast, w2_wait_with_the_fpu_on_is_woken_with_its_registers)
{
    l4_threadid_t from = L4_NIL_ID;
    l4_umword_t word;

    main_id = l4_myself();
    fpu_use();
    fpu_set_rounding(2);
    start_thread(send_digit, (void *)9);
    check(wait_by_op(&from, &word) == 0 && word == 9);
    check(fpu_rounding() == 2);
    fpu_set_rounding(0);
}

TEST(send_fast, w3_wait_for_nobody_is_an_error)
{
    l4_threadid_t from = l4_myself();
    l4_umword_t word;

    from.id.version_low ^= 1;
    check(wait_by_op(&from, &word) == L4_IPC_ENOT_EXISTENT);
    from = l4_myself();
    from.id.nest ^= 1;
    check(wait_by_op(&from, &word) == L4_IPC_ENOT_EXISTENT);
    from = L4_INVALID_ID;
    check(wait_by_op(&from, &word) == L4_IPC_ENOT_EXISTENT);
}

/* It may be killed before it has ever done an IPC, and we are to hear of it. */
static void spin(void *unused)
{
    (void)unused;
    for (;;)
        continue;
}

static void wait_for(void *whom)
{
    l4_threadid_t from = *(l4_threadid_t *)whom;
    l4_umword_t word;

    error = wait_by_op(&from, &word);
    sleep_forever();
}

TEST(send_fast, w3_wait_for_one_that_has_done_no_ipc_ends_with_it)
{
    static l4_threadid_t t;

    t = start_task(spin, 0);
    thread_set_priority(t, 1);
    settle();
    error = 1;
    start_thread(wait_for, &t);
    settle();
    check(error == 1);
    kill_task(t);
    settle();
    check(error == L4_IPC_ENOT_EXISTENT);
}

/* Known by a message before; then from the second wait on by the fast path. */
static void send_twice(void *unused)
{
    (void)unused;
    send_by_op(main_id, 3);
    send_by_op(main_id, 4);
    sleep_forever();
}

TEST(send_fast, wait_for_one_thread_hears_it_and_ends_with_it)
{
    static l4_threadid_t t;
    l4_umword_t word;

    main_id = l4_myself();
    t = start_task(send_twice, 0);
    l4_threadid_t from = t;
    check(wait_by_op(&from, &word) == 0 && word == 3);
    from = t;
    check(wait_by_op(&from, &word) == 0 && word == 4);
    error = 1;
    start_thread(wait_for, &t);
    settle();
    check(error == 1);
    kill_task(t);
    settle();
    check(error == L4_IPC_ENOT_EXISTENT);
}

/* ---- clans: a chief with a creature, which it pages ---- */

static l4_taskid_t spare;
static volatile l4_uint64_t creature;
static char creature_stack[4096] __attribute__((aligned(4096)));

static void listen_plainly(void)
{
    listen(0);
}

static void page_creature(l4_threadid_t from, l4_umword_t page)
{
    volatile char *p = (volatile char *)page;
    l4_msgdope_t dope;

    *p = *p;
    l4_ipc_send(from, L4_IPC_SHORT_FPAGE, page,
                l4_fpage(page, L4_PAGESHIFT, L4_FPAGE_RW, L4_FPAGE_MAP).raw,
                PATIENCE, &dope);
}

/* What is for the creature and not from it: heard here, times 100. */
static void be_chief(void *unused)
{
    l4_threadid_t from;
    l4_umword_t w0, w1;

    (void)unused;
    receive2(main_id, &w0, &w1);
    creature = l4_task_new(spare, 255, (l4_umword_t)creature_stack +
                                           sizeof(creature_stack) - 64,
                           (l4_umword_t)listen_plainly, l4_myself()).raw;
    for (;;) {
        wait2(&from, &w0, &w1);
        if (from.raw == creature)
            page_creature(from, w0 & L4_PAGEMASK);
        else
            heard = w0 * 100;
    }
}

static l4_threadid_t start_creature(void)
{
    main_id = l4_myself();
    heard = 0;
    l4_threadid_t chief = start_task(be_chief, 0);
    spare = free_task_id();
    check(!l4_is_nil_id(l4_task_new(spare, (l4_umword_t)chief.raw, 0, 0,
                                    L4_NIL_ID)));
    send2(chief, 0, 0);
    settle();
    return (l4_threadid_t){ .raw = creature };
}

TEST(send_fast, s5_message_into_another_clan_reaches_the_chief_first)
{
    l4_threadid_t t = start_creature();

    check(send_by_op(t, 3) == 0);
    settle();
    check(heard == 300);
}

TEST(send_fast, w3_wait_for_one_of_another_clan_ends_with_it)
{
    static l4_threadid_t t;

    t = start_creature();
    error = 1;
    start_thread(wait_for, &t);
    settle();
    check(error == 1);
    l4_threadid_t chief = t;
    chief.id.task = t.id.chief;
    for (unsigned i = 16; i < 20; i++) {
        l4_threadid_t any = l4_myself();
        any.id.task = i;
        any.id.lthread = 0;
        if (any.id.task == chief.id.task)
            kill_task(any);
    }
    settle();
    check(error == L4_IPC_ENOT_EXISTENT);
}
