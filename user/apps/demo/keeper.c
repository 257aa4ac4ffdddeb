/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * keeper makes a task of its own, the child, and is its pager. The child's
 * memory is keeper's to decide:
 *
 *   - code: keeper's own program, at the same addresses, read only;
 *   - stack: one page, given when it is first touched;
 *   - data: PAGES pages, of which the child has at most RESIDENT at a time.
 *     For one more, the one it has had longest is taken back. Nothing is
 *     lost: the page is keeper's, and comes back at the next touch.
 *
 * The child can reach nobody but keeper, who is its chief as well.
 */
#include <stdbool.h>
#include <stdio.h>

#include <l4/sys/ipc.h>
#include <l4/sys/syscalls.h>

#include <hickory/protocol.h>
#include <hickory/root.h>

#include "actor.h"

#define PAGES       5
#define RESIDENT    3
#define DATA        0x20000000UL        /* where the child sees its data */
#define STACK       0x30000000UL        /* ... and its stack */
#define CHILD_PRIO  10
#define CHILD_DONE  0x403UL             /* word 1: the sum it found */

/* ---- the child: runs in the other task, on shared code ---- */

static volatile l4_umword_t *data_word(unsigned page)
{
    return (volatile l4_umword_t *)(DATA + page * L4_PAGESIZE);
}

/* Write all pages, then read them all. It has no C library: that would want
   data of its own. */
static void child_main(void)
{
    l4_threadid_t keeper;
    l4_umword_t sum = 0, w0, w1;
    l4_msgdope_t dope;

    for (unsigned i = 0; i < PAGES; i++)
        *data_word(i) = i + 1;
    for (unsigned i = 0; i < PAGES; i++)
        sum += *data_word(i);
    l4_nchief(ROOT_ID, &keeper);    /* whoever is outside the clan: chief */
    for (;;)
        l4_ipc_call(keeper, L4_IPC_SHORT_MSG, CHILD_DONE, sum,
                    L4_IPC_SHORT_MSG, &w0, &w1, L4_IPC_NEVER, &dope);
}

/* ---- the keeper ---- */

static char data[PAGES][L4_PAGESIZE] __attribute__((aligned(4096)));
static char stack[L4_PAGESIZE] __attribute__((aligned(4096)));

/* The data pages the child has now, oldest first. */
static unsigned resident[RESIDENT], residents;

/* From the linker: keeper's code. */
extern char __executable_start[], etext[];

/* A reply that maps the page of ours at `page` for a fault at `address`. */
static struct l4_words map_page(const void *page, l4_addr_t address,
                                unsigned write)
{
    /* We can only pass on what we have: make sure of it. */
    (void)*(const volatile char *)page;
    return (struct l4_words){ {
        l4_trunc_page(address),
        l4_fpage((l4_addr_t)page, L4_PAGESHIFT, write, L4_FPAGE_MAP).raw,
    } };
}

static void take_oldest(void)
{
    unsigned page = resident[0];

    l4_fpage_unmap(l4_fpage((l4_addr_t)data[page], L4_PAGESHIFT, L4_FPAGE_RW,
                            L4_FPAGE_MAP),
                   L4_FP_FLUSH_PAGE | L4_FP_OTHER_SPACES);
    for (unsigned i = 1; i < residents; i++)
        resident[i - 1] = resident[i];
    residents--;
    printf(", takes page %u back", page);
}

static struct l4_words data_fault(l4_addr_t address, bool write)
{
    unsigned page = (unsigned)((address - DATA) >> L4_PAGESHIFT);

    printf("   keeper:  child %s data page %u", write ? "writes" : "reads",
           page);
    if (residents == RESIDENT)
        take_oldest();
    resident[residents++] = page;
    printf(", gives it\n");
    return map_page(data[page], address, L4_FPAGE_RW);
}

/* The reply to a page fault; no words: it has no business there. */
static struct l4_words fault(l4_addr_t address, bool write)
{
    if (address >= DATA && address < DATA + sizeof(data))
        return data_fault(address, write);
    if (l4_trunc_page(address) == STACK) {
        printf("   keeper:  child's stack: gives a page\n");
        return map_page(stack, address, L4_FPAGE_RW);
    }
    if (!write && address >= (l4_addr_t)__executable_start &&
        address < (l4_addr_t)etext) {
        printf("   keeper:  child's code at %#lx: shares mine\n",
               l4_trunc_page(address));
        return map_page((const void *)l4_trunc_page(address), address,
                        L4_FPAGE_RO);
    }
    printf("   keeper:  child went astray at %#lx\n", address);
    return (struct l4_words){ { 0 } };
}

/* Serve the child until it is done or lost; its sum. */
static l4_umword_t keep(l4_taskid_t child)
{
    l4_threadid_t from = L4_NIL_ID;
    struct l4_words m = { { 0 } };
    l4_msgdope_t dope = l4_ipc_wait_words(&from, &m);

    while (!L4_IPC_IS_ERROR(dope) && l4_task_equal(from, child)) {
        if (!IS_FAULT(m.w[0]))
            return m.w[0] == CHILD_DONE ? m.w[1] : 0;
        m = fault(FAULT_ADDRESS(m.w[0]), FAULT_WRITE(m.w[0]));
        if (m.w[1] == 0)
            return 0;
        dope = l4_ipc_words(L4_OP_REPLY_AND_WAIT | L4_OP_SEND_NOW | L4_OP_MAP,
                            &from, &m);
    }
    return 0;
}

static l4_taskid_t make_child(void)
{
    l4_taskid_t child;

    if (root_task_number(&child) != REQUEST_OK)
        return L4_NIL_ID;
    return l4_task_new(child, CHILD_PRIO, STACK + L4_PAGESIZE - 64,
                       (l4_umword_t)child_main, l4_myself());
}

static void end_child(l4_taskid_t child)
{
    l4_task_new(child, (l4_uint32_t)l4_myself().raw, 0, 0, L4_NIL_ID);
}

int main(void)
{
    l4_threadid_t guide = actor_wait();
    l4_taskid_t child = make_child();

    if (l4_is_nil_id(child)) {
        printf("   keeper:  no task for me\n");
        actor_done(guide);
    }
    printf("   keeper:  made task %u\n", (unsigned)child.id.task);
    l4_umword_t sum = keep(child);
    printf("   keeper:  child says its %u pages add up to %lu%s\n", PAGES,
           sum, sum == PAGES * (PAGES + 1) / 2 ? ", which is right"
                                                : ", which is WRONG");
    end_child(child);
    actor_done(guide);
}
