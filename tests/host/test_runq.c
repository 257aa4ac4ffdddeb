/* SPDX-License-Identifier: BSD-2-Clause */
/* Ready queues, against one list for each priority. */
#include "host.h"
#include "htest.h"
#include "runq.h"

#define THREADS 60

static struct tcb thread[THREADS];

/* The model: who is queued at each priority, in order. */
static struct tcb *line[PRIORITIES][THREADS];
static unsigned length[PRIORITIES];

static void model_remove(struct tcb *t)
{
    struct tcb **l = line[t->prio];
    unsigned i = 0;

    while (i < length[t->prio] && l[i] != t)
        i++;
    if (i == length[t->prio])
        return;
    for (length[t->prio]--; i < length[t->prio]; i++)
        l[i] = l[i + 1];
}

static void model_insert(struct tcb *t, bool head)
{
    struct tcb **l = line[t->prio];

    model_remove(t);
    if (head)
        for (unsigned i = length[t->prio]; i > 0; i--)
            l[i] = l[i - 1];
    l[head ? 0 : length[t->prio]] = t;
    length[t->prio]++;
}

static struct tcb *model_first(void)
{
    for (int prio = PRIORITIES - 1; prio >= 0; prio--)
        if (length[prio])
            return line[prio][0];
    return NULL;
}

static void start(void)
{
    host_power_on();
    runq_init();
    for (unsigned i = 0; i < THREADS; i++) {
        list_init(&thread[i].ready_link);
        thread[i].state = T_READY;
        thread[i].prio = (uint8_t)rnd(PRIORITIES);
    }
}

static void check_membership(void)
{
    bool queued[THREADS] = { false };

    for (int prio = 0; prio < PRIORITIES; prio++)
        for (unsigned i = 0; i < length[prio]; i++)
            queued[line[prio][i] - thread] = true;
    for (unsigned i = 0; i < THREADS; i++)
        check(queued[i] == thread[i].queued);
}

static void random_step(struct tcb *t)
{
    switch (rnd(5)) {
    case 0:
        model_insert(t, true);
        runq_insert_head(t);
        break;
    case 1:
        model_insert(t, false);
        runq_insert_tail(t);
        break;
    case 2:
        model_remove(t);
        runq_remove(t);
        break;
    case 3:         /* a new priority, as the scheduler gives it */
        model_remove(t);
        runq_remove(t);
        t->prio = (uint8_t)(chance(30) ? rnd(4) * 64 : rnd(PRIORITIES));
        break;
    default: {
        struct tcb *expected = model_first();
        check(runq_take_first() == expected);
        if (expected)
            model_remove(expected);
    }
    }
}

TEST(runq, random_sequences_agree_with_sorted_lists)
{
    start();
    for (unsigned i = 0; i < rounds(60000); i++) {
        random_step(&thread[rnd(THREADS)]);
        if (i % 16 == 0)
            check_membership();
    }
}

TEST(runq, every_priority_comes_before_the_lower_ones)
{
    static struct tcb each[PRIORITIES];

    start();
    for (unsigned i = 0; i < PRIORITIES; i++) {
        unsigned prio = i * 37 % PRIORITIES;    /* in no order */
        list_init(&each[prio].ready_link);
        each[prio].prio = (uint8_t)prio;
        runq_insert_tail(&each[prio]);
    }
    for (unsigned i = PRIORITIES; i-- > 0;) {
        check(runq_take_first() == &each[i]);
    }
    check(runq_take_first() == NULL);
}

TEST(runq, head_and_tail_are_kept_within_a_priority)
{
    start();
    for (unsigned i = 0; i < 4; i++)
        thread[i].prio = 7;
    runq_insert_tail(&thread[0]);
    runq_insert_tail(&thread[1]);
    runq_insert_head(&thread[2]);
    runq_insert_tail(&thread[3]);
    static const unsigned order[] = { 2, 0, 1, 3 };
    for (unsigned i = 0; i < 4; i++)
        check(runq_take_first() == &thread[order[i]]);
}

TEST(runq, who_is_queued_moves)
{
    start();
    thread[0].prio = thread[1].prio = 9;
    runq_insert_tail(&thread[0]);
    runq_insert_tail(&thread[1]);
    runq_insert_tail(&thread[0]);
    check(runq_take_first() == &thread[1]);
    runq_insert_tail(&thread[1]);
    runq_insert_head(&thread[1]);
    check(runq_take_first() == &thread[1]);
    check(runq_take_first() == &thread[0]);
}
