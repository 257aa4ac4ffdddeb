/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Address spaces in the TLB, and the caches.
 *
 * The TLB is filled by entry.S from the tables of the running thread's space.
 * Its entries are told apart by 8-bit ASIDs, fewer than spaces. A space gets
 * one when it first touches its memory; without one it runs under ASID 0,
 * which has no entries, and its refills find an empty table: so nothing needs
 * to be asked when threads are switched. When all are given out every space
 * loses its own and the TLB is emptied. An ASID that is taken from a space is
 * not given out again before that, so the space has no entries from then on,
 * which is also how large ranges are flushed.
 *
 * Caches are indexed by virtual address, and where a way of them is larger
 * than a page the same memory can lie in several lines ("colours"), one for
 * each value of the address bits between page size and way size. The window
 * and CKSEG0 use the colour of the physical address, so the kernel agrees
 * with itself; a user mapping may have any. What the kernel has written
 * through the window for a user to see, or wants to read after a user wrote
 * it, needs arch_window_flush() in between unless both colours are the same.
 * Two users of one frame have the same duty: they choose mapping addresses
 * of one colour.
 */
#include "arch.h"
#include "tcb.h"

#define ASIDS   (HI_ASID_MASK + 1)

/* Which space has which ASID. ASID 0 is nobody's and has no TLB entries. */
static struct space *holder[ASIDS];
static unsigned last_asid;      /* the latest given out */

/* A root table without entries: every refill ends in mmu_allows(). */
static const pte_t no_tables[ARCH_ROOT_USER];

static unsigned tlb_entries;

/*
 * What was loaded last, pair by pair, where the refill handler finds it sooner
 * than in the tables. An entry goes whenever it would have to go from the TLB,
 * so that whatever holds of one holds of both. Large pages are not in it.
 */
#define SOFT_ENTRIES    (1u << SOFT_TLB_BITS)
#define NO_PAIR         (~(uint64_t)0)      /* no EntryHi is that */

struct soft_entry soft_tlb[SOFT_ENTRIES]
    __attribute__((aligned(SOFT_TLB_ALIGN)));

_Static_assert(sizeof(struct soft_entry) == 1 << SOFT_TLB_SHIFT &&
                   sizeof(soft_tlb) <= SOFT_TLB_ALIGN,
               "the refill handler finds entries by their bits");

/* Where the refill handler looks for this EntryHi. */
static struct soft_entry *soft_place(uint64_t hi)
{
    return &soft_tlb[(hi ^ hi >> HI_PAIR_SHIFT) & (SOFT_ENTRIES - 1)];
}

static void soft_blank_all(void)
{
    for (unsigned i = 0; i < SOFT_ENTRIES; i++)
        soft_tlb[i].hi = NO_PAIR;
}

/* ---- TLB entries ---- */

/* Overwrite entry i by one that matches nothing: addresses in CKSEG0 are not
   translated. Each its own: two equal entries are a machine check. */
static void tlb_blank(unsigned i)
{
    cp0_write64(CP0_ENTRYHI, CKSEG0 + ((word_t)i << HI_PAIR_SHIFT));
    cp0_write64(CP0_ENTRYLO0, 0);
    cp0_write64(CP0_ENTRYLO1, 0);
    cp0_write32(CP0_INDEX, i);
    cp0_hazard();                       /* EntryHi, EntryLo, Index, tlbwi */
    __asm__ volatile("tlbwi");
}

/* Drop the entry of the pair of pages, or large page, around va. */
static void tlb_drop(word_t va, const struct space *s)
{
    uint64_t hi = (va >> HI_PAIR_SHIFT << HI_PAIR_SHIFT) | s->arch.hi;
    struct soft_entry *soft = soft_place(hi);
    int i;

    if (soft->hi == hi)
        soft->hi = NO_PAIR;
    cp0_write64(CP0_ENTRYHI, hi);
    cp0_hazard();                       /* EntryHi before tlbp */
    __asm__ volatile("tlbp");
    cp0_hazard();                       /* tlbp before Index is read */
    i = (int)cp0_read32(CP0_INDEX);
    if (i >= 0)
        tlb_blank(i);
}

static void tlb_blank_all(void)
{
    soft_blank_all();
    for (unsigned i = 0; i < tlb_entries; i++)
        tlb_blank(i);
}

/* ---- spaces ---- */

static void asid_take(struct space *s)
{
    holder[s->arch.hi] = NULL;
    s->arch.hi = 0;
    s->arch.walk = no_tables;
}

/* All are given out: nobody has one, and the TLB is empty. */
static void asid_take_all(void)
{
    for (unsigned i = 1; i < ASIDS; i++)
        if (holder[i])
            asid_take(holder[i]);
    tlb_blank_all();
    last_asid = 0;
}

static void asid_give(struct space *s)
{
    if (last_asid == ASIDS - 1)
        asid_take_all();
    last_asid++;
    holder[last_asid] = s;
    s->arch.hi = last_asid;
    s->arch.walk = s->root;
}

/* The whole table is for users: kernel addresses need no translation. */
void arch_space_init(struct space *s)
{
    s->arch.hi = 0;
    s->arch.walk = no_tables;
}

void arch_space_fini(struct space *s)
{
    asid_take(s);
}

/* Whose space it is says `current`. EntryHi also serves tlb_blank() and
   tlb_drop(), so it is set in any case. */
void arch_space_switch(struct space *s)
{
    cp0_write64(CP0_ENTRYHI, s->arch.hi);
    cp0_hazard();                       /* EntryHi.ASID before a load */
}

/* An entry covers two pages of 4 KB or one of 2 MB: up to 16 KB are looked
   up, more takes the space's ASID. */
void arch_tlb_flush(struct space *s, word_t va, unsigned shift)
{
    if (s->arch.hi == 0)
        return;
    if (shift > HI_PAIR_SHIFT + 1) {
        asid_take(s);
        return;
    }
    tlb_drop(va, s);
    if (shift > HI_PAIR_SHIFT)
        tlb_drop(va + ((word_t)1 << HI_PAIR_SHIFT), s);
}

/* ---- the walk in C, for what the refill handler leaves over ---- */

static pte_t walk(word_t va)
{
    static const uint8_t shifts[] = ARCH_PT_SHIFTS;
    const pte_t *table = current->space->root;

    for (unsigned level = 0;; level++) {
        pte_t e = table[va >> shifts[level] & (PAGE_SIZE / sizeof(e) - 1)];

        if (arch_pte_kind(e, level) != PTE_TABLE)
            return e;
        table = phys_to_kva(arch_pte_addr(e, level));
    }
}

/*
 * A space without an ASID faults on everything, and gets one. An entry can be
 * in the TLB for its neighbour's sake, or be older than a right that core has
 * added since. None of that is the user's fault, and with the entry gone the
 * access finds what the tables say.
 */
bool mmu_allows(word_t va, word_t access)
{
    struct space *s = current->space;
    pte_t e;

    if (va >> ARCH_PT_TOP_SHIFT)
        return false;
    if (s->arch.hi == 0)
        asid_give(s);
    else
        tlb_drop(va, s);
    arch_space_switch(s);
    e = walk(va);
    return e != 0 && (arch_pte_rights(e) & access);
}

/* ---- caches ---- */

struct cache {
    word_t line, way;       /* bytes; no cache: both 0 */
    word_t size;
};

static struct cache icache, dcache;

word_t mmu_colours;

/* A field of Config1: log2 of sets per way / 64, of bytes per line / 2, and
   ways - 1, three bits each (PRA, Config1). */
static void cache_measure(struct cache *c, unsigned config)
{
    unsigned sets = config >> 6 & 7, line = config >> 3 & 7;

    if (line == 0)
        return;
    c->line = 2ul << line;
    c->way = c->line * (sets == 7 ? 32 : 64ul << sets);
    c->size = c->way * ((config & 7) + 1);
}

/* Both operations, on the line at this index. */
static inline void cache_op(bool instructions, word_t index)
{
    if (instructions)
        __asm__ volatile("cache %0, 0(%1)" : :
                         "i"(CACHE_INDEX_INVALIDATE_I),
                         "r"(CKSEG0 + index) : "memory");
    else
        __asm__ volatile("cache %0, 0(%1)" : :
                         "i"(CACHE_INDEX_WRITEBACK_INV_D),
                         "r"(CKSEG0 + index) : "memory");
}

/*
 * Operate on the lines of all ways and colours that `len` bytes at this
 * offset into a page can be in. Way number and colour stand above the offset
 * in the index, so stepping by pages goes through both. Expanded for each
 * cache: it runs for every page of a message.
 */
static inline __attribute__((always_inline)) void
cache_by_index(bool instructions, const struct cache *cache, word_t start,
               size_t len)
{
    const struct cache c = *cache;
    const word_t step = c.way < PAGE_SIZE ? c.way : PAGE_SIZE;
    const word_t end = start + (len < step ? len : step);

    for (word_t a = start & -c.line; a < end; a += c.line)
        for (word_t i = a & (step - 1); i < c.size; i += step)
            cache_op(instructions, i);
}

/* Every line that may hold a piece of it, of whatever colour, is written back
   and dropped. */
void arch_window_flush(const void *kva, size_t len)
{
    if (dcache.line)
        cache_by_index(false, &dcache, (word_t)kva, len);
    __asm__ volatile("sync" : : : "memory");
}

/* The eret to user mode clears the instruction hazard. */
void arch_cache_sync(const void *kva, size_t len)
{
    arch_window_flush(kva, len);
    if (icache.line)
        cache_by_index(true, &icache, (word_t)kva, len);
    __asm__ volatile("sync" : : : "memory");
}

void mmu_init(void)
{
    unsigned config = cp0_read32(CP0_CONFIG1);

    tlb_entries = (config >> CONFIG1_MMU_SHIFT & 0x3f) + 1;
    cache_measure(&icache, config >> CONFIG1_IC_SHIFT);
    cache_measure(&dcache, config >> CONFIG1_DC_SHIFT);
    mmu_colours = dcache.way > PAGE_SIZE ? dcache.way - PAGE_SIZE : 0;
    cp0_write32(CP0_WIRED, 0);
    cp0_write32(CP0_PAGEGRAIN, 0);
    cp0_write32(CP0_PAGEMASK, 0);
    cp0_hazard();
    tlb_blank_all();
    cp0_write64(CP0_ENTRYHI, 0);
}
