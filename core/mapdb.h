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
 *              `-- sub[5]: stub                 sub[i]: the i-th small page
 *                     |-- client  small               inside
 *                     |     `-- driver  small
 *                     `-- ...
 *
 * Children of the same size hang on `child`. Small children of a large page
 * hang on a stub each for the small page they were made from: a node of small
 * size that is no mapping. A table `sub` leads to the stubs, so that what is
 * derived from one small page is found without looking at the others. All
 * nodes on one `child` list have the size of their parent. When a large page
 * is split its stubs become the small pages, with all that hangs on them.
 *
 * A mapping is never made with more rights than its parent has. Rights are
 * taken from the top down (mapwalk.h): while that goes on a child may have
 * more than its parent, but nobody can make such a child any more.
 *
 * A node and the page-table entry it stands for are made and removed
 * together, and the entry's twin points at the node (ptab.h).
 */
#ifndef CORE_MAPDB_H
#define CORE_MAPDB_H

#include "ptab.h"

struct foothold;

struct mapnode {
    struct mapnode *parent;     /* NULL: a root, sigma0's mapping */
    struct mapnode *next;       /* sibling */
    struct mapnode **link;      /* what points at us; NULL for a root */
    struct mapnode *child;      /* first child of our size */
    struct mapnode **sub;       /* large: stubs, or NULL; counted in the
                                   frame's kframe */
    struct space *space;        /* NULL: a stub */
    struct foothold *holds;     /* walks that stand here (mapwalk.h) */
    word_t va;                  /* in `space`; of a stub: inside the large
                                   page; the low bits are NODE_* */
};

/*
 * The low bits of va: level, and the page status (L4_FP_ACCESSED, _WRITTEN)
 * that no unmap has told yet: `own`, taken over from the page-table entry
 * when that was changed, or the kernel's own doing; and `below`, of mappings
 * derived from this one that are gone or whose entries were reset.
 */
#define NODE_LEVEL      3u
#define NODE_OWN_SHIFT  2
#define NODE_BELOW_SHIFT 4
#define PAGE_STATUS     ((word_t)(L4_FP_ACCESSED | L4_FP_WRITTEN))

static inline word_t mapnode_va(const struct mapnode *n)
{
    return n->va & PAGE_MASK;
}

static inline unsigned mapnode_level(const struct mapnode *n)
{
    return (unsigned)(n->va & NODE_LEVEL);
}

static inline bool mapnode_is_large(const struct mapnode *n)
{
    return mapnode_level(n) == LEVEL_LARGE;
}

static inline bool mapnode_is_stub(const struct mapnode *n)
{
    return !n->space;
}

/* Of a stub: which small page of the large one. */
static inline word_t mapnode_index(const struct mapnode *stub)
{
    return mapnode_va(stub) >> pt_shift[LEVEL_SMALL];
}

/* The mapping from which n was made; NULL for a root. */
static inline struct mapnode *mapnode_source(const struct mapnode *n)
{
    struct mapnode *p = n->parent;

    return p && mapnode_is_stub(p) ? p->parent : p;
}

/* Small pages in a large one. */
#define SMALL_PER_LARGE (pt_size(LEVEL_LARGE) >> pt_shift[LEVEL_SMALL])

/* The page-table entry of a node that is no stub. */
void mapnode_slot(struct mapnode *n, struct pt_slot *slot);

/* Is there anything below n? Stubs count. */
bool mapnode_has_children(const struct mapnode *n);

/*
 * The status that n has to tell, its own with `own` and that from below; for
 * good with `take`, so that it is not told again. Takes over what the
 * hardware keeps in the page-table entry.
 */
word_t mapnode_status(struct mapnode *n, bool own, bool take);

/* Status of a mapping derived from n that is told elsewhere, or lost else:
   n's owner, and those above, are yet to hear of it. */
void mapnode_add_status(struct mapnode *n, word_t status);

/* Set a page's rights; the status in its entry stays known. */
void mapnode_set_rights(struct mapnode *n, unsigned rights);

/* Take write access from it, if it has it. */
void mapnode_protect(struct mapnode *n);

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

/*
 * The common case of a map item, in one step: `item` is a small page of `from`,
 * or part of a large one, that is mapped and not granted; nothing is mapped in
 * the page of `to` where `base` lies. Returns the entry that maps it now. NULL:
 * it is not that, or there is no memory; nothing has changed.
 */
pte_t *map_small_page(struct space *from, word_t item, struct space *to,
                      word_t base);

/* Move a mapping to where nothing is mapped: same frame, same children. */
MUST_CHECK enum err mapdb_grant(struct mapnode *n, struct space *space,
                                word_t va);

/* Remove a mapping that has no children and where no walk stands. Its status
   goes to its parent. */
void mapdb_remove(struct mapnode *n);

/* A stub on which nothing hangs and no walk stands goes; any other node
   stays. */
void mapdb_trim(struct mapnode *n);

/*
 * Some of the memory it takes to split n: stubs in n and in its parent.
 * ERR_AGAIN: and there is more to do; ERR_NO_MEM: and what was made for
 * nothing is gone.
 */
MUST_CHECK enum err mapdb_split_prepare(struct mapnode *n);

/*
 * The large page n, prepared, without large children and where no walk
 * stands, becomes small pages, which keep the children. ERR_NO_MEM changes
 * nothing.
 */
MUST_CHECK enum err mapdb_split(struct mapnode *n);

#endif
