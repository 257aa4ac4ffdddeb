/* SPDX-License-Identifier: BSD-2-Clause */
#include "mapwalk.h"
#include "panic.h"

/* ---- standing on nodes ---- */

/* Move a foothold. A stub that it leaves may be of no use any more. */
static void stand(struct foothold *f, struct mapnode *n)
{
    struct mapnode *old = f->node;

    if (old) {
        *f->link = f->next;
        if (f->next)
            f->next->link = f->link;
    }
    f->node = n;
    if (n) {
        f->next = n->holds;
        f->link = &n->holds;
        if (f->next)
            f->next->link = &f->next;
        n->holds = f;
    }
    if (old)
        mapdb_trim(old);
}

/* Where a walk may be: before what is below a node, or behind. */
struct place {
    struct mapnode *node;
    bool leaving;
};
#define PLACE_END ((struct place){ NULL, false })

static void go(struct walk *w, struct place p)
{
    if (p.node && mapnode_is_stub(p.node) && !p.leaving) {
        w->gate = p.node;
        stand(&w->back, p.node->parent);
    } else if (!p.node || mapnode_is_large(p.node)) {
        w->gate = NULL;
        stand(&w->back, NULL);
    }
    w->leaving = p.leaving;
    stand(&w->at, p.node);
}

/* ---- the order ---- */

/* Behind all that is below n: back to the top is the end. */
static struct place behind(const struct walk *w, struct mapnode *n)
{
    return n == w->top.node ? PLACE_END : (struct place){ n, true };
}

/* The first stub of a large page that is meant, from the i-th on; else
   behind them all. */
static struct place stub_from(const struct walk *w, struct mapnode *large,
                              word_t i)
{
    if (i < w->part.first)
        i = w->part.first;
    if (large->sub && w->kind != WALK_SPLIT)
        for (; i <= w->part.last && i < SMALL_PER_LARGE; i++)
            if (large->sub[i])
                return (struct place){ large->sub[i], false };
    return behind(w, large);
}

/* Below n. Large pages that were made from one of which only a part is meant
   have been split, unless only their status is asked for. */
static struct place below(const struct walk *w, struct mapnode *n)
{
    bool spared = n == w->top.node && w->kind != WALK_STATUS &&
                  !mapdb_is_whole(&w->part);

    if (n->child && !spared)
        return (struct place){ n->child, false };
    return mapnode_is_large(n) ? stub_from(w, n, 0) : behind(w, n);
}

/* After n and all below it. */
static struct place after(const struct walk *w, struct mapnode *n)
{
    if (n->next)
        return (struct place){ n->next, false };
    if (mapnode_is_stub(n))
        return stub_from(w, n->parent, mapnode_index(n) + 1);
    if (mapnode_is_large(n))
        return stub_from(w, n->parent, 0);
    return behind(w, n->parent);
}

/* On, past all that is below the present node. */
static void advance(struct walk *w)
{
    struct mapnode *n = w->at.node;

    if (n != w->gate || mapnode_is_stub(n))
        go(w, after(w, n));
    else if (w->back_stubs)     /* the large page was split around us */
        go(w, stub_from(w, w->back.node, 0));
    else
        go(w, (struct place){ w->back.node, false });
}

void walk_begin(struct walk *w, struct mapnode *top, enum walk_kind kind,
                const struct mapdb_part *part)
{
    walk_end(w);
    w->top.walk = w->at.walk = w->back.walk = w;
    w->kind = kind;
    w->part = *part;
    stand(&w->top, top);
    go(w, below(w, top));
}

void walk_end(struct walk *w)
{
    go(w, PLACE_END);
    stand(&w->top, NULL);
    w->kind = WALK_NONE;
}

bool walk_send_on(struct mapnode *n, const struct walk *w)
{
    struct foothold *f = n->holds;

    while (f && f->walk == w)
        f = f->next;
    if (!f)
        return false;
    if (f == &f->walk->top) {
        walk_end(f->walk);
    } else if (f == &f->walk->at) {
        advance(f->walk);
    } else {
        f->walk->back_stubs = !n->next;
        stand(f, n->next ? n->next : n->parent);
    }
    return true;
}

/* ---- what walks do ---- */

void walk_ask(struct walk *w, struct mapnode *n, bool own)
{
    bool take = mapdb_is_whole(&w->part) || !mapnode_is_large(n);
    word_t status = mapnode_status(n, own, take);

    w->status |= status;
    if (w->top.node->parent)
        mapnode_add_status(w->top.node->parent, status);
}

/* Made from the top, for another task than the one that is meant. */
static bool is_spared(const struct walk *w, struct mapnode *n)
{
    return w->part.task && !mapnode_is_stub(n) &&
           mapnode_source(n) == w->top.node &&
           n->space->task != w->part.task;
}

/* n is what the walk stands on; there is nothing below it. */
static void remove_one(struct walk *w, struct mapnode *n)
{
    if (walk_send_on(n, w))
        return;
    if (w->kind == WALK_FLUSH)
        walk_ask(w, n, true);
    advance(w);
    mapdb_remove(n);
}

static void remove_step(struct walk *w, struct mapnode *n)
{
    if (mapnode_is_stub(n)) {
        if (!n->child && walk_send_on(n, w))
            return;
        if (w->leaving || !n->child) {
            if (w->kind == WALK_FLUSH)
                walk_ask(w, n, true);
            advance(w);         /* with nothing below, it is gone */
            return;
        }
    } else if (!mapnode_has_children(n)) {
        remove_one(w, n);
        return;
    }
    go(w, below(w, n));
}

static void visit_step(struct walk *w, struct mapnode *n)
{
    if (w->leaving) {
        advance(w);
        return;
    }
    if (w->kind != WALK_STATUS && !mapnode_is_stub(n))
        mapnode_protect(n);
    if (w->kind != WALK_SEAL)
        walk_ask(w, n, true);
    go(w, below(w, n));
}

static void split_one(struct walk *w, struct mapnode *n)
{
    enum err e = mapdb_split_prepare(n);

    if (e == OK && walk_send_on(n, w))
        e = ERR_AGAIN;
    if (e == OK) {
        if (w->at.node == n)
            advance(w);
        else
            walk_end(w);
        e = mapdb_split(n);
    }
    if (e == ERR_NO_MEM)
        mapdb_clear_step(w, n);
}

static void split_large_step(struct walk *w, struct mapnode *n)
{
    if (n->child)
        go(w, below(w, n));
    else
        split_one(w, n);
}

bool walk_step(struct walk *w)
{
    struct mapnode *n = w->at.node;

    if (!n)
        return false;
    if (!w->leaving && is_spared(w, n))
        advance(w);
    else if (w->kind == WALK_SPLIT)
        split_large_step(w, n);
    else if (w->kind == WALK_FLUSH || w->kind == WALK_CLEAR)
        remove_step(w, n);
    else
        visit_step(w, n);
    return true;
}

/* ---- to remove, and to split, from the bottom up ---- */

void mapdb_clear_step(struct walk *w, struct mapnode *n)
{
    if (!walk_is(w, n, WALK_CLEAR))
        walk_begin(w, n, WALK_CLEAR, &MAPDB_ALL);
    if (walk_step(w))
        return;
    if (mapnode_has_children(n)) {
        go(w, below(w, n));     /* they have come since */
    } else if (!walk_send_on(n, w)) {
        walk_end(w);
        mapdb_remove(n);
    }
}

bool mapdb_split_step(struct walk *w, struct mapnode *n, bool self)
{
    if (w->kind == WALK_CLEAR && w->top.node) {
        mapdb_clear_step(w, w->top.node);
        return true;
    }
    if (n->child) {
        if (!walk_is(w, n, WALK_SPLIT) || !walk_step(w))
            walk_begin(w, n, WALK_SPLIT, &MAPDB_ALL);
        return true;
    }
    if (!self)
        return false;
    split_one(w, n);
    return true;
}
