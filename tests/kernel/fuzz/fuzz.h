/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fuzzer: hostile tasks make random system calls, watchers in other tasks
 * see to it that nobody else notices.
 *
 *      root: supervisor, pager ---+--- ping, pong    call each other
 *                                 |--- memory        its pages stay its own
 *                                 `--- hostile chief --- hostile tasks ...
 *
 * The hostile tasks have the program's text, read-only, and the arena: pages
 * that they all share, with their stacks, their messages and a log of their
 * calls. Everything they do follows from the round's seed.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <l4/sys/ipc.h>
#include <l4/sys/kdebug.h>
#include <l4/sys/kernel.h>
#include <l4/sys/syscalls.h>
#include <l4/sys/utcb.h>

#include <stdbool.h>

/* ---- random.c: chance, and values that are worth a try ---- */

struct rng { l4_uint64_t state; };

void rng_seed(struct rng *r, l4_uint64_t seed);
l4_uint64_t rng_next(struct rng *r);
unsigned below(struct rng *r, unsigned n);
bool percent(struct rng *r, unsigned n);

l4_umword_t any_word(struct rng *r);
l4_umword_t any_fpage(struct rng *r);
l4_threadid_t any_id(struct rng *r);
l4_umword_t any_timeouts(struct rng *r);

/* A message buffer somewhere in the arena, filled in; its address. */
l4_umword_t any_buffer(struct rng *r);

/* ---- the arena: writable by all who are hostile ---- */

#define ARENA_PAGES     64
#define HOSTILE_FIRST   20      /* task number of the chief */
#define HOSTILE_TASKS   8       /* numbers that its tree may have */
#define HOSTILE_THREADS 8       /* lthreads used in each */
#define STACK_SIZE      2048u
#define LOG_ENTRIES     32

struct log_entry {
    l4_uint64_t who, id[2];
    l4_umword_t call, arg[3];
};

struct arena {
    l4_uint64_t id[HOSTILE_TASKS];      /* of the tasks made last */
    unsigned calls;
    struct log_entry log[LOG_ENTRIES];
    char stack[HOSTILE_TASKS * HOSTILE_THREADS][STACK_SIZE]
        __attribute__((aligned(4096)));
    char data[];
};

extern char arena_pages[];
#define ARENA       ((struct arena *)arena_pages)
#define ARENA_SIZE  (ARENA_PAGES * 4096ul)

/* Ids for any_id: fixed by the supervisor before the first round. */
extern l4_threadid_t others[6];
extern unsigned trace;          /* calls are printed before they are made */
extern l4_umword_t user_top;

/* Addresses that hostile tasks have memory at only if it is given to them. */
#define HOLES       0x50000000ul

/* ---- hostile.c ---- */

void hostile_main(void *seed);
void chief_main(void *seed);

/* Stack pointer for a thread that is to run function(seed) on the stack of
   this lthread of a hostile task. */
l4_umword_t prepare_thread(unsigned task, unsigned lthread,
                           void (*function)(void *), l4_umword_t seed);

/* A message of a hostile thread to its pager, to be answered in the UTCB
   and with these two words; false: not worth an answer. */
bool answer_fault(struct rng *r, l4_threadid_t from, l4_umword_t *w0,
                  l4_umword_t *w1);

void print_log(void);

/* arch/ARCH/odd.c: something that user programs do not do. */
#define ODD_INSTRUCTIONS 18
void odd_instruction(unsigned n, l4_umword_t value);

/* ---- watch.c ---- */

void watch_start(void);

/* What the watchers found: NULL, or what is wrong. */
const char *watch_check(void);

/* The page of a watcher that it may have writable; for the pager. */
bool watch_may_write(l4_threadid_t from, l4_umword_t address);
bool is_watcher(l4_threadid_t id);

/* ---- main.c ---- */

l4_threadid_t start_watcher(unsigned task, void (*function)(void *));
#define WATCHER_FIRST   10
#define WATCHERS        3

#endif
