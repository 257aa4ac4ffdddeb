/* SPDX-License-Identifier: BSD-2-Clause */
#include <hickory/pager.h>
#include <hickory/protocol.h>
#include <hickory/thread.h>
#include <hickory/time.h>

#include "helpers.h"
#include "ktest.h"

#define MAX_THREADS 24      /* of our own task, beside main */
#define MAX_TASKS   24
#define STACK_SIZE  4096
#define PAGER       127     /* lthread that pages the tasks */

char test_memory[TEST_PAGES * 4096] __attribute__((aligned(4096)));
const l4_kernel_info_t *kip;

static char stacks[MAX_THREADS + 1][STACK_SIZE] __attribute__((aligned(4096)));
static char task_stacks[MAX_TASKS][STACK_SIZE] __attribute__((aligned(4096)));
static unsigned threads;            /* in use by this test */
static bool thread_made[MAX_THREADS];
static unsigned made_by_test;
static l4_threadid_t tasks[MAX_TASKS];
static unsigned task_count;
static l4_threadid_t pager;

void sleep_forever(void)
{
    for (;;)
        l4_ipc_sleep(L4_IPC_NEVER);
}

l4_timeout_t timeout_us(unsigned us)
{
    unsigned exp = 15;

    while (us > 255) {
        us = (us + 3) / 4;
        exp--;
    }
    return L4_IPC_TIMEOUT(us, exp, us, exp, 0, 0);
}

l4_uint64_t now_us(void)
{
    return l4_time();
}

/* ---- threads ---- */

l4_threadid_t start_thread_prio(void (*function)(void *), void *argument,
                                unsigned prio)
{
    unsigned i = threads++;

    if (i >= MAX_THREADS)
        return L4_NIL_ID;
    if (!thread_made[i])
        made_by_test++;
    thread_made[i] = true;
    /* Made at our own priority it would not run before we wait. */
    l4_threadid_t t = thread_create(
        i + 1, (struct thread_stack){ stacks[i], STACK_SIZE },
        (struct thread_work){ function, argument });
    thread_set_priority(t, prio);
    return t;
}

l4_threadid_t start_thread(void (*function)(void *), void *argument)
{
    return start_thread_prio(function, argument,
                             (unsigned)thread_priority(l4_myself()));
}

/* It sleeps, and the next test finds it as if new: no handlers of its own,
   no preempter, the usual slice. */
static void stop_thread(unsigned i)
{
    l4_threadid_t t = thread_create(
        i + 1, (struct thread_stack){ stacks[i], STACK_SIZE },
        (struct thread_work){ (void (*)(void *))sleep_forever, 0 });
    l4_threadid_t none = L4_NIL_ID, pager = thread_pager(), partner;
    l4_sched_param_t param = { 0 }, old;
    l4_umword_t flags, ip, sp;

    l4_thread_ex_regs(t, LEAVE, LEAVE, &none, &pager, &flags, &ip, &sp);
    param.sp.prio = (unsigned)thread_priority(l4_myself());
    param.sp.time_man = 10;     /* 10.24 ms */
    param.sp.time_exp = 10;
    none = L4_NIL_ID;
    l4_thread_schedule(t, param, &none, &partner, &old);
}

static l4_umword_t exchange(l4_threadid_t thread, l4_umword_t new_ip,
                            l4_threadid_t new_pager)
{
    l4_threadid_t preempter = L4_INVALID_ID;
    l4_umword_t flags, ip, sp;

    l4_thread_ex_regs(thread, new_ip, LEAVE, &preempter, &new_pager, &flags,
                      &ip, &sp);
    return ip;
}

void page_by(l4_threadid_t thread, l4_threadid_t its_pager)
{
    exchange(thread, LEAVE, its_pager);
}

void cancel(l4_threadid_t thread)
{
    exchange(thread, exchange(thread, LEAVE, L4_INVALID_ID), L4_INVALID_ID);
}

/* ---- tasks ---- */

/* Give each fault the page at the same address here, writable. The address
   is touched first so that we have it ourselves. */
void page_others(void *unused)
{
    const l4_timeout_t timeouts = L4_IPC_TIMEOUT(0, 1, 0, 0, 0, 0);
    l4_threadid_t from = L4_NIL_ID;
    l4_umword_t w0 = 0, w1 = 0;
    l4_msgdope_t dope = { .msgdope = 0 };

    (void)unused;
    for (;;) {
        l4_umword_t page = w0 & L4_PAGEMASK;
        /* An exception: the thread stays where it is. An error: the reply
           has not gone, nothing has come. */
        if ((w0 & 1) || page < (l4_umword_t)0x1000 ||
            L4_IPC_IS_ERROR(dope)) {
            l4_ipc_wait(&from, L4_IPC_SHORT_MSG, &w0, &w1, timeouts, &dope);
            continue;
        }
        volatile char *p = (volatile char *)page;
        *p = *p;
        l4_ipc_reply_and_wait(
            from, L4_IPC_SHORT_FPAGE, page,
            l4_fpage(page, L4_PAGESHIFT, L4_FPAGE_RW, L4_FPAGE_MAP).raw,
            &from, L4_IPC_SHORT_MSG, &w0, &w1, timeouts, &dope);
    }
}

l4_threadid_t tasks_pager(void)
{
    return pager;
}

l4_taskid_t free_task_id(void)
{
    l4_threadid_t t = l4_myself();

    t.id.lthread = 0;
    t.id.task = 16 + task_count;
    return t;
}

__attribute__((weak)) void prepare_task(l4_threadid_t task)
{
    (void)task;
}

static l4_threadid_t make_task(l4_threadid_t its_pager, l4_umword_t ip,
                               l4_umword_t sp, unsigned mcp)
{
    if (task_count >= MAX_TASKS)
        return L4_NIL_ID;
    l4_threadid_t t = l4_task_new(free_task_id(), mcp, sp, ip, its_pager);
    tasks[task_count++] = t;
    prepare_task(t);
    return t;
}

l4_threadid_t start_task_raw(l4_threadid_t its_pager, l4_umword_t ip,
                             l4_umword_t sp)
{
    return make_task(its_pager, ip, sp, 255);
}

static l4_umword_t stack_of(unsigned i)
{
    return (l4_umword_t)task_stacks[i] + STACK_SIZE;
}

l4_umword_t fresh_stack(void)
{
    return stack_of(task_count);
}

void thread_begin(void);    /* thread.S: calls what lies on the stack */

static l4_umword_t stack_with_work(l4_umword_t stack, void (*function)(void *),
                                   void *argument)
{
    struct thread_work *work = (void *)(stack - 64);

    *work = (struct thread_work){ function, argument };
    return (l4_umword_t)work;
}

l4_threadid_t start_task(void (*function)(void *), void *argument)
{
    return start_task_raw(pager, (l4_umword_t)thread_begin,
                          stack_with_work(fresh_stack(), function,
                                          argument));
}

l4_threadid_t start_task_mcp(void (*function)(void *), unsigned mcp)
{
    return make_task(pager, (l4_umword_t)thread_begin,
                     stack_with_work(fresh_stack(), function, 0), mcp);
}

void kill_task(l4_threadid_t task)
{
    /* No pager: dies, and the right to make it stays with us. */
    l4_task_new(task, (l4_umword_t)l4_myself().raw, 0, 0, L4_NIL_ID);
}

l4_threadid_t restart_task(l4_threadid_t task, void (*function)(void *))
{
    unsigned i = task.id.task - 16;

    kill_task(task);
    tasks[i] = l4_task_new(task, 255, stack_with_work(stack_of(i), function, 0),
                           (l4_umword_t)thread_begin, pager);
    prepare_task(tasks[i]);
    return tasks[i];
}

/* ---- before and after a test ---- */

l4_umword_t helpers_may_keep(void)
{
    /* TCB, UTCB, and page tables for new parts of our own space. */
    return made_by_test * 2048 + 16 * L4_PAGESIZE;
}

void helpers_stop_threads(void)
{
    for (unsigned i = 0; i < threads && i < MAX_THREADS; i++)
        stop_thread(i);
    threads = 0;
}

void helpers_clean_up(void)
{
    prepare_task(l4_myself());
    helpers_stop_threads();
    for (unsigned i = 0; i < task_count; i++)
        if (!l4_is_nil_id(tasks[i]))
            kill_task(tasks[i]);
    task_count = 0;
}

static void touch(char *start, unsigned long size)
{
    for (unsigned long i = 0; i < size; i += L4_PAGESIZE) {
        volatile char *p = start + i;
        *p = *p;
    }
}

/* From the linker: this program. */
extern char __executable_start[], _end[];

static const l4_kernel_info_t *get_kip(void)
{
    const l4_umword_t request[2] = { REQUEST_KIP, 0 };
    l4_addr_t page = 0;

    pager_request(SIGMA0_ID, request, WINDOW_ANYWHERE, &page);
    return (const l4_kernel_info_t *)page;
}

void helpers_init(void)
{
    l4_threadid_t self = l4_myself();

    /* All of our image is ours before anything asks for a free page. */
    for (char *p = __executable_start; p < _end; p += L4_PAGESIZE)
        (void)*(volatile char *)p;
    touch(test_memory, sizeof(test_memory));
    kip = get_kip();
    l4_kip_set(kip);
    pager = thread_create(
        PAGER, (struct thread_stack){ stacks[MAX_THREADS], STACK_SIZE },
        (struct thread_work){ page_others, 0 });
    /* Above everybody else, so that it never waits. */
    thread_set_priority(pager, (unsigned)thread_priority(self) + 64);
}

l4_umword_t large_page(void)
{
    static l4_umword_t page;
    l4_addr_t where;

    if (!page && pager_any_page(thread_pager(), L4_SUPERPAGESHIFT,
                                WINDOW_ANYWHERE, &where))
        page = where;
    return page;
}

/* ---- short IPC ---- */

int send2(l4_threadid_t to, l4_umword_t w0, l4_umword_t w1)
{
    l4_msgdope_t dope;
    return l4_ipc_send(to, L4_IPC_SHORT_MSG, w0, w1, PATIENCE, &dope);
}

int call2(l4_threadid_t to, l4_umword_t *w0, l4_umword_t *w1)
{
    l4_msgdope_t dope;
    return l4_ipc_call(to, L4_IPC_SHORT_MSG, *w0, *w1, L4_IPC_SHORT_MSG, w0,
                       w1, PATIENCE, &dope);
}

int wait2(l4_threadid_t *from, l4_umword_t *w0, l4_umword_t *w1)
{
    l4_msgdope_t dope;
    return l4_ipc_wait(from, L4_IPC_SHORT_MSG, w0, w1, PATIENCE, &dope);
}

int receive2(l4_threadid_t from, l4_umword_t *w0, l4_umword_t *w1)
{
    l4_msgdope_t dope;
    return l4_ipc_receive(from, L4_IPC_SHORT_MSG, w0, w1, PATIENCE, &dope);
}
