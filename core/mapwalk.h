/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Walks through all that is derived from a mapping, in steps.
 *
 * Each step takes bounded time and leaves a whole tree, so that a walk may
 * stop after any of them, for as long as it likes, while others change the
 * tree. What it needs to go on is the node it stands on, and a node knows
 * who stands on it (its `holds`): before a node is freed, those on it are
 * sent on to the next one, one by one. So a walk meets each node once,
 * however often it is stopped, and needs no time for those it has left.
 *
 * The order is that of the drawing in mapdb.h: a node, its children, the
 * stubs of its small pages by address, each with all that is below. New
 * children are put in front of their list, where a walk has been. So
 *
 * - access is taken from the top down: whoever has lost it cannot give it any
 *   more, and whoever has it still is before us;
 * - a node is removed after what is below it; children that it has got in
 *   the meantime are met before that.
 *
 * A split is the one change that moves what is below a node: from the large
 * page to the stubs of that one's parent, which come later. A walk that is
 * among them, under the stub `gate` that it came through, must not go on
 * from the new place and forget what lies between. So it keeps a foothold on
 * the large page until it is out again; when that is split, the foothold
 * moves to what comes after it, and there the walk goes on.
 */
#ifndef CORE_MAPWALK_H
#define CORE_MAPWALK_H

#include "mapdb.h"

struct walk;

/* One walk's place on one node. */
struct foothold {
    struct mapnode *node;       /* NULL: nowhere */
    struct foothold *next;      /* others on that node */
    struct foothold **link;
    struct walk *walk;
};

enum walk_kind {
    WALK_NONE,
    WALK_STATUS,                /* asks for the page status, no more */
    WALK_PROTECT,               /* takes write access */
    WALK_FLUSH,                 /* removes */
    /* These ask nobody for the page status: */
    WALK_SEAL,                  /* takes write access */
    WALK_CLEAR,                 /* removes, and the top as well */
    WALK_SPLIT                  /* splits large pages, the deepest first */
};

/*
 * Which of the mappings derived from a page are meant: those made from its
 * small pages first..last (0 and ~0: from all of it), and, if `task` is not
 * 0, only those that went to that task, with what was derived from them.
 */
struct mapdb_part {
    word_t first, last;
    unsigned task;
};
#define MAPDB_ALL ((struct mapdb_part){ 0, ~(word_t)0, 0 })

static inline bool mapdb_is_whole(const struct mapdb_part *p)
{
    return p->first == 0 && p->last == ~(word_t)0;
}

/* All zero is a walk that is nowhere. */
struct walk {
    struct foothold top;        /* below whom it walks; that one is not met */
    struct foothold at;         /* whom it meets next; nowhere: at its end */
    struct foothold back;       /* the large page of `gate`; when that has been
                                   split: where to go on after `gate` */
    struct mapnode *gate;       /* stub that it came through, or NULL */
    bool leaving;               /* all below `at` has been met */
    bool back_stubs;            /* go on with the stubs of `back` */
    enum walk_kind kind;
    struct mapdb_part part;
    word_t status;              /* page status met; the owner clears it */
};

/* Begin a walk of everything derived from top; ends the one before. */
void walk_begin(struct walk *w, struct mapnode *top, enum walk_kind kind,
                const struct mapdb_part *part);

/* Give it up, wherever it is. Harmless when it is nowhere. */
void walk_end(struct walk *w);

/* Is this what it does, or has done and not been ended since? */
static inline bool walk_is(const struct walk *w, const struct mapnode *top,
                           enum walk_kind kind)
{
    return w->top.node == top && w->kind == kind;
}

/* One step: true when one was made, false when it is at its end. */
bool walk_step(struct walk *w);

/* Send on one of those who stand on n, but for w. False: nobody else does. */
bool walk_send_on(struct mapnode *n, const struct walk *w);

/* Ask n, the top or something derived from it, for its status: w has it then,
   and those above the top are yet to hear of it. `own`: not only of what was
   derived from n. That of a large page is not reset for the sake of a part. */
void walk_ask(struct walk *w, struct mapnode *n, bool own);

/* A step towards n being gone, with all that is derived from it. w is where
   that keeps its place. */
void mapdb_clear_step(struct walk *w, struct mapnode *n);

/*
 * A step towards n, a large page, having no children of its own size and,
 * with `self`, towards n itself being small pages. True when a step was made.
 * Where memory runs out, a large page is removed with all that is derived
 * from it (its users fault and get it again): unmap cannot fail.
 */
bool mapdb_split_step(struct walk *w, struct mapnode *n, bool self);

#endif
