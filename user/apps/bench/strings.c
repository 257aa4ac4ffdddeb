/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A message with one string, of 64 bytes to 64 KB, to a thread of another task
 * that answers with two words; and what it costs to copy 4 KB at all.
 */
#include <stdio.h>
#include <string.h>

#include <l4/sys/ipc.h>
#include <l4/sys/syscalls.h>

#include <hickory/mark.h>
#include <hickory/thread.h>

#include "cases.h"

#define SIZE        4096        /* of what is copied */
#define MOST        65536
#define LTHREAD     3           /* of the server's */

struct message {
    struct l4_msg_header header;
    l4_umword_t word[2];
    l4_strdope_t string;
};

static char buffer[2][MOST] __attribute__((aligned(SIZE)));

/* ---- the server's side ---- */

static void take_strings(void *unused)
{
    static struct message m;
    l4_threadid_t client;
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    (void)unused;
    use_tls();
    m.header.size_dope = L4_IPC_DOPE(2, 1);
    m.string.rcv_size = MOST;
    m.string.rcv_str = (l4_umword_t)buffer[0];
    memset(buffer[0], 0, MOST);         /* it is there */
    int error = l4_ipc_wait(&client, &m, &w0, &w1, L4_IPC_NEVER, &dope);
    for (;;)
        error = error ? l4_ipc_wait(&client, &m, &w0, &w1, L4_IPC_NEVER, &dope)
                      : l4_ipc_reply_and_wait(
                            client, L4_IPC_SHORT_MSG, w0, w1, &client, &m,
                            &w0, &w1, L4_IPC_TIMEOUT(0, 1, 0, 0, 0, 0), &dope);
}

bool serve_strings(void)
{
    static char stack[2048] __attribute__((aligned(16)));
    l4_threadid_t t =
        thread_create(LTHREAD, (struct thread_stack){ stack, sizeof(stack) },
                      (struct thread_work){ take_strings, NULL });

    return !l4_is_nil_id(t) && be_undisturbed(t);
}

/* ---- the client's ---- */

static struct message out;

LOOP send_strings(void)
{
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    for (unsigned i = run.rounds; i > 0; i--) {
        if (l4_ipc_call(run.partner, &out, 1, 2, L4_IPC_SHORT_MSG, &w0, &w1,
                        L4_IPC_NEVER, &dope)) {
            run.failed = true;
            break;
        }
    }
}

LOOP copy(void)
{
    for (unsigned i = run.rounds; i > 0; i--) {
        memcpy(buffer[1], buffer[0], SIZE);
        __asm__ volatile("" : : : "memory");
    }
}

/* One case; 4 KB has the name of the copy beside it. */
static inline __attribute__((always_inline)) bool
measure(unsigned size, const int span)
{
    const char *k = size == SIZE ? "k" : "";

    out.string.snd_size = size;
    run.failed = false;
    wait_for_tick();
    RUN_LOOP(send_strings, span);
    if (size == SIZE)
        size /= 1024;
    if (run.failed) {
        printf("bench: case=string-%u%s failed\n", size, k);
        return false;
    }
    printf("bench: case=string-%u%s span=%d rounds=%d ops=1 "
           "direction=round-trip average=1\n", size, k, span, ROUNDS);
    return true;
}

static void measure_copy(void)
{
    wait_for_tick();
    RUN_LOOP(copy, SPAN_COPY);
    printf("bench: case=copy-4k span=%d rounds=%d ops=1 direction=no-ipc\n",
           SPAN_COPY, ROUNDS);
}

bool measure_strings(l4_threadid_t server)
{
    memset(buffer, 1, sizeof(buffer));
    out.header.size_dope = out.header.send_dope = L4_IPC_DOPE(2, 1);
    out.string.snd_str = (l4_umword_t)buffer[0];
    server.id.lthread = LTHREAD;
    run.partner = server;
    measure_copy();
    return measure(64, SPAN_STRINGS) && measure(256, SPAN_STRINGS + 2) &&
           measure(1024, SPAN_STRINGS + 4) && measure(SIZE, SPAN_STRING) &&
           measure(16384, SPAN_STRINGS + 6) &&
           measure(MOST, SPAN_STRINGS + 8);
}
