/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page tables: one walker for every target, driven by the port's geometry.
 *
 * Each table has a twin frame that keeps, for each entry, the mapping node
 * of the page it maps (mapdb.h), so that an address leads to its node in one
 * walk. Tables are made on the way down and freed when their last entry
 * goes; only the root stays.
 *
 * Pages come in two sizes: small, the last level, and large, the level
 * before it.
 */
#ifndef CORE_PTAB_H
#define CORE_PTAB_H

#include "kmem.h"
#include "panic.h"
#include "space.h"

struct mapnode;

#define LEVEL_SMALL (ARCH_PT_LEVELS - 1)
#define LEVEL_LARGE (ARCH_PT_LEVELS - 2)

_Static_assert(ARCH_PT_LEAF_MASK ==
                   (1 << (ARCH_PT_LEVELS - 1) | 1 << (ARCH_PT_LEVELS - 2)),
               "the mapping code knows two page sizes: the last two levels");

extern const uint8_t pt_shift[ARCH_PT_LEVELS];

static inline word_t pt_size(unsigned level)
{
    return (word_t)1 << pt_shift[level];
}

/* An entry, and where the node of what it maps stands. */
struct pt_slot {
    pte_t *pte;
    struct mapnode **node;
    unsigned level;
};

static inline enum pte_kind ptab_kind(const struct pt_slot *slot)
{
    return arch_pte_kind(*slot->pte, slot->level);
}

/* A root table with the kernel's half, which an I/O space does not need;
   ERR_NO_MEM leaves nothing behind. */
MUST_CHECK enum err ptab_init(struct space *s);

/* Free the root. The space is not current and maps nothing any more. */
void ptab_fini(struct space *s);

/* The entry where the walk for va ends: a page of either size or empty. */
void ptab_walk(struct space *s, word_t va, struct pt_slot *slot);

/* The same, expanded in place, for where it is most frequent: the geometry is
   constant in it, and only the last table's twin is looked at. */
static inline void ptab_walk_inline(struct space *s, word_t va,
                                    struct pt_slot *slot)
{
    static const uint8_t shift[] = ARCH_PT_SHIFTS;
    pte_t *table = s->root;
    unsigned level = 0, i;

    i = (unsigned)(va >> shift[0]) &
        ((1u << (ARCH_PT_TOP_SHIFT - shift[0])) - 1);
#pragma GCC unroll 4
    for (unsigned l = 1; l < ARCH_PT_LEVELS; l++) {
        if (arch_pte_kind(table[i], l - 1) != PTE_TABLE)
            break;
        table = arch_pte_below(table[i]);
        i = (unsigned)(va >> shift[l]) &
            ((1u << (shift[l - 1] - shift[l])) - 1);
        level = l;
    }
    slot->pte = &table[i];
    slot->node = (struct mapnode **)kmem_frame_info(table)->nodes + i;
    slot->level = level;
}

/* Is anything mapped in the stretch at va that an entry of `level` maps? The
   slot is that of a page there. */
bool ptab_find(struct space *s, word_t va, unsigned level,
               struct pt_slot *slot);

/*
 * The entry for va at `level`, tables made as needed; or the entry of the
 * large page in the way. ERR_NO_MEM leaves no empty tables behind.
 */
MUST_CHECK enum err ptab_reach(struct space *s, word_t va, unsigned level,
                               struct pt_slot *slot);

/* Fill an empty entry. */
static inline void ptab_set(const struct pt_slot *slot, pte_t pte,
                            struct mapnode *node)
{
    void *table = (void *)((word_t)slot->pte & PAGE_MASK);

    assert(ptab_kind(slot) == PTE_EMPTY);
    kmem_frame_info(table)->count++;
    *slot->node = node;
    arch_pte_write(slot->pte, pte);
}

/* Change the rights of a page; flushes the TLB when they shrink. */
void ptab_set_rights(struct space *s, word_t va, struct pt_slot *slot,
                     unsigned rights);

/* Empty the entry of the page at va, free tables that this empties, flush. */
void ptab_clear(struct space *s, word_t va, struct pt_slot *slot);

/* Free the tables above a slot that ptab_reach gave for va, if they are still
   empty. */
void ptab_release(struct space *s, word_t va, struct pt_slot *slot);

/*
 * Turn the large page at va into a table of small ones that map the same;
 * their nodes are NULL, the caller supplies them. Needs two frames;
 * ERR_NO_MEM changes nothing.
 */
MUST_CHECK enum err ptab_split(struct space *s, word_t va,
                               struct pt_slot *slot);

#endif
