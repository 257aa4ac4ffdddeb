/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The creature's task. All it has comes from here: the code it runs, which is
 * the chief's, read only; and LIMIT pages of memory, wherever in its region
 * it wants them. What it was not given it cannot reach.
 */
#include <stdio.h>

#include <l4/sys/syscalls.h>

#include <hickory/protocol.h>
#include <hickory/root.h>
#include <hickory/thread.h>

#include "creature.h"
#include "warden.h"

#define LIMIT       4
#define PRIORITY    16
/* The highest priority it may give to anybody. Not 0 would let it look at,
   and change, any thread up to that priority. */
#define MCP         0
#define STACK_TOP   (CREATURE_MEMORY + CREATURE_PAGES * L4_PAGESIZE)

static char memory[LIMIT][L4_PAGESIZE] __attribute__((aligned(4096)));
static unsigned given;

/* From the linker: our code. */
extern char __executable_start[], etext[];

l4_taskid_t cage_make(void)
{
    l4_taskid_t number, creature;

    if (root_task_number(&number) != REQUEST_OK)
        return L4_NIL_ID;
    creature = l4_task_new(number, MCP, STACK_TOP - 64,
                           (l4_umword_t)creature_main, l4_myself());
    if (!l4_is_nil_id(creature) && !thread_set_priority(creature, PRIORITY))
        return L4_NIL_ID;
    if (!l4_is_nil_id(creature))
        printf("warden:   task %u is my creature; it may have %u pages\n",
               (unsigned)creature.id.task, LIMIT);
    return creature;
}

/* Map the page of ours at `page` where the creature wants to have it. */
static struct answer map(const struct message *m, const char *page,
                         unsigned write)
{
    l4_addr_t address = l4_trunc_page(FAULT_ADDRESS(m->w[0]));

    /* We can only pass on what we have: make sure of it. */
    (void)*(const volatile char *)page;
    return (struct answer){
        .kind = ANSWER_MAP,
        .to = m->from,
        .w = { address, l4_fpage((l4_addr_t)page, L4_PAGESHIFT, write,
                                 L4_FPAGE_MAP).raw },
    };
}

struct answer cage_fault(const struct message *m)
{
    l4_addr_t address = FAULT_ADDRESS(m->w[0]);
    bool write = FAULT_WRITE(m->w[0]);

    if (!write && address >= (l4_addr_t)__executable_start &&
        address < (l4_addr_t)etext) {
        printf("   page wants code at %#-24lx mine, read only\n",
               l4_trunc_page(address));
        return map(m, (const char *)l4_trunc_page(address), L4_FPAGE_RO);
    }
    printf("   page %s %#-31lx ", write ? "writes" : "reads ", address);
    if (address < CREATURE_MEMORY || address >= STACK_TOP) {
        printf("not its own\n");
        return (struct answer){ .kind = ANSWER_NONE };
    }
    if (given == LIMIT) {
        printf("over its limit\n");
        return (struct answer){ .kind = ANSWER_NONE };
    }
    given++;
    printf("given, %u of %u\n", given, LIMIT);
    return map(m, memory[given - 1], L4_FPAGE_RW);
}

void cage_end(l4_taskid_t creature)
{
    l4_task_new(creature, (l4_uint32_t)l4_myself().raw, 0, 0, L4_NIL_ID);
}
