/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>

#include <hickory/root.h>
#include <hickory/thread.h>

#include "actor.h"
#include "demo.h"

l4_threadid_t actor_wait(void)
{
    l4_threadid_t guide = L4_NIL_ID;
    struct l4_words m = { { 0 } };

    if (root_register() != REQUEST_OK)
        exit(1);
    while (m.w[0] != DEMO_ACT)
        l4_ipc_wait_words(&guide, &m);
    return guide;
}

void actor_done(l4_threadid_t guide)
{
    struct l4_words m = { { 0 } };

    fflush(stdout);
    l4_ipc_words(L4_OP_SEND, &guide, &m);
    thread_end();
}
