/* SPDX-License-Identifier: BSD-2-Clause */
/* Mappings from this task to itself, by messages between two of its threads,
   and to another task. */
#include <l4/sys/ipc.h>
#include <l4/sys/syscalls.h>

#include "crowd.h"
#include "stress.h"

#define WINDOW      0x10000000UL    /* addresses that are free in all tasks */
#define OTHERS      (L4_FP_FLUSH_PAGE | L4_FP_OTHER_SPACES)
#define WHOLE       L4_IPC_MAPMSG(0, L4_WHOLE_ADDRESS_SPACE)
#define TASK        FIRST_SPARE
#define WIDTH       4096
#define DEPTH       4096
#define LARGE       24             /* large pages mapped from one */

static char page[4096] __attribute__((aligned(4096)));
static char stack[4096] __attribute__((aligned(4096)));
static l4_threadid_t own_receiver;

/* Accepts any mapping anywhere. Another message: throws all away that it has
   in the window. */
static void receiver(void *unused)
{
    l4_threadid_t from = L4_NIL_ID;
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    (void)unused;
    l4_ipc_wait(&from, WHOLE, &w0, &w1, L4_IPC_NEVER, &dope);
    for (;;) {
        if (!l4_ipc_fpage_received(dope))
            l4_fpage_unmap(l4_fpage(WINDOW, 28, 0, 0),
                           L4_FP_FLUSH_PAGE | L4_FP_ALL_SPACES);
        l4_ipc_reply_and_wait(from, L4_IPC_SHORT_MSG, 0, 0, &from, WHOLE, &w0,
                              &w1, L4_IPC_TIMEOUT(0, 1, 0, 0, 0, 0), &dope);
    }
}

static void start_receivers(void)
{
    page[0] = 1;
    own_receiver = thread_start(SUBJECT, receiver, 0);
    task_start(TASK, (l4_umword_t)stack + sizeof(stack), receiver, 0);
    settle();
}

static void stop_receivers(void)
{
    task_kill(TASK);
    l4_fpage_unmap(l4_fpage(WINDOW, 28, 0, 0),
                   L4_FP_FLUSH_PAGE | L4_FP_ALL_SPACES);
    thread_start(SUBJECT, park, 0);
    settle();
}

static l4_fpage_t fpage(l4_umword_t address, unsigned log2_size)
{
    return l4_fpage(address, log2_size, L4_FPAGE_RW, L4_FPAGE_MAP);
}

static void send(l4_threadid_t to, void *how, l4_umword_t w0, l4_umword_t w1)
{
    l4_msgdope_t dope;

    require(l4_ipc_call(to, how, w0, w1, L4_IPC_SHORT_MSG, &w0, &w1,
                        L4_IPC_NEVER, &dope) == 0);
}

static void map(l4_threadid_t to, l4_umword_t from, unsigned log2_size,
                l4_umword_t address)
{
    send(to, L4_IPC_SHORT_FPAGE, address, fpage(from, log2_size).raw);
}

/* WIDTH mappings of one page in one task, and one in another. */
static void grow_wide(void)
{
    map(task_id(TASK), (l4_umword_t)page, L4_PAGESHIFT, WINDOW);
    for (unsigned i = 0; i < WIDTH; i++)
        map(own_receiver, (l4_umword_t)page, L4_PAGESHIFT,
            WINDOW + i * L4_PAGESIZE);
}

void stress_wide_trees(void)
{
    l4_fpage_t f = fpage((l4_umword_t)page, L4_PAGESHIFT);

    start_receivers();
    grow_wide();
    l4_fpage_unmap(f, OTHERS | L4_FP_TASK(TASK));
    l4_fpage_unmap(f, OTHERS);
    grow_wide();
    l4_fpage_unmap(f, L4_FP_REMAP_PAGE | L4_FP_TASK(TASK));
    l4_fpage_unmap(f, L4_FP_REMAP_PAGE);
    l4_fpage_unmap(f, OTHERS);
    grow_wide();
    stop_receivers();
}

/* Each mapping made from the one before. */
static void grow_deep(void)
{
    map(own_receiver, (l4_umword_t)page, L4_PAGESHIFT, WINDOW);
    for (unsigned i = 1; i < DEPTH; i++)
        map(own_receiver, WINDOW + (i - 1) * L4_PAGESIZE, L4_PAGESHIFT,
            WINDOW + i * L4_PAGESIZE);
    map(task_id(TASK), WINDOW + (DEPTH - 1) * L4_PAGESIZE, L4_PAGESHIFT,
        WINDOW);
}

void stress_deep_trees(void)
{
    l4_fpage_t f = fpage((l4_umword_t)page, L4_PAGESHIFT);

    start_receivers();
    grow_deep();
    l4_fpage_unmap(f, OTHERS | L4_FP_TASK(TASK));
    l4_fpage_unmap(f, L4_FP_REMAP_PAGE);
    l4_fpage_unmap(fpage(WINDOW + DEPTH / 2 * L4_PAGESIZE, L4_PAGESHIFT),
                   OTHERS);
    l4_fpage_unmap(f, OTHERS);
    grow_deep();
    stop_receivers();
}

/* Large pages in both tasks, of which small parts are taken away, and small
   ones of all of them. */
void stress_large_pages(void)
{
    l4_umword_t large = ram(L4_SUPERPAGESHIFT);

    start_receivers();
    for (unsigned i = 0; i < LARGE; i++)
        map(i & 1 ? own_receiver : task_id(TASK), large, L4_SUPERPAGESHIFT,
            WINDOW + i * L4_SUPERPAGESIZE);
    map(task_id(TASK), WINDOW + L4_SUPERPAGESIZE, L4_SUPERPAGESHIFT,
        WINDOW + L4_SUPERPAGESIZE);
    l4_fpage_unmap(fpage(large + L4_PAGESIZE, L4_PAGESHIFT), OTHERS);
    l4_fpage_unmap(fpage(large, L4_SUPERPAGESHIFT), L4_FP_REMAP_PAGE);
    send(task_id(TASK), L4_IPC_SHORT_MSG, 0, 0);
    for (unsigned i = 0; i < L4_SUPERPAGESIZE / L4_PAGESIZE; i += 2)
        map(own_receiver, large + i * L4_PAGESIZE, L4_PAGESHIFT,
            WINDOW + i * L4_PAGESIZE);
    map(task_id(TASK), WINDOW, L4_SUPERPAGESHIFT + 2, WINDOW);
    l4_fpage_unmap(fpage(large, L4_SUPERPAGESHIFT), OTHERS);
    stop_receivers();
}
