/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Root task of the fuzzer: makes the watchers, and, round by round, a hostile
 * chief, lets it and all that it makes run for a while, looks after the
 * watchers and the kernel's structures, and kills it.
 *
 * Round i has the seed SEED + i and leaves nothing behind, so that a round
 * can be repeated by itself.
 */
#include <stddef.h>

#include <hickory/pager.h>
#include <hickory/print.h>
#include <hickory/protocol.h>
#include <hickory/thread.h>

#include "fuzz.h"

/* sim/fuzz.py writes other numbers over these, in a copy of the image. */
static volatile const char plan[] =
    "fuzz: seed 0000000001 rounds 0000000004 trace 0";

#define PAGER_PRIO      200
#define OWN_PRIO        180
#define WATCHER_PRIO    140
#define HOSTILE_PRIO    50
#define HOSTILE_MCP     100
#define PAGER           1       /* lthread of the pager */
#define LOOKS           10      /* at watchers and kernel, in a round */

char arena_pages[ARENA_SIZE] __attribute__((aligned(4096)));
l4_threadid_t others[6];
unsigned trace;
l4_umword_t user_top;

static char pager_stack[4096], watcher_stacks[WATCHERS][4096]
    __attribute__((aligned(4096)));
static struct rng pager_rng;
static l4_threadid_t pager_id;

extern char __executable_start[], _end[];
void thread_begin(void);

/* The number that follows this word of the plan. */
static unsigned planned(const char *word)
{
    for (const volatile char *p = plan; *p; p++) {
        unsigned n = 0;
        while (word[n] && p[n] == word[n])
            n++;
        if (word[n])
            continue;
        unsigned value = 0;
        for (p += n; *p >= '0' && *p <= '9'; p++)
            value = value * 10 + (unsigned)(*p - '0');
        return value;
    }
    return 0;
}

static void nap(unsigned ms)
{
    l4_ipc_sleep(L4_IPC_TIMEOUT(0, 0, ms, 10, 0, 0));   /* 1,024 us each */
}

/* ---- the pager ---- */

static bool answer_watcher(l4_threadid_t from, l4_umword_t *w0,
                           l4_umword_t *w1)
{
    l4_umword_t page = *w0 & L4_PAGEMASK;
    bool write = watch_may_write(from, page);

    if (page < ((l4_umword_t)__executable_start & L4_PAGEMASK) ||
        page >= (l4_umword_t)_end)
        return false;
    for (unsigned i = 0; i < WATCHERS; i++)
        write = write || page == (l4_umword_t)watcher_stacks[i];
    *w0 = page;
    *w1 = l4_fpage(page, L4_PAGESHIFT, write, L4_FPAGE_MAP).raw;
    return true;
}

static bool answer(l4_threadid_t from, l4_umword_t *w0, l4_umword_t *w1)
{
    if (is_watcher(from))
        return answer_watcher(from, w0, w1);
    if (from.id.task != HOSTILE_FIRST || from.id.nest != 1)
        return false;
    return answer_fault(&pager_rng, from, w0, w1);
}

static void pager(void *unused)
{
    const l4_timeout_t timeouts = L4_IPC_TIMEOUT(0, 1, 0, 0, 15, 15);
    l4_threadid_t from = L4_NIL_ID;
    l4_umword_t w0 = 0, w1 = 0;
    l4_msgdope_t dope = { .msgdope = L4_IPC_RETIMEOUT };

    (void)unused;
    for (;;) {
        if (L4_IPC_IS_ERROR(dope) || !answer(from, &w0, &w1))
            l4_ipc_wait(&from, L4_IPC_SHORT_MSG, &w0, &w1, timeouts, &dope);
        else
            l4_ipc_reply_and_wait(from, L4_IPC_SHORT_FPAGE, w0, w1, &from,
                                  L4_IPC_SHORT_MSG, &w0, &w1, timeouts,
                                  &dope);
    }
}

/* ---- tasks ---- */

static l4_taskid_t task_number(unsigned n)
{
    return (l4_taskid_t){ .raw = (l4_uint64_t)n << 17 };
}

l4_threadid_t start_watcher(unsigned task, void (*function)(void *))
{
    unsigned i = task - WATCHER_FIRST;
    struct thread_work *work =
        (void *)(watcher_stacks[i] + sizeof(watcher_stacks[i]) - 64);

    *work = (struct thread_work){ function, 0 };
    l4_threadid_t t = l4_task_new(task_number(task), 0, (l4_umword_t)work,
                                  (l4_umword_t)thread_begin, pager_id);
    thread_set_priority(t, WATCHER_PRIO);
    return t;
}

static void start_hostile(l4_uint64_t seed)
{
    struct rng r;

    rng_seed(&r, seed);
    rng_seed(&pager_rng, rng_next(&r));
    for (l4_umword_t *p = (l4_umword_t *)arena_pages;
         p < (l4_umword_t *)(arena_pages + ARENA_SIZE); p++)
        *p = 0;
    l4_umword_t sp = prepare_thread(HOSTILE_FIRST, 0, chief_main,
                                    (l4_umword_t)rng_next(&r));
    l4_threadid_t chief = l4_task_new(task_number(HOSTILE_FIRST), HOSTILE_MCP,
                                      sp, (l4_umword_t)thread_begin,
                                      pager_id);
    thread_set_priority(chief, HOSTILE_PRIO);
    for (unsigned i = 0; i < HOSTILE_TASKS; i++)
        ARENA->id[i] = chief.raw;
    for (unsigned i = 1; i < HOSTILE_TASKS; i++)
        l4_task_new(task_number(HOSTILE_FIRST + i), (l4_umword_t)chief.raw, 0,
                    0, L4_NIL_ID);
}

/* Kill it; the number stays ours. */
static void kill_hostile(void)
{
    l4_task_new(task_number(HOSTILE_FIRST), (l4_umword_t)l4_myself().raw, 0,
                0, L4_NIL_ID);
}

/* ---- rounds ---- */

/* What the innocent threads are doing: bits 16 to 19 are the state. */
static void print_states(void)
{
    for (unsigned i = 0; i < 6; i++) {
        l4_threadid_t preempter = L4_INVALID_ID, partner = L4_NIL_ID;
        l4_sched_param_t old, leave = { .sched_param = ~(l4_umword_t)0 };

        l4_uint64_t used = l4_thread_schedule(others[i], leave, &preempter,
                                              &partner, &old);
        print("used %u us; thread %08x%08x: %08lx, partner %08x%08x\n",
              (unsigned)used,
              (unsigned)(others[i].raw >> 32), (unsigned)others[i].raw,
              old.sched_param, (unsigned)(partner.raw >> 32),
              (unsigned)partner.raw);
    }
}

static const char *play_round(l4_uint64_t seed)
{
    l4_umword_t before = l4_kdebug(L4_KDEBUG_COUNT, 0), after;
    const char *wrong = NULL;

    start_hostile(seed);
    for (unsigned i = 0; i < LOOKS && !wrong; i++) {
        nap(2);
        l4_kdebug(L4_KDEBUG_CHECK, 0);
        wrong = watch_check();
    }
    kill_hostile();
    l4_kdebug(L4_KDEBUG_CHECK, 0);
    after = l4_kdebug(L4_KDEBUG_COUNT, 0);
    if (!wrong && after != before) {
        print("kernel memory: %lu before, %lu after\n", before, after);
        return "kernel memory is lost";
    }
    return wrong;
}

static void init(void)
{
    const l4_umword_t request[2] = { REQUEST_KIP, 0 };
    l4_addr_t kip = 0;

    for (char *p = __executable_start; p < _end; p += L4_PAGESIZE)
        *(volatile char *)p = *(volatile char *)p;
    pager_request(SIGMA0_ID, request, WINDOW_ANYWHERE, &kip);
    user_top = ((const l4_kernel_info_t *)kip)->user_top;
    thread_set_priority(l4_myself(), OWN_PRIO);
    pager_id = thread_create(
        PAGER, (struct thread_stack){ pager_stack, sizeof(pager_stack) },
        (struct thread_work){ pager, 0 });
    thread_set_priority(pager_id, PAGER_PRIO);
    others[3] = l4_myself();
    others[4] = pager_id;
    others[5] = SIGMA0_ID;
    watch_start();
    nap(2);
}

int main(void)
{
    unsigned seed = planned("seed "), rounds = planned("rounds ");
    unsigned long calls = 0;

    trace = planned("trace ");
    init();
    for (unsigned i = 0; i < rounds; i++) {
        const char *wrong = play_round(seed + i);
        calls += ARENA->calls;
        if (wrong) {
            print("fuzz: seed %u: %s; the last calls:\n", seed + i, wrong);
            print_log();
            print_states();
            return 1;
        }
        print("fuzz: seed %u done, %lu calls so far\n", seed + i, calls);
    }
    print("fuzz: %u rounds from seed %u, %lu calls: no harm done\n", rounds,
          seed, calls);
    return 0;
}
