/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the kernel's operations cost as the system grows: the guest's side,
 * a root task. Between the marks of span 0 it does something `rounds` times;
 * after each run of the span it says on the console what that was:
 *
 *     scale: op=NAME of=THINGS n=NUMBER rounds=R
 *
 * where NUMBER is how many threads, timeouts, ready threads or mappings there
 * were besides. And what things cost in the kernel's memory:
 *
 *     scale: memory=THING bytes=TOTAL count=N
 *
 * Main has the highest priority of all but the pager, which sleeps by the
 * time that something is measured, and a slice without end.
 */
#include <l4/sys/ipc.h>
#include <l4/sys/syscalls.h>

#include <hickory/mark.h>
#include <hickory/print.h>
#include <hickory/thread.h>

#include "crowd.h"
#include "ipc.h"
#include "mappings.h"

#define ROUNDS  64

int main(void);

static l4_threadid_t echo_id, partner_id, subject_id;

static void say(const char *op, const char *of, unsigned n, unsigned rounds)
{
    print("scale: op=%s of=%s n=%u rounds=%u\n", op, of, n, rounds);
}

static void say_memory(const char *thing, l4_umword_t before, unsigned count)
{
    print("scale: memory=%s bytes=%lu count=%u\n", thing,
          before - kernel_memory(), count);
}

/* ---- short calls to other tasks ---- */

static void measure_ipc(const char *of, unsigned n)
{
    ipc_start();
    say("ipc", of, n, ipc_measure());
    ipc_end();
}

/* In as many tasks as there are with a second thread. */
static void measure_ipc_each(unsigned n)
{
    unsigned tasks = n / LTHREADS;

    if (tasks == 0)
        return;
    crowd_set_second(CROWD_ECHO);
    say("ipc-each", "tasks", tasks, ipc_measure_each(tasks));
    crowd_set_second(CROWD_WAIT);
}

/* ---- tasks and threads ---- */

static void new_tasks(void)
{
    for (unsigned i = 0; i < SPARE_TASKS; i++)
        l4_task_new(task_id(FIRST_SPARE + i), 255, 0, (l4_umword_t)park,
                    pager_id);
}

static void kill_tasks(void)
{
    for (unsigned i = 0; i < SPARE_TASKS; i++)
        task_kill(FIRST_SPARE + i);
}

static void measure_tasks(unsigned n)
{
    l4_umword_t before;

    new_tasks();
    kill_tasks();
    before = kernel_memory();
    L4_SPAN_BEGIN(0);
    new_tasks();
    L4_SPAN_END(0);
    say("task-new", "threads", n, SPARE_TASKS);
    if (n == CROWD_MOST)
        say_memory("task", before, SPARE_TASKS);
    L4_SPAN_BEGIN(0);
    kill_tasks();
    L4_SPAN_END(0);
    say("task-kill", "threads", n, SPARE_TASKS);
}

/* A task makes 127 threads; they run, and it is killed. */
static void measure_threads(unsigned n)
{
    const struct crowd_order all = { CROWD_WAIT, 1, LTHREADS - 1, true };
    l4_umword_t before;

    crowd_start_task(FIRST_SPARE);
    before = kernel_memory();
    crowd_tell(FIRST_SPARE, all);
    say("thread-new", "threads", n, LTHREADS - 1);
    if (n == CROWD_MOST)
        say_memory("thread", before, LTHREADS - 1);
    settle();
    crowd_tell(FIRST_SPARE, all);
    say("thread-restart", "threads", n, LTHREADS - 1);
    settle();
    L4_SPAN_BEGIN(0);
    task_kill(FIRST_SPARE);
    L4_SPAN_END(0);
    say("task-kill-128", "threads", n, 1);
}

/* ---- timeouts ---- */

/* A call that would wait 1 s for its answer: set, cancelled. */
static void call_with_timeout(unsigned rounds)
{
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    while (rounds--)
        l4_ipc_call(echo_id, L4_IPC_SHORT_MSG, 0, 0, L4_IPC_SHORT_MSG, &w0,
                    &w1, L4_IPC_TIMEOUT(0, 0, 244, 9, 0, 0), &dope);
}

/* 1 ms, with nobody else to run. */
static void sleep_shortly(unsigned rounds)
{
    while (rounds--)
        l4_ipc_sleep(L4_IPC_TIMEOUT(0, 0, 250, 14, 0, 0));
}

static void measure_timeouts(unsigned n)
{
    call_with_timeout(1);
    L4_SPAN_BEGIN(0);
    call_with_timeout(ROUNDS);
    L4_SPAN_END(0);
    say("set-and-cancel", "timeouts", n, ROUNDS);
    sleep_shortly(1);
    L4_SPAN_BEGIN(0);
    sleep_shortly(ROUNDS);
    L4_SPAN_END(0);
    say("set-and-expire", "timeouts", n, ROUNDS);
}

/* ---- ready queues ---- */

static void yields(void *unused)
{
    (void)unused;
    for (;;)
        l4_yield();
}

/* Answers a send by a send; each blocks and is woken through the queue. */
static void answers(void *unused)
{
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    (void)unused;
    for (;;)
        if (l4_ipc_receive(main_id, L4_IPC_SHORT_MSG, &w0, &w1, L4_IPC_NEVER,
                           &dope) == 0)
            l4_ipc_send(main_id, L4_IPC_SHORT_MSG, w0, w1, L4_IPC_NEVER,
                        &dope);
}

static void block_and_wake(unsigned rounds)
{
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    while (rounds--) {
        l4_ipc_send(partner_id, L4_IPC_SHORT_MSG, 0, 0, L4_IPC_NEVER, &dope);
        l4_ipc_receive(partner_id, L4_IPC_SHORT_MSG, &w0, &w1, L4_IPC_NEVER,
                       &dope);
    }
}

static void yield(unsigned rounds)
{
    while (rounds--)
        l4_yield();
}

/* The subject is ready, in the crowd's queue; it leaves it and comes back. */
static void change_priority(unsigned rounds)
{
    l4_threadid_t preempter, partner;
    l4_sched_param_t param = { .sched_param = 0 }, old;

    while (rounds--) {
        param.sp.prio = PRIO_READY + (rounds & 1);
        preempter = L4_INVALID_ID;
        l4_thread_schedule(subject_id, param, &preempter, &partner, &old);
    }
}

static void measure_ready(unsigned n)
{
    subject_id = thread_start(SUBJECT, yields, 0);
    set_priority(subject_id, PRIO_READY);
    partner_id = thread_start(PARTNER, yields, 0);
    yield(2);
    L4_SPAN_BEGIN(0);
    yield(ROUNDS);
    L4_SPAN_END(0);
    say("yield", "ready", n, 2 * ROUNDS);
    L4_SPAN_BEGIN(0);
    change_priority(ROUNDS);
    L4_SPAN_END(0);
    say("set-priority", "ready", n, ROUNDS);
    partner_id = thread_start(PARTNER, answers, 0);
    block_and_wake(2);
    L4_SPAN_BEGIN(0);
    block_and_wake(ROUNDS);
    L4_SPAN_END(0);
    say("block-and-wake", "ready", n, 2 * ROUNDS);
    partner_id = thread_start(PARTNER, park, 0);
    subject_id = thread_start(SUBJECT, park, 0);
    set_priority(subject_id, PRIO_MAIN);
    settle();
}

/* ---- mappings ---- */

static void measure_mappings(unsigned n)
{
    l4_umword_t before = kernel_memory();

    mappings_grow(n);
    if (n == MAPPINGS_MOST)
        say_memory("mapping", before, n);
    measure_ipc("mappings", n);
    for (unsigned i = 0; i < MAPPING_OPS; i++) {
        unsigned rounds = mappings_measure(i);
        say(mapping_ops[i], "mappings", n, rounds);
    }
}

/* As many as the kernel has memory for. */
static void measure_full_mappings(void)
{
    print("scale: now as many mappings as there is memory for\n");
    mappings_grow(MAPPINGS_MOST);
    ipc_start();
    unsigned n = mappings_fill();
    say("ipc", "mappings", n, ipc_measure());
    mappings_end();
    ipc_end();
}

/* ---- all of it ---- */

static void measure_crowd(unsigned n)
{
    print("scale: now %u threads\n", n);
    crowd_grow(n);
    measure_ipc("threads", n);
    measure_ipc_each(n);
    measure_tasks(n);
    measure_threads(n);
    crowd_set_mode(CROWD_SLEEP);
    measure_ipc("timeouts", n);
    measure_timeouts(n);
    crowd_set_mode(CROWD_READY);
    measure_ipc("ready", n);
    measure_ready(n);
    crowd_set_mode(CROWD_WAIT);
}

int main(void)
{
    static const unsigned crowd[] = { 1, 16, 256, 4096, 65536, CROWD_MOST };
    static const unsigned mappings[] = { 1, 16, 256, 4096, 65536,
                                         MAPPINGS_MOST };

    common_init();
    crowd_init();
    echo_id = thread_start(ECHO, echo, 0);
    settle();
    for (unsigned i = 0; i < sizeof(crowd) / sizeof(crowd[0]); i++)
        measure_crowd(crowd[i]);
    crowd_kill();
    mappings_init();
    for (unsigned i = 0; i < sizeof(mappings) / sizeof(mappings[0]); i++) {
        print("scale: now %u mappings\n", mappings[i]);
        measure_mappings(mappings[i]);
    }
    measure_full_mappings();
    print("scale: done\n");
    return 0;
}
