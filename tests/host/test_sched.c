/* SPDX-License-Identifier: BSD-2-Clause */
/* Scheduling: who runs, for how long, and who is charged for it. */
#include "runq.h"
#include "world.h"

#define MS      ((usec_t)1000)
#define SLICE   DEFAULT_SLICE

static struct tcb *a, *b, *c;

/* Three threads of one priority; a runs at the beginning of its slice. */
static void start(void)
{
    world_boot();
    a = new_thread(1, 90);
    b = new_thread(2, 90);
    c = new_thread(3, 90);
    set_prio(root, 80);
    check(current == a);
}

TEST(sched, threads_of_one_priority_run_in_turn_for_a_slice_each)
{
    start();
    for (unsigned i = 0; i < 30; i++) {
        struct tcb *const order[] = { a, b, c };
        host_advance(SLICE - 1);
        check(current == order[i % 3]);
        host_advance(1);
        check(current == order[(i + 1) % 3]);
    }
    check(sched_consumed(a) == 10 * SLICE && sched_consumed(c) == 10 * SLICE);
    check(sched_consumed(b) == 10 * SLICE && sched_consumed(root) == 0);
}

TEST(sched, yield_goes_to_the_tail_and_begins_a_new_slice)
{
    start();
    host_advance(SLICE / 2);
    host_syscall(L4_SYS_THREAD_SWITCH);
    check(current == b);
    host_advance(SLICE - 1);
    check(current == b);
    host_advance(1);
    check(current == c);
    host_advance(SLICE);
    check(current == a);
    host_advance(SLICE - 1);
    check(current == a);
}

TEST(sched, preempted_thread_gets_what_was_left_of_its_slice)
{
    start();
    set_prio(root, 100);                /* it sleeps, and wakes in between */
    check(current == root);
    do_ipc(ID_NIL, IPC_NONE, 0, TO_BOTH(1, 9));     /* 4.096 ms */
    struct tcb *first = current;
    host_advance(4096);
    check(current == root);
    host_advance(3 * MS);
    do_wait();
    check(current == first);
    host_advance(SLICE - 4096 - 1);
    check(current == first);
    host_advance(1);
    check(current != first);
}

TEST(sched, partner_runs_on_the_slice_of_the_caller)
{
    start();
    do_wait();                          /* a is the server */
    check(current == b);
    host_advance(6 * MS);
    do_ipc(a->id, 0, 0, TO_NEVER);
    check(current == a);
    host_advance(4 * MS - 1);
    check(current == a);
    host_advance(1);
    check(current == c);
}

TEST(sched, thread_switch_gives_the_rest_of_the_slice_to_anyone)
{
    start();
    host_advance(7 * MS);
    current->frame.id[0] = root->id;    /* less urgent */
    host_syscall(L4_SYS_THREAD_SWITCH);
    check(current == root);
    host_advance(3 * MS - 1);
    check(current == root);
    host_advance(1);
    check(current->prio == 90);
}

TEST(sched, slice_without_end_is_never_taken_away)
{
    start();
    check(do_schedule(a->id, param_of(90, 0, 0)) != LEAVE);
    host_advance(1000 * MS);
    check(current == a);
}

TEST(sched, slice_that_is_set_is_the_slice_that_is_run)
{
    start();
    do_schedule(c->id, param_of(90, 100, 13));      /* 1.6 ms */
    host_advance(2 * SLICE);
    check(current == c);
    host_advance(1599);
    check(current == c);
    host_advance(1);
    check(current == a);
}

TEST(sched, who_sets_his_own_slice_keeps_the_processor)
{
    start();
    do_schedule(a->id, param_of(90, 100, 13));
    check(current == a);
    host_advance(1599);
    check(current == a);
    host_advance(1);
    check(current == b);
}

TEST(sched, more_urgent_thread_runs_as_soon_as_its_time_has_come)
{
    start();
    set_prio(root, 100);
    do_ipc(ID_NIL, IPC_NONE, 0, TO_BOTH(3, 9));
    check(current != root);
    host_advance(3 * 4096 - 1);
    check(current != root);
    host_advance(1);
    check(current == root && dope_of(root) == IPC_TIMEOUT);
}

TEST(sched, idle_sleeps_until_somebody_is_ready)
{
    start();
    set_prio(root, 90);
    for (unsigned i = 0; i < 4; i++)
        do_ipc(ID_NIL, IPC_NONE, 0, TO_BOTH(i + 1, 8));
    check(current == &idle_tcb);
    for (unsigned i = 1; i <= 4; i++) {
        host_advance(16384);
        check(current != &idle_tcb);
        do_wait();
    }
    check(current == &idle_tcb);
    host_advance(5000 * MS);
    check(current == &idle_tcb);
}

/* ---- thread_schedule ---- */

static usec_t slice_of(word_t param)
{
    return (usec_t)(param >> 24) << 2 * (15 - (param >> 20 & 15));
}

TEST(sched, schedule_returns_what_it_replaces)
{
    start();
    check((do_schedule(b->id, param_of(91, 7, 9)) & 0xff) == 90);
    check(current == b);
    word_t old = do_schedule(b->id, LEAVE);
    check((old & 0xff) == 91 && slice_of(old) == 7 << 12);
}

TEST(sched, every_slice_reads_back_as_it_was_set)
{
    start();
    for (unsigned exp = 1; exp < 16; exp++)
        for (unsigned man = 1; man < 256; man++) {
            do_schedule(a->id, param_of(90, man, exp));
            check(slice_of(do_schedule(a->id, LEAVE)) ==
                  (usec_t)man << 2 * (15 - exp));
        }
}

/* Nobody is set, and nobody is lifted, above the caller's maximum. */
TEST(sched, maximum_controlled_priority_holds_for_old_and_new)
{
    start();
    a->mcp = 90;
    check(do_schedule(b->id, param_of(90, 1, 9)) != LEAVE);
    check(do_schedule(b->id, param_of(91, 1, 9)) == LEAVE);
    check(b->prio == 90);
    sched_set_prio(b, 95);
    sched_block(b, T_HALTED);
    check(do_schedule(b->id, param_of(10, 1, 9)) == LEAVE);
    check(do_schedule(b->id, LEAVE) == LEAVE);
    check(b->prio == 95);
}

TEST(sched, schedule_tells_what_a_thread_is_doing)
{
    static const word_t codes[] = { 0x0, 0x8, 0xC, 0xF };
    struct tcb *t[4];

    start();
    do_ipc(root->id, 0, IPC_NONE, TO_NEVER);
    do_wait();
    set_prio(root, 95);
    t[0] = c, t[1] = a, t[2] = b, t[3] = new_thread(9, 10);
    sched_block(t[3], T_HALTED);
    for (unsigned i = 0; i < 4; i++)
        check((do_schedule(t[i]->id, LEAVE) >> 16 & 15) == codes[i]);
}

/* ---- at random ---- */

static unsigned highest_ready(void)
{
    unsigned highest = 0;

    for (unsigned l = 0; l < 10; l++) {
        struct tcb *t = tcb_find_number(TASK_ROOT, l);
        if (t && t->state == T_READY && t->prio > highest)
            highest = t->prio;
    }
    return highest;
}

static void random_step(void)
{
    switch (current == &idle_tcb ? 0 : rnd(8)) {
    case 0:
    case 1:
        host_advance(rnd(4) * rnd(8000));
        break;
    case 2:
        do_ipc(ID_NIL, IPC_NONE, 0, TO_BOTH(rnd(256), 10));
        break;
    case 3:
        current->frame.id[0] = ID_NIL;
        host_syscall(L4_SYS_THREAD_SWITCH);
        break;
    case 4:
        do_op(L4_OP_CALL | L4_OP_SEND_NOW, id_with_lthread(root->id, rnd(10)));
        break;
    case 5:
        do_op(L4_OP_REPLY_AND_WAIT | L4_OP_SEND_NOW,
              id_with_lthread(root->id, rnd(10)));
        break;
    case 6:
        do_schedule(id_with_lthread(root->id, rnd(10)),
                    param_of(80 + rnd(4), 1 + rnd(255), 10));
        break;
    default:
        do_ex_regs(rnd(10), 0x4000, LEAVE);
    }
}

TEST(sched, the_most_urgent_ready_thread_runs_and_all_time_is_charged)
{
    world_boot();
    struct tcb *sigma0 = tcb_find_number(TASK_SIGMA0, 0);
    for (unsigned l = 1; l < 10; l++)
        new_thread(l, 80 + rnd(4));
    for (unsigned i = 0; i < rounds(20000); i++) {
        random_step();
        note("step %u: %u runs, %u is ready", i, current->prio,
             highest_ready());
        check(current == &idle_tcb ? highest_ready() == 0
                                   : current->prio == highest_ready());
        usec_t used = sched_consumed(sigma0) + sched_consumed(&idle_tcb);
        for (unsigned l = 0; l < 10; l++)
            used += sched_consumed(tcb_find_number(TASK_ROOT, l));
        check(used == host.now);
        if (i % 64 == 0)
            check_world();
    }
}

/* Whoever stays ready runs again when the others have had their slices. */
TEST(sched, nobody_starves_among_equals)
{
    usec_t last[4] = { 0 };

    start();
    set_prio(root, 90);
    for (unsigned i = 0; i < rounds(5000); i++) {
        host_advance(rnd(3000));
        last[id_lthread(current->id)] = host.now;
        current->frame.id[0] = ID_NIL;
        if (chance(10))
            host_syscall(L4_SYS_THREAD_SWITCH);
        for (unsigned l = 0; l < 4; l++)
            check(host.now - last[l] < 5 * SLICE);
    }
}
