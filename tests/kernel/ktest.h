/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernel tests: programs that run as the root task and show one promise of
 * the API each.
 *
 *   TEST(area, sentence_in_snake_case) { ... check(x); ... }
 *
 * The name is the claim. Each test makes its own threads and tasks; what it
 * leaves running is stopped before the next. Waits have time-outs, so a
 * broken kernel fails a test instead of hanging it.
 */
#ifndef KTEST_H
#define KTEST_H

#include <stdbool.h>

#include <l4/sys/ipc.h>
#include <l4/sys/kdebug.h>
#include <l4/sys/kernel.h>
#include <l4/sys/syscalls.h>
#include <l4/sys/utcb.h>

struct test {
    const char *area, *name;
    void (*run)(void);
};

#define TEST(area, name)                                                  \
    static void test_##area##_##name(void);                               \
    static const struct test record_##area##_##name                       \
        __attribute__((used, section("ktests"), aligned(sizeof(void *)))) \
        = { #area, #name, test_##area##_##name };                         \
    static void test_##area##_##name(void)

/* Note a failure and go on; the test's result is its first. */
#define check(x) ktest_check((x), #x, __FILE__, __LINE__)
void ktest_check(bool ok, const char *text, const char *file, int line);

/* ---- helpers (helpers.c) ---- */

#define MSEC(n)     ((n) * 1000u)
#define LEAVE       (~(l4_umword_t)0)

/* Both timeouts: `us` microseconds, rounded up to what the API can say. */
l4_timeout_t timeout_us(unsigned us);
#define PATIENCE    timeout_us(MSEC(2000))  /* long enough for anything */
#define NOW         L4_IPC_TIMEOUT(0, 1, 0, 1, 0, 0)

/* A thread of this task, running function(argument), below our priority or
   at it; ktest stops it after the test. */
l4_threadid_t start_thread(void (*function)(void *), void *argument);
l4_threadid_t start_thread_prio(void (*function)(void *), void *argument,
                                unsigned prio);

/*
 * A task of its own that shares our memory, page by page, as it touches it:
 * `function` runs in it and sees our variables. Its pager is a thread of
 * ours that maps 1:1 and writes down what it was asked for. Killed after the
 * test. Nil when it could not be made.
 */
l4_threadid_t start_task(void (*function)(void *), void *argument);

/* The same, with a maximum controlled priority. */
l4_threadid_t start_task_mcp(void (*function)(void *), unsigned mcp);

/* A short function that is all in one page: when it has begun its code does not
   fault any more, to whatever pager. */
#define IN_ONE_PAGE __attribute__((aligned(1024)))

/* Who pages the tasks of start_task. */
l4_threadid_t tasks_pager(void);

/* What the tasks' pager does: for a chief that pages its creatures. */
void page_others(void *unused);

/* The same, but paged by `pager`, started at ip with sp. */
l4_threadid_t start_task_raw(l4_threadid_t pager, l4_umword_t ip,
                             l4_umword_t sp);

/* Kill a task made by the above. */
void kill_task(l4_threadid_t task);

/* Kill a task that start_task has made and make it anew: a new address space,
   where `function` runs. */
l4_threadid_t restart_task(l4_threadid_t task, void (*function)(void *));

/* Stop the threads of this task that the test has made so far. */
void helpers_stop_threads(void);

/* Give a thread of ours another pager. */
void page_by(l4_threadid_t thread, l4_threadid_t pager);

/* lthread_ex_regs with the instruction pointer that the thread has: whatever
   it waits for ends, and it sees the result. */
void cancel(l4_threadid_t thread);

/* Number of the next task that start_task would make. */
l4_taskid_t free_task_id(void);

/* A stack for start_task_raw, its top. */
l4_umword_t fresh_stack(void);

/* Microseconds since boot. */
l4_uint64_t now_us(void);

/* Page-aligned memory of ours to give away: `TEST_PAGES` pages. */
#define TEST_PAGES 8
extern char test_memory[];

/* The large page of RAM that is all ours, or 0: none free. */
l4_umword_t large_page(void);

/* Short calls with two words, for brevity; results are IPC errors. */
int send2(l4_threadid_t to, l4_umword_t w0, l4_umword_t w1);
int call2(l4_threadid_t to, l4_umword_t *w0, l4_umword_t *w1);
int wait2(l4_threadid_t *from, l4_umword_t *w0, l4_umword_t *w1);
int receive2(l4_threadid_t from, l4_umword_t *w0, l4_umword_t *w1);

/* Park the calling thread for good. */
void sleep_forever(void) L4_NORETURN;

/* The kernel info page. */
extern const l4_kernel_info_t *kip;

#endif
