/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupts as messages. */
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
