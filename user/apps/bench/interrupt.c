/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An interrupt, from the instruction that makes the serial device raise it to
 * the first one of the thread that handles it. That is more urgent than we
 * who raise it; nothing is sent, since a transmitter that has room is reason
 * enough for an interrupt.
 */
#include <stdio.h>

#include <l4/sys/ipc.h>
#include <l4/sys/syscalls.h>

#include <hickory/mark.h>
#include <hickory/thread.h>

#include "../../servers/console/uart.h"
#include "cases.h"

#define HANDLER     2           /* lthread */
#define LESS        1u          /* below the handler's priority */

static volatile unsigned heard;

static void handle(void *unused)
{
    l4_threadid_t irq, from;
    struct l4_words m = { { 0 } };

    (void)unused;
    use_tls();
    l4_make_taskid_from_irq(uart_irq, &irq);
    for (;;) {
        from = irq;
        l4_msgdope_t dope = l4_ipc_words(L4_OP_RECV, &from, &m);
        L4_SPAN_END(SPAN_INTERRUPT);
        uart_set_interrupt(false);
        if (L4_IPC_IS_ERROR(dope))
            break;
        heard = heard + 1;
    }
}

static void raise(void)
{
    for (unsigned i = 0; i < ROUNDS; i++) {
        L4_SPAN_BEGIN(SPAN_INTERRUPT);
        uart_set_interrupt(true);
    }
}

bool measure_interrupt(void)
{
    static char stack[2048] __attribute__((aligned(16)));
    int priority = thread_priority(l4_myself());

    if (priority < 0 || !uart_init())
        return false;
    l4_threadid_t handler =
        thread_create(HANDLER, (struct thread_stack){ stack, sizeof(stack) },
                      (struct thread_work){ handle, NULL });
    if (l4_is_nil_id(handler) || !be_undisturbed(handler))
        return false;
    thread_set_endless(l4_myself(), (unsigned)priority - LESS);
    raise();
    thread_set_endless(l4_myself(), (unsigned)priority);
    if (heard != ROUNDS) {
        printf("bench: case=interrupt failed: %u of %d came\n", heard, ROUNDS);
        return false;
    }
    printf("bench: case=interrupt span=%d rounds=1 ops=1 "
           "direction=to-handler each=1\n", SPAN_INTERRUPT);
    return true;
}
