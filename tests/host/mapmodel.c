/* SPDX-License-Identifier: BSD-2-Clause */
#include "host.h"
#include "htest.h"
#include "invariants.h"
#include "kmem.h"
#include "mapmodel.h"

struct mpage model[SPACES][PAGES];
struct space space[SPACES];
bool small_roots;

static word_t frames_at_start;

#define EACH_PAGE(p) \
    struct mpage *p = &model[0][0]; p < &model[0][0] + SPACES * PAGES; p++

/* ---- the kernel's side ---- */

void spaces_start(unsigned frames)
{
    host_power_on();
    memory_start(frames);
    for (unsigned i = 0; i < SPACES; i++) {
        check(ptab_init(&space[i]) == OK);
        space[i].task = TASK_OF(i);
    }
    arch_space_switch(&space[0]);
    frames_at_start = kmem_frames_free();
}

/* A table counts its entries, and there is none without. */
static void check_table(const pte_t *table, unsigned level, bool is_root)
{
    unsigned log2 = (level ? pt_shift[level - 1] : ARCH_PT_TOP_SHIFT) -
                    pt_shift[level];
    unsigned used = 0;

    for (unsigned i = 0; i < 1u << log2; i++) {
        enum pte_kind kind = arch_pte_kind(table[i], level);
        used += kind != PTE_EMPTY;
        if (kind == PTE_TABLE)
            check_table(phys_to_kva(arch_pte_addr(table[i], level)), level + 1,
                        false);
    }
    check(kmem_frame_info(table)->count == used);
    check(is_root || used > 0);
}

void spaces_check(void)
{
    for (unsigned i = 0; i < SPACES; i++) {
        check_space(&space[i]);
        check_table(space[i].root, 0, true);
    }
    host_tlb_check();
}

void spaces_empty(void)
{
    struct fpage whole;

    check(fpage_parse(fpage_whole(), &whole));
    for (unsigned i = 0; i < SPACES; i++) {
        struct unmap u = { .walk.status = 0 };
        unmap_begin(&u, &whole, L4_FP_FLUSH_PAGE | L4_FP_ALL_SPACES);
        while (unmap_run(&space[i], &u) == ERR_AGAIN)
            ;
    }
    for (EACH_PAGE(p))
        *p = (struct mpage){ 0 };
    check(kmem_frames_free() == frames_at_start);
}

static bool frame_is_mapped(paddr_t pa)
{
    for (EACH_PAGE(p))
        if (p->used && p->pa == pa)
            return true;
    return false;
}

/* A root at page i, large if there is room and i is in an even large page. */
static void make_root(unsigned i)
{
    unsigned large = i / SUBPAGES % 2 == 0 && i % SUBPAGES == 0 &&
                     !small_roots;

    for (unsigned k = i; large && k < i + SUBPAGES; k++)
        if (model[0][k].used || frame_is_mapped(k * PAGE_SIZE))
            large = 0;
    const struct mapdb_page page = {
        .pa = i * PAGE_SIZE, .level = large ? LEVEL_LARGE : LEVEL_SMALL,
        .rights = RIGHT_READ | (i / SUBPAGES % 5 == 4 ? 0 : RIGHT_WRITE),
        .attr = i / SUBPAGES % 7 == 6 ? ATTR_DEVICE : ATTR_RAM,
    };
    if (mapdb_map(NULL, 0, &page, &space[0], i * PAGE_SIZE) != OK)
        return;
    for (unsigned k = i; k < i + (large ? SUBPAGES : 1); k++)
        model[0][k] = (struct mpage){ true, large, page.rights, page.attr,
                                      k * PAGE_SIZE, NULL, 0, 0 };
}

void roots_make(void)
{
    for (unsigned i = 0; i < PAGES; i++)
        if (!model[0][i].used && !frame_is_mapped(i * PAGE_SIZE))
            make_root(i);
}

/* ---- the reference ---- */

/* First page of the large one around p, and how many it has; of a small one
   itself and 1. */
static struct mpage *head(struct mpage *p)
{
    unsigned i = (unsigned)(p - &model[0][0]);

    return p->large ? &model[0][0] + i / SUBPAGES * SUBPAGES : p;
}

static unsigned width(const struct mpage *p)
{
    return p->large ? SUBPAGES : 1;
}

static bool is_below(const struct mpage *p, const struct mpage *top)
{
    for (p = p->parent; p; p = p->parent)
        if (p == top)
            return true;
    return false;
}

/* p has no large page below it, and with `self` is none. */
static void split(struct mpage *p, bool self)
{
    struct mpage *first = head(p);
    unsigned n = width(p);

    for (EACH_PAGE(q))
        for (unsigned k = 0; q->used && q->large && k < n; k++)
            if (is_below(q, first + k))
                q->large = false;
    for (unsigned k = 0; self && k < n; k++)
        first[k].large = false;
}

#define ALL_SPACES (-1)

static bool is_in(const struct mpage *p, int s)
{
    return s == ALL_SPACES || (p >= model[s] && p < model[s] + PAGES);
}

/* The status of what was mapped from p to one space, or to all, and on from
   there; it is told once. */
static word_t tell_below(const struct mpage *p, int s)
{
    word_t status = 0;

    for (EACH_PAGE(q))
        if (q->used && q->parent == p && is_in(q, s)) {
            status |= q->own | q->below | tell_below(q, ALL_SPACES);
            q->own = q->below = 0;
        }
    return status;
}

/* What was mapped from p to one space, or to all, and on from there. */
static void remove_below(const struct mpage *p, int s)
{
    for (EACH_PAGE(q))
        if (q->used && q->parent == p && is_in(q, s)) {
            remove_below(q, ALL_SPACES);
            *q = (struct mpage){ 0 };
        }
}

static void protect_below(const struct mpage *p, int s)
{
    for (EACH_PAGE(q))
        if (q->used && q->parent == p && is_in(q, s)) {
            protect_below(q, ALL_SPACES);
            q->rights = RIGHT_READ;
        }
}

static void model_remove(struct mpage *p)
{
    struct mpage *first = head(p);
    unsigned n = width(p);

    for (unsigned k = 0; k < n; k++) {
        struct mpage *f = &first[k];
        if (f->parent)
            f->parent->below |= f->own | f->below | tell_below(f, ALL_SPACES);
        remove_below(f, ALL_SPACES);
        *f = (struct mpage){ 0 };
    }
}

static void move(struct mpage *from, struct mpage *to)
{
    *to = *from;
    for (EACH_PAGE(q))
        if (q->used && q->parent == from)
            q->parent = to;
    *from = (struct mpage){ 0 };
}

static struct mpage *first_used(struct mpage *p, unsigned n)
{
    for (; n-- > 0; p++)
        if (p->used)
            return p;
    return NULL;
}

/* One page, large or small, from f to t, where nothing is. */
static void give(const struct wish *w, struct mpage *f, struct mpage *t,
                 bool large)
{
    unsigned keep = w->write ? ~0u : ~RIGHT_WRITE;

    if (w->grant && f->large && !large)
        split(f, true);
    for (unsigned k = 0; k < (large ? SUBPAGES : 1); k++) {
        if (w->grant) {
            if (!(f[k].rights & keep & RIGHT_WRITE))
                protect_below(&f[k], ALL_SPACES);
            f[k].rights &= keep;
            move(&f[k], &t[k]);
        } else {
            t[k] = f[k];
            t[k].rights &= keep;
            t[k].parent = &f[k];
            t[k].large = large;
            t[k].own = t[k].below = 0;
        }
    }
}

/* The page at w->at + i; returns how many pages are done with that. */
static unsigned map_one(const struct wish *w, unsigned i)
{
    struct mpage *f = &model[w->from][w->at + i];
    struct mpage *t = &model[w->to][w->to_at + i];
    bool large = f->large && (w->at + i) % SUBPAGES == 0 &&
                 (w->to_at + i) % SUBPAGES == 0 && w->pages - i >= SUBPAGES;
    unsigned n = large ? SUBPAGES : 1;

    if (!f->used)
        return 1;
    struct mpage *there = first_used(t, n);
    if (!there) {
        give(w, f, t, large);
        return n;
    }
    if (!w->grant && there == t && t->large == large && t->parent == f) {
        for (unsigned k = 0; k < n; k++)
            t[k].rights |= f[k].rights & (w->write ? ~0u : ~RIGHT_WRITE);
        return n;
    }
    if (there->large && !large)
        split(there, true);     /* and look again */
    else
        model_remove(there);
    return 0;
}

void model_map(const struct wish *w)
{
    if (w->from == w->to && w->at == w->to_at)
        return;
    for (unsigned i = 0; i < w->pages;)
        i += map_one(w, i);
}

bool model_overwrites_source(const struct wish *w)
{
    for (unsigned i = 0; i < w->pages; i++)
        for (unsigned k = 0; k < w->pages; k++)
            if (is_below(&model[w->from][w->at + i],
                         &model[w->to][w->to_at + k]))
                return true;
    return false;
}

/* What unmap has to tell of one page. */
static word_t tell(const struct wish *w, struct mpage *p)
{
    word_t status = tell_below(p, w->only_to ? (int)w->to : ALL_SPACES);

    if (!w->only_to) {
        status |= p->below;
        p->below = 0;
    }
    if (w->own) {
        status |= p->own;
        p->own = 0;
    }
    if (p->parent)
        p->parent->below |= status;
    return status;
}

static void take_back(const struct wish *w, struct mpage *p)
{
    int from = w->only_to ? (int)w->to : ALL_SPACES;

    if (w->flush)
        remove_below(p, from);
    else
        protect_below(p, from);
    if (!w->own || !p->used)
        return;
    if (w->flush)
        *p = (struct mpage){ 0 };
    else
        p->rights = RIGHT_READ;
}

word_t model_unmap(const struct wish *w)
{
    struct mpage *first = &model[w->from][w->at];
    word_t status = 0;

    for (unsigned i = 0; i < w->pages && !w->ask; i++)
        if (first[i].used && first[i].large && w->pages < SUBPAGES)
            split(&first[i], w->own);
    for (unsigned i = 0; i < w->pages; i++) {
        if (first[i].used)
            status |= tell(w, &first[i]);
        if (!w->ask)
            take_back(w, &first[i]);
    }
    return status;
}

/* ---- both ---- */

/* The page of the model that the kernel's page at (s, i) was made from. */
static struct mpage *parent_of(const struct pt_slot *slot, unsigned i)
{
    struct mapnode *up = mapnode_source(*slot->node);
    struct pt_slot above;

    if (!up)
        return NULL;
    mapnode_slot(up, &above);
    word_t inside = arch_pte_addr(*slot->pte, slot->level) -
                    arch_pte_addr(*above.pte, above.level);
    word_t va = mapnode_va(up) + inside +
                (i * PAGE_SIZE & (pt_size(slot->level) - 1));
    return &model[up->space - space][va >> PAGE_SHIFT];
}

/* What the kernel's tables say of a page, in the model's terms. */
static struct mpage page_of(unsigned s, unsigned i)
{
    word_t va = (word_t)i * PAGE_SIZE;
    struct pt_slot slot;

    ptab_walk(&space[s], va, &slot);
    if (ptab_kind(&slot) == PTE_EMPTY)
        return (struct mpage){ 0 };
    return (struct mpage){
        .used = true,
        .large = slot.level == LEVEL_LARGE,
        .rights = arch_pte_rights(*slot.pte),
        .attr = arch_pte_attr(*slot.pte),
        .pa = arch_pte_addr(*slot.pte, slot.level) +
              (va & (pt_size(slot.level) - 1)),
        .parent = parent_of(&slot, i),
    };
}

void touch(unsigned s, unsigned i, bool write)
{
    struct mpage *m = &model[s][i];
    struct host_page seen = (write ? host_write : host_access)(&space[s],
                                                               i * PAGE_SIZE);

    check(seen.rights == m->rights && seen.pa == m->pa);
    if (m->used)
        m->own |= L4_FP_ACCESSED;
    if (m->rights & RIGHT_WRITE && write)
        m->own |= L4_FP_WRITTEN;
}

static void compare(unsigned s, unsigned i)
{
    const struct mpage *m = &model[s][i];
    struct mpage k = page_of(s, i);

    if (k.used == m->used && k.large == m->large && k.rights == m->rights &&
        k.attr == m->attr && k.pa == m->pa && k.parent == m->parent)
        return;
    note("space %u page %u: kernel %d %d %u %lx from %ld, "
         "model %d %d %u %lx from %ld", s, i, k.used, k.large, k.rights, k.pa,
         k.parent ? k.parent - &model[0][0] : -1, m->used, m->large,
         m->rights, m->pa, m->parent ? m->parent - &model[0][0] : -1);
    check(!"kernel and model agree");
}

void model_compare(void)
{
    for (unsigned s = 0; s < SPACES; s++)
        for (unsigned i = 0; i < PAGES; i++) {
            const struct mpage *p = &model[s][i];
            compare(s, i);
            check(!p->parent || !(p->rights & ~p->parent->rights));
        }
    for (unsigned n = 0; n < 64; n++)
        touch(rnd(SPACES), rnd(PAGES), chance(50));
}

void model_reload(void)
{
    static struct mpage read[SPACES][PAGES];

    for (unsigned s = 0; s < SPACES; s++)
        for (unsigned i = 0; i < PAGES; i++)
            read[s][i] = page_of(s, i);
    for (unsigned s = 0; s < SPACES; s++)
        for (unsigned i = 0; i < PAGES; i++)
            model[s][i] = read[s][i];
}
