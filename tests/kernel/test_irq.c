/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupts as messages. */
#include "device.h"
#include "ktest.h"

#define LINE 9      /* nothing is wired to it that would interrupt here */

static volatile int result[2];

static int wait_for_irq(int irq, l4_timeout_t timeout)
{
    l4_threadid_t id;
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    l4_make_taskid_from_irq(irq, &id);
    return l4_ipc_receive(id, L4_IPC_SHORT_MSG, &w0, &w1, timeout, &dope);
}

static void detach(void)
{
    l4_ipc_sleep(NOW);      /* a receive from nobody with timeout 0 */
}

static void attach_and_note(void *number)
{
    result[(l4_umword_t)number] = wait_for_irq(LINE, timeout_us(MSEC(1)));
    sleep_forever();
}

TEST(irq, line_has_one_thread_at_a_time)
{
    result[0] = 0;
    check(wait_for_irq(LINE, timeout_us(MSEC(1))) == L4_IPC_RETIMEOUT);
    start_thread(attach_and_note, (void *)0);
    l4_ipc_sleep(timeout_us(MSEC(5)));
    check(result[0] == L4_IPC_ENOT_EXISTENT);
    detach();
    result[1] = 0;
    start_thread(attach_and_note, (void *)1);
    l4_ipc_sleep(timeout_us(MSEC(5)));
    check(result[1] == L4_IPC_RETIMEOUT);
}

TEST(irq, line_that_the_machine_does_not_have_is_no_partner)
{
    check(wait_for_irq((int)kip->irq_count + 5, NOW) ==
          L4_IPC_ENOT_EXISTENT);
}

/* ---- interrupts of a device ---- */

static int wait_for_device(unsigned usec)
{
    return wait_for_irq(device_irq, timeout_us(usec));
}

/* Attached to the quiet device's line, and nothing of before comes any more:
   the interrupt controller may have kept an edge. */
static bool attach_device(void)
{
    bool open = device_open();

    check(open);
    if (!open)
        return false;
    device_interrupt(false);
    while (wait_for_device(100) == 0)
        ;
    return true;
}

static void release_device(void)
{
    device_interrupt(false);
    detach();
}

static void spin(unsigned usec)
{
    l4_uint64_t end = now_us() + usec;

    while (now_us() < end)
        ;
}

TEST(irq, interrupt_is_a_message_from_its_id)
{
    l4_threadid_t from;
    l4_umword_t w0 = 1, w1 = 1;

    if (!attach_device())
        return;
    device_interrupt(true);
    check(wait_for_device(MSEC(100)) == 0);
    device_interrupt(false);
    /* An open wait hears it as well. */
    device_interrupt(true);
    check(wait2(&from, &w0, &w1) == 0);
    check(from.raw == (l4_uint64_t)device_irq + 1 && w0 == 0 && w1 == 0);
    release_device();
}

TEST(irq, line_is_masked_until_its_thread_receives_again)
{
    if (!attach_device())
        return;
    device_interrupt(true);
    check(wait_for_device(MSEC(100)) == 0);
    /* The device still asks. That neither stops us nor is it kept: when it
       is quiet before we listen again there is nothing to hear. */
    spin(MSEC(2));
    device_interrupt(false);
    check(wait_for_device(MSEC(1)) == L4_IPC_RETIMEOUT);
    release_device();
}

TEST(irq, interrupt_for_a_busy_thread_is_delivered_when_it_receives)
{
    if (!attach_device())
        return;
    check(wait_for_irq(device_irq, NOW) == L4_IPC_RETIMEOUT);
    device_interrupt(true);             /* the line is open: taken, kept */
    spin(MSEC(1));
    check(wait_for_device(MSEC(100)) == 0);
    device_interrupt(false);
    device_interrupt(true);             /* the line is masked: it waits */
    spin(MSEC(1));
    check(wait_for_device(MSEC(100)) == 0);
    device_interrupt(false);
    check(wait_for_device(MSEC(1)) == L4_IPC_RETIMEOUT);
    release_device();
}

TEST(irq, detached_thread_hears_nothing_until_it_attaches_again)
{
    l4_threadid_t from;
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    if (!attach_device())
        return;
    detach();
    device_interrupt(true);
    check(l4_ipc_wait(&from, L4_IPC_SHORT_MSG, &w0, &w1,
                      timeout_us(MSEC(2)), &dope) == L4_IPC_RETIMEOUT);
    check(wait_for_device(MSEC(100)) == 0);
    release_device();
}

static volatile unsigned heard;

static void listen(void *unused)
{
    (void)unused;
    while (wait_for_device(MSEC(100)) == 0)
        heard = heard + 1;
    sleep_forever();
}

TEST(irq, line_of_a_killed_task_is_free_and_masked)
{
    if (!attach_device())
        return;
    detach();
    heard = 0;
    l4_threadid_t t = start_task(listen, 0);
    l4_ipc_sleep(timeout_us(MSEC(2)));
    device_interrupt(true);
    l4_ipc_sleep(timeout_us(MSEC(2)));
    check(heard > 0);
    kill_task(t);
    device_interrupt(false);
    device_interrupt(true);
    spin(MSEC(1));
    check(wait_for_device(MSEC(100)) == 0);
    release_device();
}

/* What a driver does all day, at the rate of the machine. */
TEST(irq, every_one_of_a_thousand_interrupts_arrives)
{
    unsigned arrived = 0;

    if (!attach_device())
        return;
    for (unsigned i = 0; i < 1000; i++) {
        device_interrupt(true);
        if (wait_for_device(MSEC(100)) == 0)
            arrived++;
        device_interrupt(false);
    }
    check(arrived == 1000);
    check(wait_for_device(MSEC(1)) == L4_IPC_RETIMEOUT);
    release_device();
}

/* ---- the handler is elsewhere ---- */

static l4_threadid_t main_id;

static void send_late(void *unused)
{
    (void)unused;
    l4_ipc_sleep(timeout_us(MSEC(3)));
    send2(main_id, 5, 0);
    sleep_forever();
}

TEST(irq, closed_receive_from_another_does_not_hear_it_and_it_is_kept)
{
    l4_umword_t w0 = 0, w1;

    if (!attach_device())
        return;
    check(wait_for_irq(device_irq, NOW) == L4_IPC_RETIMEOUT);
    main_id = l4_myself();
    l4_threadid_t t = start_thread(send_late, 0);
    device_interrupt(true);
    check(receive2(t, &w0, &w1) == 0 && w0 == 5);
    check(wait_for_device(MSEC(100)) == 0);
    release_device();
}

TEST(irq, another_line_takes_the_place_of_the_first)
{
    if (!attach_device())
        return;
    check(wait_for_irq(LINE, NOW) == L4_IPC_RETIMEOUT);
    device_interrupt(true);
    check(wait_for_irq(LINE, timeout_us(MSEC(2))) == L4_IPC_RETIMEOUT);
    check(wait_for_device(MSEC(100)) == 0);
    release_device();
}

static volatile int handler_result;

static void handle_once(void *unused)
{
    (void)unused;
    handler_result = wait_for_device(MSEC(500));
    l4_ipc_sleep(timeout_us(MSEC(5)));
    detach();
    sleep_forever();
}

TEST(irq, thread_that_is_sent_elsewhere_stays_attached)
{
    if (!attach_device())
        return;
    detach();
    handler_result = -1;
    l4_threadid_t t = start_thread(handle_once, 0);
    l4_ipc_sleep(timeout_us(MSEC(1)));
    cancel(t);
    l4_ipc_sleep(timeout_us(MSEC(1)));
    check(handler_result == L4_IPC_RECANCELED);
    check(wait_for_irq(device_irq, NOW) == L4_IPC_ENOT_EXISTENT);
    l4_ipc_sleep(timeout_us(MSEC(10)));
    check(wait_for_irq(device_irq, NOW) == L4_IPC_RETIMEOUT);
    release_device();
}
