/* SPDX-License-Identifier: BSD-2-Clause */
#include "klib.h"
#include "kmem.h"
#include "panic.h"
#include "ptab.h"

const uint8_t pt_shift[ARCH_PT_LEVELS] = ARCH_PT_SHIFTS;

/* log2 of the bytes a table of `level` maps. */
static unsigned table_shift(unsigned level)
{
    return level ? pt_shift[level - 1] : ARCH_PT_TOP_SHIFT;
}

static unsigned entry_index(word_t va, unsigned level)
{
    word_t mask = ((word_t)1 << (table_shift(level) - pt_shift[level])) - 1;

    return (unsigned)(va >> pt_shift[level] & mask);
}

static void slot_at(pte_t *table, unsigned level, word_t va,
                    struct pt_slot *slot)
{
    struct mapnode **nodes = kmem_frame_info(table)->nodes;
    unsigned i = entry_index(va, level);

    slot->pte = &table[i];
    slot->node = &nodes[i];
    slot->level = level;
}

static pte_t *table_below(const struct pt_slot *slot)
{
    return arch_pte_below(*slot->pte);
}

static pte_t *table_of(const struct pt_slot *slot)
{
    return (pte_t *)((word_t)slot->pte & PAGE_MASK);
}

/* A table and its twin, or NULL. */
static pte_t *table_alloc(void)
{
    pte_t *table = kmem_frame_alloc();

    if (!table)
        return NULL;
    void *nodes = kmem_frame_alloc();
    if (!nodes) {
        kmem_frame_free(table);
        return NULL;
    }
    kmem_frame_info(table)->nodes = nodes;
    return table;
}

static void table_free(pte_t *table)
{
    kmem_frame_free(kmem_frame_info(table)->nodes);
    kmem_frame_free(table);
}

enum err ptab_init(struct space *s)
{
    s->root = table_alloc();
    if (!s->root)
        return ERR_NO_MEM;
    space_forget_window(s);
    if (!s->memory)
        arch_space_init(s);
    return OK;
}

void ptab_fini(struct space *s)
{
    assert(kmem_frame_info(s->root)->count == 0);
    if (!s->memory)
        arch_space_fini(s);
    table_free(s->root);
    s->root = NULL;
}

void ptab_walk(struct space *s, word_t va, struct pt_slot *slot)
{
    ptab_walk_inline(s, va, slot);
}

bool ptab_find(struct space *s, word_t va, unsigned level,
               struct pt_slot *slot)
{
    word_t entries = pt_size(level) >> pt_shift[LEVEL_SMALL];

    slot_at(s->root, 0, va, slot);
    while (slot->level < level && ptab_kind(slot) == PTE_TABLE)
        slot_at(table_below(slot), slot->level + 1, va, slot);
    if (ptab_kind(slot) != PTE_TABLE)
        return ptab_kind(slot) == PTE_LEAF;
    slot_at(table_below(slot), LEVEL_SMALL, va, slot);
    while (ptab_kind(slot) == PTE_EMPTY && --entries > 0) {
        slot->pte++;
        slot->node++;
    }
    return ptab_kind(slot) == PTE_LEAF;
}

enum err ptab_reach(struct space *s, word_t va, unsigned level,
                    struct pt_slot *slot)
{
    slot_at(s->root, 0, va, slot);
    while (slot->level < level) {
        if (ptab_kind(slot) == PTE_LEAF)
            return OK;
        if (ptab_kind(slot) == PTE_EMPTY) {
            pte_t *table = table_alloc();
            if (!table) {
                ptab_release(s, va, slot);
                return ERR_NO_MEM;
            }
            kmem_frame_info(table)->parent = slot->pte;
            ptab_set(slot, arch_pte_table(kva_to_phys(table)), NULL);
        }
        slot_at(table_below(slot), slot->level + 1, va, slot);
    }
    return OK;
}

void space_flush(struct space *s, word_t va, unsigned shift)
{
    struct window_entry *p = space_window(s, va);

    if (shift == PAGE_SHIFT)
        p->tag[0] = p->tag[1] = window_empty(va);
    else
        space_forget_window(s);
    arch_tlb_flush(s, va, shift);
}

void ptab_set_rights(struct space *s, word_t va, struct pt_slot *slot,
                     unsigned rights)
{
    pte_t old = *slot->pte;

    arch_pte_write(slot->pte,
                   arch_pte_leaf(arch_pte_addr(old, slot->level), slot->level,
                                 rights, arch_pte_attr(old)));
    space_flush(s, va, pt_shift[slot->level]);
}

static void clear_entry(pte_t *pte)
{
    pte_t *table = (pte_t *)((word_t)pte & PAGE_MASK);

    arch_pte_write(pte, (pte_t){ 0 });
    kmem_frame_info(table)->count--;
}

/* Cut empty tables off, from `table` upwards; returns the chain of what was
   cut, linked through kframe.parent, NULL when nothing was. */
static pte_t *detach_empty(struct space *s, pte_t *table)
{
    pte_t *cut = NULL;

    while (table != s->root && kmem_frame_info(table)->count == 0) {
        pte_t *parent_entry = kmem_frame_info(table)->parent;
        clear_entry(parent_entry);
        kmem_frame_info(table)->parent = cut;
        cut = table;
        table = (pte_t *)((word_t)parent_entry & PAGE_MASK);
    }
    return cut;
}

static void free_chain(pte_t *table)
{
    while (table) {
        pte_t *next = kmem_frame_info(table)->parent;
        table_free(table);
        table = next;
    }
}

void ptab_clear(struct space *s, word_t va, struct pt_slot *slot)
{
    pte_t *table = table_of(slot);

    *slot->node = NULL;
    clear_entry(slot->pte);
    pte_t *cut = detach_empty(s, table);
    /* A walker in hardware may hold what was cut until the flush. */
    space_flush(s, va, pt_shift[slot->level]);
    free_chain(cut);
}

void ptab_release(struct space *s, word_t va, struct pt_slot *slot)
{
    pte_t *cut = detach_empty(s, table_of(slot));

    /* As above: nothing was mapped, but a walker may have got that far. */
    if (cut)
        space_flush(s, va, pt_shift[slot->level]);
    free_chain(cut);
}

enum err ptab_split(struct space *s, word_t va, struct pt_slot *slot)
{
    pte_t *table = table_alloc();

    if (!table)
        return ERR_NO_MEM;
    pte_t old = *slot->pte;
    unsigned level = slot->level + 1;
    word_t entries = pt_size(slot->level) >> pt_shift[level];
    paddr_t pa = arch_pte_addr(old, slot->level);

    for (word_t i = 0; i < entries; i++)
        arch_pte_write(&table[i],
                       arch_pte_leaf(pa + (i << pt_shift[level]), level,
                                     arch_pte_rights(old), arch_pte_attr(old)));
    kmem_frame_info(table)->count = (unsigned)entries;
    kmem_frame_info(table)->parent = slot->pte;
    *slot->node = NULL;
    arch_pte_write(slot->pte, (pte_t){ 0 });
    space_flush(s, va & ~(pt_size(slot->level) - 1), pt_shift[slot->level]);
    arch_pte_write(slot->pte, arch_pte_table(kva_to_phys(table)));
    slot_at(table, level, va, slot);
    return OK;
}
