/* SPDX-License-Identifier: BSD-2-Clause */
#include "kmem.h"
#include "mapdb.h"
#include "panic.h"
#include "ports.h"

static KMEM_CACHE(node_cache, struct mapnode);

#define SUBPAGES (pt_size(LEVEL_LARGE) >> pt_shift[LEVEL_SMALL])

void mapnode_slot(struct mapnode *n, struct pt_slot *slot)
{
    ptab_walk(n->space, mapnode_va(n), slot);
    assert(*slot->node == n);
}

/* ---- the tree ---- */

static void link_at(struct mapnode *n, struct mapnode **head)
{
    n->next = *head;
    n->link = head;
    if (n->next)
        n->next->link = &n->next;
    *head = n;
}

/* The list for a child of `parent` that starts `offset` bytes inside it; a
   table is made if it needs one. NULL when memory is out. */
static struct mapnode **child_list(struct mapnode *parent, word_t offset,
                                   unsigned level)
{
    if (mapnode_level(parent) == level)
        return &parent->child;
    if (!parent->sub) {
        parent->sub = kmem_frame_alloc();
        if (!parent->sub)
            return NULL;
    }
    return &parent->sub[offset >> pt_shift[LEVEL_SMALL]];
}

static void tree_insert(struct mapnode *n, struct mapnode *parent,
                        struct mapnode **list)
{
    n->parent = parent;
    link_at(n, list);
    if (list != &parent->child)
        kmem_frame_info(parent->sub)->count++;
}

static void sub_release(struct mapnode *parent)
{
    if (parent->sub && kmem_frame_info(parent->sub)->count == 0) {
        kmem_frame_free(parent->sub);
        parent->sub = NULL;
    }
}

static void tree_remove(struct mapnode *n)
{
    struct mapnode *parent = n->parent;

    if (!parent)
        return;
    *n->link = n->next;
    if (n->next)
        n->next->link = n->link;
    if (mapnode_level(n) != mapnode_level(parent)) {
        kmem_frame_info(parent->sub)->count--;
        sub_release(parent);
    }
}

bool mapdb_has_children(const struct mapnode *n)
{
    return n->child || n->sub;
}

/* ---- map, grant, remove ---- */

static struct mapnode *node_alloc(struct space *space, word_t va,
                                  unsigned level)
{
    struct mapnode *n = kmem_alloc(&node_cache);

    if (n) {
        n->space = space;
        n->va = va | level;
    }
    return n;
}

enum err mapdb_map(struct mapnode *parent, word_t offset,
                   const struct mapdb_page *page, struct space *space,
                   word_t va)
{
    struct pt_slot slot;
    struct mapnode *n = node_alloc(space, va, page->level);

    if (!n)
        return ERR_NO_MEM;
    if (ptab_reach(space, va, page->level, &slot) != OK) {
        kmem_free(&node_cache, n);
        return ERR_NO_MEM;
    }
    if (parent) {
        struct mapnode **list = child_list(parent, offset, page->level);
        if (!list) {
            ptab_release(space, va, &slot);
            kmem_free(&node_cache, n);
            return ERR_NO_MEM;
        }
        tree_insert(n, parent, list);
    }
    ptab_set(&slot,
             arch_pte_leaf(page->pa, page->level, page->rights, page->attr), n);
    ports_changed(space, va, page->level, true);
    return OK;
}

enum err mapdb_grant(struct mapnode *n, struct space *space, word_t va)
{
    struct pt_slot from, to;
    unsigned level = mapnode_level(n);

    if (ptab_reach(space, va, level, &to) != OK)
        return ERR_NO_MEM;
    mapnode_slot(n, &from);
    ptab_set(&to, *from.pte, n);
    ports_changed(space, va, level, true);
    ptab_clear(n->space, mapnode_va(n), &from);
    ports_changed(n->space, mapnode_va(n), level, false);
    n->space = space;
    n->va = va | level;
    return OK;
}

void mapdb_remove(struct mapnode *n)
{
    struct pt_slot slot;

    assert(!mapdb_has_children(n));
    mapnode_slot(n, &slot);
    ptab_clear(n->space, mapnode_va(n), &slot);
    ports_changed(n->space, mapnode_va(n), mapnode_level(n), false);
    tree_remove(n);
    kmem_free(&node_cache, n);
}

/* ---- walking what is derived from a node ---- */

/* What a search among a node's children looks for. */
typedef bool match_fn(struct mapnode *n, unsigned task);

static bool is_of_task(struct mapnode *n, unsigned task)
{
    return !task || n->space->task == task;
}

static bool is_writable(struct mapnode *n, unsigned task)
{
    struct pt_slot slot;

    mapnode_slot(n, &slot);
    return is_of_task(n, task) && (arch_pte_rights(*slot.pte) & RIGHT_WRITE);
}

static struct mapnode *find_in_list(struct mapnode *n, unsigned task,
                                    match_fn *match)
{
    while (n && !match(n, task))
        n = n->next;
    return n;
}

/* A child of n that matches; those of its own size only when all of n is
   meant. */
static struct mapnode *find_child(const struct mapnode *n,
                                  const struct mapdb_part *part,
                                  match_fn *match)
{
    struct mapnode *c = NULL;

    if (mapdb_is_whole(part))
        c = find_in_list(n->child, part->task, match);
    if (n->sub)
        for (word_t i = part->first; !c && i <= part->last && i < SUBPAGES;
             i++)
            c = find_in_list(n->sub[i], part->task, match);
    return c;
}

/* A deepest one that matches below n: its children do not. */
static struct mapnode *find_deepest(const struct mapnode *n,
                                    const struct mapdb_part *part,
                                    match_fn *match)
{
    const struct mapdb_part all = MAPDB_ALL;
    struct mapnode *found = NULL;

    for (struct mapnode *c = find_child(n, part, match); c;
         c = find_child(c, &all, match))
        found = c;
    return found;
}

/* A child of its parent's size becomes that one's sibling. */
static void lift(struct mapnode *n)
{
    struct mapnode *sibling = n->parent, *parent = sibling->parent;

    tree_remove(n);
    n->parent = parent;
    link_at(n, &sibling->next);
    if (mapnode_level(n) != mapnode_level(parent))
        kmem_frame_info(parent->sub)->count++;
}

/* Towards c having no children, and then being none itself. Going down to a
   deepest one each time would take the square of the depth: instead what is
   derived from a child comes up, and the child goes. */
static void remove_step(struct mapnode *c)
{
    const struct mapdb_part all = MAPDB_ALL;
    struct mapnode *below = find_child(c, &all, is_of_task);

    if (below && !below->child && below->sub)
        below = find_child(below, &all, is_of_task);
    if (!below)
        mapdb_remove(c);
    else if (below->child)
        lift(below->child);
    else
        mapdb_remove(below);
}

bool mapdb_remove_one(struct mapnode *n, const struct mapdb_part *part)
{
    struct mapnode *c = find_child(n, part, is_of_task);

    if (c)
        remove_step(c);
    return c != NULL;
}

bool mapdb_protect_one(struct mapnode *n, const struct mapdb_part *part)
{
    struct mapnode *c = find_deepest(n, part, is_writable);
    struct pt_slot slot;

    if (!c)
        return false;
    mapnode_slot(c, &slot);
    ptab_set_rights(c->space, mapnode_va(c), &slot, RIGHT_READ);
    return true;
}

/* ---- splitting large pages ---- */

/* Nodes for the small pages of n, chained through next; NULL if too few. */
static struct mapnode *alloc_pieces(const struct mapnode *n)
{
    struct mapnode *chain = NULL;

    for (word_t i = SUBPAGES; i-- > 0;) {
        word_t va = mapnode_va(n) + (i << pt_shift[LEVEL_SMALL]);
        struct mapnode *piece = node_alloc(n->space, va, LEVEL_SMALL);
        if (!piece) {
            while ((piece = chain)) {
                chain = piece->next;
                kmem_free(&node_cache, piece);
            }
            return NULL;
        }
        piece->next = chain;
        chain = piece;
    }
    return chain;
}

/* The small children of n's i-th small page become the piece's. */
static void move_children(struct mapnode *n, word_t i, struct mapnode *piece)
{
    if (!n->sub)
        return;
    piece->child = n->sub[i];
    if (piece->child)
        piece->child->link = &piece->child;
    for (struct mapnode *c = piece->child; c; c = c->next)
        c->parent = piece;
}

/* n, which has no large children, becomes small pages. */
static enum err split(struct mapnode *n)
{
    struct mapnode *parent = n->parent;
    struct pt_slot slot;

    if (parent && !child_list(parent, 0, LEVEL_SMALL))
        return ERR_NO_MEM;
    struct mapnode *pieces = alloc_pieces(n);
    mapnode_slot(n, &slot);
    if (!pieces || ptab_split(n->space, mapnode_va(n), &slot) != OK) {
        while (pieces) {
            struct mapnode *next = pieces->next;
            kmem_free(&node_cache, pieces);
            pieces = next;
        }
        if (parent)
            sub_release(parent);
        return ERR_NO_MEM;
    }
    for (word_t i = 0; i < SUBPAGES; i++) {
        struct mapnode *piece = pieces;
        pieces = piece->next;
        slot.node[i] = piece;
        move_children(n, i, piece);
        if (parent)
            tree_insert(piece, parent, &parent->sub[i]);
    }
    if (n->sub)
        kmem_frame_free(n->sub);
    tree_remove(n);
    kmem_free(&node_cache, n);
    return OK;
}

bool mapdb_split_step(struct mapnode *n, bool self)
{
    struct mapnode *c = n;

    while (c->child)
        c = c->child;
    if (c == n && !self)
        return false;
    if (split(c) != OK)
        remove_step(c);
    return true;
}
