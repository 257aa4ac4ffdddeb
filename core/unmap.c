/* SPDX-License-Identifier: BSD-2-Clause */
#include "map.h"
#include "mapdb.h"
#include "unmap.h"

/* Bits 8 to 18 of the mask may name one task; 0: all. When our own mapping
   is meant too, all that was derived from it has to go with it. */
static unsigned task_of(word_t mask)
{
    return mask & L4_FP_ALL_SPACES ? 0 : mask >> 8 & (MAX_TASKS - 1);
}

/* The part of one page that unmap is about. */
static struct mapdb_part part_of(const struct fpage *f,
                                 const struct pt_slot *slot, word_t mask)
{
    struct mapdb_part p = { 0, ~(word_t)0, task_of(mask) };

    if (f->shift >= pt_shift[slot->level])
        return p;
    word_t inside = f->base & (pt_size(slot->level) - 1);
    p.first = inside >> pt_shift[LEVEL_SMALL];
    p.last = p.first + ((word_t)1 << (f->shift - pt_shift[LEVEL_SMALL])) - 1;
    return p;
}

/* Our own mapping: it goes, or becomes read-only. */
static void own_step(struct space *s, word_t va, struct pt_slot *slot,
                     bool flush)
{
    if (flush)
        mapdb_remove(*slot->node);
    else if (arch_pte_rights(*slot->pte) & RIGHT_WRITE)
        ptab_set_rights(s, va, slot, RIGHT_READ);
}

/*
 * One step on the page at va: true when there may be more to do for it.
 * What is derived from it goes first, then, if meant, our own.
 */
static bool unmap_step(struct space *s, const struct fpage *f, word_t va,
                       struct pt_slot *slot, word_t mask)
{
    struct mapnode *n = *slot->node;
    const struct mapdb_part p = part_of(f, slot, mask);
    bool own = mask & L4_FP_ALL_SPACES;
    bool flush = mask & L4_FP_FLUSH_PAGE;

    if (!mapdb_is_whole(&p) && mapdb_split_step(n, own))
        return true;
    if (flush ? mapdb_remove_one(n, &p)
              : mapdb_protect_one(n, &p))
        return true;
    if (own)
        own_step(s, va, slot, flush);
    return false;
}

enum err unmap_fpage(struct space *s, const struct fpage *f, word_t mask,
                     word_t *offset)
{
    if (f->ports) {
        if (!s->ports)
            return OK;
        s = s->ports;
        mask |= L4_FP_FLUSH_PAGE;   /* a port one may only read is none */
    }
    word_t room = f->base < ARCH_USER_TOP ? ARCH_USER_TOP - f->base : 0;
    word_t end = room;
    struct pt_slot slot;

    if (f->shift < ARCH_PT_TOP_SHIFT && (word_t)1 << f->shift < room)
        end = (word_t)1 << f->shift;
    while (*offset < end) {
        word_t va = f->base + *offset;
        ptab_walk(s, va, &slot);
        word_t size = pt_size(slot.level);
        bool empty = ptab_kind(&slot) == PTE_EMPTY;
        if (empty || !unmap_step(s, f, va, &slot, mask))
            *offset += size - (va & (size - 1));
        if (preemption_point(empty ? STEP_SKIP : STEP_WORK))
            return ERR_AGAIN;
    }
    return OK;
}

/* ---- the system call ---- */

void unmap_continue(struct tcb *self)
{
    enum err e = unmap_fpage(self->space, &self->unmap.fpage, self->unmap.mask,
                             &self->unmap.offset);

    self->cont = e == ERR_AGAIN ? CONT_UNMAP : CONT_NONE;
}

void sys_fpage_unmap(struct tcb *self)
{
    if (!fpage_parse(arch_arg(&self->frame, 0), &self->unmap.fpage))
        return;
    self->unmap.mask = arch_arg(&self->frame, 1);
    self->unmap.offset = 0;
    unmap_continue(self);
}
