/* SPDX-License-Identifier: BSD-2-Clause */
#include "panic.h"
#include "runq.h"

#define MAP_WORDS (PRIORITIES / 64)

static struct list queue[PRIORITIES];
static uint64_t occupied[MAP_WORDS];

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
    occupied[t->prio / 64] |= (uint64_t)1 << t->prio % 64;
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
    if (list_empty(&queue[t->prio]))
        occupied[t->prio / 64] &= ~((uint64_t)1 << t->prio % 64);
}

static int highest(void)
{
    for (int i = MAP_WORDS - 1; i >= 0; i--)
        if (occupied[i])
            return i * 64 + 63 - __builtin_clzll(occupied[i]);
    return -1;
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
