/* SPDX-License-Identifier: BSD-2-Clause */
#include "kmem.h"
#include "mapdb.h"
#include "panic.h"
#include "ports.h"

static KMEM_CACHE(node_cache, struct mapnode);

/* Nodes that one step towards a split may make. */
#define NODES_PER_STEP 16

void mapnode_slot(struct mapnode *n, struct pt_slot *slot)
{
    ptab_walk(n->space, mapnode_va(n), slot);
    assert(*slot->node == n);
}

bool mapnode_has_children(const struct mapnode *n)
{
    return n->child || n->sub;
}

/* ---- page status ---- */

_Static_assert((PAGE_STATUS << NODE_OWN_SHIFT | PAGE_STATUS << NODE_BELOW_SHIFT |
                NODE_LEVEL) < L4_PAGESIZE &&
                   ARCH_PT_LEVELS - 1 <= NODE_LEVEL,
               "level and status fit below the page's address");

/* What the entry keeps moves to the node. True when there was something: a
   TLB entry may have it still, and would not tell a second time. */
static bool collect(struct mapnode *n, struct pt_slot *slot)
{
    word_t status = arch_pte_status(slot->pte);

    n->va |= status << NODE_OWN_SHIFT;
    return status != 0;
}

word_t mapnode_status(struct mapnode *n, bool own, bool take)
{
    struct pt_slot slot;
    word_t bits = PAGE_STATUS << NODE_BELOW_SHIFT;

    if (own && !mapnode_is_stub(n)) {
        mapnode_slot(n, &slot);
        if (collect(n, &slot))
            space_flush(n->space, mapnode_va(n), pt_shift[slot.level]);
        bits |= PAGE_STATUS << NODE_OWN_SHIFT;
    }
    bits &= n->va;
    if (take)
        n->va &= ~bits;
    return (bits >> NODE_OWN_SHIFT | bits >> NODE_BELOW_SHIFT) & PAGE_STATUS;
}

void mapnode_add_status(struct mapnode *n, word_t status)
{
    n->va |= status << NODE_BELOW_SHIFT;
}

void mapnode_set_rights(struct mapnode *n, unsigned rights)
{
    struct pt_slot slot;

    mapnode_slot(n, &slot);
    collect(n, &slot);
    ptab_set_rights(n->space, mapnode_va(n), &slot, rights);
}

void mapnode_protect(struct mapnode *n)
{
    struct pt_slot slot;

    mapnode_slot(n, &slot);
    if (arch_pte_rights(*slot.pte) & RIGHT_WRITE)
        mapnode_set_rights(n, RIGHT_READ);
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

static void unlink_node(struct mapnode *n)
{
    if (!n->link)
        return;
    *n->link = n->next;
    if (n->next)
        n->next->link = n->link;
}

static void node_init(struct mapnode *n, struct space *space, word_t va,
                      unsigned level)
{
    n->parent = n->next = n->child = NULL;
    n->link = n->sub = NULL;
    n->space = space;
    n->holds = NULL;
    n->va = va | level;
}

static struct mapnode *node_alloc(struct space *space, word_t va,
                                  unsigned level)
{
    struct mapnode *n = kmem_take(&node_cache);

    if (n)
        node_init(n, space, va, level);
    return n;
}

/* Free the table of stubs when it has none. */
static void sub_release(struct mapnode *n)
{
    if (n->sub && kmem_frame_info(n->sub)->count == 0) {
        kmem_frame_free(n->sub);
        n->sub = NULL;
    }
}

/* The i-th stub of a large page, made if there is none. NULL when memory is
   out. */
static struct mapnode *stub_reach(struct mapnode *n, word_t i)
{
    if (!n->sub && !(n->sub = kmem_frame_alloc()))
        return NULL;
    if (!n->sub[i]) {
        struct mapnode *stub =
            node_alloc(NULL, i << pt_shift[LEVEL_SMALL], LEVEL_SMALL);
        if (!stub) {
            sub_release(n);
            return NULL;
        }
        stub->parent = n;
        link_at(stub, &n->sub[i]);
        kmem_frame_info(n->sub)->count++;
    }
    return n->sub[i];
}

void mapdb_trim(struct mapnode *n)
{
    struct mapnode *large = n->parent;

    if (!mapnode_is_stub(n) || n->child || n->holds)
        return;
    mapnode_add_status(large, mapnode_status(n, false, true));
    unlink_node(n);
    kmem_free(&node_cache, n);
    kmem_frame_info(large->sub)->count--;
    sub_release(large);
}

/* ---- map, grant, remove ---- */

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
    if (parent && mapnode_level(parent) != page->level) {
        parent = stub_reach(parent, offset >> pt_shift[LEVEL_SMALL]);
        if (!parent) {
            ptab_release(space, va, &slot);
            kmem_free(&node_cache, n);
            return ERR_NO_MEM;
        }
    }
    n->parent = parent;
    if (parent)
        link_at(n, &parent->child);
    ptab_set(&slot,
             arch_pte_leaf(page->pa, page->level, page->rights, page->attr), n);
    ports_changed(space, va, page->level, true);
    return OK;
}

/* ---- the common map item ---- */

static inline pte_t *link_small(struct mapnode *n, struct mapnode *parent,
                                struct space *to, word_t to_va,
                                const struct pt_slot *target, pte_t pte)
{
    node_init(n, to, to_va, LEVEL_SMALL);
    n->parent = parent;
    link_at(n, &parent->child);
    ptab_set(target, pte, n);
    return target->pte;
}

static __attribute__((noinline)) pte_t *refuse_small(struct mapnode *n)
{
    kmem_free(&node_cache, n);
    return NULL;
}

/* From a large page. Out of the way of those that are not, and with all that it
   needs in a place of its own. */
struct part {
    struct mapnode *node;       /* for the mapping; not in use yet */
    struct pt_slot source, target;
    word_t inside;              /* of the large page */
};

static __attribute__((noinline)) pte_t *
map_small_part(const struct part *p, struct space *to, word_t to_va, bool write)
{
    pte_t e = *p->source.pte;
    unsigned rights = arch_pte_rights(e);
    struct mapnode *stub =
        stub_reach(*p->source.node, p->inside >> pt_shift[LEVEL_SMALL]);

    if (!stub)
        return refuse_small(p->node);
    return link_small(p->node, stub, to, to_va, &p->target,
                      arch_pte_leaf(arch_pte_addr(e, LEVEL_LARGE) + p->inside,
                                    LEVEL_SMALL,
                                    write ? rights : rights & ~RIGHT_WRITE,
                                    arch_pte_attr(e)));
}

/* The node is taken first: so little has to be kept over that call, and there
   are no others. */
pte_t *map_small_page(struct space *from, word_t item, struct space *to,
                      word_t base)
{
    struct mapnode *n = kmem_take(&node_cache);
    word_t from_va = item & PAGE_MASK, to_va = base & PAGE_MASK;
    struct pt_slot source, target;

    if (!n)
        return NULL;
    if (from == to || from_va >= ARCH_USER_TOP || to_va >= ARCH_USER_TOP)
        return refuse_small(n);
    ptab_walk_inline(from, from_va, &source);
    ptab_walk_inline(to, to_va, &target);
    if (target.level != LEVEL_SMALL || ptab_kind(&target) != PTE_EMPTY ||
        ptab_kind(&source) != PTE_LEAF)
        return refuse_small(n);
    if (source.level != LEVEL_SMALL) {
        const struct part part = {
            n, source, target, from_va & (pt_size(LEVEL_LARGE) - 1),
        };
        return map_small_part(&part, to, to_va, item & 2);
    }
    return link_small(n, *source.node, to, to_va, &target,
                      arch_pte_copy(*source.pte, item & 2));
}

enum err mapdb_grant(struct mapnode *n, struct space *space, word_t va)
{
    struct pt_slot from, to;
    unsigned level = mapnode_level(n);

    if (ptab_reach(space, va, level, &to) != OK)
        return ERR_NO_MEM;
    mapnode_slot(n, &from);
    collect(n, &from);
    ptab_set(&to, *from.pte, n);
    ports_changed(space, va, level, true);
    ptab_clear(n->space, mapnode_va(n), &from);
    ports_changed(n->space, mapnode_va(n), level, false);
    n->space = space;
    n->va = va | (n->va & ~PAGE_MASK);
    return OK;
}

void mapdb_remove(struct mapnode *n)
{
    struct mapnode *parent = n->parent;
    struct pt_slot slot;

    assert(!mapnode_has_children(n) && !n->holds);
    mapnode_slot(n, &slot);
    collect(n, &slot);
    ptab_clear(n->space, mapnode_va(n), &slot);
    ports_changed(n->space, mapnode_va(n), mapnode_level(n), false);
    unlink_node(n);
    if (parent) {
        word_t status = n->va >> NODE_OWN_SHIFT | n->va >> NODE_BELOW_SHIFT;
        mapnode_add_status(parent, status & PAGE_STATUS);
        mapdb_trim(parent);
    }
    kmem_free(&node_cache, n);
}

/* ---- splitting large pages ---- */

/* Some more of n's stubs. */
static enum err stubs_fill(struct mapnode *n)
{
    unsigned made = 0;

    for (word_t i = 0; i < SMALL_PER_LARGE; i++) {
        if (n->sub && n->sub[i])
            continue;
        if (made++ == NODES_PER_STEP)
            return ERR_AGAIN;
        if (!stub_reach(n, i))
            return ERR_NO_MEM;
    }
    return OK;
}

static void stubs_trim(struct mapnode *n)
{
    for (word_t i = 0; n->sub && i < SMALL_PER_LARGE; i++)
        if (n->sub[i])
            mapdb_trim(n->sub[i]);
}

enum err mapdb_split_prepare(struct mapnode *n)
{
    enum err e = n->parent ? stubs_fill(n->parent) : OK;

    if (e == OK)
        e = stubs_fill(n);
    if (e == ERR_NO_MEM) {
        stubs_trim(n);
        if (n->parent)
            stubs_trim(n->parent);
    }
    return e;
}

/* The i-th stub of n becomes the page at va of its space. */
static void stub_to_page(struct mapnode *n, word_t i, word_t va)
{
    struct mapnode *piece = n->sub[i];

    piece->space = n->space;
    piece->va = va | LEVEL_SMALL |
                ((n->va | piece->va) & ~(PAGE_MASK | NODE_LEVEL));
    piece->parent = n->parent;
    if (n->parent) {
        piece->parent = n->parent->sub[i];
        link_at(piece, &piece->parent->child);
    } else {
        piece->link = NULL;
    }
}

enum err mapdb_split(struct mapnode *n)
{
    word_t va = mapnode_va(n);
    struct pt_slot slot;

    assert(!n->child && !n->holds);
    mapnode_slot(n, &slot);
    collect(n, &slot);
    if (ptab_split(n->space, va, &slot) != OK) {
        stubs_trim(n);
        if (n->parent)
            stubs_trim(n->parent);
        return ERR_NO_MEM;
    }
    for (word_t i = 0; i < SMALL_PER_LARGE; i++) {
        slot.node[i] = n->sub[i];
        stub_to_page(n, i, va + (i << pt_shift[LEVEL_SMALL]));
    }
    kmem_frame_free(n->sub);
    unlink_node(n);
    kmem_free(&node_cache, n);
    return OK;
}
