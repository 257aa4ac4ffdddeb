/* SPDX-License-Identifier: BSD-2-Clause */
/* Thread-local storage: the kernel carries a value along with each thread. */
#include <hickory/thread.h>

#include "cpu.h"
#include "ktest.h"

#define SELVES  3

static struct self selves[SELVES];
static volatile unsigned right[SELVES];
static struct self *volatile found;
static volatile bool looked;

static void set_self(struct self *self)
{
    struct tls_value v = tls_value_of(self);

    check(l4_thread_tls(0, v.low, v.high) == 0);
}

static void clear_self(void)
{
    check(l4_thread_tls(0, 0, 0) == 0);
}

/* Set one's own, and look again and again whether it is still there. */
static void keep_looking(void *number)
{
    unsigned which = (unsigned)(l4_umword_t)number;
    struct tls_value v = tls_value_of(&selves[which]);

    l4_thread_tls(0, v.low, v.high);
    for (unsigned i = 0; i < 50; i++) {
        right[which] += tls_self() == &selves[which];
        l4_yield();
        right[which] -= !tls_is_kept();
    }
    sleep_forever();
}

TEST(tls, value_is_the_threads_own_and_survives_switches)
{
    static struct self mine;
    bool same = true;

    set_self(&mine);
    for (unsigned i = 0; i < SELVES; i++) {
        right[i] = 0;
        start_thread(keep_looking, (void *)(l4_umword_t)i);
    }
    for (unsigned i = 0; i < 20; i++) {
        l4_ipc_sleep(timeout_us(MSEC(1)));
        same = same && tls_self() == &mine;
    }
    check(same);
    for (unsigned i = 0; i < SELVES; i++)
        check(right[i] == 50);
    clear_self();
}

/* Answers each message with "is my value still there?". */
static void serve(void *unused)
{
    l4_threadid_t client = L4_NIL_ID;
    l4_umword_t words[L4_REG_WORDS] = { 0 };
    struct tls_value v = tls_value_of(&selves[0]);

    (void)unused;
    l4_thread_tls(0, v.low, v.high);
    tls_self();
    l4_arch_ipc_op(L4_OP_IPC | L4_OP_RECV | L4_OP_OPEN, &client, words);
    for (;;) {
        words[0] = tls_is_kept() && tls_self() == &selves[0];
        l4_arch_ipc_op(L4_OP_REPLY_AND_WAIT, &client, words);
    }
}

/* Between two calls somebody looks at the waiting thread, which the kernel
   then takes for an ordinary one. */
TEST(tls, value_survives_the_shortest_ipc)
{
    static struct self mine;
    bool same = true;
    l4_threadid_t server = start_thread(serve, 0);

    set_self(&mine);
    for (unsigned i = 0; i < 20; i++) {
        l4_umword_t words[L4_REG_WORDS] = { 0 };
        same = same && tls_self() == &mine;
        l4_arch_ipc_op(L4_OP_CALL, &server, words);
        same = same && words[0] == 1 && tls_is_kept() && tls_self() == &mine;
        if (i & 1)
            thread_set_priority(server, (unsigned)thread_priority(server));
    }
    check(same);
    clear_self();
}

static void look(void *unused)
{
    (void)unused;
    found = tls_self();
    looked = true;
    sleep_forever();
}

static void wait_for_look(void)
{
    for (unsigned i = 0; i < 100 && !looked; i++)
        l4_ipc_sleep(timeout_us(MSEC(1)));
    check(looked);
}

TEST(tls, new_thread_and_new_task_have_none)
{
    static struct self mine;

    set_self(&mine);
    looked = false;
    found = &mine;
    l4_threadid_t task = start_task(look, 0);
    wait_for_look();
    check(found == 0);
    /* The same again: nothing of the one before has stayed. */
    kill_task(task);
    looked = false;
    found = &mine;
    start_task(look, 0);
    wait_for_look();
    check(found == 0 && tls_self() == &mine);
    clear_self();
}

static void set_and_wait(void *self)
{
    struct tls_value v = tls_value_of(self);

    l4_thread_tls(0, v.low, v.high);
    sleep_forever();
}

static void *stack_top(void)
{
    static char stack[2048] __attribute__((aligned(16)));

    return stack + sizeof(stack) - 64;
}

static void look_after_exchange(void)
{
    look(0);
}

TEST(tls, value_stays_when_the_thread_is_sent_elsewhere)
{
    l4_threadid_t t = start_thread_prio(set_and_wait, &selves[0], 1);
    l4_threadid_t preempter = L4_INVALID_ID, pager = L4_INVALID_ID;
    l4_umword_t flags, ip, sp;

    l4_ipc_sleep(timeout_us(MSEC(2)));
    looked = false;
    found = 0;
    l4_thread_ex_regs(t, (l4_umword_t)look_after_exchange,
                      (l4_umword_t)stack_top(), &preempter, &pager, &flags,
                      &ip, &sp);
    wait_for_look();
    check(found == &selves[0]);
}

TEST(tls, slot_that_does_not_exist_is_refused)
{
    static struct self mine;

    set_self(&mine);
    check(l4_thread_tls(L4_TLS_SLOTS, 0, 0) != 0);
    check(l4_thread_tls(~(l4_umword_t)0, 0, 0) != 0);
    check(tls_self() == &mine);
    clear_self();
    check(l4_thread_tls(0, 0, 0) == 0);
}

/* ---- by the handler ---- */

static void trap_and_look(void *self)
{
    struct tls_value v = tls_value_of(self);

    l4_thread_tls(0, v.low, v.high);
#if defined(__i386__)
    __asm__ volatile("ud2");
#elif defined(__arm__)
    __asm__ volatile(".word 0xe7f000f0");
#else
    __asm__ volatile(".word 0x7c00003f");
#endif
    sleep_forever();
}

static void go_and_look(void)
{
    look(0);
}

static l4_threadid_t start_trapping(void)
{
    l4_threadid_t t = start_thread_prio(trap_and_look, &selves[2], 1);
    l4_threadid_t preempter = L4_INVALID_ID, pager = l4_myself();
    l4_umword_t flags, ip, sp;

    l4_thread_ex_regs(t, LEAVE, LEAVE, &preempter, &pager, &flags, &ip, &sp);
    return t;
}

#define BIT(reg)    ((l4_umword_t)1 << (reg))
/* The words of slot 0: two on ia32, one elsewhere. */
#define TLS_BITS    (L4_TLS_SLOTS > 1 ? BIT(L4_REG_TLS) * 3 : BIT(L4_REG_TLS))

TEST(tls, handler_sets_it_with_its_answer)
{
    struct l4_utcb *u = l4_utcb();
    l4_threadid_t t = start_trapping();
    l4_umword_t w0 = 0, w1 = 0;
    struct tls_value v = tls_value_of(&selves[1]);
    l4_msgdope_t dope;

    check(receive2(t, &w0, &w1) == 0);
    looked = false;
    found = 0;
    u->reg[L4_REG_TLS] = v.low;
    if (L4_TLS_SLOTS > 1)
        u->reg[L4_REG_TLS + 1] = v.high;
    u->reg[L4_REG_IP] = (l4_umword_t)go_and_look;
    u->changed = BIT(L4_REG_IP) | TLS_BITS;
    l4_ipc_send(t, L4_IPC_SHORT_MSG, 0, 0, PATIENCE, &dope);
    wait_for_look();
    check(found == &selves[1]);
}

TEST(tls, handler_reads_it_with_the_registers_it_wants)
{
    struct l4_utcb *u = l4_utcb();
    l4_threadid_t t = start_trapping();
    l4_umword_t w0 = 0, w1 = 0;

    u->reg[L4_REG_TLS] = 1;
    u->wanted_exception = TLS_BITS;
    check(receive2(t, &w0, &w1) == 0);
    check(u->reg[L4_REG_TLS] == tls_value_of(&selves[2]).low);
    u->wanted_exception = 0;
}
