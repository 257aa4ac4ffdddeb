/* SPDX-License-Identifier: BSD-2-Clause */
#include <l4/sys/ipc.h>

#include <hickory/mark.h>

#include "crowd.h"
#include "ipc.h"

#define SERVER      (FIRST_SPARE + 2)   /* its task */
#define ROUNDS      64u

static char stack[4096] __attribute__((aligned(4096)));

static void call(l4_threadid_t server, unsigned rounds)
{
    struct l4_words m = { { 1, 2 } };

    while (rounds--)
        require(!L4_IPC_IS_ERROR(l4_ipc_call_words(server, &m)));
}

void ipc_start(void)
{
    task_start(SERVER, (l4_umword_t)stack + sizeof(stack), echo, 0);
    settle();
    call(task_id(SERVER), 2);
}

void ipc_end(void)
{
    task_kill(SERVER);
}

unsigned ipc_measure(void)
{
    call(task_id(SERVER), 2);
    L4_SPAN_BEGIN(0);
    call(task_id(SERVER), ROUNDS);
    L4_SPAN_END(0);
    return 2 * ROUNDS;
}

static void call_each(unsigned tasks, unsigned times)
{
    while (times--)
        for (unsigned i = 0; i < tasks; i++) {
            l4_threadid_t t = task_id(FIRST_TASK + i);
            t.id.lthread = 1;
            call(t, 1);
        }
}

unsigned ipc_measure_each(unsigned tasks)
{
    unsigned times = tasks < ROUNDS ? ROUNDS / tasks : 1;

    call_each(tasks, 1);
    L4_SPAN_BEGIN(0);
    call_each(tasks, times);
    L4_SPAN_END(0);
    return 2 * tasks * times;
}
