/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Some threads in tasks of some clans that do random things to each other:
 *
 *      sigma0 ---- root (0..2, idler) ----+---- A (0..2) ---- C (0..2)
 *                                         `---- B (0..2) ---- D (0..2)
 *
 * What is done next depends on the seed and on who runs, on nothing else.
 * Root's idler never blocks and is the least urgent: there is always somebody
 * to go on.
 */
#ifndef IPCWORLD_H
#define IPCWORLD_H

#include "world.h"

enum { IW_SIGMA0, IW_ROOT, IW_A, IW_B, IW_C, IW_D, IW_TASKS };
#define IW_LTHREADS 4           /* looked at in each task */
#define IW_IDLER    3           /* lthread of root */
#define IW_THREADS  (IW_TASKS * IW_LTHREADS)

extern const unsigned iw_number[IW_TASKS];      /* task numbers */
extern const int iw_chief[IW_TASKS];            /* -1: none */

/* The thread at i = task * IW_LTHREADS + lthread, or NULL. */
struct tcb *iw_thread(unsigned i);
int iw_index(const struct tcb *t);

struct action {
    enum {
        DO_IPC, DO_OP, DO_EX_REGS, DO_FAULT, DO_EXCEPTION, DO_FOREIGN,
        DO_BAD_CALL, DO_SCHEDULE, DO_KILL, DO_CREATE, DO_TIME, DO_RAISE
    } kind;
    struct tcb *self;           /* who does it: current */
    threadid_t partner, virtual, pager, preempter;
    word_t snd, rcv, op;
    uint32_t timeouts;
    word_t words[L4_REG_WORDS];
    unsigned lthread, task;     /* task: IW_* */
    word_t ip, sp;              /* fault: ip is the address */
    unsigned prio, number, access;
    usec_t us;
};

/* Boot and make all threads. With distinct_prios no two ever have the same
   priority, so who runs is clear at any time. */
void iw_start(bool distinct_prios);

/* Threads attach to interrupt lines too, and lines interrupt. */
extern bool iw_interrupts;

struct action iw_random_action(void);
void iw_perform(const struct action *a);

#endif
