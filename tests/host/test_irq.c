/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupts as messages: drivers that attach, wait, look elsewhere and are
 * sent elsewhere, and lines that interrupt at any time, against a model.
 */
#include "irq.h"
#include "world.h"

#define LINES   3
#define DRIVERS 4

/* ---- the model ---- */

static struct line {
    int driver;             /* -1: nobody attached */
    bool masked, raised;    /* hardware */
    bool kept;              /* came while the driver was busy */
} line[LINES];

static struct driver {
    struct tcb *t;
    int line;               /* -1: none */
    enum { BUSY, WAITS_LINE, WAITS_ALL, SLEEPS } doing;
    threadid_t heard;       /* what it must have in its registers: source, */
    word_t dope;            /* ... and dope */
} driver[DRIVERS];

static void hear(struct driver *d, threadid_t source, word_t dope)
{
    d->doing = BUSY;
    d->heard = source;
    d->dope = dope;
}

static bool listens(const struct driver *d)
{
    return d->doing == WAITS_LINE || d->doing == WAITS_ALL;
}

/* The interrupt controller and the kernel's answer to it. */
static void lines_settle(void)
{
    for (int n = 0; n < LINES; n++) {
        struct line *l = &line[n];
        if (!l->raised || l->masked)
            continue;
        l->raised = false;
        l->masked = true;
        if (l->driver >= 0 && listens(&driver[l->driver]))
            hear(&driver[l->driver], irq_id((unsigned)n), 0);
        else
            l->kept = l->driver >= 0;
    }
}

static void model_detach(struct driver *d)
{
    if (d->line >= 0) {
        line[d->line].masked = true;
        line[d->line].driver = -1;
    }
    d->line = -1;
}

static bool model_attach(struct driver *d, int n)
{
    if (d->line == n)
        return true;
    if (line[n].driver >= 0)
        return false;
    model_detach(d);
    line[n].driver = (int)(d - driver);
    line[n].kept = false;
    d->line = n;
    return true;
}

/* d begins to wait: what was kept comes now, else the line may interrupt. */
static void model_listen(struct driver *d, int doing)
{
    struct line *l = &line[d->line < 0 ? 0 : d->line];

    d->doing = doing;
    if (d->line < 0)
        return;
    if (l->kept) {
        l->kept = false;
        hear(d, irq_id((unsigned)d->line), 0);
    } else {
        l->masked = false;
    }
}

/* ---- what can happen ---- */

static void wait_for_line(struct driver *d)
{
    int n = (int)rnd(LINES);
    bool now = chance(20);

    if (!model_attach(d, n))
        hear(d, irq_id((unsigned)n), IPC_NOT_EXISTENT);
    else
        model_listen(d, WAITS_LINE);
    if (now && d->doing == WAITS_LINE)
        hear(d, irq_id((unsigned)n), IPC_TIMEOUT);
    lines_settle();
    do_ipc(irq_id((unsigned)n), IPC_NONE, 0, now ? TO_NOW : TO_NEVER);
}

static void act(struct driver *d)
{
    set_words(d->t, 0x1111);
    switch (rnd(5)) {
    case 0:
        model_listen(d, WAITS_ALL);
        lines_settle();
        do_wait();
        break;
    case 1:                 /* for nobody, and detach by the way */
        model_detach(d);
        hear(d, ID_NIL, IPC_TIMEOUT);
        do_ipc(ID_NIL, IPC_NONE, 0, TO_NOW);
        break;
    case 2:
        d->doing = SLEEPS;
        do_ipc(root->id, IPC_NONE, 0, TO_NEVER);
        break;
    default:
        wait_for_line(d);
    }
}

/* Root interrupts, or sends a driver elsewhere. */
static void disturb(void)
{
    struct driver *d = &driver[rnd(DRIVERS)];
    unsigned n = rnd(LINES);

    if (chance(75)) {
        line[n].raised = true;
        lines_settle();
        host_raise(n);
        return;
    }
    if (d->doing != BUSY) {
        d->doing = BUSY;
        d->dope = IPC_CANCELLED;
        d->heard = d->t->frame.id[0];
    }
    do_ex_regs((unsigned)(d - driver) + 1, 0x4000, LEAVE);
}

/* A line interrupts while a driver runs. */
static void interrupt_driver(void)
{
    line[1].raised = true;
    lines_settle();
    host_raise(1);
}

static void compare(void)
{
    for (int n = 0; n < LINES; n++) {
        note("line %d: masked %d", n, line[n].masked);
        check(line[n].masked == !!(host.masked >> n & 1));
        check(line[n].raised == !!(host.raised >> n & 1));
    }
    for (int i = 0; i < DRIVERS; i++) {
        const struct driver *d = &driver[i];
        note("driver %d: doing %d dope %lx, source %lx", i, d->doing,
             d->t->frame.arg[0], d->t->frame.id[0]);
        check((d->t->state == T_READY) == (d->doing == BUSY));
        check(d->t->irq == d->line);
        if (d->doing != BUSY)
            continue;
        check(dope_of(d->t) == d->dope && source_of(d->t) == d->heard);
    }
}

static void start(void)
{
    world_boot();
    for (int n = 0; n < LINES; n++)
        line[n] = (struct line){ .driver = -1, .masked = true };
    for (unsigned i = 0; i < DRIVERS; i++) {
        driver[i] = (struct driver){ .t = new_thread(i + 1, 20 + i),
                                     .line = -1 };
    }
    set_prio(root, 10);
}

static struct driver *running_driver(void)
{
    for (unsigned i = 0; i < DRIVERS; i++)
        if (driver[i].t == current)
            return &driver[i];
    return NULL;
}

TEST(irq, random_sequences_agree_with_the_model)
{
    start();
    for (unsigned i = 0; i < rounds(20000); i++) {
        struct driver *d = running_driver();
        if (d && chance(80))
            act(d);
        else if (!d)
            disturb();
        else
            interrupt_driver();
        compare();
        if (i % 64 == 0)
            check_world();
    }
}

/* ---- single promises ---- */

static void wait_line(unsigned n)
{
    do_ipc(irq_id(n), IPC_NONE, 0, TO_NEVER);
}

TEST(irq, waiting_driver_runs_at_once_and_its_words_are_zero)
{
    start();
    struct tcb *d = current;
    set_words(d, 5);
    wait_line(1);
    check(current != d);
    host_raise(1);
    check(current == d && source_of(d) == irq_id(1) && dope_of(d) == 0);
    for (unsigned i = 0; i < L4_REG_WORDS; i++)
        check(d->frame.mr[i] == 0);
}

TEST(irq, line_stays_masked_until_the_driver_waits_again)
{
    start();
    wait_line(1);
    check(!(host.masked & 2));
    host_raise(1);
    check(host.masked & 2);
    host_raise(1);
    check(host.raised & 2);
    wait_line(1);
    check(!(host.raised & 2) && source_of(current) == irq_id(1));
}

TEST(irq, driver_that_waits_for_somebody_else_keeps_its_line_masked)
{
    start();
    wait_line(1);
    host_raise(1);
    do_ipc(root->id, IPC_NONE, 0, TO_NEVER);
    check(host.masked & 2);
}

TEST(irq, two_lines_that_come_together_reach_both_drivers)
{
    start();
    struct tcb *urgent = current;
    wait_line(0);
    struct tcb *other = current;
    wait_line(1);
    host.raised |= 3;
    host_interrupt();
    check(current == urgent && source_of(urgent) == irq_id(0));
    check(other->state == T_READY && source_of(other) == irq_id(1));
}

TEST(irq, driver_that_is_killed_gives_its_line_back)
{
    world_boot();
    struct tcb *d = new_task(10, 200);
    check(current == d);
    wait_line(2);
    check(!(host.masked & 4) && current == root);
    do_task_kill(10);
    check(host.masked & 4);
    wait_line(2);
    host_raise(2);
    check(current == root && source_of(root) == irq_id(2));
}

TEST(irq, interrupt_preempts_a_long_unmap_and_it_goes_on_afterwards)
{
    world_boot();
    struct tcb *d = new_thread(1, 200);
    wait_line(0);
    struct l4_call_args a = { .arg = { fpage_whole(), L4_FP_ALL_SPACES } };
    check(current == root && receives(d));
    host.raised = 1;                /* comes while the kernel is at work */
    host_preempt_always();
    l4_arch_call(L4_SYS_FPAGE_UNMAP, &a);
    check(current == d && root->cont == CONT_UNMAP);
    wait_line(0);
    check(current == root && root->cont == CONT_NONE);
}

#define SENDERS 6

/* More urgent threads of root, lthreads 2 on, that wait to send. */
static void start_senders(struct tcb *s[SENDERS], threadid_t to)
{
    for (unsigned i = 0; i < SENDERS; i++) {
        s[i] = new_thread(2 + i, 150);
        check(current == s[i]);
        do_ipc(to, 0, IPC_NONE, TO_NEVER);
        check(current == root && s[i]->state == T_SENDING);
    }
}

TEST(irq, interrupt_preempts_the_end_of_a_thread_that_many_wait_for)
{
    struct tcb *s[SENDERS];
    unsigned waiting = 0;

    world_boot();
    set_prio(root, 100);
    struct tcb *d = new_thread(1, 200);
    wait_line(0);
    threadid_t victim = do_task_new(20, root->id, 255);
    check(victim != ID_NIL && current == root);
    start_senders(s, victim);
    host.raised = 1;
    host_preempt_always();
    do_task_kill(20);
    check(current == d && root->cont == CONT_KILL);
    for (unsigned i = 0; i < SENDERS; i++)
        waiting += s[i]->state == T_SENDING;
    check(waiting > 0);
    do_ipc(victim, 0, IPC_NONE, TO_NEVER);      /* nobody finds it now */
    check(current == d && dope_of(d) == IPC_NOT_EXISTENT);
    wait_line(0);
    while (current != root)
        do_wait();
    for (unsigned i = 0; i < SENDERS; i++)
        check(s[i]->state != T_SENDING && !task_find(20));
    check_world();
}

TEST(irq, interrupt_preempts_a_closed_wait_in_a_long_queue)
{
    struct tcb *s[SENDERS];

    world_boot();
    set_prio(root, 100);
    struct tcb *d = new_thread(1, 200);
    wait_line(0);
    struct tcb *chief = new_task(20, 150);
    do_wait();
    check(current == root && do_task_hand_over(21, chief->id) != ID_NIL);
    do_ipc(chief->id, 0, IPC_NONE, TO_NEVER);
    check(current == chief);
    threadid_t far = do_task_new(21, chief->id, 255);
    set_prio(tcb_find(far), 10);
    do_wait();
    start_senders(s, root->id);
    host.raised = 1;
    host_preempt_always();
    do_ipc(far, IPC_NONE, 0, TO_NOW);
    check(current == d && root->cont == CONT_SEARCH);
    do_ex_regs(2, 0x4000, LEAVE);               /* the first leaves */
    check(s[0]->state == T_READY);
    wait_line(0);
    while (current != root)
        do_wait();
    check(root->cont == CONT_NONE && dope_of(root) == IPC_TIMEOUT);
    do_ipc(ID_NIL, IPC_NONE, IPC_OPEN, TO_NOW);
    check(dope_of(root) == 0 && source_of(root) == s[1]->id);
    check_world();
}
