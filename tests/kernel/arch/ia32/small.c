/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Small address spaces: a program cannot tell whether it is in one, but by
 * thread_schedule. QEMU checks no segment limits; away from all small spaces it
 * finds no page, where real processors raise a protection fault.
 */
#include <hickory/pager.h>
#include <hickory/thread.h>

#include "../../cpu.h"
#include "../../device.h"
#include "../../ktest.h"

/* The tests' program and its memory end below 4 MB. */
#define FIRST       L4_SMALL_SPACE(4, 0)
#define SECOND      L4_SMALL_SPACE(4, 1)
#define COUNT_4MB   32
#define FAR_AWAY    0x30000000ul

static l4_threadid_t main_id;

/* ---- numbers ---- */

static void answer(void *unused)
{
    l4_umword_t op = L4_OP_IPC | L4_OP_RECV | L4_OP_OPEN;
    l4_threadid_t from = L4_NIL_ID;
    struct l4_words m = { { 0 } };

    (void)unused;
    for (;;) {
        l4_ipc_words(op, &from, &m);
        m.w[0]++;
        m.w[1] *= 2;
        op = L4_OP_REPLY_AND_WAIT | L4_OP_SEND_NOW;
    }
}

static bool answers(l4_threadid_t t)
{
    l4_umword_t w0 = 41, w1 = 21;

    return call2(t, &w0, &w1) == 0 && w0 == 42 && w1 == 42;
}

TEST(small, number_is_read_back_and_kept_by_0_and_255)
{
    l4_threadid_t t = start_task(answer, 0);

    check(thread_small(t) == 0);
    check(thread_set_small(t, FIRST) && thread_small(t) == FIRST);
    check(thread_set_small(t, 0) && thread_small(t) == FIRST);
    check(thread_set_small(t, 255) && thread_small(t) == FIRST);
    check(thread_set_small(t, SECOND) && thread_small(t) == SECOND);
    check(answers(t) && thread_small(t) == SECOND);
}

TEST(small, number_that_is_taken_or_too_large_is_refused_and_nothing_changes)
{
    l4_threadid_t a = start_task(answer, 0), b = start_task(answer, 0);
    int priority = thread_priority(b);
    l4_threadid_t preempter = L4_INVALID_ID, partner;
    l4_sched_param_t param = { 0 }, old;

    check(thread_set_small(a, L4_SMALL_SPACE(8, 1)));
    check(!thread_set_small(b, L4_SMALL_SPACE(8, 1)));
    check(!thread_set_small(b, L4_SMALL_SPACE(4, 3)));     /* the same place */
    check(!thread_set_small(b, L4_SMALL_SPACE(128, 0)));
    check(!thread_set_small(b, L4_SMALL_SPACE(4, COUNT_4MB)));
    check(!thread_set_small(b, L4_SMALL_SPACE(256, 0)));
    check(!thread_set_small(b, 128) && !thread_set_small(b, 254));
    param.sp.small = L4_SMALL_SPACE(8, 1);
    l4_thread_schedule(b, param, &preempter, &partner, &old);
    check(l4_is_invalid_sched_param(old) && thread_priority(b) == priority);
    check(thread_small(b) == 0 && answers(a) && answers(b));
    check(thread_set_small(b, L4_SMALL_SPACE(4, COUNT_4MB - 1)) && answers(b));
    kill_task(a);
    check(thread_set_small(b, L4_SMALL_SPACE(128, 0)) && answers(b));
}

/* ---- between spaces ---- */

static void relay(void *to)
{
    l4_threadid_t from;
    l4_umword_t w0, w1;

    wait2(&from, &w0, &w1);
    for (;;) {
        l4_msgdope_t dope;
        call2(*(l4_threadid_t *)to, &w0, &w1);
        l4_ipc_reply_and_wait(from, L4_IPC_SHORT_MSG, w0, w1, &from,
                              L4_IPC_SHORT_MSG, &w0, &w1, L4_IPC_NEVER, &dope);
    }
}

/* From us to one, another and a third, and back; in all states of them. */
TEST(small, messages_go_from_and_to_each_kind_of_space)
{
    static l4_threadid_t t[3];

    for (unsigned state = 0; state < 8; state++) {
        for (unsigned i = 0; i < 3; i++) {
            t[i] = start_task(i == 0 ? answer : relay, &t[i - (i > 0)]);
            if (state >> i & 1)
                check(thread_set_small(t[i], L4_SMALL_SPACE(4, i)));
        }
        for (unsigned i = 0; i < 3; i++)
            check(answers(t[2]) && answers(t[0]));
        for (unsigned i = 0; i < 3; i++)
            check(thread_small(t[i]) == (state >> i & 1 ? L4_SMALL_SPACE(4, i) : 0));
        for (unsigned i = 0; i < 3; i++)
            kill_task(t[i]);
    }
}

/*
 * A word at an address that each task has its own page for: a page of ours that
 * we map there. Without one the pager maps what we have there ourselves.
 */
#define PRIVATE     0x700000ul
#define SMALL(nr)   L4_SMALL_SPACE(8, nr)
#define PAGERS_OWN  99

static volatile l4_umword_t *word_at(l4_umword_t address)
{
    return (volatile l4_umword_t *)address;
}

static char *page_of_ours(unsigned n)
{
    return test_memory + n * L4_PAGESIZE;
}

/* Each time it is asked, and perhaps given a page, or a large one. */
static void tell_word(void *unused)
{
    const l4_umword_t window = l4_fpage(PRIVATE & ~(L4_SUPERPAGESIZE - 1),
                                        L4_SUPERPAGESHIFT, 0, 0).raw;
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    (void)unused;
    for (;;) {
        l4_ipc_receive(main_id, (void *)(window | 2), &w0, &w1, L4_IPC_NEVER,
                       &dope);
        send2(main_id, *word_at(PRIVATE), 0);
    }
}

static l4_umword_t told(l4_threadid_t t)
{
    l4_umword_t w0, w1;

    return receive2(t, &w0, &w1) == 0 ? w0 : 0;
}

static l4_umword_t word_of(l4_threadid_t t)
{
    send2(t, 0, 0);
    return told(t);
}

/* The same with page n of ours in its place. */
static l4_umword_t word_with_page(l4_threadid_t t, unsigned n)
{
    l4_fpage_t page = l4_fpage((l4_umword_t)page_of_ours(n), L4_PAGESHIFT,
                               L4_FPAGE_RW, L4_FPAGE_MAP);
    l4_msgdope_t dope;

    l4_ipc_send(t, L4_IPC_SHORT_FPAGE, PRIVATE, page.raw, PATIENCE, &dope);
    return told(t);
}

static void take_back(unsigned n)
{
    l4_fpage_unmap(l4_fpage((l4_umword_t)page_of_ours(n), L4_PAGESHIFT, 0, 0),
                   L4_FP_FLUSH_PAGE | L4_FP_OTHER_SPACES);
}

static void fill_pages(void)
{
    *word_at(PRIVATE) = PAGERS_OWN;
    for (unsigned i = 0; i < TEST_PAGES; i++)
        *(volatile l4_umword_t *)page_of_ours(i) = 100 + i;
}

static l4_threadid_t start_teller(unsigned number)
{
    l4_threadid_t t;

    main_id = l4_myself();
    fill_pages();
    t = start_task(tell_word, 0);
    check(thread_set_small(t, number));
    return t;
}

TEST(small, spaces_have_pages_of_their_own_at_the_same_address)
{
    l4_threadid_t a = start_teller(SMALL(0)), b = start_teller(SMALL(1));

    check(word_with_page(a, 1) == 101);
    check(word_with_page(b, 2) == 102);
    for (unsigned i = 0; i < 3; i++)
        check(word_of(a) == 101 && word_of(b) == 102);
    check(thread_small(a) == SMALL(0) && thread_small(b) == SMALL(1));
    check(*word_at(PRIVATE) == PAGERS_OWN);
}

/* Whatever root is loaded has a small space in it; ours is. */
TEST(small, page_that_is_taken_back_is_not_seen_any_more)
{
    l4_threadid_t t = start_teller(SMALL(0));

    check(word_with_page(t, 1) == 101 && word_of(t) == 101);
    take_back(1);
    check(word_of(t) == PAGERS_OWN);
    check(thread_small(t) == SMALL(0));
}

/* The only page of its four megabytes goes, and with it the page table; another
   one comes. The roots that had the old one have been loaded in between. */
TEST(small, page_table_that_went_is_not_used_any_more)
{
    l4_threadid_t t = start_teller(SMALL(0)), other = start_teller(0);

    check(word_with_page(t, 1) == 101 && word_with_page(other, 3) == 103);
    check(word_of(t) == 101);
    take_back(1);
    l4_threadid_t third = start_teller(0);  /* takes the frame, for a table */
    check(word_with_page(third, 4) == 104 && word_of(other) == 103);
    check(word_with_page(t, 2) == 102);
    check(word_of(other) == 103 && word_of(t) == 102);
    check(thread_small(t) == SMALL(0));
}

TEST(small, place_of_a_space_that_grew_or_died_holds_nothing_of_it)
{
    l4_threadid_t a = start_teller(SMALL(0)), b;

    check(word_with_page(a, 1) == 101);
    check(thread_set_small(a, SMALL(1)) && word_of(a) == 101);
    b = start_teller(SMALL(0));
    check(word_with_page(b, 2) == 102 && word_of(a) == 101);
    kill_task(b);
    b = start_teller(SMALL(0));
    check(word_of(b) == PAGERS_OWN && word_of(a) == 101);
}

/* ---- growing ---- */

static volatile l4_umword_t found;

/* The pager gives what we have there: nothing, so it gets stuck in ours. */
static void look(void *address)
{
    found = *(volatile l4_umword_t *)address;
    send2(main_id, found, 0);
    sleep_forever();
}

TEST(small, access_beyond_makes_the_space_large_and_finds_what_is_there)
{
    main_id = l4_myself();
    *word_at(PRIVATE) = PAGERS_OWN;
    l4_threadid_t t = start_task(look, (void *)PRIVATE);
    check(thread_set_small(t, FIRST) && thread_small(t) == FIRST);
    check(told(t) == PAGERS_OWN);
    check(thread_small(t) == 0);
}

TEST(small, utcb_is_found_by_growing)
{
    main_id = l4_myself();
    l4_threadid_t t = start_task(look, (void *)L4_UTCB_POINTER);
    check(thread_set_small(t, L4_SMALL_SPACE(32, 3)));
    check(told(t) >= L4_UTCB_AREA && thread_small(t) == 0);
}

static void raise_protection_fault(void *unused)
{
    (void)unused;
    __asm__ volatile("cli");
    sleep_forever();
}

/* Which may mean that something lies beyond, or what it says. */
TEST(small, protection_fault_makes_the_space_large_and_is_told)
{
    l4_threadid_t pager = L4_INVALID_ID, preempter = l4_myself();
    l4_umword_t flags, ip, sp, w0, w1;

    main_id = l4_myself();
    l4_threadid_t t = start_task((void (*)(void *))sleep_forever, 0);
    l4_ipc_sleep(timeout_us(MSEC(1)));
    check(l4_inter_task_ex_regs(t, (l4_umword_t)raise_protection_fault, LEAVE,
                                &preempter, &pager, &flags, &ip, &sp, 0) == 0);
    check(thread_set_small(t, FIRST));
    check(receive2(t, &w0, &w1) == 0 && (w0 & 1));
    check(w0 >> 4 == 13 && w1 == (l4_umword_t)raise_protection_fault);
    check(thread_small(t) == 0);
}

/* A large page has no page table that could be shared. */
TEST(small, large_page_makes_the_space_large)
{
    l4_umword_t large = large_page();
    l4_fpage_t page = l4_fpage(large, L4_SUPERPAGESHIFT, L4_FPAGE_RW,
                               L4_FPAGE_MAP);
    l4_msgdope_t dope;

    check(large != 0);
    if (!large)
        return;
    l4_threadid_t t = start_teller(SMALL(0));
    *word_at(large + PRIVATE % L4_SUPERPAGESIZE) = 7;
    l4_ipc_send(t, L4_IPC_SHORT_FPAGE, 0, page.raw, PATIENCE, &dope);
    check(told(t) == 7 && thread_small(t) == 0);
}

TEST(small, ports_make_the_space_large_and_it_cannot_be_small_with_them)
{
    check(device_open());
    check(thread_small(l4_myself()) == 0);
    check(!thread_set_small(l4_myself(), FIRST));
}

/* ---- all else ---- */

static void have_self(void *unused)
{
    static struct self mine;
    struct tls_value v = tls_value_of(&mine);
    l4_umword_t w0, w1;

    (void)unused;
    l4_thread_tls(0, v.low, v.high);
    for (;;) {
        receive2(main_id, &w0, &w1);
        send2(main_id, tls_self() == &mine && tls_is_kept(), 0);
    }
}

TEST(small, thread_local_storage_is_found_in_both_kinds)
{
    main_id = l4_myself();
    l4_threadid_t t = start_task(have_self, 0);

    check(word_of(t) == 1);
    check(thread_set_small(t, FIRST));
    check(word_of(t) == 1 && thread_small(t) == FIRST);
    check(thread_set_small(t, SECOND));
    check(word_of(t) == 1 && word_of(t) == 1 && thread_small(t) == SECOND);
}

/* Two at once, of two tasks, and time slices that end. */
static void compute(void *count)
{
    for (;;)
        ++*(volatile l4_umword_t *)count;
}

TEST(small, threads_are_interrupted_and_take_turns)
{
    static volatile l4_umword_t count[3];
    l4_threadid_t t[3];

    for (unsigned i = 0; i < 3; i++) {
        count[i] = 0;
        t[i] = start_task(compute, (void *)&count[i]);
        thread_set_priority(t[i], (unsigned)thread_priority(l4_myself()));
        check(thread_set_small(t[i], i < 2 ? L4_SMALL_SPACE(4, i) : 0));
    }
    l4_ipc_sleep(timeout_us(MSEC(100)));
    for (unsigned i = 0; i < 3; i++) {
        check(count[i] > 1000);
        check(thread_small(t[i]) == (i < 2 ? L4_SMALL_SPACE(4, i) : 0));
    }
}

static void make_thread(void *unused)
{
    static char stack[1024] __attribute__((aligned(16)));

    (void)unused;
    thread_create(1, (struct thread_stack){ stack, sizeof(stack) },
                  (struct thread_work){ answer, 0 });
    sleep_forever();
}

TEST(small, new_thread_of_a_small_space_is_in_it)
{
    l4_threadid_t t = start_task(make_thread, 0);

    check(thread_set_small(t, FIRST));
    l4_ipc_sleep(timeout_us(MSEC(1)));
    t.id.lthread = 1;
    check(answers(t) && thread_small(t) == FIRST);
}

/* ---- ways out of the fast path, which knows small spaces too ---- */

static l4_umword_t call_by_op(l4_threadid_t to)
{
    struct l4_words m = { { 1, 2 } };

    return l4_ipc_words(L4_OP_CALL, &to, &m).msgdope;
}

static void call_nobody(void *unused)
{
    l4_threadid_t nobody[2] = { l4_myself(), l4_myself() };

    (void)unused;
    nobody[0].id.version_low ^= 1;
    nobody[1].id.nest ^= 1;             /* in the other word */
    send2(main_id, call_by_op(nobody[0]), call_by_op(nobody[1]));
    sleep_forever();
}

TEST(small, missing_partner_of_a_small_space_is_reported)
{
    l4_umword_t w0, w1;

    main_id = l4_myself();
    l4_threadid_t t = start_task(call_nobody, 0);
    check(thread_set_small(t, FIRST));
    check(receive2(t, &w0, &w1) == 0 && w0 == L4_IPC_ENOT_EXISTENT &&
          w1 == L4_IPC_ENOT_EXISTENT);
    check(thread_small(t) == FIRST);
}

static void answer_plainly(void)
{
    answer(0);
}

/* As page_others() does it, by operation words. */
static void page_by_op(void *unused)
{
    l4_umword_t op = L4_OP_IPC | L4_OP_RECV | L4_OP_OPEN;
    l4_threadid_t from = L4_NIL_ID;
    struct l4_words m = { { 0 } };

    (void)unused;
    for (;;) {
        l4_ipc_words(op, &from, &m);
        m.w[0] &= L4_PAGEMASK;
        *(volatile char *)m.w[0] = *(volatile char *)m.w[0];
        m.w[1] = l4_fpage(m.w[0], L4_PAGESHIFT, L4_FPAGE_RW, L4_FPAGE_MAP).raw;
        op = L4_OP_REPLY_AND_WAIT | L4_OP_SEND_NOW | L4_OP_MAP;
    }
}

TEST(small, pager_in_a_small_space_maps_pages)
{
    l4_threadid_t pager = start_task(page_by_op, 0);

    check(thread_set_small(pager, FIRST));
    for (unsigned i = 1; i < 3; i++) {
        l4_threadid_t t = start_task_raw(pager, (l4_umword_t)answer_plainly,
                                         fresh_stack() - 64);
        check(thread_set_small(t, L4_SMALL_SPACE(4, i)));
        check(answers(t) && thread_small(t) == L4_SMALL_SPACE(4, i));
    }
    check(thread_small(pager) == FIRST);
}

/* It waits by the gate: with a buffer, or as if it had one. */
static void answer_by_gate(void *unused)
{
    l4_umword_t m[L4_REG_WORDS] = { 0 }, op = L4_IPC_NO_DESCRIPTOR;
    l4_threadid_t from = L4_NIL_ID;

    (void)unused;
    for (;;) {
        l4_arch_ipc(op, 1, 0, &from, m);
        m[0] += 10;
        op = 0;
    }
}

static void call_by_op_and_tell(void *server)
{
    struct l4_words m = { { 1 } };

    for (unsigned i = 0; i < 3; i++)
        l4_ipc_words(L4_OP_CALL, server, &m);
    send2(main_id, m.w[0], 0);
    sleep_forever();
}

TEST(small, partner_that_waits_by_the_gate_is_reached)
{
    static l4_threadid_t server;

    main_id = l4_myself();
    server = start_thread_prio(answer_by_gate, 0, 5);
    l4_ipc_sleep(timeout_us(MSEC(1)));
    l4_threadid_t t = start_task(call_by_op_and_tell, &server);
    thread_set_priority(t, 5);
    check(thread_set_small(t, FIRST));
    check(told(t) == 31 && thread_small(t) == FIRST);
}

/* ---- for whom small ones wait ---- */

static volatile bool held_back;

/* Answers when it is told to. */
static void answer_later(void *unused)
{
    l4_threadid_t from;
    l4_umword_t w0, w1;

    (void)unused;
    wait2(&from, &w0, &w1);
    while (held_back)
        l4_ipc_sleep(timeout_us(100));
    send2(from, 7, 0);
    sleep_forever();
}

static void call_twice(void *server)
{
    l4_threadid_t to = *(l4_threadid_t *)server;
    struct l4_words m = { { 0 } };

    l4_ipc_words(L4_OP_CALL, &to, &m);          /* from the first on it is parked */
    l4_umword_t first = m.w[0];
    to = *((l4_threadid_t *)server + 1);
    l4_ipc_words(L4_OP_CALL, &to, &m);
    send2(main_id, first, m.w[0]);
    sleep_forever();
}

TEST(small, caller_hears_nobody_but_its_partner)
{
    static l4_threadid_t server[2];
    l4_umword_t w0, w1;

    main_id = l4_myself();
    held_back = true;
    server[0] = start_thread(answer, 0);
    server[1] = start_thread(answer_later, 0);
    l4_threadid_t t = start_task(call_twice, server);
    check(thread_set_small(t, FIRST));
    l4_ipc_sleep(timeout_us(MSEC(2)));
    l4_msgdope_t dope;
    check(l4_ipc_send(t, L4_IPC_SHORT_MSG, 1, 2, NOW, &dope) ==
          L4_IPC_SETIMEOUT);
    held_back = false;
    check(receive2(t, &w0, &w1) == 0 && w0 == 1 && w1 == 7);
}

static void call_and_tell(void *server)
{
    call_by_op_and_tell(server);
}

/* The second client is another thread than the one that was answered last. */
TEST(small, server_that_has_answered_hears_anyone)
{
    static l4_threadid_t server;

    main_id = l4_myself();
    server = start_task(answer, 0);
    check(thread_set_small(server, FIRST));
    for (unsigned i = 0; i < 3; i++)
        check(told(start_thread(call_and_tell, &server)) == 4);
    check(thread_small(server) == FIRST);
}

/* After messages, that is, by which it came back to user mode. */
static void tell_flags(void *server)
{
    struct l4_words m = { { 1 } };
    l4_umword_t flags;

    for (unsigned i = 0; i < 3; i++)
        l4_ipc_words(L4_OP_CALL, server, &m);
    __asm__ volatile("pushfl\n\tpopl %0" : "=r"(flags));
    send2(main_id, flags, 0);
    sleep_forever();
}

TEST(small, interrupts_are_on_after_a_message)
{
    static l4_threadid_t server;

    main_id = l4_myself();
    server = start_task(answer, 0);
    l4_threadid_t t = start_task(tell_flags, &server);
    check(thread_set_small(server, FIRST) && thread_set_small(t, SECOND));
    check(told(t) & 0x200);
    check(thread_small(t) == SECOND);
}

/* A chief with a creature, which it pages; what is for that comes to it first. */
static l4_taskid_t spare;
static volatile l4_uint64_t creature;
static volatile l4_umword_t reached;

static void page_creature(l4_threadid_t from, l4_umword_t page)
{
    volatile char *p = (volatile char *)page;
    l4_msgdope_t dope;

    *p = *p;
    l4_ipc_send(from, L4_IPC_SHORT_FPAGE, page,
                l4_fpage(page, L4_PAGESHIFT, L4_FPAGE_RW, L4_FPAGE_MAP).raw,
                PATIENCE, &dope);
}

static void be_chief(void *unused)
{
    static char stack[4096] __attribute__((aligned(4096)));
    l4_threadid_t from;
    l4_umword_t w0, w1;

    (void)unused;
    receive2(main_id, &w0, &w1);
    creature = l4_task_new(spare, 255, (l4_umword_t)stack + sizeof(stack) - 64,
                           (l4_umword_t)answer_plainly, l4_myself()).raw;
    for (;;) {
        wait2(&from, &w0, &w1);
        if (from.raw == creature)
            page_creature(from, w0 & L4_PAGEMASK);
        else if (l4_thread_equal(from, main_id))
            call_by_op((l4_threadid_t){ .raw = creature });
        else
            reached = w0;
    }
}

static void call_creature(void *unused)
{
    (void)unused;
    l4_ipc_sleep(timeout_us(100));      /* a thread's first IPC is never fast */
    call_by_op((l4_threadid_t){ .raw = creature });
}

TEST(small, message_into_a_small_space_of_another_clan_reaches_the_chief)
{
    main_id = l4_myself();
    reached = 0;
    l4_threadid_t chief = start_task(be_chief, 0);
    spare = free_task_id();
    check(!l4_is_nil_id(l4_task_new(spare, (l4_umword_t)chief.raw, 0, 0,
                                    L4_NIL_ID)));
    send2(chief, 0, 0);
    l4_ipc_sleep(timeout_us(MSEC(2)));
    l4_threadid_t to = { .raw = creature };
    check(thread_set_small(to, FIRST) && thread_small(to) == FIRST);
    send2(chief, 0, 0);         /* from now on it waits as small ones do */
    l4_ipc_sleep(timeout_us(MSEC(2)));
    start_thread(call_creature, 0);
    l4_ipc_sleep(timeout_us(MSEC(2)));
    check(reached == 1 && thread_small(to) == FIRST);
}

/* ---- segments, roots and priorities after the fast path ---- */

static l4_umword_t limit_of(unsigned selector)
{
    l4_umword_t limit = 0;

    __asm__ volatile("lsll %1, %0" : "+r"(limit) : "r"(selector) : "cc");
    return limit;
}

/* A call of our own by the gate comes back by IRET, with what the descriptors
   say then. */
static void call_small_and_look(void *server)
{
    struct l4_words m = { { 1 } };
    bool flat = true;

    for (unsigned i = 0; i < 3; i++) {
        l4_ipc_words(L4_OP_CALL, server, &m);
        flat = flat && l4_thread_equal(l4_myself(), l4_myself()) &&
               limit_of(0x1b) == ~0u && limit_of(0x23) == ~0u;
    }
    send2(main_id, flat, 0);
    sleep_forever();
}

TEST(small, large_client_of_a_small_server_keeps_flat_segments)
{
    static l4_threadid_t server;

    main_id = l4_myself();
    server = start_task(answer, 0);
    check(thread_set_small(server, FIRST));
    check(told(start_task(call_small_and_look, &server)) == 1);
    check(thread_small(server) == FIRST);
}

/* A segment for thread-local storage of all four gigabytes is clipped. */
static void tell_tls_limit(void *unused)
{
    static struct self mine;
    struct tls_value v = tls_value_of(&mine);
    l4_umword_t w0, w1;

    (void)unused;
    l4_thread_tls(0, v.low | 0xffff, v.high | 0x008f0000);
    for (;;) {
        receive2(main_id, &w0, &w1);
        send2(main_id, limit_of(L4_TLS_SELECTOR(0)), tls_self() == &mine);
    }
}

TEST(small, thread_local_storage_ends_with_the_space)
{
    main_id = l4_myself();
    l4_threadid_t t = start_task(tell_tls_limit, 0);

    check(word_of(t) == ~0u);
    check(thread_set_small(t, FIRST));
    check(word_of(t) < (4u << 20) && thread_small(t) == FIRST);
}

/* By operation words from us to a small task to a large one, and back. */
static void relay_by_op(void *to)
{
    l4_umword_t op = L4_OP_IPC | L4_OP_RECV | L4_OP_OPEN;
    l4_threadid_t from = L4_NIL_ID;
    struct l4_words m = { { 0 } };

    for (;;) {
        l4_ipc_words(op, &from, &m);
        l4_threadid_t next = *(l4_threadid_t *)to;
        l4_ipc_words(L4_OP_CALL, &next, &m);
        op = L4_OP_REPLY_AND_WAIT | L4_OP_SEND_NOW;
    }
}

/* The word at PRIVATE of its own space, once it has been given a page there. */
static void answer_word(void *unused)
{
    const l4_umword_t window = l4_fpage(PRIVATE, L4_PAGESHIFT, 0, 0).raw;
    l4_umword_t op = L4_OP_IPC | L4_OP_RECV | L4_OP_OPEN, w0, w1;
    l4_threadid_t from = L4_NIL_ID;
    struct l4_words m = { { 0 } };
    l4_msgdope_t dope;

    (void)unused;
    l4_ipc_receive(main_id, (void *)(window | 2), &w0, &w1, L4_IPC_NEVER, &dope);
    send2(main_id, *word_at(PRIVATE), 0);
    for (;;) {
        l4_ipc_words(op, &from, &m);
        m.w[0] = *word_at(PRIVATE);
        op = L4_OP_REPLY_AND_WAIT | L4_OP_SEND_NOW;
    }
}

TEST(small, small_space_between_two_large_ones_passes_messages_on)
{
    static l4_threadid_t last, middle;

    main_id = l4_myself();
    fill_pages();
    last = start_task(answer_word, 0);
    check(word_with_page(last, 3) == 103);
    middle = start_task(relay_by_op, &last);
    check(thread_set_small(middle, FIRST));
    check(told(start_task(call_and_tell, &middle)) == 103);
    check(told(start_task(call_and_tell, &middle)) == 103);
    check(thread_small(middle) == FIRST);
}

/* We have the serial line's ports; a small space must not find them in our root,
   which is loaded when we call it. */
#define SCRATCH     0x3ff

static volatile bool port_was_there;

static void use_port(void *unused)
{
    l4_threadid_t from = L4_NIL_ID;
    struct l4_words m = { { 0 } };

    (void)unused;
    l4_ipc_words(L4_OP_IPC | L4_OP_RECV | L4_OP_OPEN, &from, &m);
    l4_ipc_words(L4_OP_REPLY_AND_WAIT | L4_OP_SEND_NOW, &from, &m);
    port_read(SCRATCH);
    port_was_there = true;
    sleep_forever();
}

TEST(small, ports_of_who_calls_are_not_found)
{
    check(device_open());
    port_read(SCRATCH);
    main_id = l4_myself();
    port_was_there = false;
    l4_threadid_t t = start_task(use_port, 0);
    check(thread_set_small(t, FIRST));
    call_by_op(t);
    start_thread(call_creature, 0);     /* not us: nobody answers */
    creature = t.raw;
    l4_ipc_sleep(timeout_us(MSEC(2)));
    check(!port_was_there);
}

/* An interrupt leads from a small space, or from idling after one, to a driver
   that is parked, in a large one. */
static volatile unsigned ticks;
static volatile bool no_more;

static void be_driver(void *unused)
{
    l4_threadid_t irq;
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    (void)unused;
    l4_make_taskid_from_irq(clock_irq, &irq);
    while (!no_more && l4_ipc_receive(irq, L4_IPC_SHORT_MSG, &w0, &w1,
                                      L4_IPC_NEVER, &dope) == 0) {
        ticks++;
        clock_quiet();
        clock_start();
    }
    l4_ipc_sleep(NOW);          /* detached */
    clock_quiet();
    sleep_forever();
}

static void start_driver(void)
{
    check(clock_open());
    ticks = 0;
    no_more = false;
    start_thread_prio(be_driver, 0, (unsigned)thread_priority(l4_myself()) - 1);
    l4_ipc_sleep(timeout_us(MSEC(1)));
    clock_start();
}

static void stop_driver(void)
{
    no_more = true;
    l4_ipc_sleep(timeout_us(MSEC(3)));
}

TEST(small, interrupt_in_a_small_space_reaches_a_driver_in_a_large_one)
{
    static volatile l4_umword_t count;

    start_driver();
    count = 0;
    l4_threadid_t t = start_task(compute, (void *)&count);
    thread_set_priority(t, 1);
    check(thread_set_small(t, FIRST));
    l4_ipc_sleep(timeout_us(MSEC(8)));
    check(ticks >= 3 && count > 100 && thread_small(t) == FIRST);
    stop_driver();
}

static void be_small_and_sleep(void *unused)
{
    (void)unused;
    for (;;)
        l4_ipc_sleep(timeout_us(300));
}

TEST(small, interrupt_while_idle_after_a_small_space_reaches_a_driver)
{
    start_driver();
    l4_threadid_t t = start_task(be_small_and_sleep, 0);
    thread_set_priority(t, 1);
    check(thread_set_small(t, FIRST));
    l4_ipc_sleep(timeout_us(MSEC(8)));
    check(ticks >= 3 && thread_small(t) == FIRST);
    stop_driver();
}

/* A less urgent partner has to wait for others that are ready. */
static volatile l4_umword_t order;

static void note_order(void *digit)
{
    l4_umword_t w0, w1;

    receive2(main_id, &w0, &w1);
    order = order * 10 + (l4_umword_t)digit;
    sleep_forever();
}

static void answer_and_note(void *unused)
{
    l4_threadid_t from = L4_NIL_ID;
    struct l4_words m = { { 0 } };

    (void)unused;
    l4_ipc_words(L4_OP_IPC | L4_OP_RECV | L4_OP_OPEN, &from, &m);
    order = order * 10 + 2;
    l4_ipc_words(L4_OP_REPLY_AND_WAIT | L4_OP_SEND_NOW, &from, &m);
}

static void call_after_us(void *server)
{
    l4_umword_t w0, w1;

    receive2(main_id, &w0, &w1);
    call_by_op(*(l4_threadid_t *)server);
    sleep_forever();
}

TEST(small, less_urgent_partner_does_not_run_before_others_that_are_ready)
{
    static l4_threadid_t server;
    unsigned prio = (unsigned)thread_priority(l4_myself()) - 5;

    main_id = l4_myself();
    order = 0;
    server = start_thread_prio(answer_and_note, 0, prio - 2);
    l4_threadid_t other = start_thread_prio(note_order, (void *)1, prio - 1);
    l4_threadid_t t = start_task(call_after_us, &server);
    thread_set_priority(t, prio);
    check(thread_set_small(t, FIRST));
    l4_ipc_sleep(timeout_us(MSEC(1)));
    send2(other, 0, 0);
    send2(t, 0, 0);
    l4_ipc_sleep(timeout_us(MSEC(2)));
    check(order == 12 && thread_small(t) == FIRST);
}
