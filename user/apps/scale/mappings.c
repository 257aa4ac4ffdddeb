/* SPDX-License-Identifier: BSD-2-Clause */
#include <l4/sys/ipc.h>
#include <l4/sys/kdebug.h>
#include <l4/sys/syscalls.h>

#include <hickory/mark.h>

#include "crowd.h"
#include "mappings.h"

#define WINDOW      0x10000000UL    /* in the receivers: MAPPINGS_MOST pages */
#define EXTRA       0x0f000000UL    /* ... and for what is measured */
#define MORE        0x0e000000UL    /* ... and for what there is memory for */
#define MORE_PAGES  4096
#define MANY        FIRST_SPARE             /* has them all */
#define ONE         (FIRST_SPARE + 1)       /* has one, the oldest */
#define ROUNDS      16
#define ITEMS       128             /* in one message */
#define LEFT        16              /* frames of the kernel's, to be filled */
#define WHOLE       L4_IPC_MAPMSG(0, L4_WHOLE_ADDRESS_SPACE)
#define OTHERS      (L4_FP_FLUSH_PAGE | L4_FP_OTHER_SPACES)

const char *const mapping_ops[MAPPING_OPS] = {
    [MAP_ONE] = "map", [MAP_OTHER] = "map-other-page",
    [UNMAP_OWN] = "unmap-own", [UNMAP_TASK] = "unmap-from-one-task",
    [UNMAP_OTHER] = "unmap-other-page", [UNMAP_ALL] = "unmap-all",
};

static char page[4096] __attribute__((aligned(4096)));
static char other_page[4096] __attribute__((aligned(4096)));
static char third_page[4096] __attribute__((aligned(4096)));
static char stacks[2][4096] __attribute__((aligned(4096)));
static unsigned size;

static struct {
    struct l4_msg_header head;
    l4_umword_t word[2 * ITEMS + 2];
} message;

/* ---- the receivers ---- */

static void throw_away(void)
{
    L4_SPAN_BEGIN(0);
    for (unsigned i = 0; i < ROUNDS; i++)
        l4_fpage_unmap(l4_fpage(EXTRA + i * L4_PAGESIZE, L4_PAGESHIFT, 0, 0),
                       L4_FP_FLUSH_PAGE | L4_FP_ALL_SPACES);
    L4_SPAN_END(0);
}

/* Accepts any mapping. A message without one: throw away those at EXTRA. */
static void receiver(void *unused)
{
    l4_threadid_t from = L4_NIL_ID;
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    (void)unused;
    int error = l4_ipc_wait(&from, WHOLE, &w0, &w1, L4_IPC_NEVER, &dope);
    for (;;) {
        if (!error && !l4_ipc_fpage_received(dope))
            throw_away();
        error = l4_ipc_reply_and_wait(from, L4_IPC_SHORT_MSG, 0, 0, &from,
                                      WHOLE, &w0, &w1,
                                      L4_IPC_TIMEOUT(0, 1, 0, 0, 0, 0), &dope);
    }
}

/* ---- sending ---- */

static l4_umword_t fpage_of(const char *p)
{
    return l4_fpage((l4_umword_t)p, L4_PAGESHIFT, L4_FPAGE_RW,
                    L4_FPAGE_MAP).raw;
}

static int map(unsigned task, const char *p, l4_umword_t address)
{
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    return l4_ipc_call(task_id(task), L4_IPC_SHORT_FPAGE, address, fpage_of(p),
                       L4_IPC_SHORT_MSG, &w0, &w1, L4_IPC_NEVER, &dope);
}

/* Map `page` `count` times in one message, at `address` on: was there memory
   for it? The receiver has no room for the words, and hears that the message
   was cut. */
static bool map_many(l4_umword_t address, unsigned count)
{
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    for (unsigned i = 0; i < count; i++) {
        message.word[2 * i] = address + i * L4_PAGESIZE;
        message.word[2 * i + 1] = fpage_of(page);
    }
    message.word[2 * count] = message.word[2 * count + 1] = 0;
    message.head.size_dope = message.head.send_dope =
        L4_IPC_DOPE(2 * count + 2, 0);
    int error = l4_ipc_call(task_id(MANY), (char *)&message + 2,
                            message.word[0], message.word[1],
                            L4_IPC_SHORT_MSG, &w0, &w1, L4_IPC_NEVER, &dope);
    require(error == 0 || (error & ~0x10) == L4_IPC_REMSGCUT ||
            (error & ~0x10) == L4_IPC_REMAPFAILED);
    if (error)              /* its answer was not waited for */
        l4_ipc_receive(task_id(MANY), L4_IPC_SHORT_MSG, &w0, &w1,
                       L4_IPC_TIMEOUT(0, 0, 1, 9, 0, 0), &dope);
    return (error & ~0x10) != L4_IPC_REMAPFAILED;
}

void mappings_init(void)
{
    page[0] = other_page[0] = third_page[0] = 1;
    for (unsigned i = 0; i < 2; i++)
        task_start(MANY + i, (l4_umword_t)stacks[i] + sizeof(stacks[i]),
                   receiver, 0);
    settle();
    /* So the page tables of what is measured are there, and stay. */
    require(map(MANY, third_page, EXTRA + 0xff000) == 0);
    require(map(ONE, third_page, EXTRA + 0xff000) == 0);
}

void mappings_grow(unsigned n)
{
    require(map(ONE, page, EXTRA) == 0);
    for (size = 0; size < n; size += ITEMS)
        require(map_many(WINDOW + size * L4_PAGESIZE,
                         n - size < ITEMS ? n - size : ITEMS));
    size = n;
}

unsigned mappings_fill(void)
{
    unsigned n = 0;

    l4_kdebug(L4_KDEBUG_KEEP, kernel_memory() / L4_PAGESIZE - LEFT);
    while (map_many(MORE + n * L4_PAGESIZE, 1))
        require(++n < MORE_PAGES);
    return size + n;
}

void mappings_end(void)
{
    l4_fpage_unmap((l4_fpage_t){ .raw = fpage_of(page) }, OTHERS);
    l4_kdebug(L4_KDEBUG_KEEP, 0);
}

/* ---- what is measured ---- */

static void map_rounds(const char *p, l4_umword_t address)
{
    L4_SPAN_BEGIN(0);
    for (unsigned i = 0; i < ROUNDS; i++)
        map(MANY, p, address + i * L4_PAGESIZE);
    L4_SPAN_END(0);
}

static void unmap_one(const char *p, l4_umword_t mask)
{
    l4_fpage_t f = { .raw = fpage_of(p) };

    L4_SPAN_BEGIN(0);
    l4_fpage_unmap(f, mask);
    L4_SPAN_END(0);
}

static void tell_to_throw_away(void)
{
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    require(l4_ipc_call(task_id(MANY), L4_IPC_SHORT_MSG, 0, 0,
                        L4_IPC_SHORT_MSG, &w0, &w1, L4_IPC_NEVER,
                        &dope) == 0);
}

unsigned mappings_measure(unsigned op)
{
    switch (op) {
    case MAP_ONE:
        map_rounds(page, EXTRA);
        return ROUNDS;
    case MAP_OTHER:
        map_rounds(other_page, EXTRA + ROUNDS * L4_PAGESIZE);
        return ROUNDS;
    case UNMAP_OWN:
        tell_to_throw_away();
        return ROUNDS;
    case UNMAP_TASK:
        unmap_one(page, OTHERS | (l4_umword_t)ONE << 8);
        return 1;
    case UNMAP_OTHER:
        unmap_one(other_page, OTHERS);
        return ROUNDS;
    default:
        unmap_one(page, OTHERS);
        return size;
    }
}
