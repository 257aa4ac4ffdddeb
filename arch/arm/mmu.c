/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Address-space identifiers, TLB, caches, the window.
 *
 * The TLB tags user entries with 8-bit ASIDs; there may be 2,048 spaces. A
 * space gets an ASID when it is switched to and keeps it for a while: when all
 * are given out they are taken from everybody, the TLB is flushed, and every
 * space gets a new one as its turn comes. So an ASID never names two spaces
 * without a flush in between, and spaces need not give theirs back.
 *
 * A space without an ASID has in place of its own root that of a space where
 * nothing is mapped, with ASID 0. The fast path (ipc_fast.S) does not look: it
 * goes there, the first instruction traps, and space_recover() does the rest.
 */
#include "arch.h"
#include "panic.h"
#include "space.h"

#define ASIDS       256     /* 0 is for spaces without one */
#define ASID_SHIFT  48      /* in TTBR0 */

static word_t next_asid = 1;
static struct space *owner[ASIDS];  /* who has it, or NULL */

static uint64_t nowhere(void)
{
    return kva_to_phys(boot_root);
}

static word_t asid_of(const struct space *s)
{
    return (word_t)(s->arch.ttbr0 >> ASID_SHIFT);
}

/* Table and ASID change in one write, which needs no detour through a
   reserved ASID (B3.10.4). */
static void load_root(const struct space *s)
{
    cp15_write64(TTBR0, s->arch.ttbr0);
    isb();
}

static void flush_finish(void)
{
    cp15_write(BPIALL, 0);      /* mappings changed: B2.2 */
    dsb();
    isb();
}

static void take_all_asids(void)
{
    for (word_t i = 1; i < ASIDS; i++) {
        if (owner[i])
            owner[i]->arch.ttbr0 = nowhere();
        owner[i] = NULL;
    }
    next_asid = 1;
}

static void give_asid(struct space *s)
{
    owner[next_asid] = s;
    s->arch.ttbr0 = (uint64_t)next_asid << ASID_SHIFT | kva_to_phys(s->root);
    next_asid++;
}

/* To s, which has no ASID. Flush only after TTBR0 has changed: until then the
   walker may still fetch for the old space, under an ASID that begins to mean
   another. */
static void enter_anew(struct space *s)
{
    bool flush = next_asid == ASIDS;

    if (flush)
        take_all_asids();
    give_asid(s);
    load_root(s);
    if (!flush)
        return;
    cp15_write(TLBIALL, 0);
    flush_finish();
}

void arch_space_switch(struct space *s)
{
    if (asid_of(s) == 0)
        enter_anew(s);
    else if (cp15_read64(TTBR0) != s->arch.ttbr0)
        load_root(s);
}

bool space_recover(struct space *s)
{
    if (asid_of(s) != 0)
        return false;
    enter_anew(s);
    return true;
}

/* The kernel's half is TTBR1's: nothing to add. The walker must see that the
   table is empty before it may look. */
void arch_space_init(struct space *s)
{
    s->arch.ttbr0 = nowhere();
    dsb();
}

/* Its ASID names no other space before the TLB is flushed. */
void arch_space_fini(struct space *s)
{
    assert(asid_of(s) == 0 || cp15_read64(TTBR0) != s->arch.ttbr0);
    owner[asid_of(s)] = NULL;
    s->arch.ttbr0 = nowhere();
}

/* The callers' arch_pte_write has ordered the stores before this. A space
   without an ASID has nothing in the TLB. */
void arch_tlb_flush(struct space *s, word_t va, unsigned shift)
{
    if (asid_of(s) == 0)
        return;
    if (shift <= PAGE_SHIFT)
        cp15_write(TLBIMVA, (va & PAGE_MASK) | asid_of(s));
    else
        cp15_write(TLBIASID, asid_of(s));
    flush_finish();
}

/* Data caches behave as physically indexed (ARM ARM B3.11): no aliases. */
void arch_window_flush(const void *kva, size_t len)
{
    (void)kva;
    (void)len;
}

/* Clean the data cache to where the instruction cache fetches, then drop
   what the latter holds: B2.2. The kernel's address reaches what users see
   under theirs, since the caches are physically tagged and indexed. */
void arch_cache_sync(const void *kva, size_t len)
{
    word_t ctr = cp15_read(CTR);
    word_t dline = 4ul << CTR_DMIN(ctr), iline = 4ul << CTR_IMIN(ctr);
    word_t start = (word_t)kva, end = start + len;

    assert(CTR_L1IP(ctr) == CTR_L1IP_PIPT);
    for (word_t a = start & -dline; a < end; a += dline)
        cp15_write(DCCMVAU, a);
    dsb();
    for (word_t a = start & -iline; a < end; a += iline)
        cp15_write(ICIMVAU, a);
    flush_finish();
}

/* Only RAM: the CPU may prefetch from any normal memory that is mapped. */
void window_map(uint32_t end)
{
    const word_t block = 1ul << BLOCK_SHIFT;

    if (end > ARCH_PHYS_LIMIT)
        end = ARCH_PHYS_LIMIT;
    for (word_t pa = BOOT_MAPPED_END - KERNEL_OFFSET; pa + block <= end;
         pa += block)
        arch_pte_write(&kernel_table[(pa - RAM_BASE) >> BLOCK_SHIFT],
                       (pte_t)PTE_HIGH_XN << 32 | pa | PTE_BLOCK |
                           PTE_SHARED | PTE_ACCESSED);
    isb();
}
