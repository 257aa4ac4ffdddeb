/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a short IPC costs: the guest's side. `bench client` calls a partner
 * in a loop between two marks, which the counting plugin outside sees; it
 * calls ROUNDS times in span K and twice as often in span K + 1, so that the
 * difference is free of what surrounds the loop.
 *
 * Cases: the partner is a thread of the same task (intra) or of another one,
 * `bench server` (inter); messages carry two words, or all the words that
 * travel in registers.
 *
 * Nothing else happens in a span: both sides have one priority, above that
 * of all others, and time slices without an end.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <l4/sys/ipc.h>
#include <l4/sys/syscalls.h>

#include <hickory/mark.h>
#include <hickory/root.h>
#include <hickory/thread.h>

#define ROUNDS      1000
#define WARM_UP     16
#define PATIENCE    5000000     /* microseconds, for the server to appear */
#define ALL_WORDS   (L4_REG_WORDS > 2)

/* ---- the partner ---- */

/* Answer with what came. */
static void echo(void *unused)
{
    l4_threadid_t client = L4_NIL_ID;
    struct l4_words m = { { 0 } };

    (void)unused;
    l4_ipc_wait_words(&client, &m);
    for (;;)
        while (L4_IPC_IS_ERROR(l4_ipc_reply_and_wait_words(&client, &m)))
            l4_ipc_wait_words(&client, &m);
}

/* No preemption between threads of this priority. */
static bool be_undisturbed(l4_threadid_t thread)
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
    if (!be_undisturbed(l4_myself()) || root_register() != REQUEST_OK) {
        printf("bench: server: no registration\n");
        return 1;
    }
    echo(NULL);
    return 0;
}

/* ---- the loops that are measured ---- */

/* Both return what the dopes had in common with an error. */
static inline __attribute__((always_inline)) l4_umword_t
call_short(l4_threadid_t partner, unsigned rounds)
{
    l4_umword_t errors = 0;

    for (unsigned i = 0; i < rounds; i++) {
        struct l4_words m = { { i, ~(l4_umword_t)i } };
        errors |= l4_ipc_call_words(partner, &m).msgdope;
        errors |= (m.w[0] ^ i) & L4_IPC_ERROR_MASK;
    }
    return errors & L4_IPC_ERROR_MASK;
}

static inline __attribute__((always_inline)) l4_umword_t
call_all_words(l4_threadid_t partner, unsigned rounds)
{
    struct l4_words m;
    l4_umword_t errors = 0;

    for (unsigned i = 0; i < L4_REG_WORDS; i++)
        m.w[i] = i;
    for (unsigned i = 0; i < rounds; i++)
        errors |= l4_ipc_call_words(partner, &m).msgdope;
    for (unsigned i = 0; i < L4_REG_WORDS; i++)
        if (m.w[i] != i)
            errors = L4_IPC_ERROR_MASK;
    return errors & L4_IPC_ERROR_MASK;
}

/*
 * One case in spans `span` and `span` + 1; the marks' numbers are part of
 * the instructions, so this must be expanded for each case.
 */
static inline __attribute__((always_inline)) bool
measure(l4_umword_t (*call)(l4_threadid_t, unsigned), const int span,
        const char *name, l4_threadid_t partner)
{
    l4_umword_t errors = call(partner, WARM_UP);

    L4_SPAN_BEGIN(span);
    errors |= call(partner, ROUNDS);
    L4_SPAN_END(span);
    L4_SPAN_BEGIN(span + 1);
    errors |= call(partner, 2 * ROUNDS);
    L4_SPAN_END(span + 1);
    if (errors) {
        printf("bench: case=%s failed\n", name);
        return false;
    }
    printf("bench: case=%s span=%d rounds=%d ops=2 direction=one-way\n", name,
           span, ROUNDS);
    return true;
}

static bool measure_intra(l4_threadid_t partner)
{
    return measure(call_short, 0, "intra-short", partner) &&
           (!ALL_WORDS ||
            measure(call_all_words, 2, "intra-8words", partner));
}

static bool measure_inter(l4_threadid_t partner)
{
    return measure(call_short, 4, "inter-short", partner) &&
           (!ALL_WORDS ||
            measure(call_all_words, 6, "inter-8words", partner));
}

static int client(void)
{
    l4_threadid_t inter = root_lookup_wait("server", PATIENCE);
    l4_threadid_t intra = intra_partner();

    if (l4_is_nil_id(inter) || l4_is_nil_id(intra) ||
        !be_undisturbed(l4_myself())) {
        printf("bench: no partner\n");
        return 1;
    }
    if (!measure_intra(intra) || !measure_inter(inter))
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
