/* SPDX-License-Identifier: BSD-2-Clause */
/* What a hostile program may try: the kernel must not notice. */
#include <hickory/thread.h>

#include "ktest.h"

#define CHAIN       100
#define NOWHERE     0x30000000ul
#define CHAIN_STACK 1024

static char chain_stacks[CHAIN][CHAIN_STACK] __attribute__((aligned(4096)));
static l4_threadid_t main_id;

static l4_threadid_t lthread(unsigned n)
{
    l4_threadid_t t = l4_myself();

    t.id.lthread = n;
    return t;
}

static void set_pager(l4_threadid_t t, l4_threadid_t pager)
{
    l4_threadid_t preempter = L4_INVALID_ID;
    l4_umword_t flags, ip, sp;

    l4_thread_ex_regs(t, LEAVE, LEAVE, &preempter, &pager, &flags, &ip, &sp);
}

/* A pager that answers out of memory which is not there, and so has to ask
   its own; the last one has heard enough. */
static void answer_from_nowhere(void *argument)
{
    l4_umword_t i = (l4_umword_t)argument, words[L4_REG_WORDS] = { 0 };
    l4_threadid_t from;
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    l4_ipc_wait(&from, L4_IPC_SHORT_MSG, &w0, &w1, L4_IPC_NEVER, &dope);
    if (i == CHAIN)
        send2(main_id, 0x600d, w0);
    else
        l4_arch_ipc((NOWHERE + i * L4_PAGESIZE) | 2, L4_IPC_NO_DESCRIPTOR, 0,
                    &from, words);
    sleep_forever();
}

static void fault_down_a_chain(void *unused)
{
    (void)unused;
    for (unsigned i = 1; i <= CHAIN; i++)
        thread_create(i,
                      (struct thread_stack){ chain_stacks[i - 1],
                                             CHAIN_STACK },
                      (struct thread_work){ answer_from_nowhere,
                                            (void *)(l4_umword_t)i });
    l4_ipc_sleep(timeout_us(MSEC(50)));
    for (unsigned i = 1; i < CHAIN; i++)
        set_pager(lthread(i), lthread(i + 1));
    set_pager(l4_myself(), lthread(1));
    *(volatile char *)NOWHERE = 1;
    sleep_forever();
}

TEST(hostile, long_chain_of_pagers_that_fault_does_no_harm)
{
    l4_threadid_t from;
    l4_umword_t w0 = 0, w1 = 0;

    main_id = l4_myself();
    start_task(fault_down_a_chain, 0);
    check(wait2(&from, &w0, &w1) == 0);
    check(w0 == 0x600d);
}

/* ---- registers of a thread that faults ---- */

static void touch_nowhere(void *unused)
{
    (void)unused;
    *(volatile char *)NOWHERE = 1;
    sleep_forever();
}

/* The registers of a thread that faults, as its pager gets them. */
static void registers_of_fault(l4_threadid_t t, l4_umword_t *reg)
{
    l4_umword_t w0 = 0, w1 = 0;

    check(receive2(t, &w0, &w1) == 0 && (w0 & ~3ul) == NOWHERE);
    for (unsigned i = 0; i < L4_REG_COUNT; i++)
        reg[i] = l4_utcb()->reg[i];
}

TEST(hostile, new_stack_pointer_in_a_page_fault_spares_other_registers)
{
    l4_threadid_t t = start_thread_prio(touch_nowhere, 0, 1);
    l4_threadid_t preempter = L4_INVALID_ID, pager = L4_INVALID_ID;
    l4_umword_t flags, ip, sp, before[L4_REG_COUNT], after[L4_REG_COUNT];

    set_pager(t, l4_myself());
    l4_utcb()->wanted_fault = ~(l4_umword_t)0;
    registers_of_fault(t, before);
    l4_thread_ex_regs(t, LEAVE, LEAVE, &preempter, &pager, &flags, &ip, &sp);
    preempter = pager = L4_INVALID_ID;
    l4_thread_ex_regs(t, LEAVE, sp, &preempter, &pager, &flags, &ip, &sp);
    registers_of_fault(t, after);
    for (unsigned i = 0; i < L4_REG_COUNT; i++)
        check(before[i] == after[i]);
    l4_utcb()->wanted_fault = 0;
}

/* ---- latency ---- */

struct big {
    l4_fpage_t window;
    l4_msgdope_t size, send;
    l4_umword_t word[];
};
#define ITEMS 125000u

static struct big *big;
static volatile bool sent;

static void send_big(void *to)
{
    l4_msgdope_t dope;

    l4_ipc_send(*(l4_threadid_t *)to, (void *)((l4_umword_t)big | 2),
                big->word[0], big->word[1], L4_IPC_NEVER, &dope);
    sent = true;
    sleep_forever();
}

static void take_items(void *unused)
{
    l4_threadid_t from;
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    (void)unused;
    l4_ipc_wait(&from,
                L4_IPC_MAPMSG(0, L4_WHOLE_ADDRESS_SPACE),
                &w0, &w1, L4_IPC_NEVER, &dope);
    sleep_forever();
}

/* Longest time a more urgent sleeper overslept until `*flag`. */
static unsigned longest_gap(volatile bool *flag)
{
    l4_uint64_t worst = 0;

    for (unsigned i = 0; i < 100000 && !*flag; i++) {
        l4_uint64_t before = now_us();
        l4_ipc_sleep(timeout_us(100));
        l4_uint64_t gap = now_us() - before;
        if (gap > worst)
            worst = gap;
    }
    return (unsigned)worst;
}

static l4_threadid_t taker;

static unsigned send_items(unsigned count)
{
    big->size.msgdope = big->send.msgdope = (l4_umword_t)(2 * count) << 13;
    sent = false;
    taker = start_thread_prio(take_items, 0, 2);
    start_thread_prio(send_big, &taker, 1);
    return longest_gap(&sent);
}

TEST(hostile, message_of_many_empty_items_does_not_hold_up_interrupts)
{
    big = (struct big *)large_page();
    for (unsigned i = 0; i < ITEMS; i++) {
        big->word[2 * i] = 0;
        big->word[2 * i + 1] = 4;       /* an fpage of two bytes */
    }
    unsigned gap = send_items(ITEMS);
    check(sent && gap < 5000);
}

#define PLACE 0x80000000ul
static volatile bool unmapped;

static void unmap_chain(void *unused)
{
    (void)unused;
    l4_fpage_unmap(l4_fpage((l4_umword_t)test_memory, L4_PAGESHIFT, 0, 0),
                   L4_FP_FLUSH_PAGE);
    unmapped = true;
    sleep_forever();
}

/* Map test_memory to PLACE, that to the next page, and so on; then take it
   back. Long, but more urgent threads must not notice. */
static void map_and_unmap_chain(unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        big->word[2 * i] = PLACE + i * L4_PAGESIZE;
        big->word[2 * i + 1] =
            l4_fpage(i ? PLACE + (i - 1) * L4_PAGESIZE
                       : (l4_umword_t)test_memory,
                     L4_PAGESHIFT, L4_FPAGE_RW, L4_FPAGE_MAP).raw;
    }
    check(send_items(n) < 5000 && sent);
    unmapped = false;
    start_thread_prio(unmap_chain, 0, 1);
    check(longest_gap(&unmapped) < 5000 && unmapped);
}

TEST(hostile, chain_of_mappings_does_not_hold_up_interrupts)
{
    big = (struct big *)large_page();
    map_and_unmap_chain(2000);
    map_and_unmap_chain(32000);
}

/* ---- instructions that programs had better not use ---- */

void odd_instruction(unsigned n, l4_umword_t value);    /* arch/ARCH/odd.c */

#define ODD_INSTRUCTIONS 18

void thread_begin(void);

static volatile struct { unsigned n; l4_umword_t value; } odd;

static void be_odd(void *unused)
{
    (void)unused;
    odd_instruction(odd.n, odd.value);
    sleep_forever();
}

extern char __executable_start[], _end[];

/* Page t while it does its odd thing: what is ours, it gets; anything else is
   the end of it. */
static void page_odd(l4_threadid_t t)
{
    l4_umword_t w0 = 0, w1 = 0;
    l4_msgdope_t dope;

    while (l4_ipc_receive(t, L4_IPC_SHORT_MSG, &w0, &w1, timeout_us(300),
                          &dope) == 0) {
        l4_umword_t page = w0 & L4_PAGEMASK;
        if ((w0 & 1) || page < (l4_umword_t)__executable_start ||
            page >= (l4_umword_t)_end)
            return;
        l4_ipc_send(t, L4_IPC_SHORT_FPAGE, page,
                    l4_fpage(page, L4_PAGESHIFT, L4_FPAGE_RW, L4_FPAGE_MAP)
                        .raw, NOW, &dope);
    }
}

/* Only its own task has to live with it. */
TEST(hostile, odd_instructions_are_the_threads_own_trouble)
{
    static const l4_umword_t values[] = {
        0, 1, 2, 3, ~(l4_umword_t)0, (l4_umword_t)1 << (L4_WORD_BITS - 1),
        0x123, 0x10000, 0x30001,
    };
    l4_taskid_t number = { .raw = 300ull << 17 };
    struct thread_work *work = (void *)(chain_stacks[1] - 64);

    for (unsigned i = 0; i < ODD_INSTRUCTIONS * 9; i++) {
        odd.n = i / 9;
        odd.value = values[i % 9];
        *work = (struct thread_work){ be_odd, 0 };
        l4_threadid_t t = l4_task_new(number, 0, (l4_umword_t)work,
                                      (l4_umword_t)thread_begin, l4_myself());
        check(!l4_is_nil_id(t));
        page_odd(t);
        kill_task(t);
        l4_kdebug(L4_KDEBUG_CHECK, 0);
    }
}
