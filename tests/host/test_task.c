/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tasks: random trees of chiefs that create, hand over and kill, against a
 * model that knows owner and chief of each number and nothing else.
 */
#include "world.h"

#define FIRST   20          /* the task numbers that come and go */
#define NUMBERS 24
#define NOBODY  0

/* ---- the model ---- */

static struct {
    bool active;
    unsigned owner;         /* of an active one: its chief */
} number[MAX_TASKS];

static unsigned depth(unsigned n)
{
    return n == TASK_ROOT ? 0 : depth(number[n].owner) + 1;
}

/* All that a task is chief of goes with it, and all numbers are the heir's. */
static void model_kill(unsigned n, unsigned heir)
{
    for (unsigned i = FIRST; i < FIRST + NUMBERS; i++) {
        if (number[i].owner != n)
            continue;
        if (number[i].active)
            model_kill(i, heir);
        number[i].owner = heir;
    }
    number[n].active = false;
    number[n].owner = heir;
}

static bool model_take(unsigned self, unsigned n)
{
    if (number[n].active && number[n].owner == self)
        model_kill(n, self);
    return !number[n].active && number[n].owner == self;
}

static bool model_create(unsigned self, unsigned n)
{
    if (!model_take(self, n) || depth(self) == MAX_NEST)
        return false;
    number[n].active = true;
    return true;
}

static bool model_hand_over(unsigned self, unsigned n, unsigned heir)
{
    if (!model_take(self, n) || !number[heir].active)
        return false;
    number[n].owner = heir;
    return true;
}

/* ---- the kernel ---- */

static word_t frames;

static void start(void)
{
    world_boot();
    for (unsigned i = 0; i < MAX_TASKS; i++)
        number[i].owner = TASK_ROOT;
    number[TASK_ROOT].active = true;
    set_prio(root, 100);
    check(do_task_new(FIRST, root->id, 255) != ID_NIL);     /* caches */
    do_task_kill(FIRST);
    frames = kmem_frames_free();
}

/* Lthread 0 of a task is to act next: it is the most urgent of all. */
static void become(unsigned n)
{
    struct tcb *t;

    for (unsigned i = FIRST; i < FIRST + NUMBERS; i++)
        for (unsigned l = 0; l < MAX_LTHREADS; l++)
            if ((t = tcb_find_number(i, l)))
                sched_set_prio(t, 50);
    sched_set_prio(root, 100);
    set_prio(tcb_find_number(n, 0), 200);
    check(current == tcb_find_number(n, 0));
}

static void compare(void)
{
    for (unsigned n = FIRST; n < FIRST + NUMBERS; n++) {
        struct task *t = task_find(n);
        note("task %u", n);
        check(!!t == number[n].active);
        check(!!tcb_find_number(n, 0) == number[n].active);
        if (!t)
            continue;
        check(t->chief == task_find(number[n].owner));
        check(t->nest == depth(n) && id_nest(t->id) == depth(n));
        check(id_chief(t->id) == number[n].owner && id_task(t->id) == n);
    }
    check_world();
}

static unsigned random_active(void)
{
    unsigned n = rnd(NUMBERS + 4);

    return n < NUMBERS && number[FIRST + n].active ? FIRST + n : TASK_ROOT;
}

static unsigned last_version[MAX_TASKS];

/* The id is what the model can say, and its version a new one. */
static void check_created(threadid_t id, unsigned n, unsigned self)
{
    check(id_task(id) == n && id_chief(id) == self && id_lthread(id) == 0);
    check(id_version(id) != last_version[n]);
    last_version[n] = id_version(id);
    struct tcb *t = tcb_find(id);
    check(t && t->state == T_READY);
    check(t->frame.ip == 0x4000 && t->frame.sp == 0x8000);
    check(t->pager == root->id);
    if (chance(50)) {
        become(n);
        do_ex_regs(1 + rnd(100), 0x1000, 0x2000);
    }
}

static void random_step(void)
{
    unsigned self = random_active(), n = FIRST + rnd(NUMBERS);
    unsigned heir = chance(80) ? random_active() : FIRST + rnd(NUMBERS);

    become(self);
    if (chance(60)) {
        threadid_t id = do_task_new(n, root->id, 255);
        bool expected = model_create(self, n);
        note("task %u creates %u: %lx", self, n, id);
        check((id != ID_NIL) == expected);
        if (expected)
            check_created(id, n, self);
    } else {
        threadid_t id = do_task_hand_over(n, id_make(heir, 0, 0, 0, 0));
        bool expected = model_hand_over(self, n, heir);
        note("task %u hands %u over to %u: %lx", self, n, heir, id);
        check((id != ID_NIL) == expected);
    }
}

static void kill_everything(void)
{
    become(TASK_ROOT);
    for (unsigned n = FIRST; n < FIRST + NUMBERS; n++)
        if (number[n].active && number[n].owner == TASK_ROOT) {
            check(do_task_kill(n) != ID_NIL);
            model_take(TASK_ROOT, n);
        }
}

static void run(unsigned times)
{
    for (unsigned i = 0; i < times; i++) {
        for (unsigned j = 0; j < 150; j++) {
            random_step();
            compare();
        }
        kill_everything();
        compare();
        check(kmem_frames_free() == frames);
    }
}

TEST(task, random_trees_agree_with_the_model_and_leave_nothing)
{
    start();
    run(rounds(25));
}

TEST(task, preemption_after_every_step_changes_no_result)
{
    start();
    host_preempt_always();
    run(rounds(12));
    check(host.looks > 1000);
}

/* ---- memory that runs out ---- */

/* A frame of another colour may do in place of the one that was not there. */
static bool was_made(unsigned task, unsigned lthread)
{
    return tcb_find_number(task, lthread) != NULL;
}

TEST(task, creation_without_memory_fails_and_leaves_nothing)
{
    start();
    for (unsigned n = 1;; n++) {
        memory_fail(n);
        threadid_t id = do_task_new(FIRST, root->id, 255);
        if (!memory_failed() || was_made(FIRST, 0)) {
            check(id != ID_NIL && n > 3);
            break;
        }
        check(id == ID_NIL && kmem_frames_free() == frames);
        check(!task_find(FIRST));
        check_world();
    }
}

TEST(task, thread_creation_without_memory_fails_and_leaves_nothing)
{
    unsigned failures = 0;

    start();
    for (unsigned lthread = 1; lthread < 20; lthread++)
        for (unsigned n = 1;; n++) {
            word_t before = kmem_frames_free();
            memory_fail(n);
            do_ex_regs(lthread, 0x1000, 0x2000);
            if (!memory_failed() || was_made(TASK_ROOT, lthread)) {
                check(root->frame.id[0] != ID_INVALID);
                break;
            }
            failures++;
            check(root->frame.id[0] == ID_INVALID);
            check(root->frame.arg[2] == LEAVE);
            check(kmem_frames_free() == before);
        }
    check(failures > 5);
}

TEST(task, thread_of_a_creature_without_memory_fails_and_leaves_nothing)
{
    unsigned failures = 0;

    start();
    threadid_t id = do_task_new(FIRST, root->id, 255);
    for (unsigned lthread = 1; lthread < 20; lthread++)
        for (unsigned n = 1;; n++) {
            struct l4_call_args a = {
                .arg = { 0, 0x2000, 0x1000 },
                .id = { { .raw = id_with_lthread(id, lthread) },
                        L4_INVALID_ID },
            };
            word_t before = kmem_frames_free();
            memory_fail(n);
            l4_arch_call(L4_SYS_INTER_TASK_EX_REGS, &a);
            if (!memory_failed() || was_made(FIRST, lthread)) {
                check(was_made(FIRST, lthread) && a.id[0].raw != ID_NIL);
                break;
            }
            failures++;
            check(a.id[0].raw == ID_NIL && a.arg[0] == L4_EX_ENO_MEMORY);
            check(kmem_frames_free() == before);
            check_world();
        }
    check(failures > 20);
}

TEST(task, tasks_until_the_memory_is_used_up_all_come_back)
{
    unsigned n = FIRST;

    start();
    while (do_task_new(n, root->id, 255) != ID_NIL)
        check(++n < MAX_TASKS);
    check(n > FIRST + 100);
    while (n-- > FIRST)
        check(do_task_kill(n) != ID_NIL);
    check(kmem_frames_free() == frames);
    check_world();
}

/* ---- single promises ---- */

TEST(task, fifteen_levels_of_chiefs_are_the_limit)
{
    start();
    for (unsigned i = 0; i < 16; i++) {
        threadid_t id = do_task_new(FIRST + i, root->id, 255);
        check((id != ID_NIL) == (i < 15));
        if (id == ID_NIL)
            return;
        for (unsigned k = i + 1; k < 16; k++)
            check(do_task_hand_over(FIRST + k, id) != ID_NIL);
        become(FIRST + i);
    }
}

TEST(task, version_is_never_that_of_the_last_incarnation)
{
    threadid_t last = ID_NIL;

    start();
    for (unsigned i = 0; i < 0x4010; i++) {
        threadid_t id = do_task_new(FIRST, root->id, 255);
        check(id != last && id_version(id) != 0);
        check(!tcb_find(last));
        last = id;
    }
}

TEST(task, maximum_priority_is_at_most_that_of_the_creator)
{
    start();
    root->mcp = 120;
    check(do_task_new(FIRST, root->id, 200) != ID_NIL);
    check(tcb_find_number(FIRST, 0)->mcp == 120);
    check(do_task_new(FIRST + 1, root->id, 30) != ID_NIL);
    check(tcb_find_number(FIRST + 1, 0)->mcp == 30);
}

/* A creature runs while it is being killed: nothing new may grow there. */
TEST(task, what_is_being_killed_makes_no_tasks_and_no_threads)
{
    start();
    struct tcb *t = new_task(FIRST, 90);
    check(do_task_hand_over(FIRST + 1, t->id) != ID_NIL);
    t->task->dying = true;              /* as in the middle of a kill */
    become(FIRST);
    check(do_task_new(FIRST + 1, root->id, 255) == ID_NIL);
    do_ex_regs(5, 0x1000, 0x2000);
    check(!tcb_find_number(FIRST, 5));
    check(current->frame.id[0] == ID_INVALID);
}

TEST(task, killer_that_is_preempted_goes_on_when_it_runs_again)
{
    start();
    for (unsigned i = 0; i < 3; i++)
        check(do_task_new(FIRST + i, root->id, 255) != ID_NIL);
    become(FIRST);
    for (unsigned l = 1; l < 60; l++)
        do_ex_regs(l, 0x1000, 0x2000);
    struct tcb *driver = tcb_find_number(FIRST + 1, 0);
    become(FIRST + 1);
    do_ipc(1, IPC_NONE, 0, TO_NEVER);   /* waits for line 0 */
    become(TASK_ROOT);
    set_prio(driver, 250);
    host.raised = 1;
    host_preempt_always();
    do_task_kill(FIRST);
    check(current == driver && root->cont == CONT_KILL);
    check(task_find(FIRST) && task_find(FIRST)->dying);
    check_world();
    do_wait();
    check(current == root && !task_find(FIRST));
}
