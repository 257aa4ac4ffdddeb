/* SPDX-License-Identifier: BSD-2-Clause */
/* inter_task_ex_regs: threads of other tasks; stopped and foreign ones. */
#include <hickory/thread.h>

#include "ktest.h"

#define STOPPED     (0x102ul << 4 | 5)
#define FOREIGN     (0x101ul << 4 | 5)

/* Where a call finds its first thread id. */
#if defined(__i386__)
#define ID_REG      L4_REG_ESI
#elif defined(__arm__)
#define ID_REG      L4_REG_R0
#else
#define ID_REG      L4_REG_A0
#endif

#define BIT(n)      ((l4_umword_t)1 << (n))

static volatile l4_umword_t count, detour;
static volatile l4_umword_t answer;

static void spin(void *unused)
{
    (void)unused;
    for (;;)
        count++;
}

static void take_detour(void *unused)
{
    (void)unused;
    detour++;
    sleep_forever();
}

/* Old values of the last exchange. */
static struct {
    l4_threadid_t preempter, pager;
    l4_umword_t flags, ip, sp;
} old;

static int exchange(l4_threadid_t t, l4_umword_t ip, l4_umword_t sp,
                    l4_umword_t flags)
{
    old.preempter = old.pager = L4_INVALID_ID;
    return l4_inter_task_ex_regs(t, ip, sp, &old.preempter, &old.pager,
                                 &old.flags, &old.ip, &old.sp, flags);
}

static int stop(l4_threadid_t t)
{
    return exchange(t, LEAVE, LEAVE, L4_EX_STOP);
}

static void let_run(void)
{
    l4_ipc_sleep(timeout_us(MSEC(2)));
}

static bool is_running(void)
{
    l4_umword_t before = count;

    let_run();
    return count != before;
}

/* A task that counts, below our priority. */
static l4_threadid_t counting_task(void)
{
    l4_threadid_t t = start_task(spin, 0);

    thread_set_priority(t, 1);
    check(is_running());
    return t;
}

TEST(inter_task, chief_stops_a_running_thread_and_an_answer_resumes_it)
{
    l4_threadid_t t = counting_task();

    check(stop(t) == 0);
    check(!is_running());
    check(send2(t, 0, 0) == 0);
    check(is_running());
}

TEST(inter_task, stop_brings_the_registers_that_are_wanted)
{
    l4_threadid_t t = counting_task();
    struct l4_utcb *u = l4_utcb();

    u->reg[L4_REG_IP] = u->reg[L4_REG_STACK] = 0;
    u->wanted_exception = BIT(L4_REG_IP);
    check(stop(t) == 0);
    check(u->reg[L4_REG_IP] == old.ip && old.ip > 0x1000);
    check(u->reg[L4_REG_STACK] == 0);
    u->wanted_exception = BIT(L4_REG_STACK);
    check(stop(t) == 0);    /* again, of one that is stopped */
    check(u->reg[L4_REG_STACK] == old.sp && old.sp > 0x1000);
    u->wanted_exception = 0;
}

TEST(inter_task, answer_to_a_stopped_thread_changes_its_registers)
{
    l4_threadid_t t = counting_task();

    detour = 0;
    check(stop(t) == 0);
    l4_utcb()->reg[L4_REG_IP] = (l4_umword_t)take_detour;
    l4_utcb()->changed = BIT(L4_REG_IP);
    check(send2(t, 0, 0) == 0);
    let_run();
    check(detour == 1 && !is_running());
}

TEST(inter_task, exchange_sends_a_thread_elsewhere_and_tells_what_was)
{
    l4_threadid_t t = counting_task();

    detour = 0;
    check(exchange(t, (l4_umword_t)take_detour, LEAVE, 0) == 0);
    check(old.ip > 0x1000 && old.sp > 0x1000);
    check(old.pager.id.task == l4_myself().id.task);
    let_run();
    check(detour == 1 && !is_running());
}

TEST(inter_task, handlers_are_exchanged)
{
    l4_threadid_t t = counting_task(), me = l4_myself();
    l4_threadid_t preempter = me, pager = me;
    l4_umword_t flags, ip, sp;

    check(l4_inter_task_ex_regs(t, LEAVE, LEAVE, &preempter, &pager, &flags,
                                &ip, &sp, 0) == 0);
    check(exchange(t, LEAVE, LEAVE, 0) == 0);
    check(l4_thread_equal(old.pager, me));
    check(l4_thread_equal(old.preempter, me));
    check(is_running());
}

TEST(inter_task, thread_made_stopped_gets_its_first_state_with_the_answer)
{
    l4_threadid_t t = counting_task(), other = t;
    struct l4_utcb *u = l4_utcb();

    detour = 0;
    other.id.lthread = 5;
    check(stop(t) == 0 && send2(t, 0, 0) == 0);
    l4_threadid_t pager = old.pager;
    check(stop(other) == 0);
    old.preempter = L4_INVALID_ID;
    check(l4_inter_task_ex_regs(other, LEAVE, LEAVE, &old.preempter, &pager,
                                &old.flags, &old.ip, &old.sp, 0) == 0);
    check(l4_thread_equal(pager, l4_myself()));
    let_run();
    check(detour == 0);
    u->reg[L4_REG_IP] = (l4_umword_t)take_detour;
    u->reg[L4_REG_STACK] = fresh_stack();
    u->changed = BIT(L4_REG_IP) | BIT(L4_REG_STACK);
    check(send2(other, 0, 0) == 0);
    let_run();
    check(detour == 1);
    check(is_running());
}

TEST(inter_task, task_made_without_an_ip_waits_to_be_given_one)
{
    l4_threadid_t pager = thread_pager();
    l4_threadid_t t = start_task_raw(pager, LEAVE, LEAVE);

    check(!l4_is_nil_id(t));
    let_run();
    check(stop(t) == 0);
    check((old.ip | 3) == LEAVE);
}

static void make_calls(void *unused)
{
    (void)unused;
    for (;;) {
        answer = (l4_umword_t)l4_myself().raw;
        count++;
    }
}

/* The next exception of t; its word 0. */
static l4_umword_t exception_of(l4_threadid_t t)
{
    l4_umword_t w0 = 0, w1 = 0;

    check(receive2(t, &w0, &w1) == 0);
    check(w1 > 0x1000);
    return w0;
}

/* t's calls come to us. */
static void make_foreign(l4_threadid_t t)
{
    l4_threadid_t preempter = l4_myself(), pager = L4_INVALID_ID;
    l4_umword_t flags, ip, sp;

    check(l4_inter_task_ex_regs(t, LEAVE, LEAVE, &preempter, &pager, &flags,
                                &ip, &sp, L4_EX_FOREIGN) == 0);
}

TEST(inter_task, system_call_of_a_foreign_thread_is_an_exception)
{
    l4_threadid_t t = start_task(make_calls, 0);

    let_run();
    make_foreign(t);
    check(exception_of(t) == FOREIGN);
    check(!is_running());
}

TEST(inter_task, handler_of_a_foreign_call_gives_its_result)
{
    l4_threadid_t t = start_task(make_calls, 0);

    let_run();
    make_foreign(t);
    check(exception_of(t) == FOREIGN);
    l4_utcb()->reg[ID_REG] = 0x12345678;
    l4_utcb()->changed = BIT(ID_REG);
    answer = 0;
    check(send2(t, 0, 0) == 0);
    check(exception_of(t) == FOREIGN);
    check((l4_uint32_t)answer == 0x12345678);
}

TEST(inter_task, foreign_thread_made_native_calls_the_kernel_again)
{
    l4_threadid_t t = start_task(make_calls, 0);

    let_run();
    make_foreign(t);
    check(exception_of(t) == FOREIGN);
    check(exchange(t, LEAVE, LEAVE, L4_EX_NATIVE) == 0);
    check(send2(t, 0, 0) == 0);
    check(is_running());
    check(answer == (l4_umword_t)t.raw);
}

static void call_by_operation_word(void *partner)
{
    for (;;) {
        struct l4_words m = { { 1, 2 } };
        l4_ipc_call_words(*(l4_threadid_t *)partner, &m);
    }
}

TEST(inter_task, operation_word_of_a_foreign_thread_is_an_exception_too)
{
    static l4_threadid_t me;
    l4_umword_t w0 = 0, w1 = 0;

    me = l4_myself();
    l4_threadid_t t = start_task(call_by_operation_word, &me);
    check(receive2(t, &w0, &w1) == 0 && w0 == 1);
    make_foreign(t);        /* it waits for the answer to that */
    w0 = w1 = 0;
    check(send2(t, 0, 0) == 0);
    check(exception_of(t) == FOREIGN);
}

static volatile int result;

static void receive_once(void *unused)
{
    l4_threadid_t from;
    l4_umword_t w0, w1;

    (void)unused;
    result = -1;
    l4_msgdope_t dope;
    result = l4_ipc_wait(&from, L4_IPC_SHORT_MSG, &w0, &w1, L4_IPC_NEVER,
                         &dope);
    sleep_forever();
}

TEST(inter_task, stop_cancels_an_ipc)
{
    l4_threadid_t t = start_task(receive_once, 0);

    let_run();
    check(result == -1);
    check(stop(t) == 0);
    let_run();
    check(result == -1);
    check(send2(t, 0, 0) == 0);
    let_run();
    check(result == L4_IPC_RECANCELED);
}

TEST(inter_task, no_cancel_leaves_a_thread_in_its_ipc)
{
    l4_threadid_t t = start_task(receive_once, 0);

    let_run();
    check(exchange(t, LEAVE, LEAVE, L4_EX_STOP | L4_EX_NO_CANCEL) ==
          L4_EX_EBUSY);
    check(exchange(t, (l4_umword_t)take_detour, LEAVE, L4_EX_NO_CANCEL) ==
          L4_EX_EBUSY);
    check(exchange(t, LEAVE, LEAVE, L4_EX_NO_CANCEL) == 0);
    check(send2(t, 0, 0) == 0);
    let_run();
    check(result == 0);
}

TEST(inter_task, no_cancel_stops_a_thread_that_runs)
{
    l4_threadid_t t = counting_task();

    check(exchange(t, LEAVE, LEAVE, L4_EX_STOP | L4_EX_NO_CANCEL) == 0);
    check(!is_running());
}

/* In the first page, which our pager gives to nobody. */
static void touch_nothing(void *unused)
{
    static volatile l4_addr_t nothing = 0x50;

    (void)unused;
    *(volatile l4_umword_t *)nothing = 1;
    sleep_forever();
}

TEST(inter_task, stop_of_a_faulting_thread_tells_where_it_faulted)
{
    l4_threadid_t t = start_task(touch_nothing, 0);

    let_run();              /* our pager leaves it unanswered */
    l4_utcb()->wanted_exception = BIT(L4_REG_IP);
    check(stop(t) == 0);
    l4_utcb()->wanted_exception = 0;
    detour = 0;
    l4_utcb()->reg[L4_REG_IP] = (l4_umword_t)take_detour;
    l4_utcb()->changed = BIT(L4_REG_IP);
    check(send2(t, 0, 0) == 0);
    let_run();
    check(detour == 1);
}

static l4_threadid_t victim;

/* Try when told to. */
static void try_to_stop(void *unused)
{
    l4_threadid_t preempter = L4_INVALID_ID, pager = L4_INVALID_ID, from;
    l4_umword_t flags, ip, sp;

    (void)unused;
    for (;;) {
        wait2(&from, &flags, &ip);
        result = l4_inter_task_ex_regs(victim, LEAVE, LEAVE, &preempter,
                                       &pager, &flags, &ip, &sp, L4_EX_STOP);
    }
}

static int result_of(l4_threadid_t trying)
{
    result = -1;
    check(send2(trying, 0, 0) == 0);
    let_run();
    return result;
}

TEST(inter_task, stranger_is_refused_and_the_pager_is_not)
{
    l4_threadid_t preempter = L4_INVALID_ID, pager;
    l4_umword_t flags, ip, sp;

    victim = counting_task();
    l4_threadid_t other = start_task(try_to_stop, 0);
    check(result_of(other) == L4_EX_EDENIED && is_running());
    pager = other;
    check(l4_inter_task_ex_regs(victim, LEAVE, LEAVE, &preempter, &pager,
                                &flags, &ip, &sp, 0) == 0);
    check(result_of(other) == 0 && !is_running());
}

TEST(inter_task, bad_requests_are_refused_and_change_nothing)
{
    l4_threadid_t t = counting_task(), bad = t;

    bad.id.version_low++;
    check(stop(bad) == L4_EX_ENOT_EXISTENT);
    bad = t;
    bad.id.task = 2000;
    check(stop(bad) == L4_EX_ENOT_EXISTENT);
    check(stop(L4_NIL_ID) == L4_EX_ENOT_EXISTENT);
    check(stop(L4_INVALID_ID) == L4_EX_ENOT_EXISTENT);
    check(exchange(t, LEAVE, LEAVE, ~0ul) == L4_EX_EINVALID);
    check(exchange(t, LEAVE, LEAVE, L4_EX_FOREIGN | L4_EX_NATIVE) ==
          L4_EX_EINVALID);
    check(stop(l4_myself()) == L4_EX_EINVALID);
    check(is_running());
}

TEST(inter_task, stopped_thread_and_its_task_can_be_killed)
{
    l4_threadid_t t = counting_task();

    check(stop(t) == 0);
    kill_task(t);
    check(send2(t, 0, 0) == L4_IPC_ENOT_EXISTENT);
}

/* ---- floating point ---- */

static char fpu_page[4096] __attribute__((aligned(4096)));
static volatile double number;

/* Keep a number in the FPU only, and show it again and again. */
static void keep_number(void *unused)
{
    double x = number;

    (void)unused;
    for (;;) {
        __asm__ volatile("" : : : "memory");
        number = x + 1;
        count++;
    }
}

static int with_fpu(l4_threadid_t t, void *buffer, l4_umword_t flags)
{
    l4_utcb()->fpu_buffer = (l4_umword_t)buffer;
    return exchange(t, LEAVE, LEAVE, flags);
}

static l4_threadid_t task_with_number(double x)
{
    number = x;
    l4_threadid_t t = start_task(keep_number, 0);
    thread_set_priority(t, 1);
    check(is_running());
    check(number == x + 1);
    return t;
}

static bool is_same(const char *a, const char *b)
{
    for (unsigned i = 0; i < L4_FPU_BYTES; i++)
        if (a[i] != b[i])
            return false;
    return true;
}

TEST(inter_task, fpu_registers_move_from_one_thread_to_another)
{
    char *one = fpu_page, *other = fpu_page + 1024, *then = fpu_page + 2048;
    l4_threadid_t t = task_with_number(3.5);

    check(with_fpu(t, one, L4_EX_STOP | L4_EX_FPU_GET) == 0);
    t = task_with_number(100);
    check(with_fpu(t, other, L4_EX_STOP | L4_EX_FPU_GET) == 0);
    check(!is_same(one, other));
    check(with_fpu(t, one, L4_EX_FPU_SET) == 0);
    check(with_fpu(t, then, L4_EX_FPU_GET) == 0);
    check(is_same(one, then));
}

TEST(inter_task, bad_fpu_buffers_are_refused)
{
    l4_threadid_t t = counting_task();

    check(with_fpu(t, fpu_page + 1, L4_EX_FPU_GET) == L4_EX_EINVALID);
    check(with_fpu(t, fpu_page + 4096 - 16, L4_EX_FPU_GET) == L4_EX_EINVALID);
    check(with_fpu(t, (void *)(kip->user_top & ~15ul), L4_EX_FPU_GET) ==
          L4_EX_EINVALID);
    check(with_fpu(t, fpu_page, L4_EX_FPU_GET | L4_EX_FPU_SET) ==
          L4_EX_EINVALID);
    check(is_running());
}

static l4_threadid_t fpu_thread;

/* In a task whose page for the buffer is not there yet. */
static void get_with_missing_page(void *unused)
{
    static char buffer[4096] __attribute__((aligned(4096)));

    (void)unused;
    wait2(&victim, &old.ip, &old.sp);
    result = with_fpu(fpu_thread, buffer, L4_EX_FPU_GET);
    sleep_forever();
}

TEST(inter_task, missing_page_of_the_fpu_buffer_is_asked_for)
{
    l4_threadid_t t = start_task(get_with_missing_page, 0);

    fpu_thread = t;
    fpu_thread.id.lthread = 9;      /* of its own task: is made */
    result = -1;
    let_run();
    check(send2(t, 0, 0) == 0);
    let_run();
    check(result == 0);
}
