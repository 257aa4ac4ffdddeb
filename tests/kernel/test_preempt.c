/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A driver that waits for its interrupt alone is parked, and runs at once; what
 * that means to the thread that was interrupted is worked out later. Here: that
 * it is right in the end, whatever the driver does first.
 */
#include <hickory/thread.h>

#include "cpu.h"
#include "device.h"
#include "ktest.h"

#define DRIVER  20u             /* priorities */
#define VICTIM  10u
#define HOLE    0x36000000ul    /* where nothing is mapped */

static volatile char order[16];
static volatile unsigned length;
static l4_threadid_t driver, victim, director;
static volatile bool fresh, kept;
static void (*job)(void);       /* of the driver, when it has been called */
static int line;                /* its interrupt's */

static void note(char who)
{
    if (length < sizeof(order))
        order[length++] = who;
}

static void spin(unsigned usec)
{
    l4_uint64_t end = now_us() + usec;

    while (now_us() < end)
        ;
}

/* One interrupt, in the way that parks; then the job. */
static void drive(void *unused)
{
    l4_threadid_t irq, from;
    struct l4_words m = { { 0 } };

    (void)unused;
    fpu_set_rounding(0);        /* whatever an earlier driver had */
    receive2(director, &m.w[0], &m.w[1]);
    l4_make_taskid_from_irq(line, &irq);
    from = irq;
    if (L4_IPC_IS_ERROR(l4_ipc_words(L4_OP_RECV, &from, &m)))
        note('?');
    job();
    l4_ipc_sleep(NOW);          /* a receive from nobody: the line is free */
    sleep_forever();
}

/* In a task's first thread the interrupt is raised by ourselves. */
static void raise_and_note(void *name)
{
    spin(MSEC(1));
    device_interrupt(true);
    note((char)(l4_umword_t)name);
    sleep_forever();
}

static void begin_on(int its_line, void (*its_job)(void))
{
    line = its_line;
    length = 0;
    job = its_job;
    director = l4_myself();
    driver = start_thread_prio(drive, 0, DRIVER);
}

static bool begin(void (*its_job)(void))
{
    bool open = device_open();

    check(open);
    if (!open)
        return false;
    device_interrupt(false);
    begin_on(device_irq, its_job);
    return true;
}

/* From now on whoever asks the kernel about the driver disturbs its wait. */
static void let_driver_wait(void)
{
    send2(driver, 0, 0);
    l4_ipc_sleep(timeout_us(MSEC(2)));
}

static void end(void)
{
    l4_ipc_sleep(timeout_us(MSEC(40)));
    device_interrupt(false);
}

static bool order_is(const char *wanted)
{
    unsigned i = 0;

    while (i < length && wanted[i] == order[i])
        i++;
    return i == length && wanted[i] == 0;
}

/* ---- the interrupted thread ---- */

static void be_quiet(void)
{
    device_interrupt(false);
    note('d');
}

static void only_note(void *name)
{
    note((char)(l4_umword_t)name);
    sleep_forever();
}

TEST(preempt, interrupted_thread_goes_on_before_others_of_its_priority)
{
    if (!begin(be_quiet))
        return;
    let_driver_wait();
    victim = start_thread_prio(raise_and_note, (void *)'1', VICTIM);
    start_thread_prio(only_note, (void *)'2', VICTIM);
    end();
    check(order_is("d12"));
}

static void work(void)
{
    spin(MSEC(8));
    device_interrupt(false);
}

static void raise_and_work(void *unused)
{
    (void)unused;
    spin(MSEC(2));
    device_interrupt(true);
    spin(MSEC(1));
    sleep_forever();
}

TEST(preempt, each_of_both_is_charged_for_its_own_time)
{
    if (!begin(work))
        return;
    l4_uint64_t before = thread_consumed(driver);
    let_driver_wait();
    victim = start_thread_prio(raise_and_work, 0, VICTIM);
    l4_uint64_t its_before = thread_consumed(victim);
    end();
    l4_uint64_t used = thread_consumed(driver) - before;
    l4_uint64_t its = thread_consumed(victim) - its_before;
    check(used >= MSEC(8) && used < MSEC(10));
    check(its >= MSEC(2) && its < MSEC(5));
}

/* ---- the driver's slice ---- */



static void work_in_a_slice(void)
{
    spin(MSEC(6));
    note('d');
}

/* Of the driver's priority, ready soon after it. */
static void wake_up(void *unused)
{
    (void)unused;
    l4_ipc_sleep(timeout_us(1500));
    note('w');
    sleep_forever();
}

static void set_slice(l4_threadid_t t, unsigned prio, unsigned mantissa,
                      unsigned exponent)
{
    l4_threadid_t preempter = L4_INVALID_ID, partner;
    l4_sched_param_t old;

    l4_thread_schedule(t, (l4_sched_param_t){
                           .sched_param = mantissa << 24 | exponent << 20 |
                                          prio }, &preempter, &partner, &old);
}

TEST(preempt, driver_has_a_slice_of_its_own)
{
    if (!begin(work_in_a_slice))
        return;
    /* 250 * 4^3 us, and 40 * 4^3: it ends while the driver works. */
    set_slice(driver, DRIVER, 250, 12);
    let_driver_wait();
    start_thread_prio(wake_up, 0, DRIVER);
    victim = start_thread_prio(raise_and_note, (void *)'v', VICTIM);
    set_slice(victim, VICTIM, 40, 12);
    end();
    check(order_is("dwv"));
}

/* ---- the driver does something else first ---- */

static void touch_hole(void)
{
    *(volatile char *)HOLE = 1;
    note('d');
}

static void page_it(void *unused)
{
    l4_threadid_t from;
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    (void)unused;
    wait2(&from, &w0, &w1);
    note('p');
    l4_ipc_send(from, L4_IPC_SHORT_FPAGE, HOLE,
                l4_fpage((l4_umword_t)test_memory, L4_PAGESHIFT, L4_FPAGE_RW,
                         L4_FPAGE_MAP).raw, PATIENCE, &dope);
    sleep_forever();
}

/* The pager is less urgent than the interrupted thread: that has to be found
   when the driver waits for the pager. */
TEST(preempt, interrupted_thread_runs_when_the_driver_waits_for_its_pager)
{
    if (!begin(touch_hole))
        return;
    l4_threadid_t pager = start_thread_prio(page_it, 0, VICTIM - 5);
    page_by(driver, pager);
    let_driver_wait();
    victim = start_thread_prio(raise_and_note, (void *)'v', VICTIM);
    end();
    check(order_is("vpd"));
    l4_fpage_unmap(l4_fpage(HOLE, L4_PAGESHIFT, 0, 0),
                   L4_FP_FLUSH_PAGE | L4_FP_ALL_SPACES);
}

/* ---- the FPU ---- */

static void look_at_fpu(void)
{
    fresh = fpu_rounding() == 0;
    fpu_set_rounding(1);
    device_interrupt(false);
}

static void compute(void *unused)
{
    (void)unused;
    fpu_set_rounding(2);
    spin(MSEC(1));
    device_interrupt(true);
    kept = fpu_rounding() == 2;
    fpu_set_rounding(0);
    sleep_forever();
}

TEST(preempt, driver_does_not_see_the_fpu_of_whom_it_interrupts)
{
    if (!begin(look_at_fpu))
        return;
    fresh = kept = false;
    let_driver_wait();
    victim = start_thread_prio(compute, 0, VICTIM);
    end();
    check(fresh && kept);
}

/* ---- ... of a thread that sleeps, and nobody runs ---- */

/* And the line can be used again. */
static void look_at_fpu_twice(void)
{
    l4_threadid_t irq;
    struct l4_words m = { { 0 } };

    clock_quiet();
    fresh = fpu_rounding() == 0;
    fpu_set_rounding(1);
    note('d');
    clock_start();
    l4_make_taskid_from_irq(line, &irq);
    if (!L4_IPC_IS_ERROR(l4_ipc_words(L4_OP_RECV, &irq, &m)))
        note('d');
    clock_quiet();
}

static void compute_and_sleep(void *unused)
{
    (void)unused;
    fpu_set_rounding(2);
    note('v');
    l4_ipc_sleep(timeout_us(MSEC(3000)));
    kept = fpu_rounding() == 2;
    note('v');
    fpu_set_rounding(0);
    sleep_forever();
}

TEST(preempt, driver_called_while_nobody_runs_does_not_see_the_fpu_that_is_on)
{
    bool open = clock_open();

    check(open);
    if (!open)
        return;
    clock_quiet();
    begin_on(clock_irq, look_at_fpu_twice);
    fresh = kept = false;
    let_driver_wait();
    clock_start();
    start_thread_prio(compute_and_sleep, 0, VICTIM);
    l4_ipc_sleep(timeout_us(MSEC(3200)));
    clock_quiet();
    check(order_is("vddv") && fresh && kept);
}
