/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ia32: roots of page tables, TLB, caches, small spaces, I/O bitmaps.
 *
 * There are no address-space tags: loading CR3 drops all but the global
 * translations, and those are the kernel's, which never change.
 *
 * The page table of TSS and UTCB pointer is one for all spaces, but for those
 * with I/O ports. Such a space has a copy of it that maps its bitmap behind
 * the TSS as well: with CR3 the bitmap is switched. In the other spaces
 * nothing is there, and the CPU, looking for the bitmap, faults.
 */
#include <l4/sys/arch/abi.h>

#include "arch.h"
#include "klib.h"
#include "kmem.h"
#include "small.h"
#include "task.h"

#define ROOT_ENTRIES    (PAGE_SIZE / sizeof(pte_t))

/* The kernel's half of every root. Its entry for the UTCB area is empty. */
pte_t kernel_root[1024] __attribute__((aligned(4096)));

/* The frame of L4_UTCB_POINTER, and the page table of that and the TSS. */
uint32_t utcb_pointer[1024] __attribute__((aligned(4096)));
static pte_t kernel_table[1024] __attribute__((aligned(4096)));

/* Where it stands in a root; where an address does in it. */
#define TABLE_ENTRY         (TSS_PAGE >> SUPERPAGE_SHIFT)
#define PAGE_ENTRY(address) ((address) >> PAGE_SHIFT & (ROOT_ENTRIES - 1))
#define BITMAP_FRAMES       ((PORT_BITMAP_END - PORT_BITMAP) >> PAGE_SHIFT)

_Static_assert(L4_UTCB_POINTER >= WINDOW_BASE + WINDOW_SIZE &&
                   L4_UTCB_POINTER >> SUPERPAGE_SHIFT !=
                       L4_UTCB_AREA >> SUPERPAGE_SHIFT,
               "window, UTCB pointer and UTCBs do not share a root entry");
_Static_assert(L4_UTCB_POINTER >> SUPERPAGE_SHIFT == TABLE_ENTRY,
               "TSS and UTCB pointer share a page table");
_Static_assert(BITMAP_FRAMES * 4096 * 8 == L4_IO_PORTS, "a bit for each port");

/* Whoever may be in it, the leaves decide. */
static pte_t table_entry(const pte_t *table)
{
    return kva_to_phys(table) | PTE_PRESENT | PTE_WRITE | PTE_USER;
}

void mmu_init(void)
{
    const pte_t tss = kva_to_phys(&kernel_task) | PTE_PRESENT | PTE_GLOBAL;

    kernel_table[PAGE_ENTRY(TSS_PAGE)] = tss | PTE_WRITE;
    kernel_table[PAGE_ENTRY(PORT_BITMAP_END)] = tss;
    kernel_table[PAGE_ENTRY(L4_UTCB_POINTER)] =
        kva_to_phys(utcb_pointer) | PTE_PRESENT | PTE_USER | PTE_GLOBAL;
    kernel_root[TABLE_ENTRY] = table_entry(kernel_table);
}

/* Do they lead to the same table? The walker notes in each that it was used. */
static bool is_same(pte_t a, pte_t b)
{
    return ((a ^ b) & ~(pte_t)PTE_ACCESSED) == 0;
}

static void small_flush(struct space *s, word_t va, unsigned shift);

void arch_space_init(struct space *s)
{
    s->arch.segment = SEGMENT_FLAT;
    memcpy(s->root + ARCH_ROOT_USER, kernel_root + ARCH_ROOT_USER,
           (ROOT_ENTRIES - ARCH_ROOT_USER) * sizeof(pte_t));
}

/* CR3 keeps the last space while the processor idles. */
void arch_space_fini(struct space *s)
{
    if (s->arch.size)
        arch_small_leave(s);
    if (read_cr3() == kva_to_phys(s->root))
        write_cr3(kva_to_phys(kernel_root));
}

static pte_t *loaded_root(void)
{
    return phys_to_kva(read_cr3());
}

/* A small space is in every root; but one with a bitmap would give it ports. */
static NOINLINE void small_switch(void)
{
    if (!is_same(loaded_root()[TABLE_ENTRY], kernel_root[TABLE_ENTRY]))
        write_cr3(kva_to_phys(kernel_root));
}

void arch_space_switch(struct space *s)
{
    if (read_cr3() == kva_to_phys(s->root))
        return;
    if (s->arch.size)
        small_switch();
    else
        write_cr3(kva_to_phys(s->root));
}

/* One INVLPG drops a page of either size, and whatever the walker keeps of
   the tables above it (SDM 3, 4.10.4.1). */
static void flush(word_t va, unsigned shift)
{
    if (shift > PAGE_SHIFT)
        write_cr3(read_cr3());
    else
        __asm__ volatile("invlpg (%0)" : : "r"(va) : "memory");
}

/* A space that is not loaded has nothing in the TLB, but for what a small one
   has in its place. */
void arch_tlb_flush(struct space *s, word_t va, unsigned shift)
{
    if (loaded_root() == s->root)
        flush(va, shift);
    if (s->arch.size)
        small_flush(s, va, shift);
}

/* ---- small spaces ---- */

/*
 * A small space uses, in place of its own root, a part of the kernel's half of
 * whichever is loaded: its segments begin there and end with it, so that its
 * addresses remain what they are. The entries of the part are those of its own
 * root: the page tables are the same. They come into a root when something is
 * missed there (small_fill), and go from all when the space's own changes.
 *
 * kernel_root has each entry that any root has.
 *
 * When an access goes beyond the segments the CPU raises a protection fault;
 * then the space grows, and the instruction is tried again (trap.c).
 */
#define SMALL_PARTS     (SMALL_SIZE >> SUPERPAGE_SHIFT)
#define SMALL_ENTRY     (SMALL_BASE >> SUPERPAGE_SHIFT)

_Static_assert(SMALL_BASE >= WINDOW_BASE + WINDOW_SIZE &&
                   SMALL_BASE + SMALL_SIZE <= TSS_PAGE,
               "small spaces are between the window and the TSS");

/* Who has each part. */
static struct space *part_owner[SMALL_PARTS];

/* The entry for s's addresses from `part` parts on, in its own root and in
   another. */
static pte_t *own_entry(struct space *s, unsigned part)
{
    return &s->root[part];
}

static pte_t *small_entry(pte_t *root, struct space *s, unsigned part)
{
    return &root[(s->arch.base >> SUPERPAGE_SHIFT) + part];
}

static unsigned part_count(const struct space *s)
{
    return s->arch.size >> SUPERPAGE_SHIFT;
}

/* A number is that of the low bit for the size, 4 MB times this, and above it
   which of this size (L4_SMALL_SPACE of the API). */
static void number_to_place(unsigned number, struct arch_space *place)
{
    unsigned low = number & -number;

    place->size = low * SUPERPAGE_BYTES;
    place->base = SMALL_BASE + (number - low) / 2 * SUPERPAGE_BYTES;
}

/* Base and limit of its segment; the limit counts pages (SDM 3, 3.4.5). */
static uint64_t segment_at(uint32_t base, uint32_t size)
{
    const uint64_t limit = 0x0000FFFF;

    return (SEGMENT_FLAT & ~(limit | 0xFull << 48)) | (size / PAGE_SIZE - 1) |
           (uint64_t)(base & 0xFFFFFF) << 16 | (uint64_t)(base >> 24) << 56;
}

static void set_owner(struct space *s, struct space *owner)
{
    unsigned first = (s->arch.base - SMALL_BASE) >> SUPERPAGE_SHIFT;

    for (unsigned i = 0; i < part_count(s); i++)
        part_owner[first + i] = owner;
}

/* Is it all nobody's, or s's own? */
static bool is_free(const struct arch_space *place, const struct space *s)
{
    uint32_t offset = place->base - SMALL_BASE;

    if (offset >= SMALL_SIZE || place->size > SMALL_SIZE - offset)
        return false;
    for (uint32_t at = 0; at < place->size; at += SUPERPAGE_BYTES) {
        const struct space *owner = part_owner[(offset + at) >> SUPERPAGE_SHIFT];
        if (owner && owner != s)
            return false;
    }
    return true;
}

bool arch_small_enter(struct space *s, unsigned number)
{
    struct arch_space place;

    number_to_place(number, &place);
    if (!is_free(&place, s))
        return false;
    if (s->arch.size)
        arch_small_leave(s);
    place.segment = segment_at(place.base, place.size);
    s->arch = place;
    set_owner(s, s);
    return true;
}

/* Take an entry out of every root. */
static void withdraw(struct space *s, unsigned part)
{
    if (!*small_entry(kernel_root, s, part))
        return;
    arch_pte_write(small_entry(kernel_root, s, part), 0);
    for (unsigned i = 0; i < MAX_TASKS; i++) {
        struct task *t = task_find(i);
        if (t)
            arch_pte_write(small_entry(t->space.root, s, part), 0);
    }
    write_cr3(read_cr3());
}

void arch_small_leave(struct space *s)
{
    for (unsigned i = 0; i < part_count(s); i++)
        withdraw(s, i);
    set_owner(s, NULL);
    s->arch = (struct arch_space){ .segment = SEGMENT_FLAT };
}

/* The same for any of its entries that have changed; and the TLB. */
static void small_flush(struct space *s, word_t va, unsigned shift)
{
    for (unsigned i = 0; i < part_count(s); i++)
        if (!is_same(*small_entry(kernel_root, s, i), *own_entry(s, i)))
            withdraw(s, i);
    if (va < s->arch.size)
        flush(s->arch.base + va, shift);
}

bool small_fill(struct space *s, uint32_t address)
{
    unsigned part = (address - s->arch.base) >> SUPERPAGE_SHIFT;
    pte_t entry = *own_entry(s, part);
    pte_t *loaded = small_entry(loaded_root(), s, part);

    if (arch_pte_kind(entry, 0) == PTE_LEAF) {
        small_leave(s);         /* a large page has no table to share */
        return true;
    }
    if (arch_pte_kind(entry, 0) == PTE_EMPTY || is_same(*loaded, entry))
        return false;
    arch_pte_write(small_entry(kernel_root, s, part), entry);
    arch_pte_write(loaded, entry);
    return true;
}

/* ---- I/O ports ---- */

/* The space's copy of kernel_table. */
static pte_t *port_table(struct space *s)
{
    return phys_to_kva(arch_pte_addr(s->root[TABLE_ENTRY], 0));
}

static void set_table(struct space *s, const pte_t *table)
{
    arch_pte_write(&s->root[TABLE_ENTRY], table_entry(table));
    if (read_cr3() == kva_to_phys(s->root))
        write_cr3(kva_to_phys(s->root));
}

/* Free a copy of kernel_table, and what it has of the bitmap. */
static void free_table(pte_t *table)
{
    pte_t *entry = &table[PAGE_ENTRY(PORT_BITMAP)];

    for (unsigned i = 0; i < BITMAP_FRAMES; i++)
        if (entry[i])
            kmem_frame_free(phys_to_kva(entry[i] & PTE_ADDRESS));
    kmem_frame_free(table);
}

enum err arch_ports_init(struct space *s)
{
    pte_t *table = kmem_frame_alloc();

    if (!table)
        return ERR_NO_MEM;
    memcpy(table, kernel_table, sizeof(kernel_table));
    for (unsigned i = 0; i < BITMAP_FRAMES; i++) {
        void *frame = kmem_frame_alloc();
        if (!frame) {
            free_table(table);
            return ERR_NO_MEM;
        }
        memset(frame, 0xFF, PAGE_SIZE);
        table[PAGE_ENTRY(PORT_BITMAP) + i] = kva_to_phys(frame) | PTE_PRESENT;
    }
    set_table(s, table);
    return OK;
}

void arch_ports_fini(struct space *s)
{
    pte_t *table = port_table(s);

    set_table(s, kernel_table);
    free_table(table);
}

/* The CPU reads the bitmap at each access: there is nothing to flush. */
void arch_ports_allow(struct space *s, unsigned first, unsigned count,
                      bool allow)
{
    const pte_t *entry = &port_table(s)[PAGE_ENTRY(PORT_BITMAP)];
    unsigned at = first / 8;
    uint8_t *byte = phys_to_kva(entry[at >> PAGE_SHIFT] & PTE_ADDRESS);

    byte += at & ~PAGE_MASK;
    if (count > 1)
        memset(byte, allow ? 0 : 0xFF, count / 8);
    else if (allow)
        *byte &= (uint8_t)~(1u << first % 8);
    else
        *byte |= (uint8_t)(1u << first % 8);
}

/* ---- caches ---- */

/* Physically tagged and coherent: caches never disagree with themselves. */
void arch_window_flush(const void *kva, size_t len)
{
    (void)kva;
    (void)len;
}

/* Caches are coherent; but code written under another linear address needs a
   serialising instruction before it is run (SDM 3, 8.1.3). */
void arch_cache_sync(const void *kva, size_t len)
{
    uint32_t leaf = 0;

    (void)kva;
    (void)len;
    __asm__ volatile("cpuid" : "+a"(leaf) : : "ebx", "ecx", "edx", "memory");
}
