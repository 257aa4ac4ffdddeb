/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Strings in any number, gathered from any parts and scattered over any
 * others; map and grant items with them; every way to be cut short.
 */
#include <hickory/string.h>

#include "ktest.h"

#define WORDS       40
#define STRINGS     31
#define CONTINUES   L4_IPC_STRING_CONTINUES

struct message {
    l4_fpage_t window;
    l4_msgdope_t size, send;
    l4_umword_t word[WORDS];
    l4_strdope_t string[STRINGS];
};

static l4_threadid_t main_id;
static struct message out, in;
static char text[4 * 4096], room[4 * 4096];
static volatile int send_result;
static const void *send_buffer;         /* with the bits of a descriptor */

static void clear(void)
{
    memset(&out, 0, sizeof(out));
    memset(&in, 0, sizeof(in));
    out.size = in.size = L4_IPC_DOPE(WORDS, STRINGS);
    for (unsigned i = 0; i < sizeof(text); i++)
        text[i] = (char)(i * 7 + i / 251);
    memset(room, 0, sizeof(room));
    main_id = l4_myself();
    send_result = -1;
    send_buffer = &out;
}

/* The parts of a string, on one side: sizes, ended by a negative number; the
   text is one piece, each part begins where the last one ended. */
static unsigned lay_out(l4_strdope_t *dope, bool sends, const int *sizes,
                        char *memory)
{
    unsigned n = 0;

    for (; sizes[n] >= 0; n++, memory += sizes[n - 1]) {
        l4_umword_t size = (l4_umword_t)sizes[n] |
                           (sizes[n + 1] >= 0 ? CONTINUES : 0);
        if (sends) {
            dope[n].snd_str = (l4_umword_t)memory;
            dope[n].snd_size = size;
        } else {
            dope[n].rcv_str = (l4_umword_t)memory;
            dope[n].rcv_size = size;
        }
    }
    return n;
}

/* By the bare call: the function would itself look into a bad buffer. */
static int send_message(void)
{
    l4_threadid_t to = main_id;
    l4_umword_t words[L4_REG_WORDS];

    memcpy(words, out.word, sizeof(words));
    return L4_IPC_ERROR((l4_msgdope_t){ .msgdope = l4_arch_ipc(
        (l4_umword_t)send_buffer, L4_IPC_NO_DESCRIPTOR, PATIENCE.timeout, &to,
        words) });
}

static void send_it(void *unused)
{
    (void)unused;
    send_result = send_message();
    sleep_forever();
}

static l4_msgdope_t receive_into(void *descriptor, bool from_task)
{
    l4_msgdope_t dope;

    l4_ipc_receive(from_task ? start_task(send_it, 0)
                             : start_thread(send_it, 0),
                   descriptor, &in.word[0], &in.word[1], PATIENCE, &dope);
    l4_ipc_sleep(timeout_us(MSEC(2)));
    return dope;
}

TEST(strings, thirty_one_strings_come_in_one_message)
{
    clear();
    out.send = L4_IPC_DOPE(WORDS, STRINGS);
    out.word[WORDS - 1] = 99;
    for (unsigned i = 0; i < STRINGS; i++) {
        out.string[i].snd_str = (l4_umword_t)text + 300 * i;
        out.string[i].snd_size = 13 * i;
        in.string[i].rcv_str = (l4_umword_t)room + 450 * i;
        in.string[i].rcv_size = 450;
    }
    l4_msgdope_t dope = receive_into(&in, true);
    check(L4_IPC_ERROR(dope) == 0 && dope.md.strings == STRINGS);
    check(dope.md.dwords == WORDS && in.word[WORDS - 1] == 99);
    for (unsigned i = 0; i < STRINGS; i++) {
        check(in.string[i].snd_size == 13 * i);
        check(memcmp(room + 450 * i, text + 300 * i, 13 * i) == 0);
        check(room[450 * i + 13 * i] == 0);
    }
    check(send_result == 0);
}

/* Every pair of these, so that the ends of parts meet in all ways. */
static const int parts[][STRINGS + 1] = {
    { 6000, -1 },
    { 1, 5999, -1 },
    { 0, 3000, 0, 3000, 0, -1 },
    { 4095, 1, 1, 1903, -1 },
    { 1000, 1000, 1000, 1000, 1000, 1000, -1 },
    { 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200,
      200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200,
      200, 100, 100, -1 },
};
#define LAYOUTS (sizeof(parts) / sizeof(parts[0]))

TEST(strings, any_parts_of_a_sender_fit_any_of_a_receiver)
{
    for (unsigned i = 0; i < LAYOUTS * LAYOUTS; i++) {
        clear();
        unsigned n = lay_out(out.string, true, parts[i % LAYOUTS], text + i);
        lay_out(in.string, false, parts[i / LAYOUTS], room + 77);
        out.send = L4_IPC_DOPE(2, n);
        l4_msgdope_t dope = receive_into(&in, false);
        check(L4_IPC_ERROR(dope) == 0 && send_result == 0);
        check(memcmp(room + 77, text + i, 6000) == 0);
        check(room[76] == 0 && room[77 + 6000] == 0);
        helpers_stop_threads();
    }
}

/* Calls main with `out`, and notes what comes back in `out` as well. */
static volatile l4_umword_t reply_dope;

static void call_with_strings(void *unused)
{
    l4_msgdope_t dope;

    (void)unused;
    send_result = l4_ipc_call(main_id, &out, 1, 2, &out, &out.word[0],
                              &out.word[1], PATIENCE, &dope);
    reply_dope = dope.msgdope;
    sleep_forever();
}

TEST(strings, call_has_strings_both_ways)
{
    l4_threadid_t from;
    l4_msgdope_t dope;

    clear();
    reply_dope = ~(l4_umword_t)0;
    out.send = L4_IPC_DOPE(2, 1);
    out.string[0] = (l4_strdope_t){ 500, (l4_umword_t)text, 700,
                                    (l4_umword_t)room + 8000 };
    in.string[0] = (l4_strdope_t){ 0, 0, 1000, (l4_umword_t)room };
    in.send = L4_IPC_DOPE(2, 1);
    start_thread(call_with_strings, 0);
    check(l4_ipc_wait(&from, &in, &in.word[0], &in.word[1], PATIENCE,
                      &dope) == 0);
    /* The buffer names what came as what to send: back as it is. */
    check(l4_ipc_send(from, &in, 3, 4, PATIENCE, &dope) == 0);
    l4_ipc_sleep(timeout_us(MSEC(2)));
    check(reply_dope == (2 << 13 | 1 << 8) && send_result == 0);
    check(memcmp(room, text, 500) == 0);
    check(memcmp(room + 8000, text, 500) == 0 && room[8500] == 0);
    check(out.string[0].snd_size == 500);
}

TEST(strings, parts_of_a_room_that_are_not_needed_stay_untouched)
{
    static const int send[] = { 100, -1 }, rooms[] = { 60, 60, 60, 60, -1 };

    clear();
    lay_out(out.string, true, send, text);
    lay_out(in.string, false, rooms, room);
    out.send = L4_IPC_DOPE(2, 1);
    in.string[3].snd_size = 12345;
    l4_msgdope_t dope = receive_into(&in, false);
    check(L4_IPC_ERROR(dope) == 0 && dope.md.strings == 4);
    check(in.string[0].snd_size == 60 && in.string[1].snd_size == 40);
    check(in.string[2].snd_size == 0 && in.string[3].snd_size == 0);
    check(room[100] == 0);
}

TEST(strings, words_that_are_not_sent_leave_the_buffer_as_it_is)
{
    clear();
    for (unsigned i = 0; i < WORDS; i++) {
        out.word[i] = 100 + i;
        in.word[i] = 55;
    }
    out.send = L4_IPC_DOPE(L4_REG_WORDS + 2, 0);
    check(L4_IPC_ERROR(receive_into(&in, false)) == 0);
    for (unsigned i = L4_REG_WORDS; i < WORDS; i++)
        check(in.word[i] == (i < L4_REG_WORDS + 2 ? 100 + i : 55));
}

/* ---- the longest ---- */

#define LONG_FROM   0x38000000ul
#define LONG_TO     0x3a000000ul
#define LONG        0x400000ul      /* 4 MB */

/* One thread maps our pages to us again, at another place, to fill 4 MB. */
static void fill_with_text(void *unused)
{
    l4_umword_t pages = (l4_umword_t)test_memory;
    l4_msgdope_t dope;

    (void)unused;
    for (l4_umword_t at = 0; at < LONG; at += TEST_PAGES / 2 * L4_PAGESIZE)
        for (unsigned i = 0; i < TEST_PAGES / 2; i++) {
            l4_umword_t page = pages + i * L4_PAGESIZE;
            l4_ipc_send(main_id, L4_IPC_SHORT_FPAGE,
                        LONG_FROM + at + i * L4_PAGESIZE,
                        l4_fpage(page, 12, L4_FPAGE_RW, 0).raw, PATIENCE,
                        &dope);
            l4_ipc_send(main_id, L4_IPC_SHORT_FPAGE,
                        LONG_TO + at + i * L4_PAGESIZE,
                        l4_fpage(page + TEST_PAGES / 2 * L4_PAGESIZE, 12,
                                 L4_FPAGE_RW, 0).raw, PATIENCE, &dope);
        }
    l4_ipc_send(main_id, L4_IPC_SHORT_MSG, 0, 0, PATIENCE, &dope);
    sleep_forever();
}

static void unmap_long(l4_umword_t at)
{
    l4_fpage_unmap(l4_fpage(at, 22, 0, 0),
                   L4_FP_FLUSH_PAGE | L4_FP_ALL_SPACES);
}

TEST(strings, string_of_four_megabytes_arrives)
{
    const unsigned half = TEST_PAGES / 2 * 4096;
    l4_msgdope_t dope;
    l4_umword_t w0 = 0, w1 = 0;

    clear();
    for (unsigned i = 0; i < half; i++)
        test_memory[i] = (char)(i * 3 + i / 255);
    memset(test_memory + half, 0, half);
    l4_threadid_t mapper = start_thread(fill_with_text, 0);
    do
        l4_ipc_receive(mapper, L4_IPC_MAPMSG(0, L4_WHOLE_ADDRESS_SPACE), &w0,
                       &w1, PATIENCE, &dope);
    while (l4_ipc_fpage_received(dope));
    out.send = L4_IPC_DOPE(2, 1);
    out.string[0].snd_str = LONG_FROM;
    out.string[0].snd_size = LONG;
    in.string[0].rcv_str = LONG_TO;
    in.string[0].rcv_size = LONG;
    check(L4_IPC_ERROR(receive_into(&in, false)) == 0);
    check(in.string[0].snd_size == LONG);
    check(memcmp(test_memory, test_memory + half, half) == 0);
    unmap_long(LONG_FROM);
    unmap_long(LONG_TO);
}

/* ---- map and grant items ---- */

#define PLACE   0x36000000ul
#define ITEMS   6

/* What the sender grants it must have; its memory is its own. */
static char granted[ITEMS][4096] __attribute__((aligned(4096)));

static l4_umword_t item(unsigned i, unsigned grant)
{
    return l4_fpage((l4_umword_t)granted[i], L4_PAGESHIFT, L4_FPAGE_RW,
                    grant).raw;
}

static void give_items(unsigned grant)
{
    clear();
    for (unsigned i = 0; i < ITEMS; i++) {
        granted[i][9] = (char)(40 + i);
        out.word[2 * i] = 0x1000 * (2 * i);
        out.word[2 * i + 1] = item(i, i & 1 ? grant : 0);
    }
    out.word[30] = 30;              /* behind the nil fpage of word 13 */
    out.send = L4_IPC_DOPE(31, 2);
    out.string[0].snd_str = (l4_umword_t)text;
    out.string[0].snd_size = 5000;
    out.string[1].snd_str = (l4_umword_t)text + 9;
    out.string[1].snd_size = 9;
    in.string[0].rcv_str = (l4_umword_t)room;
    in.string[1].rcv_str = (l4_umword_t)room + 6000;
    in.string[0].rcv_size = in.string[1].rcv_size = 6000;
    in.window = l4_fpage(PLACE, 16, L4_FPAGE_RW, 0);
    send_buffer = (void *)((l4_umword_t)&out | 2);
}

static void take_back(void)
{
    l4_fpage_unmap(l4_fpage(PLACE, 16, 0, 0),
                   L4_FP_FLUSH_PAGE | L4_FP_ALL_SPACES);
}

/* In a task of its own: has the pages, sends, and touches them again. */
static volatile bool touched_again;

static void send_pages(void *unused)
{
    (void)unused;
    for (unsigned i = 0; i < ITEMS; i++)
        *(volatile char *)&granted[i][9] = (char)(40 + i);
    send_result = send_message();
    for (unsigned i = 0; i < ITEMS; i++)
        *(volatile char *)&granted[i][10] = 1;
    touched_again = true;
    sleep_forever();
}

static l4_msgdope_t receive_pages(l4_threadid_t from)
{
    l4_msgdope_t dope;

    touched_again = false;
    l4_ipc_receive(from, &in, &in.word[0], &in.word[1], PATIENCE, &dope);
    check(L4_IPC_ERROR(dope) == 0 && l4_ipc_fpage_received(dope));
    return dope;
}

static bool has_page(unsigned i)
{
    return ((volatile char *)PLACE)[0x2000 * i + 9] == 40 + (int)i;
}

TEST(strings, map_and_grant_items_come_with_words_and_strings)
{
    give_items(L4_FPAGE_GRANT);
    l4_msgdope_t dope = receive_pages(start_task(send_pages, 0));
    check(dope.md.dwords == 31 && dope.md.strings == 2);
    check(in.word[30] == 30 && in.word[1] == item(0, 0));
    check(memcmp(room, text, 5000) == 0 && room[6008] == text[17]);
    for (unsigned i = 0; i < ITEMS; i++)
        check(has_page(i));
    take_back();
}

/* The sender's pages hang on ours; what it granted hangs on ours directly, and
   so is not its any more: it stays when the sender goes. */
TEST(strings, only_what_is_granted_leaves_the_sender)
{
    give_items(L4_FPAGE_GRANT);
    l4_threadid_t t = start_task(send_pages, 0);
    receive_pages(t);
    l4_ipc_sleep(timeout_us(MSEC(5)));
    check(touched_again && send_result == 0);
    kill_task(t);
    for (unsigned i = 1; i < ITEMS; i += 2)
        check(has_page(i));
    take_back();
}

/* ---- cut ---- */

static const struct cut {
    const char *how;
    unsigned words, strings, size;  /* to send; the string's size */
    unsigned room_words, rooms, room_size;
    bool registers_only;            /* the receiver has no buffer */
    l4_umword_t odd_sender, odd_receiver;   /* added to the addresses */
    l4_umword_t string_at;
} cuts[] = {
    { "words", WORDS, 0, 0, WORDS - 1, 0, 0, false, 0, 0, 0 },
    { "strings", 2, 3, 5, WORDS, 2, 5, false, 0, 0, 0 },
    { "a string", 2, 1, 6, WORDS, 1, 5, false, 0, 0, 0 },
    { "words, no buffer", L4_REG_WORDS + 1, 0, 0, 0, 0, 0, true, 0, 0, 0 },
    { "a string, no buffer", 2, 1, 1, 0, 0, 0, true, 0, 0, 0 },
    { "more than 4 MB", 2, 1, 0x400001, WORDS, 1, 0x7fffffff, false, 0, 0,
      0 },
#if L4_WORD_BITS == 64  /* of 32-bit ones the low bits are the descriptor's */
    { "crooked buffer", 2, 0, 0, WORDS, 0, 0, false, 4, 0, 0 },
    { "crooked room", 2, 0, 0, WORDS, 0, 0, false, 0, 4, 0 },
#endif
    { "buffer in the kernel", 2, 0, 0, WORDS, 0, 0, false,
      (l4_umword_t)-0x10000, 0, 0 },
    { "room in the kernel", 2, 0, 0, WORDS, 0, 0, false, 0,
      (l4_umword_t)-0x10000, 0 },
    { "string in the kernel", 2, 1, 6, WORDS, 1, 6, false, 0, 0,
      (l4_umword_t)-0x10000 },
};

static void prepare_cut(const struct cut *c)
{
    clear();
    out.send = L4_IPC_DOPE(c->words, c->strings);
    in.size = L4_IPC_DOPE(c->room_words, c->rooms);
    /* The string dopes follow the words of the size dope. */
    l4_strdope_t *rooms = (l4_strdope_t *)&in.word[c->room_words];
    for (unsigned i = 0; i < 3; i++) {
        out.string[i].snd_str = c->string_at ? c->string_at
                                             : (l4_umword_t)text;
        out.string[i].snd_size = c->size;
    }
    for (unsigned i = 0; i < c->rooms; i++) {
        rooms[i].rcv_str = (l4_umword_t)room;
        rooms[i].rcv_size = c->room_size;
    }
}

/* A large odd value is an address by itself. */
static l4_umword_t displaced(void *buffer, l4_umword_t odd)
{
    return odd > 0x1000 ? odd : (l4_umword_t)buffer + odd;
}

TEST(strings, every_cut_is_told_to_both_sides)
{
    for (unsigned i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
        const struct cut *c = &cuts[i];
        prepare_cut(c);
        send_buffer = (void *)displaced(&out, c->odd_sender);
        l4_threadid_t t = start_thread(send_it, 0);
        struct l4_words m = { { 0 } };
        l4_msgdope_t dope = { .msgdope = l4_arch_ipc(
            L4_IPC_NO_DESCRIPTOR,
            c->registers_only ? 0 : displaced(&in, c->odd_receiver),
            PATIENCE.timeout, &t, m.w) };
        l4_ipc_sleep(timeout_us(MSEC(1)));
        ktest_check(L4_IPC_ERROR(dope) == L4_IPC_REMSGCUT, c->how, __FILE__,
                    __LINE__);
        ktest_check(send_result == L4_IPC_SEMSGCUT, c->how, __FILE__,
                    __LINE__);
        helpers_stop_threads();
    }
}

TEST(strings, map_items_for_a_receiver_without_a_window_cut_both)
{
    give_items(L4_FPAGE_MAP);
    in.window = (l4_fpage_t){ .raw = 0 };
    l4_msgdope_t dope = receive_into(&in, true);
    check(L4_IPC_ERROR(dope) == L4_IPC_REMSGCUT);
    check(!l4_ipc_fpage_received(dope) && send_result == L4_IPC_SEMSGCUT);
}
