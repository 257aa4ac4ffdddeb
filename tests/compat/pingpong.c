/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ping-pong between two threads of a task, with the first names of the IPC
 * functions: short messages in all combinations of send and receive.
 */
#include <l4/sys/types.h>
#include <l4/sys/ipc.h>
#include <l4/sys/syscalls.h>
#include <l4/util/l4_macros.h>

#include "check.h"

#define PONG    1
#define ROUNDS  1000

static l4_threadid_t main_id, pong_id;
static unsigned char pong_stack[4096] __attribute__((aligned(16)));

/* Answers with the sum and the difference, until it is told to stop. */
static void pong(void)
{
    l4_threadid_t src;
    l4_umword_t dw0, dw1;
    l4_msgdope_t result;
    int error;

    error = l4_i386_ipc_wait(&src, L4_IPC_SHORT_MSG, &dw0, &dw1, L4_IPC_NEVER,
                             &result);
    while (!error && dw0)
        error = l4_i386_ipc_reply_and_wait(src, L4_IPC_SHORT_MSG, dw0 + dw1,
                                           dw0 - dw1, &src, L4_IPC_SHORT_MSG,
                                           &dw0, &dw1, L4_IPC_NEVER, &result);
    /* from here on one thing after the other */
    l4_i386_ipc_send(main_id, L4_IPC_SHORT_MSG, 4711, error, L4_IPC_NEVER,
                     &result);
    for (;;) {
        l4_i386_ipc_receive(main_id, L4_IPC_SHORT_MSG, &dw0, &dw1,
                            L4_IPC_NEVER, &result);
        l4_i386_ipc_send(main_id, L4_IPC_SHORT_MSG, dw1, dw0, L4_IPC_NEVER,
                         &result);
    }
}

static void start(void)
{
    l4_threadid_t preempter = L4_INVALID_ID, pager = L4_INVALID_ID;
    l4_umword_t dummy;

    main_id = l4_myself();
    pong_id = main_id;
    pong_id.id.lthread = PONG;

    /* who is our pager? */
    l4_thread_ex_regs(main_id, -1, -1, &preempter, &pager, &dummy, &dummy,
                      &dummy);
    CHECK(!l4_is_invalid_id(pager) && !l4_is_nil_id(pager));
    preempter = L4_INVALID_ID;
    l4_thread_ex_regs(pong_id, (l4_umword_t)pong,
                      (l4_umword_t)(pong_stack + sizeof(pong_stack)),
                      &preempter, &pager, &dummy, &dummy, &dummy);
}

/* A function with an array of its own size, and so with a frame pointer. */
static l4_umword_t exchange(int n)
{
    char text[n];
    l4_umword_t dw0, dw1;
    l4_msgdope_t result;
    l4_threadid_t next;

    text[n - 1] = 'x';
    l4_nchief(pong_id, &next);
    l4_ipc_call(next, L4_IPC_SHORT_MSG, text[n - 1], n, L4_IPC_SHORT_MSG, &dw0,
                &dw1, L4_IPC_TIMEOUT(0, 0, 250, 8, 0, 0), &result);
    return text[n - 1] == 'x' ? dw0 : 0;
}

int main(void)
{
    l4_umword_t dw0, dw1;
    l4_msgdope_t result;
    l4_threadid_t src;
    int i, error = 0, wrong = 0;

    start();
    printf("ping is " IdFmt ", pong is " IdFmt "\n", IdStr(main_id),
           IdStr(pong_id));
    for (i = 1; i <= ROUNDS && !error; i++) {
        error = l4_i386_ipc_call(pong_id, L4_IPC_SHORT_MSG, i, 2 * i,
                                 L4_IPC_SHORT_MSG, &dw0, &dw1, L4_IPC_NEVER,
                                 &result);
        wrong += dw0 != (l4_umword_t)(3 * i) || dw1 != (l4_umword_t)-i;
    }
    CHECK(error == 0 && wrong == 0 && !L4_IPC_IS_ERROR(result));

    /* its last answer never comes: the server stops instead */
    error = l4_i386_ipc_send(pong_id, L4_IPC_SHORT_MSG, 0, 0, L4_IPC_NEVER,
                             &result);
    CHECK(error == 0);
    error = l4_i386_ipc_wait(&src, L4_IPC_SHORT_MSG, &dw0, &dw1, L4_IPC_NEVER,
                             &result);
    CHECK(error == 0 && l4_thread_equal(src, pong_id));
    CHECK(dw0 == 4711 && dw1 == 0);
    CHECK(result.md.strings == 0 && !l4_ipc_fpage_received(result));

    /* the same word for both results is a habit */
    l4_i386_ipc_send(pong_id, L4_IPC_SHORT_MSG, 5, 6, L4_IPC_NEVER, &result);
    error = l4_i386_ipc_receive(pong_id, L4_IPC_SHORT_MSG, &dw0, &dw0,
                                L4_IPC_NEVER, &result);
    CHECK(error == 0 && dw0 == 5);

    /* no send phase: a call that only receives, and reply-and-wait likewise */
    l4_i386_ipc_send(pong_id, L4_IPC_SHORT_MSG, 7, 8, L4_IPC_NEVER, &result);
    error = l4_i386_ipc_call(pong_id, (void *)L4_IPC_NIL_DESCRIPTOR, 0, 0,
                             L4_IPC_SHORT_MSG, &dw0, &dw1, L4_IPC_NEVER,
                             &result);
    CHECK(error == 0 && dw0 == 8 && dw1 == 7);
    l4_i386_ipc_send(pong_id, L4_IPC_SHORT_MSG, 9, 10, L4_IPC_NEVER, &result);
    error = l4_i386_ipc_reply_and_wait(L4_NIL_ID,
                                       (void *)L4_IPC_NIL_DESCRIPTOR, 0, 0,
                                       &src, L4_IPC_SHORT_MSG, &dw0, &dw1,
                                       L4_IPC_NEVER, &result);
    CHECK(error == 0 && dw0 == 10 && l4_thread_equal(src, pong_id));

    CHECK(exchange(40) == 40);

    /* nobody there */
    src = pong_id;
    src.id.lthread = 77;
    error = l4_i386_ipc_send(src, L4_IPC_SHORT_MSG, 1, 2, L4_IPC_NEVER,
                             &result);
    CHECK(error == L4_IPC_ENOT_EXISTENT && L4_IPC_IS_ERROR(result));
    CHECK(L4_IPC_ERROR(result) == L4_IPC_ENOT_EXISTENT);
    FINISH("pingpong");
}
