/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What traps cost: page faults, exceptions and system calls of a foreign
 * thread, each from the instruction that traps, by way of a handler in
 * another task, to the next instruction.
 *
 * The handler is this program; who traps is a task that it makes, its
 * creature, which shares all its memory. The creature asks what to do next;
 * the answer is the number of a case, whose loop it runs, and the handler goes
 * on with the loop that belongs to it, until the creature asks again.
 */
#include <stdio.h>

#include <l4/sys/ipc.h>
#include <l4/sys/syscalls.h>

#include <hickory/mark.h>
#include <hickory/protocol.h>
#include <hickory/root.h>
#include <hickory/thread.h>

#include "cases.h"

#define WHAT_NEXT       3       /* word 0: no fault, no exception */
#define ANSWER          (L4_OP_REPLY_AND_WAIT | L4_OP_SEND_NOW)
#define ANSWER_MAP      (ANSWER | L4_OP_MAP)
#define IS_EXCEPTION(w) (((w) & 15) == 5)
#define FOREIGN         (0x101ul << 4 | 5)
#define INVALID_CALL    (13ul << 4 | 5)     /* ia32: int 0x80 */
#define LEAVE           (~(l4_umword_t)0)

/* Every register of the frame, without thread-local storage. */
#define WHOLE_FRAME     (((l4_umword_t)1 << L4_REG_TLS) - 1)

/* Where pages are mapped: whole tables of page tables lie in it. */
#define WINDOW          0x20000000ul
#define TABLE_SIZE      (2ul << 20)     /* the smallest of all targets */
#define TABLES          8u

enum job { JOB_CHIEF, JOB_FAULT, JOB_EXCEPTION, JOB_FOREIGN };

/* From the linker: the program, its data, its end. */
extern char __executable_start[], __init_array_start[], end[];

static l4_threadid_t chief, creature;
static char creature_stack[4096] __attribute__((aligned(16)));
static char page[L4_PAGESIZE] __attribute__((aligned(L4_PAGESIZE)));

/* ---- the creature ---- */

/* A page that has not been touched yet, in each round. */
LOOP touch_pages(void)
{
    static l4_addr_t next = WINDOW;
    l4_addr_t address = next;

    for (unsigned i = run.rounds; i > 0; i--) {
        address += L4_PAGESIZE;
        if (!(address & (TABLE_SIZE - 1)))
            address += L4_PAGESIZE;
        (void)*(volatile char *)address;
    }
    next = address;
}

/* The tables are there before that: one page in each is. */
static void touch_tables(void)
{
    for (unsigned i = 0; i < TABLES; i++)
        (void)*(volatile char *)(WINDOW + i * TABLE_SIZE);
}

LOOP trap(void)
{
    for (unsigned i = run.rounds; i > 0; i--)
        ARCH_TRAP();
}

LOOP call_foreign(void)
{
    for (unsigned i = run.rounds; i > 0; i--)
        ARCH_LINUX_CALL();
}

/* A foreign thread cannot ask what next. */
LOOP say_enough(void)
{
    ARCH_TRAP();
}

static void work(enum job job)
{
    switch (job) {
    case JOB_CHIEF:
        run.partner = chief;
        RUN_LOOP(call_short, SPAN_CHIEF);
        break;
    case JOB_FAULT:
        touch_tables();
        RUN_LOOP(touch_pages, SPAN_FAULT);
        break;
    case JOB_EXCEPTION:
        RUN_LOOP(trap, SPAN_EXCEPTION);
        break;
    case JOB_FOREIGN:
        RUN_LOOP(call_foreign, SPAN_FOREIGN);
        say_enough();
        break;
    }
}

/* All that is shared, data to write, so that no other faults come later. */
static void touch_program(void)
{
    volatile char *p = __executable_start;

    for (; p < __init_array_start; p += L4_PAGESIZE)
        (void)*p;
    for (; p < end; p += L4_PAGESIZE)
        *p = *p;
}

static void creature_main(void)
{
    touch_program();
    use_tls();
    for (;;) {
        struct l4_words m = { { WHAT_NEXT } };
        l4_ipc_call_words(chief, &m);
        work((enum job)m.w[0]);
    }
}

/* ---- the handler: one loop for each case ---- */

/* Until the creature asks what next: give it what it touches, the program's
   own memory one to one. */
static void give_memory(void)
{
    l4_threadid_t from = L4_NIL_ID;
    struct l4_words m;

    l4_ipc_wait_words(&from, &m);
    while (IS_FAULT(m.w[0])) {
        l4_addr_t address = l4_trunc_page(FAULT_ADDRESS(m.w[0]));
        bool write = FAULT_WRITE(m.w[0]);
        volatile char *at = (volatile char *)address;
        char first = *at;
        if (write)
            *at = first;        /* we can only pass on what we have */
        m.w[1] = l4_fpage(address, L4_PAGESHIFT,
                          write ? L4_FPAGE_RW : L4_FPAGE_RO, L4_FPAGE_MAP).raw;
        l4_ipc_words(ANSWER_MAP, &from, &m);
    }
}

LOOP answer_calls(enum job job)
{
    l4_threadid_t partner = creature;
    struct l4_words m = { { job } };

    do {
        l4_ipc_words(ANSWER, &partner, &m);
    } while (m.w[0] != WHAT_NEXT);
}

LOOP answer_faults(enum job job)
{
    const l4_umword_t fpage =
        l4_fpage((l4_addr_t)page, L4_PAGESHIFT, L4_FPAGE_RW,
                 L4_FPAGE_MAP).raw;
    l4_threadid_t partner = creature;
    struct l4_words m = { { job } };

    page[0] = 1;
    l4_ipc_words(ANSWER, &partner, &m);
    while (IS_FAULT(m.w[0])) {
        m.w[1] = fpage;         /* at the address that word 0 still has */
        l4_ipc_words(ANSWER_MAP, &partner, &m);
    }
}

LOOP answer_exceptions(enum job job)
{
    l4_threadid_t partner = creature;
    struct l4_words m = { { job } };
    l4_utcb_t *utcb = l4_utcb();

    utcb->wanted_exception = WHOLE_FRAME;
    l4_ipc_words(ANSWER, &partner, &m);
    while (IS_EXCEPTION(m.w[0])) {
        utcb->reg[L4_REG_IP] += ARCH_TRAP_BYTES;
        utcb->changed = WHOLE_FRAME;
        l4_ipc_words(ANSWER, &partner, &m);
    }
    utcb->wanted_exception = 0;
}

static void set_foreign(l4_umword_t flag)
{
    l4_threadid_t excepter = L4_INVALID_ID, pager = L4_INVALID_ID;
    l4_umword_t flags, ip, sp;

    if (l4_inter_task_ex_regs(creature, LEAVE, LEAVE, &excepter, &pager,
                              &flags, &ip, &sp, flag | L4_EX_NO_CANCEL))
        run.failed = true;
}

/* As Linux would: eight registers, and one with the result goes back. */
LOOP answer_foreign(enum job job)
{
    const l4_umword_t result = (l4_umword_t)1 << ARCH_LINUX_RESULT |
                               (ARCH_LINUX_SKIP ? (l4_umword_t)1 << L4_REG_IP
                                                : 0);
    l4_threadid_t partner = creature;
    struct l4_words m = { { job } };
    l4_utcb_t *utcb = l4_utcb();

    utcb->wanted_exception = ARCH_LINUX_WANTED;
    l4_ipc_words(ANSWER, &partner, &m);
    while (m.w[0] == (ARCH_LINUX_SKIP ? INVALID_CALL : FOREIGN)) {
        utcb->reg[ARCH_LINUX_RESULT] = 0;
        if (ARCH_LINUX_SKIP)
            utcb->reg[L4_REG_IP] += ARCH_LINUX_SKIP;
        utcb->changed = result;
        l4_ipc_words(ANSWER, &partner, &m);
    }
    run.failed = run.failed || !IS_EXCEPTION(m.w[0]);
    set_foreign(L4_EX_NATIVE);
    utcb->reg[L4_REG_IP] += ARCH_TRAP_BYTES;
    utcb->changed = (l4_umword_t)1 << L4_REG_IP;
    l4_ipc_words(ANSWER, &partner, &m);
    utcb->wanted_exception = 0;
}

/* ---- all of them ---- */

static bool make_creature(void)
{
    l4_umword_t sp = (l4_umword_t)creature_stack + sizeof(creature_stack);
    int priority = thread_priority(l4_myself());
    l4_taskid_t number;

    if (root_task_number(&number) != REQUEST_OK)
        return false;
    chief = l4_myself();
    creature = l4_task_new(number, 255, sp - 64,
                           (l4_umword_t)creature_main, chief);
    if (l4_is_nil_id(creature) || priority < 0 ||
        !thread_set_endless(creature, (unsigned)priority))
        return false;
    give_memory();
    return true;
}

static void announce(const char *name, int span, unsigned ops,
                     const char *direction)
{
    printf("bench: case=%s span=%d rounds=%d ops=%u direction=%s average=1\n",
           name, span, ROUNDS, ops, direction);
}

bool measure_traps(void)
{
    run.failed = false;
    if (!make_creature()) {
        printf("bench: no creature\n");
        return false;
    }
    answer_calls(JOB_CHIEF);
    answer_faults(JOB_FAULT);
    answer_exceptions(JOB_EXCEPTION);
    set_foreign(L4_EX_FOREIGN);
    answer_foreign(JOB_FOREIGN);
    if (run.failed) {
        printf("bench: the creature's cases failed\n");
        return false;
    }
    announce("chief-short", SPAN_CHIEF, 2, "one-way");
    announce("fault-map", SPAN_FAULT, 1, "round-trip");
    announce("exception", SPAN_EXCEPTION, 1, "round-trip");
    announce("foreign-call", SPAN_FOREIGN, 1, "round-trip");
    return true;
}
