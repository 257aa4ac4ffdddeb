/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The mapping database: who got which page from whom.
 *
 * Every page that is mapped anywhere has a node; the nodes of a frame form a
 * tree whose root is sigma0's mapping. A node's children are the mappings
 * made from it:
 *
 *      sigma0  large page, 4 MB
 *        `-- root  large page
 *              |-- pager  large page            child: same size
 *              `-- sub[5] -- client  small      sub[i]: made from the i-th
 *                     `---- driver   small      small page inside
 *                     `---- ...
 *
 * Children of the same size hang on `child`; small children of a large page
 * hang on a table `sub` by the small page they cover, so that what is
 * derived from one small page is found without looking at the others.
 * Rights never grow downwards: below a read-only node all are read-only.
 *
 * A node and the page-table entry it stands for are made and removed
 * together, and the entry's twin points at the node (ptab.h).
 */
#ifndef CORE_MAPDB_H
#define CORE_MAPDB_H

#include "ptab.h"

struct mapnode {
    struct mapnode *parent;     /* NULL: a root, sigma0's mapping */
    struct mapnode *next;       /* sibling */
    struct mapnode **link;      /* what points at us; NULL for a root */
    struct mapnode *child;      /* first child of our size */
    struct mapnode **sub;       /* large: heads of small children, or NULL */
    struct space *space;
    word_t va;                  /* in `space`; the low bits hold the level */
};

static inline word_t mapnode_va(const struct mapnode *n)
{
    return n->va & PAGE_MASK;
}

static inline unsigned mapnode_level(const struct mapnode *n)
{
    return (unsigned)(n->va & ~PAGE_MASK);
}

static inline bool mapnode_is_large(const struct mapnode *n)
{
    return mapnode_level(n) == LEVEL_LARGE;
}

/* The page-table entry of a node. */
void mapnode_slot(struct mapnode *n, struct pt_slot *slot);

/*
 * Map the page at pa, of `level`, at va of `space`, where nothing is mapped,
 * as a child of `parent` (NULL: as a root). `offset` is where it starts
 * inside the parent's page. ERR_NO_MEM changes nothing.
 */
struct mapdb_page {
    paddr_t pa;
    unsigned level, rights;
    enum page_attr attr;
};
MUST_CHECK enum err mapdb_map(struct mapnode *parent, word_t offset,
                              const struct mapdb_page *page,
                              struct space *space, word_t va);

/* Move a mapping to where nothing is mapped: same frame, same children. */
MUST_CHECK enum err mapdb_grant(struct mapnode *n, struct space *space,
                                word_t va);

/* Is anything derived from n? */
bool mapdb_has_children(const struct mapnode *n);

/*
 * Which of the mappings derived from a node are meant: those made from its
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

/*
 * A step towards none of these mappings being there: true when one was made,
 * false when there is none. Bounded time, so callers loop and may stop in
 * between: the tree is whole after each step.
 */
bool mapdb_remove_one(struct mapnode *n, const struct mapdb_part *part);

/*
 * Make one mapping derived from n read-only, a deepest one that is not yet,
 * and return true; false when all are.
 */
bool mapdb_protect_one(struct mapnode *n, const struct mapdb_part *part);

/* Remove a mapping that has no children. */
void mapdb_remove(struct mapnode *n);

/*
 * A step towards n, a large page, having no children of its own size and,
 * with `self`, towards n itself being small pages: splits one large page
 * into small ones that keep the children. True when a step was made. Where
 * memory runs out, the page is removed with all that is derived from it
 * (its users fault and get it again): unmap cannot fail.
 */
bool mapdb_split_step(struct mapnode *n, bool self);

#endif
