/* SPDX-License-Identifier: BSD-2-Clause */
/* Exceptions and bad system calls: told to the handler, never fatal. */
#include "ktest.h"

static l4_threadid_t main_id;

#define IS_EXCEPTION(w0) (((w0) & 0xf) == 5)

/* Our own thread whose exceptions come to main. */
static void raise_undefined(void *unused)
{
    (void)unused;
#if defined(__i386__)
    __asm__ volatile("ud2");
#elif defined(__arm__)
    __asm__ volatile(".word 0xe7f000f0");
#else
    __asm__ volatile(".word 0x7c00003f");   /* an empty place in SPECIAL3 */
#endif
    sleep_forever();
}

static l4_threadid_t start_with_pager_main(void (*function)(void *))
{
    l4_threadid_t t = start_thread_prio(function, 0, 1);
    l4_threadid_t preempter = L4_INVALID_ID, pager = main_id = l4_myself();
    l4_umword_t flags, ip, sp;

    l4_thread_ex_regs(t, LEAVE, LEAVE, &preempter, &pager, &flags, &ip, &sp);
    return t;
}

static l4_umword_t exception_of(l4_threadid_t t)
{
    l4_umword_t w0 = 0, w1 = 0;

    check(receive2(t, &w0, &w1) == 0);
    check(IS_EXCEPTION(w0) && w1 > 0x1000 && w1 < kip->user_top);
    return w0 >> 4;
}

TEST(fault, undefined_instruction_is_told_to_the_handler)
{
    check(exception_of(start_with_pager_main(raise_undefined)) < 0x100);
}

static void bad_call(void *unused)
{
    struct l4_call_args a = { .arg = { 0 } };

    (void)unused;
    l4_arch_call(15, &a);
    sleep_forever();
}

TEST(fault, unknown_system_call_is_told_to_the_handler)
{
    exception_of(start_with_pager_main(bad_call));
}

static void touch_kernel(void *unused)
{
    (void)unused;
    *(volatile l4_umword_t *)
#if L4_WORD_BITS == 32
        0xc0400000 = 1;
#else
        0xffffffff80400000 = 1;
#endif
    sleep_forever();
}

TEST(fault, access_to_kernel_memory_is_told_to_the_handler)
{
    l4_threadid_t t = start_with_pager_main(touch_kernel);
    l4_umword_t w0 = 0, w1 = 0;

    check(receive2(t, &w0, &w1) == 0);
    check(w0 != 0 && w1 > 0x1000 && w1 < kip->user_top);
}

static void fault_nowhere(void *unused)
{
    (void)unused;
    *(volatile l4_umword_t *)0x33333330 = 1;
    sleep_forever();
}

TEST(fault, thread_without_a_pager_stays_where_it_is)
{
    l4_threadid_t t = start_thread_prio(fault_nowhere, 0, 1);
    l4_threadid_t preempter = L4_INVALID_ID, pager = L4_NIL_ID;
    l4_umword_t flags, ip, sp;

    l4_thread_ex_regs(t, LEAVE, LEAVE, &preempter, &pager, &flags, &ip, &sp);
    l4_ipc_sleep(timeout_us(MSEC(2)));
    check(l4_ipc_sleep(NOW) == L4_IPC_RETIMEOUT);
}

static void random_calls(void *unused)
{
    l4_uint32_t seed = 12345;

    (void)unused;
    for (unsigned i = 0; i < 3000; i++) {
        union {
            struct l4_call_args a;
            l4_umword_t word[sizeof(struct l4_call_args) /
                             sizeof(l4_umword_t)];
        } u;
        for (unsigned k = 0; k < sizeof(u) / sizeof(u.word[0]); k++) {
            seed = seed * 1664525 + 1013904223;
            u.word[k] = seed >> 28
                            ? (l4_umword_t)(long)(int)seed >> (seed & 31)
                            : (seed & 1 ? ~(l4_umword_t)0 : 0);
        }
        switch (seed >> 8 & 3) {
        case 0:
            l4_arch_call(L4_SYS_ID_NEAREST, &u.a);
            break;
        case 1:
            u.a.arg[1] &= ~L4_FP_ALL_SPACES;  /* we still need our code */
            l4_arch_call(L4_SYS_FPAGE_UNMAP, &u.a);
            break;
        case 2:
            l4_arch_call(L4_SYS_TASK_NEW, &u.a);
            break;
        default:
            l4_arch_call(L4_SYS_THREAD_SWITCH, &u.a);
        }
    }
    send2(main_id, 1, 2);
    sleep_forever();
}

TEST(fault, three_thousand_random_calls_of_a_creature_do_no_harm)
{
    l4_threadid_t from;
    l4_umword_t w0, w1;

    main_id = l4_myself();
    l4_threadid_t t = start_task(random_calls, 0);
    check(wait2(&from, &w0, &w1) == 0);
    check(l4_thread_equal(from, t) && w0 == 1);
}

/* ---- register state ---- */

/* Raises an exception with known registers; when the handler moves it on, a
   word it was given tells main that it has arrived. */
static volatile l4_umword_t arrived;

static void go_here(void)
{
    arrived = 1;
    sleep_forever();
}

static l4_umword_t ip_of(l4_threadid_t t)
{
    l4_threadid_t preempter = L4_INVALID_ID, pager = L4_INVALID_ID;
    l4_umword_t flags, ip, sp;

    l4_thread_ex_regs(t, LEAVE, LEAVE, &preempter, &pager, &flags, &ip, &sp);
    return ip;
}

static void answer(l4_threadid_t t)
{
    l4_msgdope_t dope;

    l4_ipc_send(t, L4_IPC_SHORT_MSG, 0, 0, PATIENCE, &dope);
}

TEST(fault, handler_gets_the_registers_it_wants_and_no_others)
{
    struct l4_utcb *u = l4_utcb();
    l4_threadid_t t = start_with_pager_main(raise_undefined);
    l4_umword_t w0 = 0, w1 = 0;

    for (unsigned i = 0; i < L4_REG_COUNT; i++)
        u->reg[i] = 0x5a5a;
    u->wanted_exception = (l4_umword_t)1 << L4_REG_IP |
                          (l4_umword_t)1 << L4_REG_STACK;
    check(receive2(t, &w0, &w1) == 0 && IS_EXCEPTION(w0));
    check(u->reg[L4_REG_IP] == w1 && w1 == ip_of(t));
    check(u->reg[L4_REG_STACK] > 0x1000 &&
          u->reg[L4_REG_STACK] < kip->user_top);
    for (unsigned i = 0; i < L4_REG_COUNT; i++)
        if (i != L4_REG_IP && i != L4_REG_STACK)
            check(u->reg[i] == 0x5a5a);
    u->wanted_exception = 0;
}

TEST(fault, handler_changes_registers_with_its_answer)
{
    struct l4_utcb *u = l4_utcb();
    l4_threadid_t t = start_with_pager_main(raise_undefined);
    l4_umword_t w0 = 0, w1 = 0;

    arrived = 0;
    check(receive2(t, &w0, &w1) == 0 && IS_EXCEPTION(w0));
    u->reg[L4_REG_IP] = (l4_umword_t)go_here;
    u->changed = (l4_umword_t)1 << L4_REG_IP;
    answer(t);
    l4_ipc_sleep(timeout_us(MSEC(2)));
    check(arrived == 1 && u->changed == 0);
}

TEST(fault, answer_without_changes_lets_it_raise_again)
{
    l4_threadid_t t = start_with_pager_main(raise_undefined);
    l4_umword_t w0 = 0, w1 = 0, again0 = 0, again1 = 0;

    check(receive2(t, &w0, &w1) == 0 && IS_EXCEPTION(w0));
    answer(t);
    check(receive2(t, &again0, &again1) == 0);
    check(again0 == w0 && again1 == w1);
}

TEST(fault, no_register_a_handler_writes_gives_privilege_or_harms)
{
    struct l4_utcb *u = l4_utcb();
    l4_umword_t w0, w1;

    for (unsigned i = 0; i < L4_REG_COUNT; i++) {
        l4_threadid_t t = start_with_pager_main(raise_undefined);
        w0 = w1 = 0;
        check(receive2(t, &w0, &w1) == 0);
        u->reg[i] = ~(l4_umword_t)0;
        u->changed = (l4_umword_t)1 << i;
        answer(t);
        /* It faults or raises again, somewhere; we are still here. */
        check(receive2(t, &w0, &w1) == 0);
        u->reg[L4_REG_IP] = (l4_umword_t)go_here;
        u->changed = (l4_umword_t)1 << L4_REG_IP;
        l4_ipc_sleep(timeout_us(100));
        helpers_stop_threads();
    }
    u->changed = 0;
}

TEST(fault, page_fault_brings_registers_when_the_pager_wants_them)
{
    struct l4_utcb *u = l4_utcb();
    l4_threadid_t t = start_with_pager_main(fault_nowhere);
    l4_umword_t w0 = 0, w1 = 0;

    u->wanted_fault = (l4_umword_t)1 << L4_REG_IP;
    u->reg[L4_REG_IP] = 0;
    check(receive2(t, &w0, &w1) == 0 && (w0 & ~3ul) == 0x33333330);
    check(u->reg[L4_REG_IP] == w1);
    u->wanted_fault = 0;
    arrived = 0;
    u->reg[L4_REG_IP] = (l4_umword_t)go_here;
    u->changed = (l4_umword_t)1 << L4_REG_IP;
    answer(t);
    l4_ipc_sleep(timeout_us(MSEC(2)));
    check(arrived == 1);
}
