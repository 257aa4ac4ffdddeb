/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ia32: roots of page tables, TLB, caches, I/O bitmaps.
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
#include "space.h"

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

void arch_space_init(struct space *s)
{
    memcpy(s->root + ARCH_ROOT_USER, kernel_root + ARCH_ROOT_USER,
           (ROOT_ENTRIES - ARCH_ROOT_USER) * sizeof(pte_t));
}

/* CR3 keeps the last space while the processor idles. */
void arch_space_fini(struct space *s)
{
    if (read_cr3() == kva_to_phys(s->root))
        write_cr3(kva_to_phys(kernel_root));
}

void arch_space_switch(struct space *s)
{
    if (read_cr3() != kva_to_phys(s->root))
        write_cr3(kva_to_phys(s->root));
}

/*
 * One INVLPG drops a page of either size, and whatever the walker keeps of
 * the tables above it (SDM 3, 4.10.4.1). A space that is not loaded has
 * nothing in the TLB.
 */
void arch_tlb_flush(struct space *s, word_t va, unsigned shift)
{
    if (read_cr3() != kva_to_phys(s->root))
        return;
    if (shift > PAGE_SHIFT)
        write_cr3(kva_to_phys(s->root));
    else
        __asm__ volatile("invlpg (%0)" : : "r"(va) : "memory");
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
