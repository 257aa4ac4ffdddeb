/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Transfers: a sender and a receiver who have met, until the message has
 * passed or cannot.
 *
 * A transfer may take several kernel entries: it can be preempted (the
 * sender goes on with it when it is scheduled), and it can meet a page that
 * is not there. Then the kernel sends a page fault in the name of the thread
 * that owns the page, on that thread's second level of IPC, and both wait in
 * T_TRANSFER for the pager's answer:
 *
 *      sender  level 0 --transfer--> receiver  level 0
 *                                        |
 *                                    receiver  level 1 --fault--> pager
 */
#ifndef CORE_TRANSFER_H
#define CORE_TRANSFER_H

#include "ipc.h"

/* s, at its active level, meets r, which waits for it. */
void transfer_begin(struct tcb *s, struct tcb *r);

/* The pager has answered, or not (error), a fault inside t's transfer. True:
   there was one, and it goes on or has failed. */
bool transfer_fault_done(struct tcb *t, bool failed);

/*
 * Get t out of everything it is in: fault, transfer, wait. The other sides
 * learn of it. Returns the error t should see at its user level, 0 if it was
 * in no IPC; t's state is for the caller to set.
 */
word_t transfer_break_off(struct tcb *t);

#endif
