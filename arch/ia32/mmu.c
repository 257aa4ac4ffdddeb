/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ia32: roots of page tables, TLB, caches.
 *
 * There are no address-space tags: loading CR3 drops all but the global
 * translations, and those are the kernel's, which never change.
 */
#include <l4/sys/arch/abi.h>

#include "arch.h"
#include "klib.h"
#include "space.h"

#define ROOT_ENTRIES    (PAGE_SIZE / sizeof(pte_t))

/* The kernel's half of every root. Its entry for the UTCB area is empty. */
pte_t kernel_root[1024] __attribute__((aligned(4096)));

/* The frame of L4_UTCB_POINTER and the page table it needs. */
uint32_t utcb_pointer[1024] __attribute__((aligned(4096)));
static pte_t utcb_pointer_table[1024] __attribute__((aligned(4096)));

_Static_assert(L4_UTCB_POINTER >= WINDOW_BASE + WINDOW_SIZE &&
                   L4_UTCB_POINTER >> SUPERPAGE_SHIFT !=
                       L4_UTCB_AREA >> SUPERPAGE_SHIFT,
               "window, UTCB pointer and UTCBs do not share a root entry");

void mmu_init(void)
{
    unsigned i = L4_UTCB_POINTER >> PAGE_SHIFT & (ROOT_ENTRIES - 1);

    utcb_pointer_table[i] = kva_to_phys(utcb_pointer) | PTE_PRESENT |
                            PTE_USER | PTE_GLOBAL;
    kernel_root[L4_UTCB_POINTER >> SUPERPAGE_SHIFT] =
        kva_to_phys(utcb_pointer_table) | PTE_PRESENT | PTE_USER;
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
