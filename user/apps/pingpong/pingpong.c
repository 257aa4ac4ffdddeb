/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two tasks throw a message at each other. `pingpong ping` looks the other
 * one up by name and calls it; `pingpong pong` answers. Every word of every
 * message is checked on both sides.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <l4/sys/ipc.h>

#include <hickory/root.h>
#include <hickory/time.h>

#define PARTNER     "ponger"
#define PATIENCE    5000000     /* microseconds */
#define ROUNDS      10000

/* Word i of the message that goes out in a round; the answer has it negated,
   so that nobody passes by sending back what came. */
static l4_umword_t word_of(unsigned long round, unsigned i)
{
    return (round * L4_REG_WORDS + i) * 0x9e3779b1UL;
}

static void fill(struct l4_words *m, unsigned long round)
{
    for (unsigned i = 0; i < L4_REG_WORDS; i++)
        m->w[i] = word_of(round, i);
}

static void negate(struct l4_words *m)
{
    for (unsigned i = 0; i < L4_REG_WORDS; i++)
        m->w[i] = ~m->w[i];
}

static int is_round(const struct l4_words *m, unsigned long round)
{
    struct l4_words expected;

    fill(&expected, round);
    return memcmp(m, &expected, sizeof(expected)) == 0;
}

static int complain(const char *what, unsigned long round)
{
    printf("pingpong: %s in round %lu\n", what, round);
    return 1;
}

static int pong(void)
{
    l4_threadid_t pinger = L4_NIL_ID;
    struct l4_words m = { { 0 } };

    if (root_register() != REQUEST_OK)
        return complain("no registration", 0);
    l4_msgdope_t dope = l4_ipc_wait_words(&pinger, &m);
    for (unsigned long round = 0; round < ROUNDS; round++) {
        if (L4_IPC_IS_ERROR(dope))
            return complain("pong: IPC error", round);
        if (!is_round(&m, round))
            return complain("pong: wrong words", round);
        negate(&m);
        if (round == ROUNDS - 1)
            l4_ipc_words(L4_OP_SEND, &pinger, &m);
        else
            dope = l4_ipc_reply_and_wait_words(&pinger, &m);
    }
    return 0;
}

static int ping(void)
{
    l4_threadid_t ponger = root_lookup_wait(PARTNER, PATIENCE);
    struct l4_words m;

    if (l4_is_nil_id(ponger))
        return complain("no " PARTNER, 0);
    l4_uint64_t begin = l4_time();
    for (unsigned long round = 0; round < ROUNDS; round++) {
        fill(&m, round);
        if (L4_IPC_IS_ERROR(l4_ipc_call_words(ponger, &m)))
            return complain("ping: IPC error", round);
        negate(&m);
        if (!is_round(&m, round))
            return complain("ping: wrong words", round);
    }
    unsigned long usec = (unsigned long)(l4_time() - begin);
    printf("pingpong: %d rounds of %d words each way, all correct, "
           "in %lu.%03lu ms\n", ROUNDS, L4_REG_WORDS, usec / 1000,
           usec % 1000);
    return 0;
}

int main(int argc, char *argv[])
{
    if (argc == 2 && strcmp(argv[1], "ping") == 0)
        return ping();
    if (argc == 2 && strcmp(argv[1], "pong") == 0)
        return pong();
    printf("usage: pingpong ping|pong\n");
    return 2;
}
