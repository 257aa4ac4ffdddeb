/* SPDX-License-Identifier: BSD-2-Clause */
#include "panic.h"
#include "timeout.h"

#define BUCKETS 64

static struct list bucket[BUCKETS];
static uint64_t occupied;       /* bit n: bucket n holds something */
static usec_t base;
static unsigned falling;        /* bucket that base has reached, whose entries
                                   have not all been filed anew; 0: none */

void timeout_init(void)
{
    for (unsigned i = 0; i < BUCKETS; i++)
        list_init(&bucket[i]);
    occupied = 0;
    base = 0;
    falling = 0;
}

static void file(struct timeout *t)
{
    usec_t differ = t->when ^ base;

    t->bucket = differ ? 64 - (unsigned)__builtin_clzll(differ) : 0;
    list_insert(&t->link, &bucket[t->bucket]);
    occupied |= (uint64_t)1 << t->bucket;
}

void timeout_cancel(struct timeout *t)
{
    if (!timeout_pending(t))
        return;
    list_remove(&t->link);
    if (list_empty(&bucket[t->bucket]))
        occupied &= ~((uint64_t)1 << t->bucket);
}

void timeout_set(struct timeout *t, usec_t when)
{
    timeout_cancel(t);
    t->when = when < base ? base : when < TIME_NEVER ? when : TIME_NEVER;
    file(t);
}

/* The earliest time an entry of bucket n can have: n - 1 is the highest bit
   in which it differs from base, and time is ahead of base. */
static usec_t bucket_start(unsigned n)
{
    return n ? (base >> n << n) | (usec_t)1 << (n - 1) : base;
}

static unsigned lowest(void)
{
    return (unsigned)__builtin_ctzll(occupied);
}

/* Is the bucket that base has reached not yet empty? Nothing new gets in
   there: what is not below it is above it. */
static bool is_falling(void)
{
    return falling && !list_empty(&bucket[falling]);
}

usec_t timeout_next(void)
{
    if (is_falling())
        return base;
    return occupied ? bucket_start(lowest()) : TIME_NEVER;
}

static struct timeout *take_first(unsigned n)
{
    struct timeout *t = container_of(bucket[n].next, struct timeout, link);

    timeout_cancel(t);
    return t;
}

bool timeout_step(usec_t now, struct timeout **due)
{
    *due = NULL;
    if (is_falling()) {
        file(take_first(falling));
        return true;
    }
    falling = 0;
    if (timeout_next() > now) {
        if (base < now)
            base = now;     /* in front of every entry: no bucket changes */
        return false;
    }
    if (lowest() == 0) {
        *due = take_first(0);
    } else {
        falling = lowest();
        base = bucket_start(falling);
    }
    return true;
}
