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
        struct l4_call_args a;
        l4_umword_t *p = (l4_umword_t *)&a;
        for (unsigned k = 0; k < sizeof(a) / sizeof(*p); k++) {
            seed = seed * 1664525 + 1013904223;
            p[k] = seed >> 28 ? (l4_umword_t)(long)(int)seed >> (seed & 31)
                              : (seed & 1 ? ~(l4_umword_t)0 : 0);
        }
        switch (seed >> 8 & 3) {
        case 0:
            l4_arch_call(L4_SYS_ID_NEAREST, &a);
            break;
        case 1:
            a.arg[1] &= ~L4_FP_ALL_SPACES;  /* we still need our code */
            l4_arch_call(L4_SYS_FPAGE_UNMAP, &a);
            break;
        case 2:
            l4_arch_call(L4_SYS_TASK_NEW, &a);
            break;
        default:
            l4_arch_call(L4_SYS_THREAD_SWITCH, &a);
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
