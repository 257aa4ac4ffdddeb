/* SPDX-License-Identifier: BSD-2-Clause */
/* The wake-up queue, against a table of times. */
#include "host.h"
#include "htest.h"
#include "timeout.h"

#define ENTRIES 200

static struct timeout entry[ENTRIES];
static usec_t due[ENTRIES];         /* the model: HOST_NEVER: not queued */
static usec_t now;

static void start(void)
{
    timeout_init();
    now = 0;
    for (unsigned i = 0; i < ENTRIES; i++) {
        list_init(&entry[i].link);
        due[i] = HOST_NEVER;
    }
}

static usec_t first_due(void)
{
    usec_t first = HOST_NEVER;

    for (unsigned i = 0; i < ENTRIES; i++)
        if (due[i] < first)
            first = due[i];
    return first;
}

/* Times that are near, far, equal to others, past, or next to a power of
   two. */
static usec_t random_time(void)
{
    switch (rnd(6)) {
    case 0:
        return now + rnd(16);
    case 1:
        return now + (rnd64() >> rnd(64));
    case 2:
        return due[rnd(ENTRIES)];
    case 3:
        return now - (now ? rnd64() % now : 0);
    case 4:
        return ((usec_t)1 << rnd(63)) + rnd(3) - 1;
    default:
        return now + rnd(100000);
    }
}

static void set(unsigned i, usec_t when)
{
    timeout_set(&entry[i], when);
    due[i] = when < now ? now : when < TIME_NEVER ? when : TIME_NEVER;
}

static void cancel(unsigned i)
{
    timeout_cancel(&entry[i]);
    due[i] = HOST_NEVER;
}

/* Time goes on to `to`: exactly those that are due come out. */
static void advance(usec_t to)
{
    struct timeout *t;

    now = to;
    while (timeout_step(now, &t)) {
        if (!t)
            continue;
        unsigned i = (unsigned)(t - entry);
        note("entry %u for %lx came at %lx", i, due[i], now);
        check(due[i] <= now);           /* none early, none twice */
        check(!timeout_pending(t));
        due[i] = HOST_NEVER;
    }
    note("at %lx something for %lx is left", now, first_due());
    check(first_due() > now);           /* none late */
}

static void check_state(void)
{
    for (unsigned i = 0; i < ENTRIES; i++)
        check(timeout_pending(&entry[i]) == (due[i] != HOST_NEVER));
    usec_t first = first_due();
    note("next is %lx, the first is due at %lx", timeout_next(), first);
    check(timeout_next() <= first);
    if (first == HOST_NEVER)
        check(timeout_next() == TIME_NEVER);
}

static usec_t random_advance(void)
{
    usec_t first = first_due();

    switch (rnd(5)) {
    case 0:
        return now;
    case 1:
        return first == HOST_NEVER || first < now ? now : first;
    case 2:
        return first == HOST_NEVER || first <= now ? now : first - 1;
    case 3:
        return timeout_next() < TIME_NEVER && timeout_next() > now
                   ? timeout_next() : now;
    default:
        return now + rnd(50000);
    }
}

/* Time does not get as far as TIME_NEVER. */
static usec_t before_the_end(usec_t to)
{
    return to < TIME_NEVER / 2 ? to : now;
}

TEST(timeout, random_sequences_fire_neither_early_nor_late)
{
    for (unsigned i = 0; i < rounds(30); i++) {
        start();
        for (unsigned j = 0; j < 1500; j++) {
            unsigned percent = rnd(100);
            if (percent < 55)
                set(rnd(ENTRIES), random_time());
            else if (percent < 70)
                cancel(rnd(ENTRIES));
            else
                advance(before_the_end(random_advance()));
            check_state();
        }
    }
}

/* As a timer interrupt does that leaves the rest to the next one; meanwhile
   entries come and go. */
static void advance_a_little(usec_t to)
{
    struct timeout *t;

    now = to;
    for (unsigned i = rnd(20); i > 0 && timeout_step(now, &t); i--)
        if (t) {
            check(due[t - entry] <= now);
            due[t - entry] = HOST_NEVER;
        }
    if (first_due() <= now)
        check(timeout_next() <= now);   /* so the timer comes again */
}

TEST(timeout, what_one_interrupt_leaves_comes_out_later)
{
    for (unsigned i = 0; i < rounds(30); i++) {
        start();
        for (unsigned j = 0; j < 1500; j++) {
            unsigned percent = rnd(100);
            if (percent < 55)
                set(rnd(ENTRIES), random_time());
            else if (percent < 70)
                cancel(rnd(ENTRIES));
            else if (percent < 95)
                advance_a_little(before_the_end(random_advance()));
            else
                advance(now);
        }
        advance(now);
        check_state();
    }
}

/* However many are due, or move, at a time: a step handles one. */
TEST(timeout, each_step_moves_at_most_one)
{
    struct timeout *t;
    unsigned steps = 0, out = 0;

    start();
    for (unsigned i = 0; i < ENTRIES; i++)
        set(i, 0xfffff);
    for (now = 0xfffff; timeout_step(now, &t); steps++)
        out += t != NULL;
    check(out == ENTRIES && steps >= 2 * ENTRIES);
}

TEST(timeout, all_of_one_time_come_out_at_that_time)
{
    start();
    for (unsigned i = 0; i < ENTRIES; i++)
        set(i, 123456789);
    advance(123456788);
    for (unsigned i = 0; i < ENTRIES; i++)
        check(timeout_pending(&entry[i]));
    advance(123456789);
    check_state();
}

TEST(timeout, a_time_that_has_passed_is_due_at_once)
{
    start();
    advance(1000000);
    set(0, 5);
    check(timeout_next() <= now);
    advance(now);
    check(!timeout_pending(&entry[0]));
}

TEST(timeout, setting_it_again_replaces_the_earlier_time)
{
    start();
    set(0, 100);
    set(0, 900);
    advance(899);
    check(timeout_pending(&entry[0]));
    advance(900);
    check(!timeout_pending(&entry[0]));
}

/* Whoever sets the hardware's timer to timeout_next() gets there: it comes
   closer with each look, however far it is. */
TEST(timeout, following_the_next_time_reaches_every_entry)
{
    start();
    for (unsigned i = 0; i < ENTRIES; i++)
        set(i, rnd64() >> (2 + rnd(40)));
    unsigned looks = 0;
    while (first_due() != HOST_NEVER) {
        usec_t next = timeout_next();
        check(next > now || looks == 0);
        advance(next);
        check(++looks < ENTRIES * 64);
    }
}
