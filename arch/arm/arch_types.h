/* SPDX-License-Identifier: BSD-2-Clause */
/* arm: what the core embeds and the geometry of the page tables. */
#ifndef ARM_ARCH_TYPES_H
#define ARM_ARCH_TYPES_H

#include <l4/sys/arch/regs.h>

/* As entry.S stores it: `stm` of the user's r0 to r14, `srs` of the rest. */
struct arch_frame {
    word_t r[13];
    word_t sp, lr;
    word_t pc;          /* without the Thumb bit, which is in cpsr */
    word_t cpsr;
};

struct arch_tcb {
    word_t tls;             /* TPIDRURO while the thread runs */
    struct l4_fpu_state fpu;    /* all zero is a fresh FPU; stale while the
                                   FPU itself holds the registers */
};

/* What TTBR0 holds in this space: its root and its ASID, or while it has no
   ASID the root of a space without anything (mmu.c). */
struct arch_space {
    uint64_t ttbr0;
};

/* A long descriptor. */
typedef uint64_t pte_t;

#define ARCH_PT_LEVELS      3
#define ARCH_PT_SHIFTS      { 30, 21, 12 }
#define ARCH_PT_TOP_SHIFT   32
#define ARCH_PT_LEAF_MASK   6u
#define ARCH_ROOT_USER      3           /* of 4: the last is TTBR1's */
#define ARCH_USER_TOP       0xbf000000ul
#define ARCH_PHYS_LIMIT     0x7f000000ul
#define ARCH_PAGE_STATUS    0
#define ARCH_DECEIT_ON_STACK 1
#define ARCH_INTERNAL_PREEMPTER 0
#define ARCH_FAST_FAULTS 1
#define ARCH_PARKS_BUFFERS 0
#define ARCH_SMALL_SPACES 0
#define ARCH_DELIVERS    0
#define ARCH_REFLECTS 0
#define ARCH_FAST_PATH 1
#define MACHINE_IRQS        288         /* numbers of the GIC */

#endif
