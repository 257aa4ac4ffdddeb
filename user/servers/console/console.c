/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console driver: a program like any other, with a page of device memory
 * or some I/O ports, and an interrupt. As drivers on L4 have it, it has two
 * halves:
 *
 *   clients --IPC--> top half --ring--> bottom half --> device
 *                       |                    ^
 *                       +-- interrupt on     +-- interrupt: room for more
 *
 * The top half, the task's first thread, takes requests and queues their
 * characters. The bottom half, a thread of higher priority, is woken by the
 * device and feeds it. It is never interrupted by the top half, so the ring
 * needs no lock: one side only adds, the other only takes.
 *
 * An interrupt can be held back in two places, and the driver needs both:
 *
 *   at the device      uart_set_interrupt(): may it ask at all? The driver's
 *                      business. Off while there is nothing to write, since a
 *                      transmitter that is idle would ask for ever.
 *   at the controller  the line is masked from an interrupt until its thread
 *                      receives again. The kernel's business: no driver is
 *                      interrupted in handling an interrupt, and one that
 *                      hangs leaves its device silent, not the machine busy.
 */
#include <stdbool.h>
#include <string.h>

#include <l4/sys/ipc.h>
#include <l4/sys/syscalls.h>

#include <hickory/console.h>
#include <hickory/root.h>
#include <hickory/thread.h>
#include <hickory/time.h>

#include "uart.h"

#define RING        2048        /* a power of 2 */
#define CLIENTS     32
#define LINE        256
#define BOTTOM_HALF 1           /* its lthread */
#define PATIENCE    20000       /* microseconds */

static volatile unsigned added, taken;
static char ring[RING];

static l4_threadid_t top_half, bottom_half;
static volatile bool top_waits;         /* for the ring to run empty */
static volatile unsigned interrupts;

static bool is_empty(void)
{
    return added == taken;
}

static bool is_full(void)
{
    return added - taken == RING;
}

/* ---- bottom half ---- */

/* Give the device what it can take; when nothing is left, silence it. */
static void feed(void)
{
    while (!is_empty() && uart_is_ready()) {
        uart_put(ring[taken % RING]);
        taken = taken + 1;
    }
    if (is_empty())
        uart_set_interrupt(false);
}

static void wake_top_half(void)
{
    l4_msgdope_t dope;

    top_waits = false;
    l4_ipc_send(top_half, L4_IPC_SHORT_MSG, 0, 0, l4_timeout_send(0), &dope);
}

/*
 * The first receive from the line's id attaches this thread to it; there is
 * no other call for that. Each receive says: ready for the next. The kernel
 * unmasks the line and, when the device interrupts, masks and acknowledges it
 * and sends the message. Until the next receive we can take our time.
 *
 * The wait is a closed one: nobody else's messages come in between. It fails
 * when the line has another thread already, or does not exist.
 */
static void run_bottom_half(void *unused)
{
    l4_threadid_t irq;
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    (void)unused;
    l4_make_taskid_from_irq(uart_irq, &irq);
    while (l4_ipc_receive(irq, L4_IPC_SHORT_MSG, &w0, &w1, L4_IPC_NEVER,
                          &dope) == 0) {
        interrupts = interrupts + 1;
        feed();
        if (is_empty() && top_waits)
            wake_top_half();
    }
}

/* The bottom half must be able to interrupt the top half at any time. */
static bool start_bottom_half(void)
{
    static char stack[4096] __attribute__((aligned(16)));
    int priority = thread_priority(top_half);

    if (priority < 1 ||
        !thread_set_priority(top_half, (unsigned)priority - 1))
        return false;
    bottom_half = thread_create(
        BOTTOM_HALF, (struct thread_stack){ stack, sizeof(stack) },
        (struct thread_work){ run_bottom_half, NULL });
    return !l4_is_nil_id(bottom_half) &&
           thread_set_priority(bottom_half, (unsigned)priority);
}

/* ---- top half ---- */

/* Let the device ask for characters: if it has room it does so at once, and
   the bottom half runs before this returns. */
static void start_output(void)
{
    if (!is_empty())
        uart_set_interrupt(true);
}

/* Until the ring is empty. The bottom half may be done before we listen: its
   message, sent with a timeout of 0, is lost then, so do not wait for ever. */
static void wait_until_empty(void)
{
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    for (;;) {
        start_output();
        if (is_empty())
            return;
        top_waits = true;
        l4_ipc_receive(bottom_half, L4_IPC_SHORT_MSG, &w0, &w1,
                       l4_timeout_receive(PATIENCE), &dope);
    }
}

static void queue(const char *text, unsigned length)
{
    while (length--) {
        if (is_full())
            wait_until_empty();
        ring[added % RING] = *text++;
        added = added + 1;
    }
    start_output();
}

/* What a client has sent of a write that goes on. */
static struct client {
    unsigned task;              /* 0: unused */
    unsigned length;
    char line[LINE];
} clients[CLIENTS];

/* The client's entry; one that is not used if it has none; else NULL. */
static struct client *find_client(unsigned task)
{
    struct client *unused = NULL;

    for (struct client *c = clients; c < clients + CLIENTS; c++) {
        if (c->task == task)
            return c;
        if (!c->task && !unused)
            unused = c;
    }
    return unused;
}

static unsigned unpack(const struct l4_words *words, char *text)
{
    unsigned count = CONSOLE_COUNT(words->w[0]);

    if (count > CONSOLE_CHARS)
        count = CONSOLE_CHARS;
    for (unsigned i = 0; i < count; i++)
        text[i] = (char)(words->w[1 + i / CONSOLE_WORD_CHARS] >>
                         8 * (i % CONSOLE_WORD_CHARS));
    return count;
}

static void do_write(unsigned task, const struct l4_words *words)
{
    struct client *c = find_client(task);
    char text[CONSOLE_CHARS];
    unsigned count = unpack(words, text);

    if (!c) {                   /* too many at once: then not in one piece */
        queue(text, count);
        return;
    }
    if (c->length + count > LINE) {
        queue(c->line, c->length);
        c->length = 0;
    }
    c->task = task;
    memcpy(c->line + c->length, text, count);
    c->length += count;
    if (words->w[0] & CONSOLE_MORE)
        return;
    queue(c->line, c->length);
    c->task = c->length = 0;
}

/* Carry out a request; the reply takes its place. */
static void handle(unsigned task, struct l4_words *words)
{
    struct l4_words reply = { { 0 } };

    switch (CONSOLE_CODE(words->w[0])) {
    case CONSOLE_WRITE:
        do_write(task, words);
        break;
    case CONSOLE_FLUSH:
        wait_until_empty();
        break;
    case CONSOLE_COUNTS:
        reply.w[1] = interrupts;
        break;
    default:
        reply.w[0] = CONSOLE_UNKNOWN;
    }
    *words = reply;
}

static void serve(void)
{
    l4_threadid_t client = L4_NIL_ID;
    struct l4_words words = { { 0 } };
    l4_msgdope_t dope;

    dope = l4_ipc_wait_words(&client, &words);
    for (;;) {
        while (L4_IPC_IS_ERROR(dope))   /* the client is gone */
            dope = l4_ipc_wait_words(&client, &words);
        if (l4_task_equal(client, top_half))
            words = (struct l4_words){ { 0 } };     /* a late wake-up */
        else
            handle(client.id.task, &words);
        dope = l4_ipc_reply_and_wait_words(&client, &words);
    }
}

int main(void)
{
    top_half = l4_myself();
    if (!uart_init() || !start_bottom_half())
        return 1;
    queue("console: I drive ", 17);
    queue(uart_name, (unsigned)strlen(uart_name));
    queue("\n", 1);
    if (root_register() != REQUEST_OK)
        return 1;
    serve();
    return 0;
}
