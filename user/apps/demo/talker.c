/* SPDX-License-Identifier: BSD-2-Clause */
/* alice asks, bob answers: `talker asks NAME`, `talker answers`. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <hickory/root.h>

#include "actor.h"
#include "demo.h"

#define PATIENCE 3000000        /* microseconds */

static bool ask(l4_threadid_t other, l4_umword_t what, unsigned a, unsigned b)
{
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    printf("   %-8s What is %u %s %u?\n", "alice:", a,
           what == DEMO_ADD ? "plus" : "times", b);
    if (l4_ipc_call(other, L4_IPC_SHORT_MSG, what, a << 16 | b,
                    L4_IPC_SHORT_MSG, &w0, &w1, L4_IPC_NEVER, &dope))
        return false;
    printf("   %-8s Ah, %u.\n", "alice:", (unsigned)w1);
    return true;
}

static void play_asker(const char *name)
{
    l4_threadid_t guide = actor_wait();
    l4_threadid_t other = root_lookup_wait(name, PATIENCE);

    if (!ask(other, DEMO_ADD, 19, 23) || !ask(other, DEMO_MULTIPLY, 6, 7))
        printf("   %-8s %s does not answer!\n", "alice:", name);
    actor_done(guide);
}

/* The answer to a question, in word 1 as the question was. */
static void answer(struct l4_words *m)
{
    unsigned a = m->w[1] >> 16 & 0xffff, b = m->w[1] & 0xffff;

    if (m->w[0] == DEMO_ADD) {
        printf("   %-8s I would say %u.\n", "bob:", a + b);
        *m = (struct l4_words){ { 0, a + b } };
    } else if (m->w[0] == DEMO_MULTIPLY) {
        printf("   %-8s That is %u as well.\n", "bob:", a * b);
        *m = (struct l4_words){ { 0, a * b } };
    } else {
        *m = (struct l4_words){ { 1 } };
    }
}

static void play_answerer(void)
{
    l4_threadid_t asker = L4_NIL_ID;
    struct l4_words m = { { 0 } };

    if (root_register() != REQUEST_OK)
        return;
    l4_ipc_wait_words(&asker, &m);
    for (;;) {
        answer(&m);
        if (L4_IPC_IS_ERROR(l4_ipc_reply_and_wait_words(&asker, &m)))
            l4_ipc_wait_words(&asker, &m);
    }
}

int main(int argc, char *argv[])
{
    if (argc == 3 && strcmp(argv[1], "asks") == 0)
        play_asker(argv[2]);
    else if (argc == 2 && strcmp(argv[1], "answers") == 0)
        play_answerer();
    printf("usage: talker asks NAME | talker answers\n");
    return 2;
}
