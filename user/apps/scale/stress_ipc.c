/* SPDX-License-Identifier: BSD-2-Clause */
/* Queues, alarms, long messages, and calls that mean nothing. */
#include <l4/sys/ipc.h>
#include <l4/sys/syscalls.h>

#include <hickory/pager.h>
#include <hickory/protocol.h>
#include <hickory/thread.h>

#include "crowd.h"
#include "stress.h"

#define THREADS     8192u   /* of the crowd */

extern char __executable_start[];

/* ---- a closed wait in a long queue ---- */

/* All send to this thread, which waits in vain for one that is not near; then
   it hears them. */
static void wait_closed(void *whom)
{
    l4_threadid_t far = *(l4_threadid_t *)whom;
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    for (unsigned i = 0; i < 64; i++)
        l4_ipc_receive(far, L4_IPC_SHORT_MSG, &w0, &w1,
                       L4_IPC_TIMEOUT(0, 0, 0, 1, 0, 0), &dope);
    for (unsigned i = 0; i < THREADS; i++)
        l4_ipc_wait(&far, L4_IPC_SHORT_MSG, &w0, &w1,
                    L4_IPC_TIMEOUT(0, 0, 0, 1, 0, 0), &dope);
    park(0);
}

static char outer_stack[4096] __attribute__((aligned(4096)));

/* Makes a task of the number that it has been given: far for its chief. */
static void outer(void *unused)
{
    l4_task_new(task_id(FIRST_SPARE + 1), 255, 0, (l4_umword_t)park,
                l4_myself());
    park(unused);
}

static l4_threadid_t make_far_thread(void)
{
    l4_threadid_t t;

    task_start(FIRST_SPARE, (l4_umword_t)outer_stack + sizeof(outer_stack),
               outer, 0);
    t = l4_task_new(task_id(FIRST_SPARE + 1),
                    (l4_umword_t)task_id(FIRST_SPARE).raw, 0, 0, L4_NIL_ID);
    settle();
    return t;
}

void stress_closed_wait(void)
{
    static l4_threadid_t far;

    far = make_far_thread();
    crowd_grow(THREADS);
    crowd_victim = thread_start(PARTNER, park, 0);
    settle();
    crowd_set_mode(CROWD_SEND);
    thread_start(PARTNER, wait_closed, &far);
    settle();
    thread_start(PARTNER, park, 0);
    settle();
    crowd_kill();
    task_kill(FIRST_SPARE);
}

/* ---- alarms ---- */

void stress_many_alarms(void)
{
    crowd_grow(THREADS);
    crowd_set_mode(CROWD_ALARM);
    l4_ipc_sleep(L4_IPC_TIMEOUT(0, 0, 100, 10, 0, 0));
    settle();
    crowd_kill();
}

/* ---- strings ---- */

#define LOG2_STRINGS    23      /* of memory; the receiver has the upper half */
#define STRINGS         4
#define STRING_SIZE     0xffff0ul

static l4_umword_t strings;
static char receiver_stack[4096] __attribute__((aligned(4096)));

struct long_message {
    struct l4_msg_header head;
    l4_umword_t word[1024];
    l4_umword_t string[STRINGS][4];
};
static struct long_message out, in;

static void fill(struct long_message *m, l4_umword_t at)
{
    m->head.size_dope = m->head.send_dope = L4_IPC_DOPE(1024, STRINGS);
    for (unsigned i = 0; i < STRINGS; i++) {
        m->string[i][0] = m->string[i][2] = STRING_SIZE;
        m->string[i][1] = m->string[i][3] = at + i * 0x100000 + 1 + i;
    }
}

static void receive_strings(void *unused)
{
    l4_threadid_t from;
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    (void)unused;
    for (;;)
        l4_ipc_wait(&from, &in, &w0, &w1, L4_IPC_NEVER, &dope);
}

/* Whole, into memory that the receiver does not have yet; and again. */
void stress_strings(void)
{
    l4_umword_t start = ((l4_umword_t)__executable_start & ~0xffffffful) +
                        0x08000000;
    l4_msgdope_t dope;

    strings = start;
    require(pager_ram(SIGMA0_ID, l4_fpage(start, LOG2_STRINGS, L4_FPAGE_RW, 0),
                      WINDOW_ANYWHERE));
    fill(&out, strings);
    fill(&in, strings + (1ul << (LOG2_STRINGS - 1)));
    task_start(FIRST_SPARE,
               (l4_umword_t)receiver_stack + sizeof(receiver_stack),
               receive_strings, 0);
    settle();
    for (unsigned i = 0; i < 2; i++)
        require(l4_ipc_send(task_id(FIRST_SPARE), &out, 0, 0, L4_IPC_NEVER,
                            &dope) == 0);
    task_kill(FIRST_SPARE);
}

/* ---- anything ---- */

#define CALLS   1000

static unsigned long seed = 1;

static l4_umword_t random_bits(void)
{
    seed = seed * 1103515245 + 12345;
    return seed >> 8 & 0xffff;
}

/* Nothing, everything, an address, a small number, or just bits. */
static l4_umword_t random_word(void)
{
    l4_umword_t bits = random_bits();

    switch (random_bits() % 6) {
    case 0:
        return 0;
    case 1:
        return ~(l4_umword_t)0;
    case 2:
        return (l4_umword_t)__executable_start + bits * 16;
    case 3:
        return bits & 0xff;
    case 4:
        return bits << 16 | random_bits();
    default:
        return bits << (L4_WORD_BITS - 16) | random_bits();
    }
}

static l4_threadid_t random_id(void)
{
    l4_threadid_t t = task_id(FIRST_SPARE + random_bits() % 3);

    switch (random_bits() % 4) {
    case 0:
        t.raw = random_word();
        break;
    case 1:
        t.id.lthread = random_bits() % 8;
        break;
    }
    return t;
}

static void random_ipc(void)
{
    struct l4_words m = { { random_word(), random_word() } };
    l4_threadid_t partner = random_id();

    /* Both phases end, after 40 us, and after 4 us for faults. */
    l4_arch_ipc(random_word(), random_word(),
                L4_IPC_TIMEOUT(10, 14, 10, 14, 14, 14).timeout, &partner,
                m.w);
}

static void random_call(void)
{
    struct l4_call_args a = {
        .arg = { random_word(), random_word(), random_word() },
        .id = { random_id(), random_id() },
    };

    switch (random_bits() % 8) {
    case 0:
        l4_arch_call(L4_SYS_ID_NEAREST, &a);
        break;
    case 1:
        a.arg[1] &= ~L4_FP_ALL_SPACES;
        l4_arch_call(L4_SYS_FPAGE_UNMAP, &a);
        break;
    case 2:
        l4_arch_call(L4_SYS_THREAD_SWITCH, &a);
        break;
    case 3:
        a.arg[0] = 1 + a.arg[0] % 4;
        l4_arch_call(L4_SYS_LTHREAD_EX_REGS, &a);
        break;
    case 4:
        l4_arch_call(L4_SYS_TASK_NEW, &a);
        break;
    case 5:
        l4_arch_call(L4_SYS_CACHE_SYNC, &a);
        break;
    default:
        random_ipc();
    }
}

static volatile bool done;

static void call_at_random(void *unused)
{
    for (unsigned i = 0; i < CALLS; i++)
        random_call();
    done = true;
    park(unused);
}

/* Its other threads run wherever they were sent, at its priority, in turn
   with it; at most for 400 ms. */
void stress_random_calls(void)
{
    static char stack[8192] __attribute__((aligned(4096)));

    seed = 1;
    done = false;
    task_start(FIRST_SPARE, (l4_umword_t)stack + sizeof(stack),
               call_at_random, 0);
    require(thread_set_priority(task_id(FIRST_SPARE), PRIO_SETTLE));
    for (unsigned i = 0; i < 40 && !done; i++)
        l4_ipc_sleep(L4_IPC_TIMEOUT(0, 0, 10, 10, 0, 0));
    task_kill(FIRST_SPARE);
}
