/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages in memory, one way out of the fast path at a time: whatever a buffer
 * looks like, what arrives is what the API says. Each is sent three times, since
 * the kernel remembers where memory is.
 */
#include <hickory/string.h>
#include <hickory/thread.h>

#include "ktest.h"

#define PAGES       3
#define MOST_WORDS  80

/* What is sent and where to; sizes in bytes, strings of them. */
static struct plan {
    unsigned out_at, in_at;         /* of the buffers in their pages */
    unsigned out_size, in_size;     /* words there is room for */
    unsigned words;                 /* ... to be sent */
    unsigned strings;               /* 0 or 1 */
    unsigned rooms;                 /* for strings, likewise */
    unsigned from, to;              /* of the string, likewise */
    l4_umword_t bytes, room;
} plan;

/*
 * All of it is seen at other addresses, where no page is followed by the one that
 * follows it in memory: what runs over the end of one hits another. Colours of
 * caches (mips64) are the same at both.
 */
#define SEEN_AT     0x36000000ul
#define ALL_PAGES   (4 * PAGES)
#define AREA        (PAGES * L4_PAGESIZE)

static char frames[ALL_PAGES * L4_PAGESIZE] __attribute__((aligned(16384)));

static struct memory {
    char out[AREA], in[AREA], text[AREA], place[AREA];
} *const seen = (struct memory *)SEEN_AT;

static char *frame(unsigned page)
{
    return frames + page * 5 % ALL_PAGES * L4_PAGESIZE;
}

static l4_threadid_t director, caller, partner;
static volatile l4_umword_t result, heard;

/* ---- the two ---- */

static void call_on_request(void *unused)
{
    l4_umword_t m[L4_REG_WORDS] = { 0 }, w0, w1;

    (void)unused;
    for (;;) {
        receive2(director, &w0, &w1);
        l4_threadid_t to = partner;
        m[0] = 100;
        m[1] = 101;
        result = l4_arch_ipc((l4_umword_t)seen->out + plan.out_at, 0, 0, &to,
                             m);
    }
}

/* A caller whose message was cut does not wait for an answer. */
static void take_all(void *unused)
{
    l4_umword_t m[L4_REG_WORDS] = { 0 }, op = L4_IPC_NO_DESCRIPTOR;
    l4_threadid_t from = L4_NIL_ID;

    (void)unused;
    for (;;) {
        heard = l4_arch_ipc(op, (l4_umword_t)seen->in + plan.in_at + 1, 0,
                            &from, m);
        op = heard & L4_IPC_ERROR_MASK ? L4_IPC_NO_DESCRIPTOR : 0;
        if (!op && (m[0] != 100 || m[1] != 101))
            heard = ~(l4_umword_t)0;
    }
}

static void *buffer(char *area, unsigned at, unsigned size, unsigned words,
                    unsigned strings)
{
    l4_umword_t head[3] = { 0, L4_IPC_DOPE(size, strings).msgdope,
                            L4_IPC_DOPE(words, strings).msgdope };

    memcpy(area + at, head, sizeof(head));
    return area + at + sizeof(head);
}

static void lay_out(void)
{
    memset(seen, 0, sizeof(*seen));
    char *out = buffer(seen->out, plan.out_at, plan.out_size, plan.words,
                       plan.strings);
    char *in = buffer(seen->in, plan.in_at, plan.in_size, 0, plan.rooms);
    l4_umword_t sent[4] = { plan.bytes, (l4_umword_t)seen->text + plan.from },
        room[4] = { 0, 0, plan.room, (l4_umword_t)seen->place + plan.to };

    for (unsigned i = 0; i < plan.words; i++) {
        l4_umword_t w = 100 + i;
        memcpy(out + i * sizeof(w), &w, sizeof(w));
    }
    memcpy(out + plan.out_size * sizeof(sent[0]), sent, sizeof(sent));
    memcpy(in + plan.in_size * sizeof(room[0]), room, sizeof(room));
    for (unsigned i = 0; i < sizeof(seen->text); i++)
        seen->text[i] = (char)(i * 7 + i / 251);
}

static bool words_are_there(void)
{
    const char *in = seen->in + plan.in_at + 3 * sizeof(l4_umword_t);

    for (unsigned i = L4_REG_WORDS; i < plan.in_size; i++) {
        l4_umword_t w, right = i < plan.words ? 100 + i : 0;
        memcpy(&w, in + i * sizeof(w), sizeof(w));
        if (w != right)
            return false;
    }
    return true;
}

/* Just so many bytes, and none beside them. */
static bool string_is_there(l4_umword_t bytes)
{
    for (unsigned i = 0; i < sizeof(seen->place); i++) {
        bool in = plan.strings && i >= plan.to && i - plan.to < bytes;
        if (seen->place[i] != (in ? seen->text[plan.from + i - plan.to] : 0))
            return false;
    }
    return true;
}

static void settle(void)
{
    l4_ipc_sleep(timeout_us(MSEC(2)));
}

/* ---- the pages ---- */

static void touch_all(void *unused)
{
    (void)unused;
    for (unsigned i = 0; i < ALL_PAGES; i++)
        *(volatile char *)(SEEN_AT + i * L4_PAGESIZE) = 0;
    sleep_forever();
}

static void map_page(l4_threadid_t to, unsigned page, unsigned write)
{
    l4_msgdope_t dope;

    l4_ipc_send(to, L4_IPC_SHORT_FPAGE, SEEN_AT + page * L4_PAGESIZE,
                l4_fpage((l4_umword_t)frame(page), L4_PAGESHIFT, write,
                         L4_FPAGE_MAP).raw, PATIENCE, &dope);
}

static void map_all(void)
{
    static bool mapped;
    l4_umword_t w0, w1;

    if (mapped)
        return;
    l4_threadid_t t = start_thread(touch_all, 0), self = l4_myself();
    page_by(t, self);
    for (unsigned i = 0; i < ALL_PAGES; i++) {
        check(receive2(t, &w0, &w1) == 0);
        map_page(t, i, L4_FPAGE_RW);
    }
    mapped = true;
}

/* From now on the page can only be read. */
static void make_read_only(const void *at)
{
    unsigned page = (unsigned)(((l4_umword_t)at - SEEN_AT) / L4_PAGESIZE);

    l4_fpage_unmap(l4_fpage((l4_umword_t)frame(page), L4_PAGESHIFT, 0, 0),
                   L4_FP_REMAP_PAGE | L4_FP_OTHER_SPACES);
}

static void start_both(void)
{
    director = l4_myself();
    map_all();
    partner = start_thread_prio(take_all, 0, 3);
    caller = start_thread_prio(call_on_request, 0, 3);
    settle();
}

/* The plan three times: this error, and so much of the string. */
static void expect(l4_umword_t error, l4_umword_t bytes)
{
    for (unsigned i = 0; i < 3; i++) {
        lay_out();
        result = heard = 1;
        send2(caller, 0, 0);
        settle();
        check((result & L4_IPC_ERROR_MASK) == error);
        check((heard & L4_IPC_ERROR_MASK) == (error ? L4_IPC_REMSGCUT : 0));
        check(heard >> 13 == (plan.words < plan.in_size ? plan.words
                                                         : plan.in_size));
        check(words_are_there() && string_is_there(bytes));
    }
}

static const struct plan usual = {
    .out_at = 64, .in_at = 128, .out_size = 20, .in_size = 24,
    .words = L4_REG_WORDS, .strings = 1, .rooms = 1, .bytes = 4096, .room = 4096
};

static void begin(void)
{
    plan = usual;
    start_both();
}

TEST(message_fast, string_of_a_page_arrives_again_and_again)
{
    begin();
    expect(0, 4096);
    plan.bytes = 64;
    plan.to = 1024;
    expect(0, 64);
    plan.bytes = 0;
    expect(0, 0);
}

static void send_words_of_all_numbers(void)
{
    for (plan.words = 0; plan.words <= MOST_WORDS; plan.words += 7)
        expect(0, 0);
    plan.words = 63;
    expect(0, 0);
    plan.words = 64;
    expect(0, 0);
}

TEST(message_fast, m7_words_of_all_numbers_arrive)
{
    begin();
    plan.strings = 0;
    plan.out_size = plan.in_size = MOST_WORDS;
    send_words_of_all_numbers();
}

/* The 63 words just end with the page, and more do not. */
TEST(message_fast, m7_words_may_go_on_in_the_next_page_on_both_sides)
{
    const unsigned last = L4_PAGESIZE - 66 * sizeof(l4_umword_t);

    begin();
    plan.strings = 0;
    plan.out_size = plan.in_size = MOST_WORDS;
    plan.out_at = last - sizeof(l4_umword_t);
    send_words_of_all_numbers();
    plan.out_at = last;
    send_words_of_all_numbers();
    plan.out_at = 64;
    plan.in_at = last - 2 * sizeof(l4_umword_t);
    send_words_of_all_numbers();
    plan.in_at = last;
    send_words_of_all_numbers();
}

TEST(message_fast, m7_string_comes_with_more_words_than_registers_hold)
{
    begin();
    plan.words = L4_REG_WORDS + 3;
    expect(0, 4096);
    plan.words = 1;
    expect(0, 4096);
}

TEST(message_fast, m7_string_dopes_may_be_far_from_the_head)
{
    begin();
    plan.out_size = MOST_WORDS;
    expect(0, 4096);
    plan.out_size = 20;
    plan.in_size = MOST_WORDS;
    expect(0, 4096);
    plan.in_size = 60;
    expect(0, 4096);
    plan.in_size = 20;
    plan.out_size = 60;
    expect(0, 4096);
}

TEST(message_fast, m7_string_that_is_longer_than_its_room_is_cut)
{
    begin();
    plan.room = 256;
    expect(L4_IPC_SEMSGCUT, 256);
}

TEST(message_fast, m7_string_for_which_there_is_no_room_is_cut)
{
    begin();
    expect(0, 4096);
    plan.rooms = 0;
    expect(L4_IPC_SEMSGCUT, 0);
}

TEST(message_fast, m7_room_that_is_larger_than_strings_can_be_cuts_the_message)
{
    begin();
    plan.room = (l4_umword_t)5 << 20;
    expect(L4_IPC_SEMSGCUT, 0);
}

TEST(message_fast, m7_string_may_go_on_in_the_next_page_on_both_sides)
{
    begin();
    plan.bytes = plan.room = 2048;
    plan.from = 4096 - 1024;
    expect(0, 2048);
    plan.from = 4096 - 1000;            /* no blocks of words on either side */
    expect(0, 2048);
    plan.from = 4096 - 128;             /* two of them */
    expect(0, 2048);
    plan.from = 0;
    plan.to = 4096 - 8;
    expect(0, 2048);
    plan.to = 64;
    plan.from = 2 * 4096;               /* a page that was not used before */
    expect(0, 2048);
    plan.to = 4096 - 2048;              /* just not */
    plan.from = 2048;
    expect(0, 2048);
}

TEST(message_fast, m7_string_may_begin_and_end_at_any_byte)
{
    begin();
    plan.bytes = 1001;
    expect(0, 1001);
    plan.bytes = 1000;
    plan.from = 3;
    expect(0, 1000);
    plan.from = 0;
    plan.to = 1;
    expect(0, 1000);
}

/* What can be read has been found before: by the sender's strings. */
TEST(message_fast, m7_place_that_can_only_be_read_is_not_written_to)
{
    l4_threadid_t self = l4_myself();
    l4_umword_t w0, w1;

    begin();
    expect(0, 4096);
    page_by(partner, self);
    lay_out();
    make_read_only(seen->place);
    send2(caller, 0, 0);
    check(receive2(partner, &w0, &w1) == 0);
    check((w0 & L4_PAGEMASK) == (l4_umword_t)seen->place);
    check(string_is_there(0));
    map_page(partner, 3 * PAGES, L4_FPAGE_RW);
    settle();
    check(string_is_there(4096));
    expect(0, 4096);
}

TEST(message_fast, m7_buffer_that_can_only_be_read_is_not_written_to)
{
    l4_threadid_t self = l4_myself();
    l4_umword_t w0, w1;

    begin();
    plan.strings = 0;
    plan.words = L4_REG_WORDS + 5;
    expect(0, 0);
    page_by(partner, self);
    lay_out();
    make_read_only(seen->in);
    send2(caller, 0, 0);
    check(receive2(partner, &w0, &w1) == 0);
    check((w0 & L4_PAGEMASK) == (l4_umword_t)seen->in);
    check(!words_are_there());
    map_page(partner, PAGES, L4_FPAGE_RW);
    settle();
    check(words_are_there());
    expect(0, 0);
}

/* ---- for how long ---- */

static l4_threadid_t silent;

static void take_and_be_silent(void *unused)
{
    l4_umword_t m[L4_REG_WORDS] = { 0 };
    l4_threadid_t from = L4_NIL_ID;

    (void)unused;
    for (;;)
        l4_arch_ipc(L4_IPC_NO_DESCRIPTOR, (l4_umword_t)seen->in + 1, 0, &from,
                    m);
}

static l4_umword_t send_to_silent(l4_umword_t rcv, l4_umword_t times)
{
    l4_umword_t m[L4_REG_WORDS] = { 0 };
    l4_threadid_t to = silent;

    return l4_arch_ipc((l4_umword_t)seen->out, rcv, times, &to, m) &
           L4_IPC_ERROR_MASK;
}

static void send_in_vain(void *unused)
{
    l4_timeout_t soon = L4_IPC_TIMEOUT(0, 0, 100, 14, 0, 0);

    (void)unused;
    l4_ipc_sleep(timeout_us(100));
    for (unsigned i = 0; i < 3; i++) {
        result = 1;
        l4_umword_t error = send_to_silent(0, soon.timeout);
        result = error == L4_IPC_RETIMEOUT ? 2 : 3;
        if (send_to_silent(L4_IPC_NO_DESCRIPTOR, 0) == 0 && result == 2)
            heard++;
    }
    sleep_forever();
}

/* One that waits with a buffer, and never answers. */
TEST(message_fast, m1_call_with_a_time_ends_and_a_send_alone_goes_on)
{
    begin();
    plan.out_at = plan.in_at = 0;
    plan.strings = 0;
    lay_out();
    silent = start_thread_prio(take_and_be_silent, 0, 3);
    settle();
    heard = 0;
    start_thread_prio(send_in_vain, 0, 3);
    settle();
    settle();
    check(heard == 3);
}

/* ---- who it goes to ---- */

/* The caller's partner is another then: what it hears. */
static l4_umword_t error_of_call(l4_threadid_t to)
{
    l4_threadid_t usual = partner;

    lay_out();
    result = 1;
    partner = to;
    send2(caller, 0, 0);
    settle();
    partner = usual;
    return result & L4_IPC_ERROR_MASK;
}

TEST(message_fast, m3_every_part_of_the_id_counts)
{
    begin();
    expect(0, 4096);
    l4_threadid_t to = partner;
    to.id.nest ^= 1;
    check(error_of_call(to) == L4_IPC_ENOT_EXISTENT);
    to = partner;
    to.id.version_low ^= 1;
    check(error_of_call(to) == L4_IPC_ENOT_EXISTENT);
    expect(0, 4096);
}

static l4_threadid_t chosen;

static void take_from_chosen(void *unused)
{
    l4_umword_t m[L4_REG_WORDS] = { 0 };

    (void)unused;
    l4_arch_ipc(L4_IPC_NO_DESCRIPTOR, (l4_umword_t)seen->in + plan.in_at, 0,
                &chosen, m);
    heard = 77;
    take_all(0);
}

/* ... until that has been heard. */
TEST(message_fast, m4_partner_that_waits_for_another_hears_us_later)
{
    begin();
    expect(0, 4096);
    chosen = director;
    partner = start_thread_prio(take_from_chosen, 0, 3);
    settle();
    lay_out();
    heard = result = 1;
    send2(caller, 0, 0);
    settle();
    check(heard == 1 && result == 1);
    send2(partner, 0, 0);
    settle();
    check((heard & L4_IPC_ERROR_MASK) == 0 && result == 0);
    check(string_is_there(4096));
}

/* It is parked in registers after a wait with a buffer. */
static void take_and_call(void *to)
{
    l4_umword_t m[L4_REG_WORDS] = { 0 };
    l4_threadid_t from = L4_NIL_ID, other = *(l4_threadid_t *)to;
    struct l4_words w = { { 0 } };

    l4_arch_ipc(L4_IPC_NO_DESCRIPTOR, (l4_umword_t)seen->in + plan.in_at + 1, 0,
                &from, m);
    m[0] = 100;
    l4_arch_ipc(0, (l4_umword_t)seen->in + plan.in_at + 1, 0, &from, m);
    m[0] = 100;
    l4_arch_ipc(0, L4_IPC_NO_DESCRIPTOR, 0, &from, m);
    l4_ipc_words(L4_OP_CALL, &other, &w);
    take_all(0);
}

TEST(message_fast, m4_partner_that_calls_another_hears_us_later)
{
    begin();
    silent = start_thread_prio((void (*)(void *))sleep_forever, 0, 3);
    partner = start_thread_prio(take_and_call, &director, 3);
    settle();
    for (unsigned i = 0; i < 2; i++) {
        lay_out();
        result = 1;
        send2(caller, 0, 0);
        settle();
        check(result == 0);
    }
    lay_out();
    result = heard = 1;
    send2(caller, 0, 0);
    settle();
    check(heard == 1 && result == 1 && string_is_there(0));
    l4_threadid_t t = partner;
    struct l4_words m = { { 0 } };
    check(!L4_IPC_IS_ERROR(l4_ipc_words(L4_OP_RECV, &t, &m)));
    send2(t, 0, 0);
    settle();
    check(result == 0 && string_is_there(4096));
}

/* Who waits for anyone does not wait for whom it answered last. */
static void call_and_sleep(void *unused)
{
    l4_umword_t m[L4_REG_WORDS] = { 100, 101 };
    l4_threadid_t to = partner;

    (void)unused;
    for (unsigned i = 0; i < 2; i++)
        l4_arch_ipc((l4_umword_t)seen->out + plan.out_at, 0, 0, &to, m);
    sleep_forever();
}

TEST(message_fast, partner_that_waits_for_anyone_outlives_its_last_client)
{
    begin();
    expect(0, 4096);
    lay_out();
    l4_threadid_t t = start_task(call_and_sleep, 0);
    thread_set_priority(t, 3);
    settle();
    check((heard & L4_IPC_ERROR_MASK) == 0);
    heard = 55;
    kill_task(t);
    settle();
    check(heard == 55);
    expect(0, 4096);
}

/* It was called by operation word, and waits so. */
static void answer_by_gate(void *unused)
{
    l4_umword_t m[L4_REG_WORDS] = { 0 };
    l4_threadid_t from = L4_NIL_ID;

    (void)unused;
    l4_arch_ipc(L4_IPC_NO_DESCRIPTOR, (l4_umword_t)seen->in + 1, 0, &from, m);
    for (;;) {
        m[0] += 5;
        l4_arch_ipc(0, (l4_umword_t)seen->in + 1, 0, &from, m);
    }
}

static void call_by_op(void *unused)
{
    l4_threadid_t to = partner;
    struct l4_words m = { { 37 } };

    (void)unused;
    for (unsigned i = 0; i < 3; i++)
        l4_ipc_words(L4_OP_CALL, &to, &m);
    result = m.w[0];
    sleep_forever();
}

TEST(message_fast, m7_answer_by_the_gate_reaches_a_call_by_operation_word)
{
    begin();
    lay_out();
    partner = start_thread_prio(answer_by_gate, 0, 3);
    settle();
    result = 0;
    start_thread_prio(call_by_op, 0, 3);
    settle();
    check(result == 52);
}

/* ---- clans: a chief with a creature, which it pages ---- */

static l4_taskid_t spare;
static volatile l4_uint64_t creature;
static volatile l4_umword_t reached;
static char creature_stack[4096] __attribute__((aligned(4096)));

static void page_creature(l4_threadid_t from, l4_umword_t page)
{
    volatile char *p = (volatile char *)page;
    l4_msgdope_t dope;

    *p = *p;
    l4_ipc_send(from, L4_IPC_SHORT_FPAGE, page,
                l4_fpage(page, L4_PAGESHIFT, L4_FPAGE_RW, L4_FPAGE_MAP).raw,
                PATIENCE, &dope);
}

/* Its chief does not page it while it calls it: all that is needed comes before. */
static void take_all_plainly(void)
{
    *(volatile char *)(seen->in + plan.in_at) = 0;
    heard = 1;
    take_all(0);
}

static void be_chief(void *unused)
{
    l4_threadid_t from;
    l4_umword_t w0, w1;

    (void)unused;
    receive2(director, &w0, &w1);
    creature = l4_task_new(spare, 255, (l4_umword_t)creature_stack +
                                           sizeof(creature_stack) - 64,
                           (l4_umword_t)take_all_plainly, l4_myself()).raw;
    for (;;) {
        wait2(&from, &w0, &w1);
        if (from.raw == creature)
            page_creature(from, w0 & L4_PAGEMASK);
        else if (from.raw == director.raw)
            break;
        else
            reached = w0;
    }
    for (unsigned i = 0; i < 3; i++) {
        l4_umword_t m[L4_REG_WORDS] = { 100, 101 };
        l4_threadid_t to = { .raw = creature };
        l4_arch_ipc((l4_umword_t)seen->out + plan.out_at, 0, 0, &to, m);
    }
    for (;;) {
        wait2(&from, &w0, &w1);
        if (from.raw != creature)
            reached = w0;
    }
}

TEST(message_fast, m6_message_for_another_clan_reaches_its_chief)
{
    begin();
    lay_out();
    reached = 0;
    l4_threadid_t chief = start_task(be_chief, 0);
    spare = free_task_id();
    check(!l4_is_nil_id(l4_task_new(spare, (l4_umword_t)chief.raw, 0, 0,
                                    L4_NIL_ID)));
    send2(chief, 0, 0);
    settle();
    partner.raw = creature;
    plan.strings = 0;
    lay_out();
    for (unsigned i = 0; i < 2; i++) {
        send2(caller, 0, 0);
        settle();
        check(reached == 100);
        reached = 0;
        caller = start_thread_prio(call_on_request, 0, 3);
        settle();
        if (i == 0)
            send2(chief, 0, 0);     /* it calls its creature, and hears the answer */
        settle();
    }
}
