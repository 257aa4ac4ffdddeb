/* SPDX-License-Identifier: BSD-2-Clause */
#include <l4/sys/utcb.h>

#include "map.h"
#include "tcb.h"
#include "unmap.h"
#include "utcb.h"

/* Bits 8 to 18 of the mask may name one task; 0: all. When our own mapping
   is meant too, all that was derived from it has to go with it. */
static unsigned task_of(word_t mask)
{
    return mask & L4_FP_ALL_SPACES ? 0 : mask >> 8 & (MAX_TASKS - 1);
}

static enum walk_kind kind_of(word_t mask)
{
    if (mask & L4_FP_STATUS)
        return WALK_STATUS;
    return mask & L4_FP_FLUSH_PAGE ? WALK_FLUSH : WALK_PROTECT;
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

/* Our own mapping goes, when there is nothing below it any more. */
static bool remove_own(struct walk *w, struct mapnode *n)
{
    if (mapnode_has_children(n)) {
        walk_end(w);            /* they have come since: begin again */
        return true;
    }
    if (walk_send_on(n, w))
        return true;
    walk_ask(w, n, true);
    walk_end(w);
    mapdb_remove(n);
    return false;
}

/* Begin with the page of n. What may be written can be given away to be
   written: so our own access goes first, if it is meant. */
static void begin_page(struct walk *w, struct mapnode *n, word_t mask,
                       const struct mapdb_part *part)
{
    bool own = mask & L4_FP_ALL_SPACES;

    walk_begin(w, n, kind_of(mask), part);
    if (own && w->kind == WALK_PROTECT)
        mapnode_protect(n);
    if (!part->task)
        walk_ask(w, n, own);
}

/* One step on the page of n: true when there may be more to do for it. */
static bool unmap_step(struct walk *w, struct mapnode *n, word_t mask,
                       const struct mapdb_part *part)
{
    enum walk_kind kind = kind_of(mask);
    bool own = mask & L4_FP_ALL_SPACES;

    if (!walk_is(w, n, kind)) {
        if (kind != WALK_STATUS && !mapdb_is_whole(part) &&
            mapdb_split_step(w, n, own))
            return true;
        begin_page(w, n, mask, part);
    }
    if (walk_step(w))
        return true;
    if (own && kind == WALK_FLUSH)
        return remove_own(w, n);
    walk_end(w);
    return false;
}

void unmap_begin(struct unmap *u, const struct fpage *f, word_t mask)
{
    walk_end(&u->walk);
    u->fpage = *f;
    u->mask = mask;
    u->offset = 0;
}

/* Bytes of the fpage that user space has. */
static word_t length(const struct fpage *f)
{
    word_t room = f->base < ARCH_USER_TOP ? ARCH_USER_TOP - f->base : 0;

    if (f->shift < ARCH_PT_TOP_SHIFT && (word_t)1 << f->shift < room)
        return (word_t)1 << f->shift;
    return room;
}

enum err unmap_run(struct space *s, struct unmap *u)
{
    const struct fpage *f = &u->fpage;
    word_t mask = u->mask, end = length(f);
    struct pt_slot slot;

    if (f->ports) {
        s = s->ports;
        mask |= L4_FP_FLUSH_PAGE;   /* a port one may only read is none */
    }
    while (s && u->offset < end) {
        word_t va = f->base + u->offset;
        ptab_walk(s, va, &slot);
        word_t size = pt_size(slot.level);
        const struct mapdb_part part = part_of(f, &slot, mask);
        bool empty = ptab_kind(&slot) == PTE_EMPTY;
        if (empty || !unmap_step(&u->walk, *slot.node, mask, &part))
            u->offset += size - (va & (size - 1));
        if (preemption_point(empty ? STEP_WALK : page_step(slot.level)))
            return ERR_AGAIN;
    }
    walk_end(&u->walk);
    return OK;
}

/* ---- the system call ---- */

/* The next of the list in the UTCB; an fpage that is none is no work. */
static void begin_next(struct tcb *self)
{
    struct unmap *u = &self->unmap;
    const struct l4_utcb *utcb = self->utcb;
    struct fpage f;

    utcb_sync(self);
    if (fpage_parse(utcb->reg[u->next++], &f))
        unmap_begin(u, &f, u->mask);
}

void unmap_continue(struct tcb *self)
{
    struct unmap *u = &self->unmap;

    self->cont = CONT_UNMAP;
    while (unmap_run(self->space, u) == OK) {
        if (u->next == u->count) {
            arch_arg_set(&self->frame, 0, u->walk.status);
            self->cont = CONT_NONE;
            return;
        }
        begin_next(self);
    }
}

void sys_fpage_unmap(struct tcb *self)
{
    static const struct fpage nothing = { .base = ARCH_USER_TOP };
    word_t what = arch_arg(&self->frame, 0);
    struct unmap *u = &self->unmap;
    struct fpage f = nothing;

    unmap_begin(u, &nothing, arch_arg(&self->frame, 1));
    u->walk.status = u->next = u->count = 0;
    if (!(u->mask & L4_FP_LIST)) {
        if (fpage_parse(what, &f))
            unmap_begin(u, &f, u->mask);
    } else if (what <= L4_UTCB_REGS) {
        u->count = what;
    } else {
        arch_arg_set(&self->frame, 0, ~(word_t)0);
        return;
    }
    unmap_continue(self);
}
