/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The wake-up queue: threads that wait until a time.
 *
 * A radix heap. Time only moves forward, so an entry is filed under the
 * highest bit in which its time differs from the queue's own time `base`;
 * when base reaches a bucket, that bucket's entries fall into lower ones.
 * Inserting and removing cost the same for one entry as for 262,144; each
 * entry moves at most once per bit, one at a time.
 *
 *   base = 0b0100:  when 0b0101 -> bucket 1   0b0110, 0b0111 -> bucket 2
 *                   when 0b1xxx -> bucket 4   base itself    -> bucket 0
 */
#ifndef CORE_TIMEOUT_H
#define CORE_TIMEOUT_H

#include "tcb.h"

#define TIME_NEVER (~(usec_t)0 >> 1)

void timeout_init(void);

/* File t->timeout for `when`, replacing what it was filed for. */
void timeout_set(struct timeout *t, usec_t when);

/* Take it out, if it is in. */
void timeout_cancel(struct timeout *t);

static inline bool timeout_pending(const struct timeout *t)
{
    return !list_empty(&t->link);
}

/* No entry is due before this time (it may be earlier than the first one). */
usec_t timeout_next(void);

/*
 * A step of bounded time towards nothing being left that is due at `now`:
 * true when one was made, with *due an entry taken out, or NULL; false when
 * nothing is left. `now` never goes back from one call to the next. Who stops
 * in between finds timeout_next() at or before `now`.
 */
bool timeout_step(usec_t now, struct timeout **due);

#endif
