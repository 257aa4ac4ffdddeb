/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page faults inside a message: on either side, in each of its parts,
 * answered, not answered in time, and answered by nobody.
 */
#include <hickory/string.h>

#include "ktest.h"

#define WORDS   20

struct message {
    l4_fpage_t window;
    l4_msgdope_t size, send;
    l4_umword_t word[WORDS];
    l4_strdope_t string[1];
};

/* Where nothing is mapped: a page for the sender, one for the receiver. */
#define SND_HOLE    0x35000000ul
#define RCV_HOLE    0x35400000ul

static struct message out, in;
static char text[2 * 4096], room[2 * 4096];
static void *snd_buffer, *rcv_buffer;
static l4_timeout_t snd_timeouts, rcv_timeouts;
static volatile l4_umword_t snd_result, rcv_result, got_word;
static l4_threadid_t sender, receiver;

#define PF_NEVER    L4_IPC_TIMEOUT(0, 0, 0, 0, 0, 0)
#define PENDING     (~(l4_umword_t)0)

static void clear(void)
{
    memset(&out, 0, sizeof(out));
    memset(&in, 0, sizeof(in));
    for (unsigned i = 0; i < sizeof(text); i++)
        text[i] = (char)(i * 11 + 3);
    memset(room, 0, sizeof(room));
    out.size = in.size = L4_IPC_DOPE(WORDS, 1);
    out.send = L4_IPC_DOPE(WORDS, 1);
    out.string[0].snd_str = (l4_umword_t)text;
    in.string[0].rcv_str = (l4_umword_t)room;
    out.string[0].snd_size = in.string[0].rcv_size = 5000;
    out.word[WORDS - 1] = 4711;
    snd_buffer = &out;
    rcv_buffer = &in;
    snd_timeouts = rcv_timeouts = PF_NEVER;
    snd_result = rcv_result = PENDING;
}

static void send_it(void *unused)
{
    l4_threadid_t to = receiver;
    l4_umword_t words[L4_REG_WORDS] = { 0 };

    (void)unused;
    snd_result = l4_arch_ipc((l4_umword_t)snd_buffer, L4_IPC_NO_DESCRIPTOR,
                             snd_timeouts.timeout, &to, words);
    sleep_forever();
}

static void receive_it(void *unused)
{
    l4_threadid_t from = sender;
    l4_umword_t words[L4_REG_WORDS] = { 0 };

    (void)unused;
    rcv_result = l4_arch_ipc(L4_IPC_NO_DESCRIPTOR, (l4_umword_t)rcv_buffer,
                             rcv_timeouts.timeout, &from, words);
    sleep_forever();
}

/* Both, paged by us. They meet when we wait. */
static void start_both(void)
{
    sender = start_thread_prio(send_it, 0, 2);
    receiver = start_thread_prio(receive_it, 0, 1);
    page_by(sender, l4_myself());
    page_by(receiver, l4_myself());
}

/* The next page fault of t, or 0. */
static l4_umword_t fault_of(l4_threadid_t t)
{
    l4_umword_t w0 = 0, w1 = 0;
    l4_msgdope_t dope;

    return l4_ipc_receive(t, L4_IPC_SHORT_MSG, &w0, &w1, timeout_us(MSEC(20)),
                          &dope) ? 0 : w0;
}

/* Answer t's fault with page `from`, at `at`. */
static void give(l4_threadid_t t, l4_umword_t at, void *from, unsigned write)
{
    l4_msgdope_t dope;

    check(l4_ipc_send(t, L4_IPC_SHORT_FPAGE, at & L4_PAGEMASK,
                      l4_fpage((l4_umword_t)from, L4_PAGESHIFT, write,
                               L4_FPAGE_MAP).raw, PATIENCE, &dope) == 0);
}

static void settle(void)
{
    l4_ipc_sleep(timeout_us(MSEC(10)));
}

static void take_back(void)
{
    l4_fpage_unmap(l4_fpage(SND_HOLE, 23, 0, 0),
                   L4_FP_FLUSH_PAGE | L4_FP_ALL_SPACES);
}

/* ---- answered ---- */

TEST(ipc_faults, missing_page_of_a_receiver_is_asked_for_and_the_copy_goes_on)
{
    clear();
    in.string[0].rcv_str = RCV_HOLE + 8;
    start_both();
    /* Written to: the fault says so. */
    check(fault_of(receiver) == ((RCV_HOLE + 8) | 2));
    check(rcv_result == PENDING);
    give(receiver, RCV_HOLE, test_memory, L4_FPAGE_RW);
    check(fault_of(receiver) == ((RCV_HOLE + 4096) | 2));
    give(receiver, RCV_HOLE + 4096, test_memory + 4096, L4_FPAGE_RW);
    settle();
    check((snd_result & L4_IPC_ERROR_MASK) == 0);
    check((rcv_result & L4_IPC_ERROR_MASK) == 0);
    check(memcmp(test_memory + 8, text, 5000) == 0);
    take_back();
}

TEST(ipc_faults, read_only_room_is_asked_for_with_write_access)
{
    clear();
    in.string[0].rcv_str = RCV_HOLE;
    in.string[0].rcv_size = out.string[0].snd_size = 100;
    start_both();
    check(fault_of(receiver) == (RCV_HOLE | 2));
    give(receiver, RCV_HOLE, test_memory, L4_FPAGE_RO);
    check(fault_of(receiver) == (RCV_HOLE | 2));
    give(receiver, RCV_HOLE, test_memory, L4_FPAGE_RW);
    settle();
    check((rcv_result & L4_IPC_ERROR_MASK) == 0);
    check(memcmp(test_memory, text, 100) == 0);
    take_back();
}

TEST(ipc_faults, pages_missing_on_both_sides_come_one_after_the_other)
{
    clear();
    memcpy(test_memory, text, 4096);
    memcpy(test_memory + 4096, text + 4096, 4096);
    out.string[0].snd_str = SND_HOLE;
    in.string[0].rcv_str = RCV_HOLE;
    start_both();
    for (unsigned i = 0; i < 2; i++) {
        check(fault_of(sender) == SND_HOLE + 4096 * i);
        give(sender, SND_HOLE + 4096 * i, test_memory + 4096 * i, 0);
        check(fault_of(receiver) == ((RCV_HOLE + 4096 * i) | 2));
        give(receiver, RCV_HOLE + 4096 * i, test_memory + 4096 * (i + 4), 1);
    }
    settle();
    check(snd_result == 0 && (rcv_result & L4_IPC_ERROR_MASK) == 0);
    check(memcmp(test_memory + 4 * 4096, text, 5000) == 0);
    take_back();
}

/* The buffers themselves: head, words and dopes on two pages. */
TEST(ipc_faults, missing_pages_of_both_buffers_are_asked_for)
{
    const unsigned offset = 4096 - 8 * sizeof(l4_umword_t);
    l4_umword_t w0;

    clear();
    memcpy(test_memory + offset, &out, sizeof(out));
    memcpy(test_memory + 4 * 4096 + offset, &in, sizeof(in));
    snd_buffer = (void *)(SND_HOLE + offset);
    rcv_buffer = (void *)(RCV_HOLE + offset);
    start_both();
    for (unsigned i = 0; i < 4; i++) {
        l4_threadid_t from = L4_NIL_ID;
        l4_umword_t w1;
        if (wait2(&from, &w0, &w1))
            break;
        unsigned page = w0 >> 12 & 1;
        bool sends = l4_thread_equal(from, sender);
        check((w0 & ~0x1ffful) == (sends ? SND_HOLE : RCV_HOLE));
        give(from, w0, test_memory + 4096 * (page + (sends ? 0 : 4)), 1);
    }
    settle();
    check(snd_result == 0 && (rcv_result & L4_IPC_ERROR_MASK) == 0);
    const struct message *got = (void *)(test_memory + 4 * 4096 + offset);
    check(got->word[WORDS - 1] == 4711 && got->string[0].snd_size == 5000);
    check(memcmp(room, text, 5000) == 0);
    take_back();
}

/* ---- not answered ---- */

/* The pager, we, does not listen. */
static void fail_with(l4_umword_t snd, l4_umword_t rcv)
{
    start_both();
    settle();
    check((snd_result & L4_IPC_ERROR_MASK) == snd);
    check((rcv_result & L4_IPC_ERROR_MASK) == rcv);
    helpers_stop_threads();
}

TEST(ipc_faults, fault_of_a_sender_that_times_out_is_0x90_to_it_and_0x80)
{
    clear();
    out.string[0].snd_str = SND_HOLE;
    snd_timeouts = L4_IPC_TIMEOUT(0, 0, 0, 0, 11, 0);
    fail_with(L4_IPC_SESNDPFTO, L4_IPC_RESNDPFTO);
}

TEST(ipc_faults, fault_of_a_receiver_that_times_out_is_0xa0_to_it_and_0xb0)
{
    clear();
    in.string[0].rcv_str = RCV_HOLE;
    rcv_timeouts = L4_IPC_TIMEOUT(0, 0, 0, 0, 0, 11);
    fail_with(L4_IPC_SERCVPFTO, L4_IPC_RERCVPFTO);
}

TEST(ipc_faults, either_side_limits_the_faults_of_the_other)
{
    clear();
    out.string[0].snd_str = SND_HOLE;
    rcv_timeouts = L4_IPC_TIMEOUT(0, 0, 0, 0, 0, 11);
    fail_with(L4_IPC_SESNDPFTO, L4_IPC_RESNDPFTO);
    clear();
    in.string[0].rcv_str = RCV_HOLE;
    snd_timeouts = L4_IPC_TIMEOUT(0, 0, 0, 0, 11, 0);
    fail_with(L4_IPC_SERCVPFTO, L4_IPC_RERCVPFTO);
}

TEST(ipc_faults, missing_buffers_fail_like_missing_strings)
{
    clear();
    snd_buffer = (void *)SND_HOLE;
    rcv_timeouts = L4_IPC_TIMEOUT(0, 0, 0, 0, 0, 15);
    fail_with(L4_IPC_SESNDPFTO, L4_IPC_RESNDPFTO);
    clear();
    rcv_buffer = (void *)RCV_HOLE;
    snd_timeouts = L4_IPC_TIMEOUT(0, 0, 0, 0, 15, 0);
    fail_with(L4_IPC_SERCVPFTO, L4_IPC_RERCVPFTO);
}

TEST(ipc_faults, fault_without_a_pager_fails_at_once)
{
    clear();
    out.string[0].snd_str = SND_HOLE;
    sender = start_thread_prio(send_it, 0, 2);
    receiver = start_thread_prio(receive_it, 0, 1);
    page_by(sender, L4_NIL_ID);
    settle();
    check((snd_result & L4_IPC_ERROR_MASK) == L4_IPC_SESNDPFTO);
    check((rcv_result & L4_IPC_ERROR_MASK) == L4_IPC_RESNDPFTO);
}

/* When did it end? The receiver's timeouts word is measured. */
static volatile l4_uint64_t began, ended;

static void receive_and_time(void *unused)
{
    l4_threadid_t from = sender;
    l4_umword_t words[L4_REG_WORDS] = { 0 };

    (void)unused;
    rcv_result = l4_arch_ipc(L4_IPC_NO_DESCRIPTOR, (l4_umword_t)rcv_buffer,
                             rcv_timeouts.timeout, &from, words);
    ended = now_us();
    sleep_forever();
}

static void send_and_time(void *unused)
{
    began = now_us();
    send_it(unused);
}

TEST(ipc_faults, page_fault_exponent_p_is_4_to_the_15_minus_p_microseconds)
{
    for (unsigned p = 6; p <= 15; p++) {
        l4_uint64_t time = p == 15 ? 0 : 1u << 2 * (15 - p);
        clear();
        out.string[0].snd_str = SND_HOLE;
        rcv_timeouts = L4_IPC_TIMEOUT(0, 0, 0, 0, 0, p);
        sender = start_thread_prio(send_and_time, 0, 2);
        receiver = start_thread_prio(receive_and_time, 0, 1);
        page_by(sender, l4_myself());
        ended = 0;
        l4_ipc_sleep(timeout_us((unsigned)time + MSEC(3)));
        check((rcv_result & L4_IPC_ERROR_MASK) == L4_IPC_RESNDPFTO);
        check(ended - began >= time);
        check(ended - began < time + 2500);
        helpers_stop_threads();
    }
}

/* ---- not waited for ---- */

/* A server that takes and sends short messages with timeouts "never" is not
   held up by clients whose pagers never answer. */
static void serve_shortly(void *unused)
{
    struct l4_words m = { { 0 } };
    l4_threadid_t from = L4_NIL_ID;
    l4_msgdope_t dope = l4_ipc_wait_words(&from, &m);

    (void)unused;
    for (;;) {
        if (L4_IPC_IS_ERROR(dope)) {
            rcv_result = dope.msgdope;
            dope = l4_ipc_wait_words(&from, &m);
        } else {
            m.w[0]++;
            dope = l4_ipc_words(L4_OP_REPLY_AND_WAIT, &from, &m);
        }
    }
}

static bool still_serves(void)
{
    l4_umword_t w0 = 41, w1 = 0;

    return call2(receiver, &w0, &w1) == 0 && w0 == 42;
}

TEST(ipc_faults, short_receiver_does_not_wait_for_a_senders_page)
{
    clear();
    snd_buffer = (void *)SND_HOLE;
    receiver = start_thread_prio(serve_shortly, 0, 2);
    sender = start_thread_prio(send_it, 0, 1);
    page_by(sender, l4_myself());
    settle();
    check((snd_result & L4_IPC_ERROR_MASK) == L4_IPC_SESNDPFTO);
    check((rcv_result & L4_IPC_ERROR_MASK) == L4_IPC_RESNDPFTO);
    check(still_serves());
}

static void call_into_nowhere(void *unused)
{
    l4_threadid_t to = receiver;
    l4_umword_t words[L4_REG_WORDS] = { 7 };

    (void)unused;
    snd_result = l4_arch_ipc(0, RCV_HOLE, 0, &to, words);
    got_word = words[0];
    sleep_forever();
}

TEST(ipc_faults, short_message_does_not_touch_the_receivers_buffer)
{
    clear();
    got_word = 0;
    receiver = start_thread_prio(serve_shortly, 0, 2);
    sender = start_thread_prio(call_into_nowhere, 0, 1);
    page_by(sender, l4_myself());
    settle();
    check((snd_result & L4_IPC_ERROR_MASK) == 0 && got_word == 8);
    check(still_serves());
}

TEST(ipc_faults, short_fpage_does_not_wait_for_the_receivers_buffer)
{
    l4_msgdope_t dope;

    clear();
    rcv_buffer = (void *)RCV_HOLE;
    sender = l4_myself();
    receiver = start_thread_prio(receive_it, 0, 1);
    page_by(receiver, l4_myself());
    l4_uint64_t start = now_us();
    check(l4_ipc_send(receiver, L4_IPC_SHORT_FPAGE, 0,
                      l4_fpage((l4_umword_t)test_memory, 12, 0, 0).raw,
                      L4_IPC_TIMEOUT(0, 0, 0, 0, 6, 0), &dope) ==
          L4_IPC_SERCVPFTO);
    check(now_us() - start < MSEC(100));
    settle();
    check((rcv_result & L4_IPC_ERROR_MASK) == L4_IPC_RERCVPFTO);
}

TEST(ipc_faults, error_in_the_middle_leaves_what_has_passed)
{
    clear();
    out.string[0].snd_str = (l4_umword_t)text;
    in.string[0].rcv_str = RCV_HOLE - 4096;
    rcv_timeouts = L4_IPC_TIMEOUT(0, 0, 0, 0, 0, 12);
    start_both();
    check(fault_of(receiver) == ((RCV_HOLE - 4096) | 2));
    give(receiver, RCV_HOLE - 4096, test_memory, L4_FPAGE_RW);
    settle();
    check((rcv_result & L4_IPC_ERROR_MASK) == L4_IPC_RERCVPFTO);
    check(memcmp(test_memory, text, 4096) == 0);
    check(in.word[WORDS - 1] == 4711);
    take_back();
}
