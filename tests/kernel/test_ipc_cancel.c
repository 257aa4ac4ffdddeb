/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lthread_ex_regs on a thread in each stage of an IPC, and what both sides
 * see: cancelled while it waits, aborted in the middle of a message.
 */
#include <hickory/string.h>

#include "ktest.h"

#define HOLE    0x35000000ul        /* nothing is mapped there */
#define PENDING (-1)

static struct {
    l4_fpage_t window;
    l4_msgdope_t size, send;
    l4_umword_t word[4];
    l4_strdope_t string[1];
} out, in;
static char text[5000], room[5000];
static l4_threadid_t main_id, sender, receiver, server;
static volatile int snd_result, rcv_result;
static volatile l4_umword_t got;

static void pause_ms(unsigned ms)
{
    l4_ipc_sleep(timeout_us(MSEC(ms)));
}

static void clear(void)
{
    memset(&out, 0, sizeof(out));
    memset(&in, 0, sizeof(in));
    out.size = in.size = L4_IPC_DOPE(4, 1);
    out.send = L4_IPC_DOPE(2, 1);
    out.string[0].snd_str = (l4_umword_t)text;
    in.string[0].rcv_str = (l4_umword_t)room;
    out.string[0].snd_size = in.string[0].rcv_size = 5000;
    snd_result = rcv_result = PENDING;
    main_id = l4_myself();
    got = 0;
}

static void send_it(void *unused)
{
    l4_msgdope_t dope;

    (void)unused;
    snd_result = l4_ipc_send(receiver, &out, 1, 2, L4_IPC_NEVER, &dope);
    sleep_forever();
}

static void receive_it(void *unused)
{
    l4_msgdope_t dope;

    (void)unused;
    rcv_result = l4_ipc_receive(sender, &in, &in.word[0], &in.word[1],
                                L4_IPC_NEVER, &dope);
    sleep_forever();
}

/* ---- waiting ---- */

TEST(cancel, thread_that_waits_to_send_is_cancelled)
{
    l4_threadid_t from;
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    clear();
    receiver = l4_myself();
    l4_threadid_t t = start_thread(send_it, 0);
    pause_ms(1);
    check(snd_result == PENDING);
    cancel(t);
    pause_ms(1);
    check(snd_result == L4_IPC_SECANCELED);
    /* Its message is withdrawn. */
    check(l4_ipc_wait(&from, L4_IPC_SHORT_MSG, &w0, &w1, NOW, &dope) ==
          L4_IPC_RETIMEOUT);
}

TEST(cancel, thread_that_waits_to_receive_is_cancelled)
{
    clear();
    sender = l4_myself();
    l4_threadid_t t = start_thread(receive_it, 0);
    pause_ms(1);
    cancel(t);
    pause_ms(1);
    check(rcv_result == L4_IPC_RECANCELED);
}

static void call_main(void *unused)
{
    l4_umword_t w0 = 66, w1 = 0;
    l4_msgdope_t dope;

    (void)unused;
    snd_result = l4_ipc_call(main_id, L4_IPC_SHORT_MSG, w0, w1,
                             L4_IPC_SHORT_MSG, &w0, &w1, L4_IPC_NEVER, &dope);
    sleep_forever();
}

TEST(cancel, call_whose_message_has_gone_is_cancelled_in_its_receive_phase)
{
    l4_umword_t w0 = 0, w1;
    l4_msgdope_t dope;

    clear();
    l4_threadid_t t = start_thread(call_main, 0);
    check(receive2(t, &w0, &w1) == 0 && w0 == 66);
    check(snd_result == PENDING);
    cancel(t);
    pause_ms(1);
    check(snd_result == L4_IPC_RECANCELED);
    /* It does not wait for an answer any more. */
    check(l4_ipc_send(t, L4_IPC_SHORT_MSG, 1, 2, NOW, &dope) ==
          L4_IPC_SETIMEOUT);
}

TEST(cancel, call_that_waits_to_send_is_cancelled_in_its_send_phase)
{
    clear();
    l4_threadid_t t = start_thread(call_main, 0);
    pause_ms(1);
    cancel(t);
    pause_ms(1);
    check(snd_result == L4_IPC_SECANCELED);
}

TEST(cancel, exchange_of_nothing_disturbs_nothing)
{
    l4_threadid_t preempter = L4_INVALID_ID, pager = L4_INVALID_ID;
    l4_umword_t flags, ip, sp, w0, w1;

    clear();
    l4_threadid_t t = start_thread(call_main, 0);
    pause_ms(1);
    for (unsigned i = 0; i < 2; i++) {
        l4_thread_ex_regs(t, LEAVE, LEAVE, &preempter, &pager, &flags, &ip,
                          &sp);
        preempter = pager = L4_INVALID_ID;
        check(snd_result == PENDING);
        if (i == 0)
            check(receive2(t, &w0, &w1) == 0);
    }
    check(send2(t, 1, 2) == 0);
    pause_ms(1);
    check(snd_result == 0);
}

/* ---- in the middle of a message ---- */

/* Sender and receiver have met, and one has faulted; we are the pagers. */
static bool meet_and_fault(bool sender_faults)
{
    l4_umword_t w0 = 0, w1;

    clear();
    if (sender_faults)
        out.string[0].snd_str = HOLE;
    else
        in.string[0].rcv_str = HOLE;
    sender = start_thread_prio(send_it, 0, 2);
    receiver = start_thread_prio(receive_it, 0, 1);
    page_by(sender, l4_myself());
    page_by(receiver, l4_myself());
    return receive2(sender_faults ? sender : receiver, &w0, &w1) == 0 &&
           (w0 & ~3ul) == HOLE && snd_result == PENDING &&
           rcv_result == PENDING;
}

/* Both learn of it. */
static void check_aborted(l4_threadid_t victim)
{
    cancel(victim);
    pause_ms(2);
    check(snd_result == L4_IPC_SEABORTED);
    check(rcv_result == L4_IPC_REABORTED);
}

TEST(cancel, sender_aborts_while_its_own_fault_is_pending)
{
    check(meet_and_fault(true));
    check_aborted(sender);
}

TEST(cancel, sender_aborts_while_the_receivers_fault_is_pending)
{
    check(meet_and_fault(false));
    check_aborted(sender);
}

TEST(cancel, receiver_aborts_while_its_own_fault_is_pending)
{
    check(meet_and_fault(false));
    check_aborted(receiver);
}

TEST(cancel, receiver_aborts_while_the_senders_fault_is_pending)
{
    check(meet_and_fault(true));
    check_aborted(receiver);
}

/* The same before the pager has heard of the fault. */
static void abort_unheard(bool sender_faults, bool sender_aborts)
{
    l4_threadid_t from;
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    clear();
    if (sender_faults)
        out.string[0].snd_str = HOLE;
    else
        in.string[0].rcv_str = HOLE;
    sender = start_thread_prio(send_it, 0, 2);
    receiver = start_thread_prio(receive_it, 0, 1);
    page_by(sender, l4_myself());
    page_by(receiver, l4_myself());
    pause_ms(2);
    check_aborted(sender_aborts ? sender : receiver);
    check(l4_ipc_wait(&from, L4_IPC_SHORT_MSG, &w0, &w1, NOW, &dope) ==
          L4_IPC_RETIMEOUT);
    helpers_stop_threads();
}

TEST(cancel, fault_that_no_pager_has_heard_of_is_withdrawn)
{
    for (unsigned i = 0; i < 4; i++)
        abort_unheard(i & 1, i & 2);
}

TEST(cancel, partner_killed_in_the_middle_of_a_message_aborts_it)
{
    l4_umword_t w0, w1;

    clear();
    in.string[0].rcv_str = HOLE;
    receiver = start_thread_prio(receive_it, 0, 1);
    page_by(receiver, l4_myself());
    sender = start_task(send_it, 0);
    check(receive2(receiver, &w0, &w1) == 0 && (w0 & ~3ul) == HOLE);
    kill_task(sender);
    pause_ms(2);
    check(rcv_result == L4_IPC_REABORTED);
}

/* ---- waiting for the pager ---- */

static void touch_hole(void *unused)
{
    (void)unused;
    *(volatile char *)HOLE = 1;
    got = 1;
    sleep_forever();
}

static void go_here(void)
{
    got = 2;
    sleep_forever();
}

static void send_elsewhere(l4_threadid_t t)
{
    l4_threadid_t preempter = L4_INVALID_ID, pager = L4_INVALID_ID;
    l4_umword_t flags, ip, sp;

    l4_thread_ex_regs(t, (l4_umword_t)go_here, LEAVE, &preempter, &pager,
                      &flags, &ip, &sp);
}

TEST(cancel, thread_whose_fault_waits_for_the_pager_goes_elsewhere)
{
    l4_threadid_t from;
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    clear();
    l4_threadid_t t = start_thread_prio(touch_hole, 0, 1);
    page_by(t, l4_myself());
    pause_ms(1);
    send_elsewhere(t);
    pause_ms(1);
    check(got == 2);
    check(l4_ipc_wait(&from, L4_IPC_SHORT_MSG, &w0, &w1, NOW, &dope) ==
          L4_IPC_RETIMEOUT);
}

TEST(cancel, thread_that_waits_for_the_pagers_answer_goes_elsewhere)
{
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    clear();
    l4_threadid_t t = start_thread_prio(touch_hole, 0, 1);
    page_by(t, l4_myself());
    check(receive2(t, &w0, &w1) == 0 && w0 == (HOLE | 2));
    send_elsewhere(t);
    pause_ms(1);
    check(got == 2);
    /* The answer comes too late. */
    check(l4_ipc_send(t, L4_IPC_SHORT_FPAGE, HOLE,
                      l4_fpage((l4_umword_t)test_memory, 12, 1, 0).raw, NOW,
                      &dope) == L4_IPC_SETIMEOUT);
}

/* The pager itself is in the middle of answering with a long message. */
static void answer_from_a_hole(void *unused)
{
    l4_umword_t w0, w1, words[L4_REG_WORDS] = { 0 };
    l4_threadid_t to = server;

    (void)unused;
    receive2(server, &w0, &w1);
    snd_result = (int)l4_arch_ipc(HOLE + 0x10000, L4_IPC_NO_DESCRIPTOR, 0,
                                  &to, words);
    sleep_forever();
}

TEST(cancel, pager_in_the_middle_of_its_answer_is_aborted)
{
    l4_umword_t w0, w1;

    clear();
    l4_threadid_t pager = start_thread(answer_from_a_hole, 0);
    page_by(pager, l4_myself());
    server = start_thread_prio(touch_hole, 0, 1);
    page_by(server, pager);
    check(receive2(pager, &w0, &w1) == 0);
    check((w0 & L4_PAGEMASK) == HOLE + 0x10000);
    send_elsewhere(server);
    pause_ms(1);
    check(got == 2 && snd_result == L4_IPC_SEABORTED);
}

/* ---- ids that are not, or are no more ---- */

static bool does_not_exist(l4_threadid_t id)
{
    struct l4_words m = { { 0 } };
    l4_umword_t w0 = 0, w1 = 0;
    l4_msgdope_t dope;

    return send2(id, 1, 2) == L4_IPC_ENOT_EXISTENT &&
           receive2(id, &w0, &w1) == L4_IPC_ENOT_EXISTENT &&
           call2(id, &w0, &w1) == L4_IPC_ENOT_EXISTENT &&
           l4_ipc_send(id, &out, 1, 2, NOW, &dope) == L4_IPC_ENOT_EXISTENT &&
           L4_IPC_ERROR(l4_ipc_call_words(id, &m)) == L4_IPC_ENOT_EXISTENT;
}

TEST(cancel, stale_versions_and_unborn_threads_do_not_exist_in_any_form)
{
    l4_taskid_t number = free_task_id();
    l4_threadid_t old, unborn;

    clear();
    old = start_task((void (*)(void *))sleep_forever, 0);
    pause_ms(1);
    kill_task(old);
    check(does_not_exist(old));
    l4_threadid_t new = l4_task_new(number, 255, 0, 0x1000, l4_myself());
    check(!l4_is_nil_id(new) && does_not_exist(old));
    for (unsigned lthread = 1; lthread < 128; lthread += 42) {
        unborn = new;
        unborn.id.lthread = lthread;
        check(does_not_exist(unborn));
    }
    kill_task(new);
    check(does_not_exist(new));
}

/* ---- the queue of those who wait to send ---- */

static void send_number(void *number)
{
    send2(main_id, (l4_umword_t)number, 0);
    sleep_forever();
}

TEST(cancel, closed_receive_takes_one_from_the_middle_of_the_queue)
{
    static const unsigned order[] = { 3, 5, 1, 2, 4, 6 };
    l4_threadid_t t[7], from;
    l4_umword_t w0, w1;

    main_id = l4_myself();
    for (l4_umword_t i = 1; i <= 6; i++) {
        t[i] = start_thread(send_number, (void *)i);
        pause_ms(1);
    }
    for (unsigned i = 0; i < 6; i++) {
        check((i < 2 ? receive2(t[order[i]], &w0, &w1)
                     : wait2(&from, &w0, &w1)) == 0);
        check(w0 == order[i]);
    }
}

TEST(cancel, one_who_leaves_the_queue_leaves_the_others_in_order)
{
    l4_threadid_t t[6], from;
    l4_umword_t w0, w1;

    main_id = l4_myself();
    for (l4_umword_t i = 1; i <= 5; i++) {
        t[i] = start_thread(send_number, (void *)i);
        pause_ms(1);
    }
    cancel(t[1]);
    cancel(t[3]);
    cancel(t[5]);
    for (unsigned i = 2; i <= 4; i += 2)
        check(wait2(&from, &w0, &w1) == 0 && w0 == i);
}
