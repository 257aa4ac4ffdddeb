/* SPDX-License-Identifier: BSD-2-Clause */
/* What the model knows; shared by its two halves: ipcphases.c, the way of a
   message, and ipcmodel.c, what threads do and what the kernel shows. */
#ifndef IPCSTATE_H
#define IPCSTATE_H

#include "ipcworld.h"

#define NOBODY  (-1)
#define NEVER   HOST_NEVER

enum state { NONE, READY, SENDING, RECEIVING, HALTED };

/* One IPC: the thread's own, or that of its fault. */
struct ipc {
    threadid_t partner, sender;
    word_t snd, rcv;
    uint32_t timeouts;
    word_t fault[2];            /* level 1: the words */
    word_t flags;               /* of the dope: how it was sent */
};

struct thread {
    threadid_t id, pager, handler;
    enum state state;
    unsigned prio, level;
    bool then_receives;         /* ready; its receive phase is to come */
    int to;                     /* SENDING: in whose queue */
    usec_t deadline;
    struct ipc ipc[2];
    struct arch_frame frame;
};
extern struct thread thread[IW_THREADS];

/* Who waits to send to each, first come first. */
extern int queue[IW_THREADS][IW_THREADS];
extern int queued[IW_THREADS];
extern int running;                      /* who runs */
extern bool words_unknown[IW_THREADS];  /* after a message that was cut */

/* The thread with this id, or NOBODY. */
int find(threadid_t id);

/* t begins an IPC at its level. */
void begin(int t, struct ipc c);

/* t, ready, goes on with the receive phase it still has. */
void receive(int t);

/* t's IPC ends with this dope. */
void done(int t, word_t dope);

/* Take t out of the queue it waits in. */
void leave_queue(int t);

/* The kernel speaks for t: a fault, or an exception. */
void report(int t, threadid_t to, word_t w0, word_t rcv);
void exception(int t, word_t number);

#endif
