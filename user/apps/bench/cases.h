/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of the benchmark share. */
#ifndef BENCH_CASES_H
#define BENCH_CASES_H

#include <stdbool.h>

#include <l4/sys/types.h>

#define ROUNDS      1000
#define WARM_UP     16

/* ROUNDS as the loops read it: in memory, so that between the marks there is
   the same single call in every span. */
extern struct run {
    l4_threadid_t partner;
    unsigned rounds;
    bool failed;
} run;

/* Not inlined, not specialised: the same instructions for every span. */
#define LOOP __attribute__((noipa)) static void

/*
 * Run a loop for ROUNDS rounds in span `span`, for twice as many in the next.
 * The marks' numbers are part of the instructions: expanded for each case.
 */
#define RUN_LOOP(loop, span) do {   \
    run.rounds = WARM_UP;           \
    (loop)();                       \
    run.rounds = ROUNDS;            \
    L4_SPAN_BEGIN(span);            \
    (loop)();                       \
    L4_SPAN_END(span);              \
    run.rounds = 2 * ROUNDS;        \
    L4_SPAN_BEGIN((span) + 1);      \
    (loop)();                       \
    L4_SPAN_END((span) + 1);        \
} while (0)

/* Spans: of each case the first of two. */
enum {
    SPAN_INTRA = 0, SPAN_INTRA_ALL = 2, SPAN_INTER = 4, SPAN_INTER_ALL = 6,
    SPAN_CHIEF = 8, SPAN_NULL = 10, SPAN_FAULT = 12, SPAN_EXCEPTION = 14,
    SPAN_FOREIGN = 16, SPAN_INTERRUPT = 18, SPAN_STRING = 20, SPAN_COPY = 22,
    SPAN_WORDS = 24, SPAN_STRINGS = 36, /* six cases, and five */
    SPAN_SEND_WAIT = 46, SPAN_SEND_ONLY = 48
};

/* From now on a second passes before the next timer interrupt. */
void wait_for_tick(void);

/* Thread-local storage of the calling thread, as any C library has it. */
void use_tls(void);

/* A short IPC to run.partner in each round. */
void call_short(void);

/* Answer with what came, for ever. */
void echo(void *unused) __attribute__((noreturn));

/* Time slices without an end, at the caller's priority. */
bool be_undisturbed(l4_threadid_t thread);

/* traps.c: faults, exceptions, foreign system calls of a creature of ours. */
bool measure_traps(void);

/* interrupt.c: an interrupt until its handler runs. */
bool measure_interrupt(void);

/* strings.c: strings to a thread of the server's; 4 KB copied by ourselves. */
bool serve_strings(void);
bool measure_strings(l4_threadid_t server);

/* words.c: messages of more and more words to the server. */
bool serve_words(void);
bool measure_words(l4_threadid_t server);

/* sends.c: sends and waits apart from each other. */
bool serve_sends(void);
bool measure_sends(l4_threadid_t server);

#endif
