/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sends and waits that are system calls of their own, where a call or a
 * reply-and-wait has both in one. The partner is a thread of the server's:
 *
 *   send-wait   both sides send, and then wait for each other; half of a round
 *               is one send and one wait
 *   send-only   we send one message after the other, and the partner does
 *               nothing but wait for them; a message is one send and one wait.
 *               One side runs until it has to wait for the other, so there is a
 *               change of address spaces for each message here, too
 */
#include <stdio.h>

#include <l4/sys/ipc.h>
#include <l4/sys/syscalls.h>

#include <hickory/mark.h>
#include <hickory/thread.h>

#include "cases.h"

#define ANSWERER    5           /* lthreads of the server's */
#define LISTENER    6

/* ---- the server's side ---- */

static void wait_and_send(void *unused)
{
    l4_threadid_t client = L4_NIL_ID;
    struct l4_words m = { { 0 } };

    (void)unused;
    use_tls();
    for (;;)
        if (!L4_IPC_IS_ERROR(l4_ipc_words(L4_OP_RECV | L4_OP_OPEN, &client,
                                          &m)))
            l4_ipc_words(L4_OP_SEND, &client, &m);
}

/* What counts is that all have come: asked for by a call, which is answered
   with how many there were before it. */
static void only_wait(void *unused)
{
    l4_threadid_t client = L4_NIL_ID;
    struct l4_words m = { { 0 } };
    l4_umword_t heard = 0;

    (void)unused;
    use_tls();
    for (;;) {
        if (L4_IPC_IS_ERROR(l4_ipc_words(L4_OP_RECV | L4_OP_OPEN, &client,
                                         &m)))
            continue;
        heard++;
        if (m.w[0] == 0) {
            m.w[0] = heard - 1;
            l4_ipc_words(L4_OP_SEND | L4_OP_SEND_NOW, &client, &m);
            heard = 0;
        }
    }
}

static bool serve(unsigned lthread, struct thread_stack stack,
                  void (*function)(void *))
{
    l4_threadid_t t = thread_create(lthread, stack,
                                    (struct thread_work){ function, NULL });

    return !l4_is_nil_id(t) && be_undisturbed(t);
}

bool serve_sends(void)
{
    static char stack[2][2048] __attribute__((aligned(16)));

    return serve(ANSWERER, (struct thread_stack){ stack[0], sizeof(stack[0]) },
                 wait_and_send) &&
           serve(LISTENER, (struct thread_stack){ stack[1], sizeof(stack[1]) },
                 only_wait);
}

/* ---- the client's ---- */

LOOP send_and_wait(void)
{
    l4_threadid_t partner = run.partner;

    for (unsigned i = run.rounds; i > 0; i--) {
        struct l4_words m = { { 1, 2 } };
        if (L4_IPC_IS_ERROR(l4_ipc_words(L4_OP_SEND, &partner, &m)) ||
            L4_IPC_IS_ERROR(l4_ipc_words(L4_OP_RECV, &partner, &m))) {
            run.failed = true;
            break;
        }
    }
}

/* Two in a round: the partner takes the first when it waits, and the second
   from us who wait for it. */
LOOP only_send(void)
{
    l4_threadid_t partner = run.partner;

    for (unsigned i = run.rounds; i > 0; i--) {
        struct l4_words m = { { 1, 2 } };
        if (L4_IPC_IS_ERROR(l4_ipc_words(L4_OP_SEND, &partner, &m)) ||
            L4_IPC_IS_ERROR(l4_ipc_words(L4_OP_SEND, &partner, &m))) {
            run.failed = true;
            break;
        }
    }
}

static bool all_were_heard(void)
{
    struct l4_words m = { { 0 } };

    return !L4_IPC_IS_ERROR(l4_ipc_call_words(run.partner, &m)) &&
           m.w[0] == 2 * (WARM_UP + 3 * ROUNDS);
}

static bool say(const char *name, int span)
{
    if (run.failed) {
        printf("bench: case=%s failed\n", name);
        return false;
    }
    printf("bench: case=%s span=%d rounds=%d ops=2 direction=one-way\n", name,
           span, ROUNDS);
    return true;
}

bool measure_sends(l4_threadid_t server)
{
    run.partner = server;
    run.partner.id.lthread = ANSWERER;
    run.failed = false;
    wait_for_tick();
    RUN_LOOP(send_and_wait, SPAN_SEND_WAIT);
    if (!say("send-wait", SPAN_SEND_WAIT))
        return false;
    run.partner.id.lthread = LISTENER;
    wait_for_tick();
    RUN_LOOP(only_send, SPAN_SEND_ONLY);
    run.failed = run.failed || !all_were_heard();
    return say("send-only", SPAN_SEND_ONLY);
}
