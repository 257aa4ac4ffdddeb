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
    unsigned from, to;              /* of the string, likewise */
    l4_umword_t bytes, room;
} plan;

static struct {
    char out[PAGES * 4096], in[PAGES * 4096], text[PAGES * 4096],
        place[PAGES * 4096];
} memory __attribute__((aligned(4096)));

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
        result = l4_arch_ipc((l4_umword_t)memory.out + plan.out_at, 0, 0, &to,
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
        heard = l4_arch_ipc(op, (l4_umword_t)memory.in + plan.in_at + 1, 0,
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
    memset(&memory, 0, sizeof(memory));
    char *out = buffer(memory.out, plan.out_at, plan.out_size, plan.words,
                       plan.strings);
    char *in = buffer(memory.in, plan.in_at, plan.in_size, 0, 1);
    l4_umword_t sent[4] = { plan.bytes, (l4_umword_t)memory.text + plan.from },
        room[4] = { 0, 0, plan.room, (l4_umword_t)memory.place + plan.to };

    for (unsigned i = 0; i < plan.words; i++) {
        l4_umword_t w = 100 + i;
        memcpy(out + i * sizeof(w), &w, sizeof(w));
    }
    memcpy(out + plan.out_size * sizeof(sent[0]), sent, sizeof(sent));
    memcpy(in + plan.in_size * sizeof(room[0]), room, sizeof(room));
    for (unsigned i = 0; i < sizeof(memory.text); i++)
        memory.text[i] = (char)(i * 7 + i / 251);
}

static bool words_are_there(void)
{
    const char *in = memory.in + plan.in_at + 3 * sizeof(l4_umword_t);

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
    for (unsigned i = 0; i < sizeof(memory.place); i++) {
        bool in = plan.strings && i >= plan.to && i - plan.to < bytes;
        if (memory.place[i] != (in ? memory.text[plan.from + i - plan.to] : 0))
            return false;
    }
    return true;
}

static void settle(void)
{
    l4_ipc_sleep(timeout_us(MSEC(2)));
}

static void start_both(void)
{
    director = l4_myself();
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
    .words = L4_REG_WORDS, .strings = 1, .bytes = 4096, .room = 4096
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

TEST(message_fast, m7_words_of_all_numbers_arrive)
{
    begin();
    plan.strings = 0;
    plan.out_size = plan.in_size = MOST_WORDS;
    for (plan.words = 0; plan.words <= MOST_WORDS; plan.words += 7)
        expect(0, 0);
    plan.words = 63;
    expect(0, 0);
    plan.words = 64;
    expect(0, 0);
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
    plan.from = 0;
    plan.to = 4096 - 4;
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

/* ---- who it goes to ---- */

/* Of the words of an id: the one that random scenes do not change. */
TEST(message_fast, m3_every_part_of_the_id_counts)
{
    l4_umword_t m[L4_REG_WORDS] = { 0 };

    begin();
    lay_out();
    for (unsigned i = 0; i < 2; i++) {
        l4_threadid_t to = partner;
        if (i == 0)
            to.id.nest ^= 1;
        else
            to.id.version_low ^= 1;
        l4_umword_t dope = l4_arch_ipc((l4_umword_t)memory.out + plan.out_at, 0,
                                       0, &to, m);
        check((dope & L4_IPC_ERROR_MASK) == L4_IPC_ENOT_EXISTENT);
    }
    expect(0, 4096);
}

/* It was called by operation word, and waits so. */
static void answer_by_gate(void *unused)
{
    l4_umword_t m[L4_REG_WORDS] = { 0 };
    l4_threadid_t from = L4_NIL_ID;

    (void)unused;
    l4_arch_ipc(L4_IPC_NO_DESCRIPTOR, (l4_umword_t)memory.in + 1, 0, &from, m);
    for (;;) {
        m[0] += 5;
        l4_arch_ipc(0, (l4_umword_t)memory.in + 1, 0, &from, m);
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

static void take_all_plainly(void)
{
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
        else
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
    send2(caller, 0, 0);
    settle();
    check(reached == 100);
}
