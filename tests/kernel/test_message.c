/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages in memory: words beyond the registers, strings, faults in them. */
#include <hickory/string.h>
#include <hickory/thread.h>

#include "ktest.h"

#define WORDS   40
#define STRINGS 4

struct message {
    l4_fpage_t window;
    l4_msgdope_t size, send;
    l4_umword_t word[WORDS];
    l4_strdope_t string[STRINGS];
};

static l4_threadid_t main_id;
static struct message out, in;          /* the partner's, and ours */
static char text[3 * 4096], room[3 * 4096];
static volatile int send_result;
static volatile bool done;
static l4_timeout_t send_timeouts;
static l4_umword_t send_bits;   /* of the descriptor: 2 = map items first */

static void clear(void)
{
    memset(&out, 0, sizeof(out));
    memset(&in, 0, sizeof(in));
    out.size = in.size = L4_IPC_DOPE(WORDS, STRINGS);
    for (unsigned i = 0; i < sizeof(text); i++)
        text[i] = (char)(i * 7 + i / 256);
    memset(room, 0, sizeof(room));
    main_id = l4_myself();
    done = false;
    send_bits = 0;
    send_result = -1;
}


/* The partner: sends `out` to main. */
static void send_out(void *unused)
{
    l4_msgdope_t dope;

    (void)unused;
    send_result = l4_ipc_send(main_id,
                              (void *)((l4_umword_t)&out | send_bits),
                              out.word[0], out.word[1], send_timeouts, &dope);
    done = true;
    sleep_forever();
}

static l4_threadid_t start_sender(bool own_task)
{
    send_timeouts = PATIENCE;
    return own_task ? start_task(send_out, 0) : start_thread(send_out, 0);
}

/* Receive into `in`; the dope of the result. */
static l4_msgdope_t receive_in(l4_threadid_t from)
{
    l4_msgdope_t dope;

    l4_ipc_receive(from, &in, &in.word[0], &in.word[1], PATIENCE, &dope);
    return dope;
}

static void send_words(unsigned count, bool own_task)
{
    clear();
    for (unsigned i = 0; i < count; i++)
        out.word[i] = 0x100 + i;
    out.send = L4_IPC_DOPE(count, 0);
    l4_msgdope_t dope = receive_in(start_sender(own_task));
    check(L4_IPC_ERROR(dope) == 0 && dope.md.dwords == count);
    for (unsigned i = 0; i < WORDS; i++)
        check(in.word[i] == (i < count ? 0x100 + i : 0));
}

TEST(message, words_beyond_the_registers_arrive)
{
    send_words(WORDS, false);
    send_words(L4_REG_WORDS + 1, false);
}

TEST(message, words_arrive_from_another_task)
{
    send_words(WORDS, true);
    send_words(3, true);
}

TEST(message, more_words_than_the_buffer_holds_are_cut)
{
    clear();
    for (unsigned i = 0; i < WORDS; i++)
        out.word[i] = i + 1;
    out.send = L4_IPC_DOPE(WORDS, 0);
    in.size = L4_IPC_DOPE(20, 0);
    l4_msgdope_t dope = receive_in(start_sender(true));
    check(L4_IPC_ERROR(dope) == L4_IPC_REMSGCUT);
    check(in.word[19] == 20 && in.word[20] == 0);
    l4_ipc_sleep(timeout_us(MSEC(1)));
    check(send_result == L4_IPC_SEMSGCUT);
}

static void add_string(unsigned i, const char *from, l4_umword_t size)
{
    out.string[i].snd_str = (l4_umword_t)from;
    out.string[i].snd_size = size;
}

static void add_room(unsigned i, char *to, l4_umword_t size)
{
    in.string[i].rcv_str = (l4_umword_t)to;
    in.string[i].rcv_size = size;
}

static bool same(const char *a, const char *b, unsigned long n)
{
    return memcmp(a, b, n) == 0;
}

TEST(message, string_crosses_pages_at_any_offset)
{
    static const unsigned offsets[] = { 0, 1, 3, 4090, 2048 };

    for (unsigned i = 0; i < 5; i++) {
        clear();
        out.send = L4_IPC_DOPE(2, 1);
        add_string(0, text + offsets[i], 5000);
        add_room(0, room + offsets[4 - i], 8000);
        l4_msgdope_t dope = receive_in(start_sender(i & 1));
        check(L4_IPC_ERROR(dope) == 0 && dope.md.strings == 1);
        check(same(room + offsets[4 - i], text + offsets[i], 5000));
        check(room[offsets[4 - i] + 5000] == 0);
        check(in.string[0].snd_size == 5000);
        check(in.string[0].snd_str == (l4_umword_t)room + offsets[4 - i]);
    }
}

TEST(message, several_strings_and_words_come_in_one_message)
{
    clear();
    out.send = L4_IPC_DOPE(12, 3);
    for (unsigned i = 0; i < 12; i++)
        out.word[i] = i;
    add_string(0, text, 10);
    add_string(1, text + 100, 5000);
    add_string(2, text + 7000, 1);
    add_room(0, room, 10);
    add_room(1, room + 10, 5000);
    add_room(2, room + 6000, 100);
    l4_msgdope_t dope = receive_in(start_sender(true));
    check(L4_IPC_ERROR(dope) == 0 && dope.md.strings == 3);
    check(dope.md.dwords == 12 && in.word[11] == 11);
    check(same(room, text, 10) && same(room + 10, text + 100, 5000));
    check(room[6000] == text[7000] && in.string[2].snd_size == 1);
}

TEST(message, string_is_gathered_from_parts)
{
    clear();
    out.send = L4_IPC_DOPE(2, 3);
    add_string(0, text, 100 | L4_IPC_STRING_CONTINUES);
    add_string(1, text + 5000, 50);
    add_string(2, text + 200, 7);
    add_room(0, room, 1000);
    add_room(1, room + 1000, 1000);
    l4_msgdope_t dope = receive_in(start_sender(true));
    check(L4_IPC_ERROR(dope) == 0 && dope.md.strings == 2);
    check(same(room, text, 100) && same(room + 100, text + 5000, 50));
    check(in.string[0].snd_size == 150);
    check(same(room + 1000, text + 200, 7) && in.string[1].snd_size == 7);
}

TEST(message, string_is_scattered_over_parts)
{
    clear();
    out.send = L4_IPC_DOPE(2, 2);
    add_string(0, text, 100);
    add_string(1, text + 300, 5);
    add_room(0, room, 30 | L4_IPC_STRING_CONTINUES);
    add_room(1, room + 500, 50 | L4_IPC_STRING_CONTINUES);
    add_room(2, room + 1000, 500);
    add_room(3, room + 2000, 500);
    l4_msgdope_t dope = receive_in(start_sender(true));
    check(L4_IPC_ERROR(dope) == 0 && dope.md.strings == 4);
    check(same(room, text, 30) && same(room + 500, text + 30, 50));
    check(same(room + 1000, text + 80, 20) && in.string[2].snd_size == 20);
    check(same(room + 2000, text + 300, 5));
}

TEST(message, string_longer_than_its_room_is_cut)
{
    clear();
    out.send = L4_IPC_DOPE(2, 1);
    add_string(0, text, 600);
    add_room(0, room, 500);
    l4_msgdope_t dope = receive_in(start_sender(false));
    check(L4_IPC_ERROR(dope) == L4_IPC_REMSGCUT);
    check(same(room, text, 500) && room[500] == 0);
}

TEST(message, more_strings_than_rooms_are_cut)
{
    clear();
    out.send = L4_IPC_DOPE(2, 2);
    in.size = L4_IPC_DOPE(WORDS, 1);
    add_string(0, text, 6);
    add_string(1, text, 6);
    add_room(0, room, 500);
    check(L4_IPC_ERROR(receive_in(start_sender(true))) == L4_IPC_REMSGCUT);
    check(same(room, text, 6));
}

TEST(message, odd_sizes_and_addresses_cut_the_message)
{
    static const l4_umword_t sizes[] = { 0x400001, 0x7fffffff, 100, 100 };
    static const l4_umword_t places[] = { 0, 0, ~(l4_umword_t)0 - 50,
                                          (l4_umword_t)1 << (L4_WORD_BITS - 1) };

    for (unsigned i = 0; i < 4; i++) {
        clear();
        out.send = L4_IPC_DOPE(2, 1);
        add_string(0, i < 2 ? text : (char *)places[i], sizes[i]);
        add_room(0, room, 500);
        if (i == 3 && L4_WORD_BITS == 32)
            continue;   /* an ordinary address there, nobody's but a pager's */
        check(L4_IPC_ERROR(receive_in(start_sender(true))) ==
              L4_IPC_REMSGCUT);
    }
}

/* ---- faults ---- */

/* Main pages these by itself: the sender's pager is main while it sends. */
static l4_threadid_t paged_sender(void)
{
    l4_threadid_t t = start_thread_prio(send_out, 0, 1);
    l4_threadid_t preempter = L4_INVALID_ID, pager = l4_myself();
    l4_umword_t flags, ip, sp;

    l4_thread_ex_regs(t, LEAVE, LEAVE, &preempter, &pager, &flags, &ip, &sp);
    return t;
}

static void receive_in_thread(void *unused)
{
    (void)unused;
    l4_msgdope_t dope;
    l4_ipc_receive(*(l4_threadid_t *)room, &in, &in.word[0], &in.word[1],
                   PATIENCE, &dope);
    send_result = (int)dope.msgdope;
    done = true;
    sleep_forever();
}

/* An address of ours where nothing is mapped. */
#define HOLE ((l4_umword_t)0x35000000)

TEST(message, missing_page_of_a_sender_is_asked_for_and_the_copy_goes_on)
{
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    clear();
    out.send = L4_IPC_DOPE(2, 1);
    add_string(0, (char *)HOLE + 8, 100);
    add_room(0, test_memory + 4096, 500);
    memcpy(test_memory + 8, text, 100);
    send_timeouts = PATIENCE;
    l4_threadid_t sender = paged_sender();
    *(l4_threadid_t *)room = sender;
    l4_threadid_t receiver = start_thread(receive_in_thread, 0);
    main_id = receiver;
    check(receive2(sender, &w0, &w1) == 0);
    check(w0 == HOLE + 8);
    check(!done);
    /* 1:1 is not what we want here: give our page for the hole. */
    l4_ipc_send(sender, L4_IPC_SHORT_FPAGE, HOLE,
                l4_fpage((l4_umword_t)test_memory, L4_PAGESHIFT, L4_FPAGE_RO,
                         L4_FPAGE_MAP).raw, PATIENCE, &dope);
    l4_ipc_sleep(timeout_us(MSEC(2)));
    check(done && same(test_memory + 4096, text, 100));
    l4_fpage_unmap(l4_fpage(HOLE, L4_PAGESHIFT, 0, 0),
                   L4_FP_FLUSH_PAGE | L4_FP_ALL_SPACES);
}

TEST(message, fault_that_is_not_answered_in_time_fails_both_sides)
{
    clear();
    out.send = L4_IPC_DOPE(2, 1);
    add_string(0, (char *)HOLE, 100);
    add_room(0, room, 500);
    /* The pager (main) does not listen; 4^(15 - 9) us = 4 ms. */
    send_timeouts = L4_IPC_TIMEOUT(0, 0, 0, 0, 9, 0);
    l4_uint64_t start = now_us();
    check(L4_IPC_ERROR(receive_in(paged_sender())) == L4_IPC_RESNDPFTO);
    check(now_us() - start >= 4096);
    l4_ipc_sleep(timeout_us(MSEC(1)));
    check(send_result == L4_IPC_SESNDPFTO);
}

TEST(message, page_fault_timeout_of_zero_fails_at_the_first_missing_page)
{
    clear();
    out.send = L4_IPC_DOPE(2, 1);
    add_string(0, (char *)HOLE, 100);
    add_room(0, room, 500);
    send_timeouts = L4_IPC_TIMEOUT(0, 0, 0, 0, 15, 0);
    check(L4_IPC_ERROR(receive_in(paged_sender())) == L4_IPC_RESNDPFTO);
}

TEST(message, ex_regs_in_the_middle_aborts_both_sides)
{
    l4_threadid_t preempter = L4_INVALID_ID, pager = L4_INVALID_ID;
    l4_umword_t flags, ip, sp, w0, w1;

    clear();
    out.send = L4_IPC_DOPE(2, 1);
    add_string(0, (char *)HOLE, 100);
    add_room(0, room + 64, 500);
    send_timeouts = L4_IPC_NEVER;
    l4_threadid_t sender = paged_sender();
    *(l4_threadid_t *)room = sender;
    l4_threadid_t receiver = start_thread(receive_in_thread, 0);
    main_id = receiver;
    check(receive2(sender, &w0, &w1) == 0 && w0 == HOLE);
    check(!done);
    l4_thread_ex_regs(sender, LEAVE, LEAVE, &preempter, &pager, &flags, &ip,
                      &sp);
    l4_thread_ex_regs(sender, (l4_umword_t)sleep_forever, LEAVE, &preempter,
                      &pager, &flags, &ip, &sp);
    l4_ipc_sleep(timeout_us(MSEC(2)));
    check(done && (send_result & L4_IPC_ERROR_MASK) == L4_IPC_REABORTED);
}

TEST(message, map_items_come_with_words_and_strings)
{
    clear();
    out.send = L4_IPC_DOPE(12, 1);
    out.word[0] = 0x2000;
    out.word[1] = l4_fpage((l4_umword_t)test_memory, L4_PAGESHIFT,
                           L4_FPAGE_RW, L4_FPAGE_MAP).raw;
    out.word[2] = 0x5000;
    out.word[3] = l4_fpage((l4_umword_t)test_memory + 4096, L4_PAGESHIFT,
                           L4_FPAGE_RO, L4_FPAGE_MAP).raw;
    out.word[11] = 77;
    add_string(0, text, 20);
    add_room(0, room, 20);
    in.window = l4_fpage(0x36000000, 16, L4_FPAGE_RW, 0);
    send_bits = 2;
    test_memory[5] = 11;
    test_memory[4096 + 5] = 22;
    l4_msgdope_t dope = receive_in(start_sender(false));
    check(L4_IPC_ERROR(dope) == 0 && in.word[11] == 77);
    check(l4_ipc_fpage_received(dope) && same(room, text, 20));
    check(*(volatile char *)0x36002005 == 11);
    check(*(volatile char *)0x36005005 == 22);
    l4_fpage_unmap(l4_fpage(0x36000000, 16, 0, 0),
                   L4_FP_FLUSH_PAGE | L4_FP_ALL_SPACES);
}
