/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A booted kernel with sigma0 and the root task, and short forms of the
 * system calls. Each acts for the thread that runs, `current`; who runs
 * afterwards is up to the kernel.
 */
#ifndef WORLD_H
#define WORLD_H

#include <l4/sys/ipc.h>
#include <l4/sys/syscalls.h>

#include "host.h"
#include "htest.h"
#include "ipc.h"
#include "invariants.h"
#include "klib.h"
#include "kmem.h"
#include "sched.h"
#include "task.h"
#include "thread.h"
#include "timeout.h"
#include "unmap.h"

#define LEAVE   (~(word_t)0)

/* Version 2 timeout words. */
#define TO_NEVER        0u
#define TO_SEND_NOW     0x10u
#define TO_RECV_NOW     0x01u
#define TO_NOW          (TO_SEND_NOW | TO_RECV_NOW)
/* Both `man` times 4^(15 - exp) microseconds. */
#define TO_BOTH(man, exp) \
    ((uint32_t)(exp) | (exp) << 4 | (uint32_t)(man) << 16 | \
     (uint32_t)(man) << 24)

extern struct tcb *root;        /* its lthread 0 */

/* Boot; sigma0 waits for messages, root runs. */
void world_boot(void);

/* The ipc gate; words stay what the frame holds. */
void do_ipc(threadid_t partner, word_t snd, word_t rcv, uint32_t timeouts);

/* An operation word. */
void do_op(word_t op, threadid_t partner);

/* The words of a thread's frame: set to w, w + 1 ...; are they that? */
void set_words(struct tcb *t, word_t w);
bool has_words(const struct tcb *t, word_t w);
word_t dope_of(const struct tcb *t);
threadid_t source_of(const struct tcb *t);

/* lthread_ex_regs with the pager and preempter left alone. */
void do_ex_regs(unsigned lthread, word_t ip, word_t sp);

/* thread_schedule without the external preempter; the old parameter. */
word_t do_schedule(threadid_t t, word_t param);
word_t param_of(unsigned prio, unsigned man, unsigned exp);

/* task_new: create, or kill and keep the right, or hand over. */
threadid_t do_task_new(unsigned number, threadid_t pager, word_t mcp);
threadid_t do_task_kill(unsigned number);
threadid_t do_task_hand_over(unsigned number, threadid_t heir);

/* A new lthread of the running task, ready, at `prio`. */
struct tcb *new_thread(unsigned lthread, unsigned prio);

/* The first thread of a new task of the running task, ready, at `prio`. */
struct tcb *new_task(unsigned number, unsigned prio);

/* Give t a priority behind the system calls' back, and let the kernel see
   to it. */
void set_prio(struct tcb *t, unsigned prio);

/* The running thread waits for anyone. */
void do_wait(void);

/* Kernel structures and TLB are whole. */
void check_world(void);

/* Parked or not, it waits for a message. */
static inline bool receives(const struct tcb *t)
{
    return tcb_is_parked(t) || t->state == T_RECEIVING;
}

/* For a look at a thread as all but the fast path see it; true: was parked,
   and is to be parked again after the look. */
static inline bool unpark(struct tcb *t)
{
    bool parked = tcb_is_parked(t);

    if (parked)
        ipc_settle(t);
    return parked;
}

#endif
