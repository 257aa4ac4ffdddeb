/* SPDX-License-Identifier: BSD-2-Clause */
#include "map.h"
#include "kip.h"
#include "panic.h"

struct space *sigma0_space;

/* A look at the lines costs some microseconds on machines where they are
   behind a slow bus, so there is one per 16 pieces of work. */
#define UNITS_PER_LOOK 256

static unsigned units;

bool preemption_point(enum step step)
{
    units += step;
    if (units < UNITS_PER_LOOK)
        return false;
    units = 0;
    return machine_irq_pending();
}

/* ---- sigma0 ---- */

/* The kernel info page: the one frame of the kernel's that users may read. */
static bool fill_kip(paddr_t pa)
{
    const struct mapdb_page page = {
        .pa = pa, .level = LEVEL_SMALL, .rights = RIGHT_READ, .attr = ATTR_RAM,
    };
    struct pt_slot slot;

    ptab_walk(sigma0_space, pa, &slot);
    return ptab_kind(&slot) == PTE_EMPTY &&
           mapdb_map(NULL, 0, &page, sigma0_space, pa) == OK;
}

bool sigma0_fill(word_t address)
{
    struct mapdb_page page = { .rights = RIGHT_READ | RIGHT_WRITE };
    struct pt_slot slot;

    if (address >= ARCH_USER_TOP)
        return false;
    if ((address & PAGE_MASK) == kva_to_phys(kip))
        return fill_kip(address & PAGE_MASK);
    for (page.level = LEVEL_LARGE; page.level <= LEVEL_SMALL; page.level++) {
        page.pa = address & ~(pt_size(page.level) - 1);
        if (!kip_user_memory(page.pa, page.pa + pt_size(page.level),
                             &page.attr))
            continue;
        ptab_walk(sigma0_space, page.pa, &slot);
        if (slot.level > page.level || ptab_kind(&slot) != PTE_EMPTY)
            continue;   /* part of it is there already: only small pages */
        return mapdb_map(NULL, 0, &page, sigma0_space, page.pa) == OK;
    }
    return false;
}

/* ---- map and grant ---- */

/* One page on its way. */
struct move {
    word_t from_va, to_va;
    struct mapnode *from;
    pte_t pte;                  /* of the sender's page */
    unsigned from_level, level; /* sender's and receiver's page sizes */
    word_t inside;              /* offset of the part in the sender's page */
    unsigned rights;
};

static bool fits(word_t va, word_t left, unsigned level)
{
    return !(va & (pt_size(level) - 1)) && left >= pt_size(level);
}

static void plan(struct move *m, const struct map_request *r,
                 const struct pt_slot *slot, word_t left)
{
    m->from = *slot->node;
    m->pte = *slot->pte;
    m->from_level = slot->level;
    m->level = slot->level;
    if (!fits(m->from_va, left, m->level) || !fits(m->to_va, left, m->level))
        m->level = LEVEL_SMALL;
    m->inside = m->from_va & (pt_size(m->from_level) - 1);
    m->rights = arch_pte_rights(m->pte);
    if (!r->write)
        m->rights &= ~RIGHT_WRITE;
}

/* The receiver already has just this page, from this sender. */
static bool is_same(const struct move *m, const struct pt_slot *to)
{
    struct mapnode *n = *to->node;

    return n && mapnode_source(n) == m->from && to->level == m->level &&
           arch_pte_addr(*to->pte, to->level) ==
               arch_pte_addr(m->pte, m->from_level) + m->inside;
}

/* One step towards nothing being mapped at the receiver's address: that
   mapping goes, or is split if it is too large. */
static void clear_step(const struct map_request *r, const struct move *m,
                       const struct pt_slot *slot)
{
    if (slot->level < m->level)
        mapdb_split_step(r->walk, *slot->node, true);
    else
        mapdb_clear_step(r->walk, *slot->node);
}

/* Bring the grantor's page to the size that moves, and, when write access
   stays behind, take it from all who have it from there. True: a step was
   made, look again. */
static bool grant_prepare(const struct map_request *r, const struct move *m)
{
    const struct mapdb_part all = MAPDB_ALL;

    if (m->from_level != m->level)
        return mapdb_split_step(r->walk, m->from, true);
    if (m->rights & RIGHT_WRITE)
        return false;
    if (!walk_is(r->walk, m->from, WALK_SEAL)) {
        mapnode_protect(m->from);
        walk_begin(r->walk, m->from, WALK_SEAL, &all);
    }
    return walk_step(r->walk);
}

static enum err map_one(const struct map_request *r, const struct move *m)
{
    const struct mapdb_page page = {
        .pa = arch_pte_addr(m->pte, m->from_level) + m->inside,
        .level = m->level,
        .rights = m->rights,
        .attr = arch_pte_attr(m->pte),
    };

    if (r->grant)
        return mapdb_grant(m->from, r->to, m->to_va);
    return mapdb_map(m->from, m->inside, &page, r->to, m->to_va);
}

/* Rights of an existing mapping may grow to what the sender gives now. */
static void extend(const struct move *m, const struct pt_slot *to)
{
    unsigned rights = arch_pte_rights(*to->pte) | m->rights;

    if (rights != arch_pte_rights(*to->pte))
        mapnode_set_rights(*to->node, rights);
}

/*
 * Handle the page at *offset: advance *offset past it, or return ERR_AGAIN
 * after a step that leaves it to be looked at again.
 */
static enum err map_step(const struct map_request *r, word_t end,
                         word_t *offset, bool *mapped)
{
    struct move m = { .from_va = r->from_base + *offset,
                      .to_va = r->to_base + *offset };
    struct pt_slot from, to;

    ptab_walk(r->from, m.from_va, &from);
    if (ptab_kind(&from) == PTE_EMPTY) {
        if (r->from == sigma0_space && sigma0_fill(m.from_va))
            return ERR_AGAIN;
        word_t size = pt_size(from.level);
        *offset += size - (m.from_va & (size - 1));
        return OK;
    }
    plan(&m, r, &from, end - *offset);
    bool occupied = ptab_find(r->to, m.to_va, m.level, &to);
    if (m.from_level == LEVEL_LARGE || to.level == LEVEL_LARGE)
        units += STEP_COPY;
    if (occupied && !r->grant && is_same(&m, &to)) {
        extend(&m, &to);
    } else if (occupied) {
        clear_step(r, &m, &to);
        return ERR_AGAIN;
    } else if (r->grant && grant_prepare(r, &m)) {
        return ERR_AGAIN;
    } else {
        enum err e = map_one(r, &m);
        if (e != OK)
            return e;
    }
    *mapped = true;
    *offset += pt_size(m.level);
    return OK;
}

static word_t limit(word_t base, unsigned shift)
{
    word_t room = base < ARCH_USER_TOP ? ARCH_USER_TOP - base : 0;

    return shift < WORD_BITS && (word_t)1 << shift < room ? (word_t)1 << shift
                                                           : room;
}

enum err map_fpage(const struct map_request *r, word_t *offset, bool *mapped)
{
    word_t end = limit(r->from_base, r->shift);
    word_t to_end = limit(r->to_base, r->shift);

    if (to_end < end)
        end = to_end;
    if (r->from == r->to && r->from_base == r->to_base)
        return OK;
    while (*offset < end) {
        enum err e = map_step(r, end, offset, mapped);
        if (e != ERR_AGAIN)
            walk_end(r->walk);
        if (e == ERR_NO_MEM)
            return e;
        if (preemption_point(STEP_WORK))
            return ERR_AGAIN;
    }
    return OK;
}
