/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page tables, against an array of what each small page shows. Nodes are
 * addresses in an array of their own: the walker only carries them.
 */
#include "host.h"
#include "htest.h"
#include "kmem.h"
#include "ptab.h"

#define PAGES   512         /* of the space, from BASE on */
#define SUBPAGES (1u << (pt_shift[LEVEL_LARGE] - PAGE_SHIFT))

/* Two stretches that need tables of their own, the second at the very end of
   the space. */
static word_t address(unsigned page)
{
    if (page < PAGES / 2)
        return (word_t)page * PAGE_SIZE;
    return ARCH_USER_TOP - (word_t)(PAGES - page) * PAGE_SIZE;
}

static struct shown {
    paddr_t pa;
    unsigned rights, level;     /* rights 0: nothing */
    enum page_attr attr;
    struct mapnode *node;
} shown[PAGES];
static struct space space;
static char node_names[100000];
static unsigned names;
static word_t empty_frames;

static void start(void)
{
    host_power_on();
    memory_start(600);
    check(ptab_init(&space) == OK);
    arch_space_switch(&space);
    empty_frames = kmem_frames_free();
}

static struct mapnode *next_name(void)
{
    return (void *)&node_names[names++ % sizeof(node_names)];
}

static void check_page(unsigned page)
{
    const struct shown *m = &shown[page];
    word_t va = address(page);
    struct pt_slot slot;

    note("page %u at %lx", page, va);
    ptab_walk(&space, va, &slot);
    check(ptab_kind(&slot) == (m->rights ? PTE_LEAF : PTE_EMPTY));
    struct host_page seen = host_access(&space, va);
    check(seen.rights == m->rights);
    if (!m->rights)
        return;
    check(slot.level == m->level && *slot.node == m->node);
    check(arch_pte_attr(*slot.pte) == m->attr);
    check(seen.pa == m->pa);
}

static void check_all_pages(void)
{
    for (unsigned i = 0; i < PAGES; i++)
        check_page(i);
    host_tlb_check();
}

/* First page of the large one around `page`. */
static unsigned head(unsigned page)
{
    return page & ~(SUBPAGES - 1);
}

static bool room_for_large(unsigned page)
{
    for (unsigned i = head(page); i < head(page) + SUBPAGES; i++)
        if (shown[i].rights)
            return false;
    return true;
}

static void show(unsigned page, paddr_t pa, unsigned level, pte_t pte,
                 struct mapnode *node)
{
    shown[page] = (struct shown){ pa, arch_pte_rights(pte), level,
                                  arch_pte_attr(pte), node };
}

static void map(unsigned page)
{
    bool large = chance(40) && room_for_large(page);
    unsigned level = large ? LEVEL_LARGE : LEVEL_SMALL;
    struct pt_slot slot;

    if (shown[page].rights)
        return;
    if (large)
        page = head(page);
    paddr_t pa = (rnd64() & (HOST_RAM_SIZE - 1)) & ~(pt_size(level) - 1);
    pte_t pte = arch_pte_leaf(pa, level, rnd(4), chance(50) ? ATTR_RAM
                                                            : ATTR_DEVICE);
    struct mapnode *node = next_name();
    if (ptab_reach(&space, address(page), level, &slot) != OK)
        return;
    check(slot.level == level && ptab_kind(&slot) == PTE_EMPTY);
    ptab_set(&slot, pte, node);
    for (unsigned i = 0; i < (large ? SUBPAGES : 1); i++)
        show(page + i, pa + i * PAGE_SIZE, level, pte, node);
}

static void clear(unsigned page)
{
    bool large = shown[page].level == LEVEL_LARGE;
    struct pt_slot slot;

    if (large)
        page = head(page);
    ptab_walk(&space, address(page), &slot);
    ptab_clear(&space, address(page), &slot);
    for (unsigned i = 0; i < (large ? SUBPAGES : 1); i++)
        shown[page + i] = (struct shown){ 0 };
}

static void change_rights(unsigned page)
{
    bool large = shown[page].level == LEVEL_LARGE;
    struct pt_slot slot;

    if (large)
        page = head(page);
    ptab_walk(&space, address(page), &slot);
    ptab_set_rights(&space, address(page), &slot, RIGHT_READ | rnd(4));
    for (unsigned i = 0; i < (large ? SUBPAGES : 1); i++)
        shown[page + i].rights = arch_pte_rights(*slot.pte);
}

/* As the mapping code does: the caller gives the small pages their nodes. */
static void split(unsigned page)
{
    struct pt_slot slot;

    if (shown[page].level != LEVEL_LARGE)
        return;
    page = head(page);
    ptab_walk(&space, address(page), &slot);
    if (ptab_split(&space, address(page), &slot) != OK)
        return;
    check(slot.level == LEVEL_SMALL);
    for (unsigned i = 0; i < SUBPAGES; i++) {
        check(slot.node[i] == NULL);
        slot.node[i] = shown[page + i].node = next_name();
        shown[page + i].level = LEVEL_SMALL;
    }
}

static void random_step(void)
{
    unsigned page = rnd(PAGES);

    if (!shown[page].rights)
        map(page);
    else if (chance(50))
        clear(page);
    else if (chance(50))
        change_rights(page);
    else
        split(page);
}

static void clear_everything(void)
{
    for (unsigned i = 0; i < PAGES; i++)
        if (shown[i].rights)
            clear(i);
}

TEST(ptab, random_sequences_show_what_was_mapped)
{
    start();
    for (unsigned i = 0; i < rounds(3000); i++) {
        random_step();
        check_page(rnd(PAGES));
        host_tlb_check();
        if (i % 50 == 0)
            check_all_pages();
    }
}

TEST(ptab, tables_are_freed_with_their_last_page)
{
    start();
    for (unsigned i = 0; i < rounds(10); i++) {
        for (unsigned j = 0; j < 100; j++)
            random_step();
        clear_everything();
        check(kmem_frames_free() == empty_frames);
        check(kmem_frame_info(space.root)->count == 0);
    }
    ptab_fini(&(struct space){ .root = space.root, .arch = space.arch });
    check(kmem_frames_free() == empty_frames + 2);
}

/* Every allocation of every step fails once: it is said, and nothing of it
   is left behind. */
TEST(ptab, an_allocation_that_fails_changes_nothing)
{
    unsigned failures = 0;

    start();
    for (unsigned i = 0; i < rounds(1500); i++) {
        word_t before = kmem_frames_free();
        memory_fail(1 + rnd(6));
        random_step();
        if (memory_failed()) {
            failures++;
            check(kmem_frames_free() == before);
        }
        check_page(rnd(PAGES));
        if (i % 50 == 0)
            check_all_pages();
        if (i % 200 == 0)
            clear_everything();
    }
    check(failures > 20);
    clear_everything();
    check(kmem_frames_free() == empty_frames);
}

TEST(ptab, a_large_page_in_the_way_is_what_a_walk_down_finds)
{
    struct pt_slot slot;

    start();
    check(ptab_reach(&space, 0, LEVEL_LARGE, &slot) == OK);
    ptab_set(&slot, arch_pte_leaf(0, LEVEL_LARGE, RIGHT_READ, ATTR_RAM),
             next_name());
    pte_t *pte = slot.pte;
    check(ptab_reach(&space, PAGE_SIZE, LEVEL_SMALL, &slot) == OK);
    check(slot.pte == pte && slot.level == LEVEL_LARGE);
}

TEST(ptab, tables_that_were_made_for_nothing_can_be_released)
{
    struct pt_slot slot;

    start();
    check(ptab_reach(&space, ARCH_USER_TOP - PAGE_SIZE, LEVEL_SMALL, &slot) ==
          OK);
    check(kmem_frames_free() < empty_frames);
    ptab_release(&space, ARCH_USER_TOP - PAGE_SIZE, &slot);
    check(kmem_frames_free() == empty_frames);
}
