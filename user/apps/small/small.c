/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What small address spaces save: a client calls a server of another task, and
 * each of them reads a word in each of some pages of its own before it goes on.
 * Both spaces large, the server's small, both small; the marks and the lines on
 * the console are those of the benchmark (apps/bench/bench.c). The cycle model
 * outside has the TLB.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <l4/sys/ipc.h>
#include <l4/sys/syscalls.h>

#include <hickory/mark.h>
#include <hickory/root.h>
#include <hickory/thread.h>

#define PATIENCE    5000000     /* microseconds, for the server to appear */
#define ROUNDS      200
#define WARM_UP     16
#define MOST        32          /* pages */

/* Programs are linked at 16 MB: a small space of 32 has room for them. */
#define CLIENT_SPACE    L4_SMALL_SPACE(32, 0)
#define SERVER_SPACE    L4_SMALL_SPACE(32, 1)

static volatile char memory[MOST][L4_PAGESIZE]
    __attribute__((aligned(L4_PAGESIZE)));

static struct {
    l4_threadid_t server;
    l4_umword_t pages;
    unsigned rounds;
    bool failed;
} run;

/* Not the same line of each: they would meet in one set of the cache. */
static void touch(l4_umword_t pages)
{
    for (l4_umword_t i = 0; i < pages; i++)
        (void)memory[i][i * 96 % L4_PAGESIZE];
}

/* Write, so that they are there: not all the same page of zeroes. */
static void bring_in(void)
{
    for (unsigned i = 0; i < MOST; i++)
        memory[i][0] = 1;
}

static bool be_undisturbed(void)
{
    int priority = thread_priority(l4_myself());

    return priority > 0 && thread_set_endless(l4_myself(), (unsigned)priority);
}

/* ---- the server: word 0 says how many pages ---- */

static int serve(void)
{
    l4_umword_t op = L4_OP_RECV | L4_OP_OPEN;
    l4_threadid_t client = L4_NIL_ID;
    struct l4_words m = { { 0 } };

    bring_in();
    if (!be_undisturbed() || root_register() != REQUEST_OK) {
        printf("small: server: no registration\n");
        return 1;
    }
    for (;;) {
        l4_ipc_words(op, &client, &m);
        touch(m.w[0]);
        op = L4_OP_REPLY_AND_WAIT | L4_OP_SEND_NOW;
    }
}

/* ---- the client ---- */

__attribute__((noipa)) static void call(void)
{
    l4_threadid_t server = run.server;

    for (unsigned i = run.rounds; i > 0; i--) {
        struct l4_words m = { { run.pages, 0 } };
        if (L4_IPC_IS_ERROR(l4_ipc_words(L4_OP_CALL, &server, &m))) {
            run.failed = true;
            break;
        }
        touch(run.pages);
    }
}

/* The marks' numbers are part of the instructions. */
#define MEASURE(span, spaces, n) do {                                       \
    run.pages = (n);                                                        \
    run.rounds = WARM_UP;                                                   \
    call();                                                                 \
    run.rounds = ROUNDS;                                                    \
    L4_SPAN_BEGIN(span);                                                    \
    call();                                                                 \
    L4_SPAN_END(span);                                                      \
    run.rounds = 2 * ROUNDS;                                                \
    L4_SPAN_BEGIN((span) + 1);                                              \
    call();                                                                 \
    L4_SPAN_END((span) + 1);                                                \
    printf("bench: case=%s-%u span=%d rounds=%d ops=2 direction=one-way\n", \
           (spaces), (n), (span), ROUNDS);                                  \
} while (0)

#define MEASURE_ALL(span, spaces) do {      \
    MEASURE((span), (spaces), 0u);          \
    MEASURE((span) + 2, (spaces), 4u);      \
    MEASURE((span) + 4, (spaces), 8u);      \
    MEASURE((span) + 6, (spaces), 16u);     \
    MEASURE((span) + 8, (spaces), 24u);     \
    MEASURE((span) + 10, (spaces), 32u);    \
} while (0)

static int measure(void)
{
    l4_threadid_t self = l4_myself();

    run.server = root_lookup_wait("server", PATIENCE);
    bring_in();
    if (l4_is_nil_id(run.server) || !be_undisturbed()) {
        printf("small: no server\n");
        return 1;
    }
    MEASURE_ALL(0, "large");
    thread_set_small(run.server, SERVER_SPACE);
    MEASURE_ALL(12, "server-small");
    thread_set_small(self, CLIENT_SPACE);
    MEASURE_ALL(24, "both-small");
    if (run.failed || thread_small(self) != CLIENT_SPACE ||
        thread_small(run.server) != SERVER_SPACE) {
        printf("small: a call failed, or a space is not small\n");
        return 1;
    }
    printf("small: done\n");
    return 0;
}

int main(int argc, char *argv[])
{
    if (argc == 2 && strcmp(argv[1], "client") == 0)
        return measure();
    if (argc == 2 && strcmp(argv[1], "server") == 0)
        return serve();
    printf("usage: small client|server\n");
    return 2;
}
