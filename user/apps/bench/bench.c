/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What IPC costs: the guest's side. `bench client` calls a partner in a loop
 * between two marks, which the counting plugin outside sees; it calls ROUNDS
 * times in span K and twice as often in span K + 1, so that the difference is
 * free of what surrounds the loop.
 *
 * Cases here: the partner is a thread of the same task (intra) or of another
 * one, `bench server` (inter); messages carry two words, or all the words that
 * travel in registers. And the shortest of all calls, which asks for the own
 * id. Others are in the files beside.
 *
 * Nothing else happens in a span: both sides have one priority, above that
 * of all others, and time slices without an end. As in a system that is in
 * use they have thread-local storage, and a hundred threads are ready.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <l4/sys/ipc.h>
#include <l4/sys/syscalls.h>

#include <hickory/mark.h>
#include <hickory/root.h>
#include <hickory/thread.h>

#include "cases.h"

#define PATIENCE    5000000     /* microseconds, for the server to appear */
#define READY       100         /* other threads, ready to run */
#define FIRST_READY 20          /* their lthreads */
#define ALL_WORDS   (L4_REG_WORDS > 2)

/* ---- a system in use ---- */

/* Thread-local storage of the calling thread, as any C library has it: on
   ia32 a segment of 4 GB that begins there (SDM 3, 3.4.5), elsewhere a word. */
void use_tls(void)
{
    static int storage;
    l4_umword_t base = (l4_umword_t)&storage;
    bool segment = L4_TLS_SLOTS > 1;

    l4_thread_tls(0, segment ? base << 16 | 0xffff : base,
                  (base & 0xff000000) | 0x00cff300 | (base >> 16 & 0xff));
}

/* The kernel's timer was due for us; so it is set anew, as late as can be, for
   nobody has a slice that ends. */
void wait_for_tick(void)
{
    l4_ipc_sleep(L4_IPC_TIMEOUT(0, 0, 250, 14, 0, 0));
}

static void be_ready(void *unused)
{
    (void)unused;
    for (;;)
        l4_yield();
}

/* Threads that would like to run, less urgent than we. */
static bool make_ready_threads(void)
{
    static char stack[READY][512] __attribute__((aligned(16)));

    for (unsigned i = 0; i < READY; i++) {
        l4_threadid_t t = thread_create(
            FIRST_READY + i, (struct thread_stack){ stack[i], sizeof(stack[i]) },
            (struct thread_work){ be_ready, NULL });
        if (l4_is_nil_id(t) || !thread_set_priority(t, 1))
            return false;
    }
    return true;
}

/* ---- the partner ---- */

/* Answer with what came. One IPC in the loop, not a wait and a reply: so the
   words stay where they arrive. */
void echo(void *unused)
{
    const l4_umword_t wait = L4_OP_IPC | L4_OP_RECV | L4_OP_OPEN;
    const l4_umword_t reply_and_wait = L4_OP_REPLY_AND_WAIT | L4_OP_SEND_NOW;
    l4_threadid_t client = L4_NIL_ID;
    struct l4_words m = { { 0 } };
    l4_umword_t op = wait;

    (void)unused;
    use_tls();
    for (;;) {
        l4_msgdope_t dope = l4_ipc_words(op, &client, &m);
        op = reply_and_wait;
        if (L4_IPC_IS_ERROR(dope)) {
            __asm__ volatile("");   /* a branch, not arithmetic on op */
            op = wait;
        }
    }
}

/* No preemption between threads of this priority. */
bool be_undisturbed(l4_threadid_t thread)
{
    int priority = thread_priority(l4_myself());

    return priority > 0 && thread_set_endless(thread, (unsigned)priority);
}

static l4_threadid_t intra_partner(void)
{
    static char stack[4096] __attribute__((aligned(16)));
    l4_threadid_t partner =
        thread_create(1, (struct thread_stack){ stack, sizeof(stack) },
                      (struct thread_work){ echo, NULL });

    if (l4_is_nil_id(partner) || !be_undisturbed(partner))
        return L4_NIL_ID;
    return partner;
}

static int server(void)
{
    if (!be_undisturbed(l4_myself()) || !serve_strings() || !serve_words() ||
        !serve_sends() || root_register() != REQUEST_OK) {
        printf("bench: server: no registration\n");
        return 1;
    }
    echo(NULL);
    return 0;
}

/* ---- the loops that are measured ---- */

struct run run;

/* `partner` is the source of the answer after each call, that is, itself. */
__attribute__((noipa)) void call_short(void)
{
    l4_threadid_t partner = run.partner;

    for (unsigned i = run.rounds; i > 0; i--) {
        struct l4_words m = { { 1, 2 } };
        if (L4_IPC_IS_ERROR(l4_ipc_words(L4_OP_CALL, &partner, &m))) {
            run.failed = true;
            break;
        }
    }
}

LOOP call_all_words(void)
{
    l4_threadid_t partner = run.partner;
    l4_umword_t wrong = 0;
    struct l4_words m;

    /* Unrolled, lest the words live in memory. */
#pragma GCC unroll 8
    for (unsigned i = 0; i < L4_REG_WORDS; i++)
        m.w[i] = i;
    for (unsigned i = run.rounds; i > 0; i--) {
        if (L4_IPC_IS_ERROR(l4_ipc_words(L4_OP_CALL, &partner, &m))) {
            run.failed = true;
            break;
        }
    }
#pragma GCC unroll 8
    for (unsigned i = 0; i < L4_REG_WORDS; i++)
        wrong |= m.w[i] ^ i;
    if (wrong)
        run.failed = true;
}

LOOP ask_own_id(void)
{
    for (unsigned i = run.rounds; i > 0; i--)
        l4_myself();
}

/* One case; see RUN_LOOP. */
static inline __attribute__((always_inline)) bool
measure(void (*loop)(void), const int span, const char *name,
        l4_threadid_t partner)
{
    run.partner = partner;
    run.failed = false;
    wait_for_tick();
    RUN_LOOP(loop, span);
    if (run.failed) {
        printf("bench: case=%s failed\n", name);
        return false;
    }
    printf("bench: case=%s span=%d rounds=%d ops=2 direction=one-way\n", name,
           span, ROUNDS);
    return true;
}

static void measure_null_call(void)
{
    wait_for_tick();
    RUN_LOOP(ask_own_id, SPAN_NULL);
    printf("bench: case=null-call span=%d rounds=%d ops=1 "
           "direction=round-trip\n", SPAN_NULL, ROUNDS);
}

static bool measure_intra(l4_threadid_t partner)
{
    return measure(call_short, SPAN_INTRA, "intra-short", partner) &&
           (!ALL_WORDS ||
            measure(call_all_words, SPAN_INTRA_ALL, "intra-8words", partner));
}

static bool measure_inter(l4_threadid_t partner)
{
    return measure(call_short, SPAN_INTER, "inter-short", partner) &&
           (!ALL_WORDS ||
            measure(call_all_words, SPAN_INTER_ALL, "inter-8words", partner));
}

static int client(void)
{
    l4_threadid_t inter = root_lookup_wait("server", PATIENCE);
    l4_threadid_t intra = intra_partner();

    use_tls();
    if (!make_ready_threads()) {
        printf("bench: no other threads\n");
        return 1;
    }
    if (l4_is_nil_id(inter) || l4_is_nil_id(intra) ||
        !be_undisturbed(l4_myself())) {
        printf("bench: no partner\n");
        return 1;
    }
    if (!measure_intra(intra) || !measure_inter(inter))
        return 1;
    measure_null_call();
    if (!measure_traps() || !measure_interrupt() || !measure_strings(inter) ||
        !measure_words(inter) || !measure_sends(inter))
        return 1;
    printf("bench: done\n");
    return 0;
}

int main(int argc, char *argv[])
{
    if (argc == 2 && strcmp(argv[1], "client") == 0)
        return client();
    if (argc == 2 && strcmp(argv[1], "server") == 0)
        return server();
    printf("usage: bench client|server\n");
    return 2;
}
