/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each way out of the fast path of faults (core/fault_fast.c, steps H1 to H3 on the
 * way to the handler, A1 to A6 on the way back, and which registers a port's
 * assembler knows): what goes the general way must come to the same end.
 *
 * A handler, which waits in registers, and a victim, a task that traps; as urgent
 * as each other, so that nothing but the step in question stops them. No thread that
 * has the FPU on takes the fast path: this file is compiled without vectors.
 */
#include <arch_user.h>
#include <hickory/thread.h>

#include "cpu.h"
#include "helpers.h"
#include "ktest.h"

#define ANSWER      (L4_OP_REPLY_AND_WAIT | L4_OP_SEND_NOW)
#define FAR_TASK    60          /* task number */
#define URGENCY     ((unsigned)thread_priority(l4_myself()) - 10)

enum kind { EXCEPTION, FOREIGN, READ, KINDS };

extern char __executable_start[], _end[];       /* from the linker */

static l4_threadid_t victim, handler, friend;
static enum kind kind;
static char victim_stack[4096] __attribute__((aligned(4096)));
static char far_stack[4096] __attribute__((aligned(4096)));
static char pager_stack[2048] __attribute__((aligned(16)));
static char page[L4_PAGESIZE] __attribute__((aligned(L4_PAGESIZE)));
/* Where victims have nothing, but a page table. */
static char hole[4 * L4_PAGESIZE] __attribute__((aligned(2 * L4_PAGESIZE)));
#define WINDOW      ((l4_umword_t)hole)

/* What has come of it. */
static volatile unsigned heard, heard_by_friend, went_on, failures;
static volatile l4_umword_t word0;

/* ---- the victim ---- */

/* The loops live on no register: a handler may change them. */
static void raise_exceptions(void)
{
    for (;;) {
        ARCH_TRAP();
        went_on++;
    }
}

static void call_foreign(void)
{
    for (;;) {
        ARCH_LINUX_CALL();
        went_on++;
    }
}

static void read_window(void)
{
    for (volatile char *p = (char *)WINDOW;; p += L4_PAGESIZE) {
        (void)*p;
        went_on++;
    }
}

static void (*const part[KINDS])(void) = {
    raise_exceptions, call_foreign, read_window,
};

/* With what its thread has to have switched besides. */
static void trap_with_fpu(void)
{
    fpu_use();
    part[kind]();
}

static void touch_memory(void *unused)
{
    (void)unused;
    for (volatile char *p = __executable_start; p < _end; p += L4_PAGESIZE)
        if (p + L4_PAGESIZE <= hole || p >= hole + sizeof(hole))
            *p = *p;
    sleep_forever();
}

/* A thread of a creature of ours goes on at `function`, with these handlers. */
static void send_thread(l4_threadid_t t, void *function, char *stack,
                        l4_threadid_t its_handler)
{
    l4_umword_t ip = (l4_umword_t)function;
    l4_umword_t sp = (l4_umword_t)stack + sizeof(victim_stack) - 64, old;
    l4_threadid_t excepter = its_handler;
    l4_threadid_t pager = kind == READ ? its_handler : L4_INVALID_ID;

    if (l4_inter_task_ex_regs(t, ip, sp, &excepter, &pager, &old, &ip, &sp,
                              kind == FOREIGN ? L4_EX_FOREIGN
                                              : L4_EX_NATIVE) != 0)
        failures++;
}

/* ---- the handler ---- */

/* Its program goes on behind the trap, where it stays there by itself. */
static void skip_trap(void)
{
    struct l4_utcb *u = l4_utcb();
    l4_umword_t bytes = kind == EXCEPTION ? ARCH_TRAP_BYTES : ARCH_LINUX_SKIP;

    if (kind == READ || !bytes)
        return;
    u->reg[L4_REG_IP] += bytes;
    u->changed |= BIT(L4_REG_IP);
}

static void hear(struct l4_words *m, volatile unsigned *count)
{
    word0 = m->w[0];
    ++*count;
}

/* One that answers all traps, but no page fault. */
static void serve(volatile unsigned *count)
{
    struct l4_words m;
    l4_threadid_t from = L4_NIL_ID;

    l4_utcb()->wanted_exception = BIT(L4_REG_IP);
    l4_utcb()->wanted_fault = 0;
    l4_msgdope_t dope = l4_ipc_wait_words(&from, &m);
    while (!L4_IPC_IS_ERROR(dope)) {        /* one: it waits no more */
        hear(&m, count);
        if (kind == READ)
            break;
        skip_trap();
        dope = l4_ipc_reply_and_wait_words(&from, &m);
    }
    sleep_forever();
}

static void be_handler(void *unused)
{
    (void)unused;
    serve(&heard);
}

static void be_friend(void *unused)
{
    (void)unused;
    serve(&heard_by_friend);
}

/* The first trap, for one that does not just skip it: who, and with which
   registers. */
static l4_threadid_t hear_first(struct l4_words *m, l4_umword_t wanted)
{
    l4_threadid_t from = L4_NIL_ID;

    l4_utcb()->wanted_exception = wanted;
    l4_utcb()->wanted_fault = 0;
    l4_ipc_wait_words(&from, m);
    return from;
}

/* ---- scenes ---- */

static void settle(void)
{
    l4_ipc_sleep(timeout_us(MSEC(1)));
}

static void start_handler(void (*function)(void *))
{
    helpers_stop_threads();
    heard = heard_by_friend = went_on = failures = 0;
    handler = start_thread_prio(function, 0, URGENCY);
    settle();
}

static void start_victim(void)
{
    victim = start_task(touch_memory, 0);
    l4_ipc_sleep(timeout_us(MSEC(5)));
    thread_set_priority(victim, URGENCY);
}

/* The victim does this, and has `whom` as its handler. */
static void play(void (*its_part)(void), l4_threadid_t whom)
{
    send_thread(victim, its_part, victim_stack, whom);
    settle();
    check(failures == 0);
}

static void stop_victim(void)
{
    enum kind was = kind;

    kind = EXCEPTION;           /* native, and paged as usual */
    send_thread(victim, (void *)sleep_forever, victim_stack, tasks_pager());
    kind = was;
    settle();
}

/* ---- to the handler ---- */

TEST(fault_fast, h1_handler_with_another_id_hears_nothing)
{
    static const unsigned bits[] = { 0, 9, 49, 60 };

    start_victim();
    for (kind = EXCEPTION; kind < KINDS; kind++) {
        start_handler(be_handler);
        for (unsigned i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
            l4_threadid_t wrong = { .raw = handler.raw ^ 1ull << bits[i] };
            play(part[kind], wrong);
            check(heard == 0 && went_on == 0);
        }
        play(part[kind], handler);
        check(heard > 0);
        stop_victim();
    }
}

static void hear_one(l4_threadid_t from, volatile unsigned *count)
{
    struct l4_words m = { { 0 } };

    l4_utcb()->wanted_exception = BIT(L4_REG_IP);
    if (!L4_IPC_IS_ERROR(l4_ipc_words(L4_OP_RECV, &from, &m)))
        hear(&m, count);
    sleep_forever();
}

static void wait_for_victim(void *unused)
{
    (void)unused;
    hear_one(victim, &heard);
}

static void wait_for_friend(void *unused)
{
    (void)unused;
    hear_one(friend, &heard);
}

TEST(fault_fast, h3_handler_that_waits_for_just_this_one_hears_it)
{
    start_victim();
    for (kind = EXCEPTION; kind < KINDS; kind++) {
        start_handler(wait_for_victim);
        play(part[kind], handler);
        check(heard == 1 && went_on == 0);
        stop_victim();
    }
}

TEST(fault_fast, h3_handler_that_waits_for_another_hears_nothing)
{
    start_victim();
    friend = start_thread((void (*)(void *))sleep_forever, 0);
    for (kind = EXCEPTION; kind < KINDS; kind++) {
        start_handler(wait_for_friend);
        play(part[kind], handler);
        check(heard == 0 && went_on == 0);
        stop_victim();
    }
}

TEST(fault_fast, h3_handler_in_another_task_of_the_clan_hears_it)
{
    start_victim();
    friend = start_task(be_friend, 0);
    for (kind = EXCEPTION; kind < KINDS; kind++) {
        start_handler(be_handler);
        friend = restart_task(friend, (void (*)(void *))be_friend);
        l4_ipc_sleep(timeout_us(MSEC(2)));
        play(part[kind], friend);
        check(heard == 0 && heard_by_friend > (kind != READ));
        stop_victim();
    }
}

/* A thread of our task is the victim; our own threads make no foreign calls. */
static void play_in_own_task(l4_threadid_t whom)
{
    l4_threadid_t t = start_thread_prio((void (*)(void *))part[kind], 0,
                                        URGENCY - 1);

    page_by(t, whom);
    settle();
}

TEST(fault_fast, h3_handler_in_the_own_task_hears_it)
{
    kind = EXCEPTION;
    start_handler(be_handler);
    play_in_own_task(handler);
    check(heard > 0 && went_on > 0);
}

TEST(fault_fast, h3_handler_that_is_a_creature_hears_it)
{
    kind = EXCEPTION;
    start_handler(be_handler);
    friend = start_task(be_friend, 0);
    l4_ipc_sleep(timeout_us(MSEC(2)));
    play_in_own_task(friend);
    check(heard == 0 && heard_by_friend > 0 && went_on > 0);
}

/* ---- a victim of another clan ---- */

static volatile unsigned heard_by_chief;

/* The victim's chief, a creature of ours. It makes the victim, gives it a handler
   that is not of their clan, and hears itself what is for that one. */
static void be_chief(void *unused)
{
    l4_threadid_t its_pager = l4_myself(), from = L4_NIL_ID, t;
    l4_umword_t stack = (l4_umword_t)far_stack + sizeof(far_stack) - 64;
    struct l4_words m = { { 0 } };

    (void)unused;
    thread_create(1, (struct thread_stack){ pager_stack, sizeof(pager_stack) },
                  (struct thread_work){ page_others, 0 });
    its_pager.id.lthread = 1;
    t = l4_task_new((l4_taskid_t){ .raw = (l4_uint64_t)FAR_TASK << 17 }, 255,
                    stack, (l4_umword_t)touch_memory, its_pager);
    l4_ipc_sleep(timeout_us(MSEC(10)));
    thread_set_priority(t, 1);
    send_thread(t, part[kind], far_stack, handler);
    l4_ipc_wait_words(&from, &m);
    if (l4_thread_equal(from, t))
        hear(&m, &heard_by_chief);
    sleep_forever();
}

TEST(fault_fast, h3_handler_of_another_clan_gets_it_by_the_chief)
{
    for (kind = EXCEPTION; kind < KINDS; kind++) {
        start_handler(be_handler);
        heard_by_chief = 0;
        l4_taskid_t place = free_task_id();
        place.id.task = FAR_TASK;
        l4_threadid_t chief = start_task(be_chief, 0);
        l4_task_new(place, (l4_umword_t)chief.raw, 0, 0, L4_NIL_ID);
        l4_ipc_sleep(timeout_us(MSEC(40)));
        check(failures == 0 && heard_by_chief == 1 && heard == 0);
        helpers_clean_up();
    }
}

/* ---- what has to be switched besides ---- */

TEST(fault_fast, h3_victim_with_the_fpu_on_is_heard)
{
    start_victim();
    for (kind = EXCEPTION; kind < KINDS; kind++) {
        start_handler(be_handler);
        play(trap_with_fpu, handler);
        check(heard > 0);
        stop_victim();
    }
}

/* ---- registers ---- */

/* Registers from the first on, more of them each time, asked for and given back
   as they came: the victim traps at the same place again. */
static void ask_for_more(void *unused)
{
    struct l4_utcb *u = l4_utcb();
    struct l4_words m;
    l4_threadid_t from = hear_first(&m, BIT(1) - 1);
    l4_umword_t first_ip = 0;

    (void)unused;
    for (unsigned n = 1; n <= L4_REG_TLS + 1; n++) {
        first_ip = first_ip ? first_ip : m.w[1];
        if (m.w[1] != first_ip ||
            (n > L4_REG_IP && u->reg[L4_REG_IP] != first_ip))
            failures++;
        u->changed = BIT(n) - 1;
        u->wanted_exception = BIT(n + 1) - 1;
        l4_ipc_reply_and_wait_words(&from, &m);
        heard++;
    }
    sleep_forever();
}

TEST(fault_fast, h5_a7_any_number_of_registers_goes_there_and_back)
{
    start_victim();
    kind = EXCEPTION;
    start_handler(ask_for_more);
    play(raise_exceptions, handler);
    l4_ipc_sleep(timeout_us(MSEC(5)));
    check(failures == 0 && heard == L4_REG_TLS + 1 && went_on == 0);
    stop_victim();
}

/* As a server of Linux programs answers: just the result. */
static void give_result(void *unused)
{
    struct l4_utcb *u = l4_utcb();
    struct l4_words m;
    l4_threadid_t from = hear_first(&m, ARCH_LINUX_WANTED);

    (void)unused;
    for (unsigned i = 0; i < 3; i++) {
        u->reg[ARCH_LINUX_RESULT] = i + 1000;
        u->changed = BIT(ARCH_LINUX_RESULT);
        heard++;
        l4_ipc_reply_and_wait_words(&from, &m);
    }
    /* It has come back with what we gave it: nobody else has changed that. */
    word0 = u->reg[ARCH_LINUX_RESULT];
    sleep_forever();
}

TEST(fault_fast, a7_result_alone_is_given_back)
{
    start_victim();
    kind = FOREIGN;
    start_handler(give_result);
    play(call_foreign, handler);
    check(failures == 0 && heard == 3);
    stop_victim();
}

/* ---- answers ---- */

static unsigned error_of(l4_umword_t op, l4_threadid_t to)
{
    struct l4_words m = { { 0 } };

    m.w[0] = WINDOW;
    m.w[1] = (l4_umword_t)page | L4_PAGESHIFT << 2;
    return (unsigned)L4_IPC_ERROR(l4_ipc_words(op, &to, &m));
}

/* Answers to threads whose ids are almost the victim's; then to itself. */
static void answer_wrong_ids(void *unused)
{
    static const unsigned bits[] = { 0, 9, 49, 60 };
    struct l4_words m;
    l4_threadid_t from = hear_first(&m, BIT(L4_REG_IP));

    (void)unused;
    heard++;
    for (unsigned i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
        l4_threadid_t wrong = { .raw = from.raw ^ 1ull << bits[i] };
        failures += error_of(ANSWER, wrong) != L4_IPC_ENOT_EXISTENT;
        failures += error_of(ANSWER | L4_OP_MAP, wrong) !=
                    L4_IPC_ENOT_EXISTENT;
    }
    skip_trap();
    l4_ipc_reply_and_wait_words(&from, &m);
    heard++;
    sleep_forever();
}

TEST(fault_fast, a2_answer_to_another_id_is_refused)
{
    start_victim();
    kind = EXCEPTION;
    start_handler(answer_wrong_ids);
    play(raise_exceptions, handler);
    check(failures == 0 && heard == 2 && went_on == 1);
    stop_victim();
}

/* One that the victim has not told anything. */
static void answer_as_stranger(void *op)
{
    failures += error_of((l4_umword_t)op, victim) != L4_IPC_SETIMEOUT;
    heard_by_friend++;
    sleep_forever();
}

static void hear_and_keep(void *unused)
{
    struct l4_words m;

    (void)unused;
    hear_first(&m, 0);
    hear(&m, &heard);
    sleep_forever();
}

TEST(fault_fast, a3_answer_of_another_than_the_handler_is_refused)
{
    static const l4_umword_t ops[] = { ANSWER, ANSWER | L4_OP_MAP };

    start_victim();
    for (unsigned i = 0; i < 2 * KINDS; i++) {
        kind = (enum kind)(i / 2);
        start_handler(hear_and_keep);
        play(part[kind], handler);
        check(heard == 1);
        start_thread_prio(answer_as_stranger, (void *)ops[i % 2], URGENCY);
        settle();
        check(failures == 0 && heard_by_friend == 1 && went_on == 0);
        stop_victim();
    }
}

/* A page for what is no page fault: the victim has no room for it. */
static void answer_with_page(void *unused)
{
    struct l4_words m;
    l4_threadid_t from = hear_first(&m, BIT(L4_REG_IP));

    (void)unused;
    heard++;
    l4_umword_t ip = m.w[1];
    skip_trap();
    failures += error_of(ANSWER | L4_OP_MAP, from) != L4_IPC_SEMSGCUT;
    l4_ipc_wait_words(&from, &m);
    failures += m.w[1] != ip;
    heard++;
    sleep_forever();
}

TEST(fault_fast, a6_page_for_an_exception_is_refused_and_it_comes_again)
{
    start_victim();
    kind = EXCEPTION;
    start_handler(answer_with_page);
    play(raise_exceptions, handler);
    check(failures == 0 && heard == 2 && went_on == 0);
    stop_victim();
}

/* Calls us, has an answer, and then waits for nobody, for a while. */
static void call_then_sleep(void *unused)
{
    struct l4_words m = { { 0 } };

    (void)unused;
    if (L4_IPC_IS_ERROR(l4_ipc_call_words(handler, &m)))
        failures++;
    heard_by_friend++;
    l4_ipc_sleep(timeout_us(MSEC(3)));
    heard_by_friend++;
    sleep_forever();
}

static void answer_twice(void *unused)
{
    struct l4_words m;
    l4_threadid_t from = hear_first(&m, 0);

    (void)unused;
    l4_ipc_words(L4_OP_SEND, &from, &m);
    heard++;
    l4_ipc_sleep(timeout_us(100));
    failures += error_of(ANSWER, from) != L4_IPC_SETIMEOUT;
    failures += error_of(ANSWER | L4_OP_MAP, from) != L4_IPC_SETIMEOUT;
    heard++;
    sleep_forever();
}

TEST(fault_fast, a3_answer_to_one_that_has_had_it_is_refused)
{
    start_handler(answer_twice);
    start_thread_prio(call_then_sleep, 0, URGENCY);
    l4_ipc_sleep(timeout_us(MSEC(6)));
    check(failures == 0 && heard == 2 && heard_by_friend == 2);
}

/* Has the FPU on when it answers; the page is mapped all the same. */
static void map_with_fpu(void *unused)
{
    struct l4_words m;
    l4_threadid_t from = hear_first(&m, 0);

    (void)unused;
    for (unsigned i = 0; i < 2; i++) {
        heard++;
        fpu_use();
        m.w[0] &= L4_PAGEMASK;
        m.w[1] = (l4_umword_t)page | L4_PAGESHIFT << 2;
        for (unsigned k = 2; k < L4_REG_WORDS; k++)
            m.w[k] = 0;
        l4_ipc_words(ANSWER | L4_OP_MAP, &from, &m);
    }
    heard++;
    sleep_forever();
}

TEST(fault_fast, a4_handler_with_the_fpu_on_may_map_a_page)
{
    page[0] = 1;
    start_victim();
    kind = READ;
    start_handler(map_with_fpu);
    play(read_window, handler);
    check(heard == 3 && went_on == 2);
    stop_victim();
}
