/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The watchers: innocent tasks that must not notice anything. Two call each
 * other all the time; one has memory, and looks whether it still holds what
 * it wrote there.
 */
#include <stddef.h>

#include "fuzz.h"

#define MEMORY_PAGES    8
#define MEMORY_WORDS    (MEMORY_PAGES * 4096 / sizeof(l4_umword_t))

enum { PING, PONG, MEMORY };

static struct {
    volatile unsigned long pings, looks;
    volatile unsigned wrong_answer, wrong_memory, failed_call;
    volatile l4_umword_t dope;
} seen __attribute__((aligned(4096)));
static char end_of_seen[4096] __attribute__((aligned(4096), used));

static l4_umword_t memory[MEMORY_WORDS] __attribute__((aligned(4096)));
static l4_umword_t secret[1024];        /* nobody's but root's */
static l4_threadid_t pong_id;
static unsigned long pings_before, looks_before;

/* Page faults of those who write to it may not hold a server up. */
#define CAREFUL L4_IPC_TIMEOUT(0, 1, 0, 0, 15, 15)
#define PATIENT L4_IPC_TIMEOUT(100, 9, 100, 9, 15, 15)

static void nap(unsigned us)
{
    l4_ipc_sleep(L4_IPC_TIMEOUT(0, 0, us / 16, 13, 0, 0));
}

/* Answers everybody, hostile or not. */
static void pong(void *unused)
{
    l4_threadid_t from = L4_NIL_ID;
    l4_umword_t w0 = 0, w1 = 0;
    l4_msgdope_t dope = { .msgdope = L4_IPC_RETIMEOUT };

    (void)unused;
    for (;;)
        if (L4_IPC_IS_ERROR(dope))      /* of the reply, perhaps */
            l4_ipc_wait(&from, L4_IPC_SHORT_MSG, &w0, &w1, CAREFUL, &dope);
        else
            l4_ipc_reply_and_wait(from, L4_IPC_SHORT_MSG, w0 + 1, ~w1, &from,
                                  L4_IPC_SHORT_MSG, &w0, &w1, CAREFUL, &dope);
}

static bool ping_once(l4_umword_t n)
{
    l4_umword_t w0 = n * 3, w1 = n * 5;
    l4_msgdope_t dope;
    int error = l4_ipc_call(pong_id, L4_IPC_SHORT_MSG, w0, w1,
                            L4_IPC_SHORT_MSG, &w0, &w1,
                            n & 1 ? L4_IPC_NEVER : PATIENT, &dope);

    if (error) {
        seen.failed_call = seen.failed_call + 1;
        seen.dope = dope.msgdope;
    }
    return error || (w0 == n * 3 + 1 && w1 == ~(n * 5));
}

static void ping(void *unused)
{
    (void)unused;
    for (;;) {
        for (unsigned i = 0; i < 8; i++) {
            if (!ping_once(seen.pings))
                seen.wrong_answer = seen.wrong_answer + 1;
            seen.pings = seen.pings + 1;
        }
        nap(200);
    }
}

static l4_umword_t pattern(unsigned i, unsigned long time)
{
    return (i ^ time) * 0x9e3779b1ul;
}

static void look_after_memory(void *unused)
{
    (void)unused;
    for (unsigned long time = 0;; time++) {
        for (unsigned i = 0; i < MEMORY_WORDS; i++)
            memory[i] = pattern(i, time);
        nap(1000);
        for (unsigned i = 0; i < MEMORY_WORDS; i++)
            if (*(volatile l4_umword_t *)&memory[i] != pattern(i, time))
                seen.wrong_memory = seen.wrong_memory + 1;
        seen.looks = seen.looks + 1;
    }
}

void watch_start(void)
{
    for (unsigned i = 0; i < 1024; i++)
        secret[i] = pattern(i, 77);
    pong_id = others[PONG] = start_watcher(WATCHER_FIRST + PONG, pong);
    others[PING] = start_watcher(WATCHER_FIRST + PING, ping);
    others[MEMORY] = start_watcher(WATCHER_FIRST + MEMORY, look_after_memory);
}

bool is_watcher(l4_threadid_t id)
{
    return id.id.nest == 1 && id.id.task - WATCHER_FIRST < WATCHERS;
}

bool watch_may_write(l4_threadid_t from, l4_umword_t address)
{
    return address - (l4_umword_t)&seen < L4_PAGESIZE ||
           (from.id.task == WATCHER_FIRST + MEMORY &&
            address - (l4_umword_t)memory < sizeof(memory));
}

const char *watch_check(void)
{
    for (unsigned i = 0; i < 1024; i++)
        if (secret[i] != pattern(i, 77))
            return "the root task's memory has changed";
    if (seen.failed_call)
        return "a call between watchers has failed";
    if (seen.wrong_answer)
        return "a watcher got a wrong answer";
    if (seen.wrong_memory)
        return "a watcher's memory has changed";
    if (seen.pings == pings_before)
        return "the watchers' calls do not get on";
    if (seen.looks == looks_before)
        return "the memory watcher does not get on";
    pings_before = seen.pings;
    looks_before = seen.looks;
    return NULL;
}
