/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The demo's guide: it explains what is seen and calls the actors, one after
 * the other. The description of the system is user/systems/demo.sys.
 */
#include <stdio.h>

#include <l4/sys/syscalls.h>

#include <hickory/console.h>
#include <hickory/root.h>
#include <hickory/time.h>

#include "demo.h"

#define PATIENCE 3000000        /* microseconds, for an actor */

/* Everything said so far is out. */
static void finish_output(void)
{
    fflush(stdout);
    console_flush();
}

/* Let an actor play its part. Returns 1 when it did not. */
static int call_actor(const char *name)
{
    l4_threadid_t actor = root_lookup_wait(name, PATIENCE);
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    finish_output();
    if (l4_is_nil_id(actor)) {
        printf("demo: %s did not come\n", name);
        return 1;
    }
    l4_ipc_call(actor, L4_IPC_SHORT_MSG, DEMO_ACT, 0, L4_IPC_SHORT_MSG, &w0,
                &w1, l4_timeout_receive(PATIENCE), &dope);
    if (L4_IPC_IS_ERROR(dope))
        printf("demo: %s did not finish: error %#x\n", name,
               (unsigned)L4_IPC_ERROR(dope));
    return L4_IPC_IS_ERROR(dope);
}

static void act_driver(l4_threadid_t console)
{
    struct l4_words m = { { CONSOLE_COUNTS } };

    printf("\n1. A driver is a program.\n"
           "   What you read was printed by task %u and sent to task %u,\n"
           "   the console driver, by IPC. Only that one has the device.\n",
           (unsigned)l4_myself().id.task, (unsigned)console.id.task);
    finish_output();
    if (!L4_IPC_IS_ERROR(l4_ipc_call_words(console, &m)))
        printf("   Interrupts that reached it as messages so far: %lu.\n",
               (unsigned long)m.w[1]);
}

static int act_talk(void)
{
    printf("\n2. Tasks talk by IPC.\n"
           "   alice and bob are tasks of one program; a message is a few\n"
           "   processor registers, and both meet for it.\n");
    return call_actor("alice");
}

static int act_pager(void)
{
    printf("\n3. A pager is a program, too.\n"
           "   keeper makes a task of its own and decides what it gets when\n"
           "   it touches a page: at most three data pages at a time.\n");
    return call_actor("keeper");
}

/* clumsy does not answer any more, so it is only told, and then missed. */
static int act_crash(void)
{
    l4_threadid_t clumsy = root_lookup_wait("clumsy", PATIENCE);
    l4_msgdope_t dope;

    printf("\n4. A crash stays where it is.\n"
           "   clumsy writes to address 0. root, its pager, ends it:\n   ");
    finish_output();
    l4_ipc_send(clumsy, L4_IPC_SHORT_MSG, DEMO_ACT, 0,
                l4_timeout_send(PATIENCE), &dope);
    for (unsigned ms = 0; ms < PATIENCE / 1000; ms++) {
        l4_sleep_usec(1000);
        if (l4_is_nil_id(root_lookup("clumsy"))) {
            printf("   Everybody else is still there.\n");
            return 0;
        }
    }
    printf("   But it lives!\n");
    return 1;
}

int main(void)
{
    l4_threadid_t console = root_lookup_wait(CONSOLE_NAME, PATIENCE);
    int failures = 0;

    if (l4_is_nil_id(console)) {
        printf("demo: the console did not come\n");
        return 1;
    }
    printf("\nHickory: a small system; its tasks know each other by name.\n");
    act_driver(console);
    failures += act_talk();
    failures += act_pager();
    failures += act_crash();
    printf("\nThat was the demo, %lu ms after boot.\n",
           (unsigned long)(l4_time() / 1000));
    return failures != 0;
}
