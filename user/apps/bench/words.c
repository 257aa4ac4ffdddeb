/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages of 2 to 63 words to another task, which sends as many back. Those
 * that travel in registers go through the binding that has them all; more of
 * them stand in a message buffer on either side. A short message's words are
 * put together for each call, those in memory are there.
 */
#include <stdio.h>

#include <l4/sys/ipc.h>
#include <l4/sys/syscalls.h>

#include <hickory/mark.h>
#include <hickory/thread.h>

#include "cases.h"

#define LTHREAD     4           /* of the server's */
#define MOST        63
#define FIRST       100         /* word i is FIRST + i */

struct message {
    struct l4_msg_header header;
    l4_umword_t word[MOST];
};

/* ---- the server's side: what is in memory ---- */

/* Answer with as many words as came, from the same buffer. */
static void take_words(void *unused)
{
    static struct message m;
    l4_threadid_t client;
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    (void)unused;
    use_tls();
    m.header.size_dope = L4_IPC_DOPE(MOST, 0);
    int error = l4_ipc_wait(&client, &m, &w0, &w1, L4_IPC_NEVER, &dope);
    for (;;) {
        m.header.send_dope = L4_IPC_DOPE(dope.md.dwords, 0);
        error = error ? l4_ipc_wait(&client, &m, &w0, &w1, L4_IPC_NEVER, &dope)
                      : l4_ipc_reply_and_wait(
                            client, &m, w0, w1, &client, &m, &w0, &w1,
                            L4_IPC_TIMEOUT(0, 1, 0, 0, 0, 0), &dope);
    }
}

bool serve_words(void)
{
    static char stack[2048] __attribute__((aligned(16)));
    l4_threadid_t t =
        thread_create(LTHREAD, (struct thread_stack){ stack, sizeof(stack) },
                      (struct thread_work){ take_words, NULL });

    return !l4_is_nil_id(t) && be_undisturbed(t);
}

/* ---- the client's: registers ---- */

/* All words of the answer are looked at, so none of them can be left out. */
static inline __attribute__((always_inline)) void call_registers(unsigned n)
{
    l4_threadid_t partner = run.partner;
    struct l4_words m = { { 0 } };
    l4_umword_t wrong = 0;

    for (unsigned i = run.rounds; i > 0; i--) {
#pragma GCC unroll 8
        for (unsigned w = 0; w < L4_REG_WORDS; w++)
            m.w[w] = w < n ? FIRST + w : m.w[w];
        if (L4_IPC_IS_ERROR(l4_ipc_words(L4_OP_CALL, &partner, &m))) {
            run.failed = true;
            break;
        }
    }
#pragma GCC unroll 8
    for (unsigned w = 0; w < L4_REG_WORDS; w++)
        wrong |= w < n ? m.w[w] ^ (FIRST + w) : 0;
    if (wrong)
        run.failed = true;
}

LOOP call_2(void)
{
    call_registers(2);
}

/* Never run where a message has two. */
LOOP call_4(void)
{
    call_registers(4);
}

LOOP call_8(void)
{
    call_registers(8);
}

/* ---- the client's: memory ---- */

static struct message out, in;

LOOP call_memory(void)
{
    l4_umword_t w0 = 0, w1 = 0;
    l4_msgdope_t dope = { 0 };

    for (unsigned i = run.rounds; i > 0; i--) {
        if (l4_ipc_call(run.partner, &out, FIRST, FIRST + 1, &in, &w0, &w1,
                        L4_IPC_NEVER, &dope)) {
            run.failed = true;
            break;
        }
    }
    in.word[0] = w0;
    in.word[1] = w1;
    in.header.send_dope = dope;
}

static void prepare(unsigned n)
{
    for (unsigned i = 0; i < MOST; i++) {
        out.word[i] = FIRST + i;
        in.word[i] = 0;
    }
    out.header.size_dope = out.header.send_dope = L4_IPC_DOPE(n, 0);
    in.header.size_dope = L4_IPC_DOPE(MOST, 0);
}

/* Just n words came back, those that were sent. */
static bool is_answered(unsigned n)
{
    bool right = in.header.send_dope.md.dwords == n;

    for (unsigned i = 0; i < MOST; i++)
        right = right && in.word[i] == (i < n ? FIRST + i : 0);
    return right;
}

/* ---- all of them ---- */

static bool say(unsigned n, int span)
{
    if (run.failed) {
        printf("bench: case=words-%u failed\n", n);
        return false;
    }
    printf("bench: case=words-%u span=%d rounds=%d ops=2 direction=one-way\n",
           n, span, ROUNDS);
    return true;
}

/* One case: `loop` if a short message has so many words. */
static inline __attribute__((always_inline)) bool
measure(void (*loop)(void), const unsigned n, const int span)
{
    run.failed = false;
    if (n <= L4_REG_WORDS) {
        run.partner.id.lthread = 0;
        RUN_LOOP(loop, span);
    } else {
        run.partner.id.lthread = LTHREAD;
        prepare(n);
        wait_for_tick();
        RUN_LOOP(call_memory, span);
        run.failed = run.failed || !is_answered(n);
    }
    return say(n, span);
}

bool measure_words(l4_threadid_t server)
{
    run.partner = server;
    return measure(call_2, 2, SPAN_WORDS) &&
           measure(call_4, 4, SPAN_WORDS + 2) &&
           measure(call_8, 8, SPAN_WORDS + 4) &&
           measure(NULL, 16, SPAN_WORDS + 6) &&
           measure(NULL, 32, SPAN_WORDS + 8) &&
           measure(NULL, 63, SPAN_WORDS + 10);
}
