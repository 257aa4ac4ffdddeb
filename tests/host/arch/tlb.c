/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A TLB that never forgets by itself. It holds pages and, as hardware that
 * walks tables does, pointers to tables. After a flush it eagerly reads the
 * tables again, so a flush that comes before the change it is for does not
 * help. host_tlb_check() finds whatever is stale.
 */
#include <stdlib.h>

#include "host.h"
#include "kmem.h"
#include "ptab.h"

#define TLB_SIZE 4096

struct entry {
    struct space *space;        /* NULL: free */
    word_t va;                  /* first address */
    unsigned level;             /* of the table entry it copies */
    pte_t pte;
};

static struct entry tlb[TLB_SIZE];
static unsigned used;           /* entries behind are free */

static word_t size_of(const struct entry *e)
{
    return pt_size(e->level);
}

/* The entry of a level in the tables, found without the core's walker; NULL:
   no such table. */
static pte_t *find(struct space *s, word_t va, unsigned level)
{
    unsigned top = ARCH_PT_TOP_SHIFT;
    pte_t *table = s->root;

    for (unsigned l = 0;; l++) {
        word_t index = (va & (((word_t)1 << top) - 1)) >> pt_shift[l];
        pte_t e = table[index];
        if (l == level || arch_pte_kind(e, l) != PTE_TABLE)
            return l == level ? &table[index] : NULL;
        table = phys_to_kva(arch_pte_addr(e, l));
        top = pt_shift[l];
    }
}

static pte_t look_up(struct space *s, word_t va, unsigned level)
{
    const pte_t *e = find(s, va, level);

    return e ? *e : 0;
}

static void keep(struct space *s, word_t va, unsigned level, pte_t pte)
{
    struct entry new = { s, va & ~(pt_size(level) - 1), level, pte };
    struct entry *slot = NULL;

    for (unsigned i = 0; i < used; i++) {
        if (tlb[i].space == s && tlb[i].va == new.va && tlb[i].level == level)
            return;
        if (!tlb[i].space)
            slot = &tlb[i];
    }
    if (!slot && used == TLB_SIZE)
        slot = &tlb[va / PAGE_SIZE % TLB_SIZE];
    *(slot ? slot : &tlb[used++]) = new;
}

/* Read the tables for va and keep what was read. */
static void fill(struct space *s, word_t va)
{
    for (unsigned level = 0; level < ARCH_PT_LEVELS; level++) {
        pte_t e = look_up(s, va, level);
        if (arch_pte_kind(e, level) != PTE_EMPTY)
            keep(s, va, level, e);
        if (arch_pte_kind(e, level) != PTE_TABLE)
            return;
    }
}

static struct entry *find_page(struct space *s, word_t va)
{
    for (unsigned i = 0; i < used; i++)
        if (tlb[i].space == s && va - tlb[i].va < size_of(&tlb[i]) &&
            arch_pte_kind(tlb[i].pte, tlb[i].level) == PTE_LEAF)
            return &tlb[i];
    return NULL;
}

/* What the entry does not know to be set is set in the tables, and it knows
   from then on. */
static struct host_page use(struct space *s, word_t va, pte_t status)
{
    struct entry *e = find_page(s, va);

    if (!e) {
        fill(s, va);
        e = find_page(s, va);
    }
    if (!e)
        return (struct host_page){ 0, 0 };
    if (!(arch_pte_rights(e->pte) & RIGHT_WRITE))
        status &= ~(pte_t)HOST_PTE_WRITTEN;
    if (status & ~e->pte) {
        pte_t *now = find(s, va, e->level);
        if (now)
            *now |= status;
        e->pte |= status;
    }
    return (struct host_page){ arch_pte_addr(e->pte, e->level) + (va - e->va),
                               arch_pte_rights(e->pte) };
}

struct host_page host_access(struct space *s, word_t va)
{
    return use(s, va, HOST_PTE_ACCESSED);
}

struct host_page host_write(struct space *s, word_t va)
{
    return use(s, va, HOST_PTE_ACCESSED | HOST_PTE_WRITTEN);
}

static bool table_is_freed(const struct entry *e)
{
    const void *table = phys_to_kva(arch_pte_addr(e->pte, e->level));

    return kmem_frame_info(table)->count == FRAME_FREE;
}

void arch_tlb_flush(struct space *s, word_t va, unsigned shift)
{
    bool all = shift >= ARCH_PT_TOP_SHIFT;
    word_t end = va + ((word_t)1 << (all ? 0 : shift));

    for (unsigned i = 0; i < used; i++) {
        struct entry *e = &tlb[i];
        word_t at = e->va;
        if (e->space != s || (!all && (at >= end || at + size_of(e) <= va)))
            continue;
        if (arch_pte_kind(e->pte, e->level) == PTE_TABLE && table_is_freed(e))
            host_broken("tables are freed after the flush");
        e->space = NULL;
        fill(s, at < va && !all ? va : at);
    }
}

void host_tlb_forget(struct space *s)
{
    for (unsigned i = 0; i < used; i++)
        if (tlb[i].space == s)
            tlb[i].space = NULL;
}

void host_tlb_check(void)
{
    for (unsigned i = 0; i < used; i++) {
        const struct entry *e = &tlb[i];
        if (!e->space)
            continue;
        pte_t now = look_up(e->space, e->va, e->level);
        if (arch_pte_kind(now, e->level) != arch_pte_kind(e->pte, e->level))
            host_broken("what is unmapped leaves the TLB");
        if (arch_pte_addr(now, e->level) != arch_pte_addr(e->pte, e->level))
            host_broken("what is mapped anew leaves the TLB");
        if (arch_pte_kind(now, e->level) == PTE_LEAF &&
            arch_pte_rights(e->pte) & ~arch_pte_rights(now))
            host_broken("rights that shrink leave the TLB");
    }
}
