/* SPDX-License-Identifier: BSD-2-Clause */
#include "panic.h"
#include "runq.h"

#define MAP_BITS    32
#define MAP_WORDS   (PRIORITIES / MAP_BITS)

static struct list queue[PRIORITIES];
static uint32_t occupied[MAP_WORDS];    /* bit: this queue has somebody */
static uint32_t words;                  /* bit: this word of the map is not 0 */

void runq_init(void)
{
    for (unsigned i = 0; i < PRIORITIES; i++)
        list_init(&queue[i]);
}

static void unlink(struct tcb *t)
{
    if (t->queued)
        list_remove(&t->ready_link);
}

static void insert(struct tcb *t, struct list *where)
{
    list_insert(&t->ready_link, where);
    t->queued = true;
    occupied[t->prio / MAP_BITS] |= 1u << t->prio % MAP_BITS;
    words |= 1u << t->prio / MAP_BITS;
}

void runq_insert_tail(struct tcb *t)
{
    unlink(t);
    insert(t, &queue[t->prio]);
}

void runq_insert_head(struct tcb *t)
{
    unlink(t);
    insert(t, queue[t->prio].next);
}

void runq_remove(struct tcb *t)
{
    if (!t->queued)
        return;
    list_remove(&t->ready_link);
    t->queued = false;
    if (!list_empty(&queue[t->prio]))
        return;
    uint32_t *map = &occupied[t->prio / MAP_BITS];
    *map &= ~(1u << t->prio % MAP_BITS);
    if (*map == 0)
        words &= ~(1u << t->prio / MAP_BITS);
}

/* The last bit set of a word that is not 0. */
static unsigned last_bit(uint32_t word)
{
    return MAP_BITS - 1 - (unsigned)__builtin_clz(word);
}

static int highest(void)
{
    if (words == 0)
        return -1;
    unsigned word = last_bit(words);
    return (int)(word * MAP_BITS + last_bit(occupied[word]));
}

struct tcb *runq_take_first(void)
{
    int prio = highest();

    if (prio < 0)
        return NULL;
    struct tcb *t = container_of(queue[prio].next, struct tcb, ready_link);
    assert(t->queued && t->prio == prio && t->state == T_READY);
    runq_remove(t);
    return t;
}
