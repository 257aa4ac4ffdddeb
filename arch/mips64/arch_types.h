/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mips64: the user's registers, what else a thread and a space own, and the
 * shape of page tables.
 */
#ifndef ARCH_TYPES_H
#define ARCH_TYPES_H

#include <stdint.h>

#include <l4/sys/arch/regs.h>

/* r[0] stays 0. k0 and k1 (26, 27) are not saved: k0 always holds the UTCB's
   address, k1 is the kernel's. status, cause and badvaddr describe the last
   trap; nothing is ever loaded from them. */
struct arch_frame {
    uint64_t r[32];
    uint64_t lo, hi;
    uint64_t epc;
    uint64_t status, cause, badvaddr;
};

struct arch_tcb {
    struct l4_fpu_state fpu;    /* valid while the FPU does not hold them */
    uint64_t tls;               /* what rdhwr $29 reads */
};

/*
 * A leaf is what the TLB's EntryLo takes; that of a 2 MB page describes its
 * lower half. A table is its address in the window, which is negative.
 */
typedef uint64_t pte_t;

/* An entry of the software TLB (mmu.c): what the TLB itself would have. */
struct soft_entry {
    uint64_t hi, lo[2];
    uint64_t unused;
};

/* What EntryHi holds while the space is in use, that is, its ASID, or 0 when
   it has none; and where the refill handler begins: its root table, or an
   empty one when it has no ASID. See mmu.c. */
struct arch_space {
    uint64_t hi;
    const pte_t *walk;
};

#define ARCH_PT_LEVELS      4
#define ARCH_PT_SHIFTS      { 39, 30, 21, 12 }
#define ARCH_PT_TOP_SHIFT   41
#define ARCH_PT_LEAF_MASK   (1u << 2 | 1u << 3)
#define ARCH_ROOT_USER      2
#define ARCH_USER_TOP       0x10000000000

/* The window is larger than any board's memory: malta's ends here. */
#define ARCH_PHYS_LIMIT     0x100000000

#define ARCH_PAGE_STATUS    0
#define ARCH_DECEIT_ON_STACK 0
#define ARCH_INTERNAL_PREEMPTER 0
#define ARCH_FAST_FAULTS 1
#define ARCH_PARKS_BUFFERS 1
#define ARCH_SMALL_SPACES 0
#define ARCH_DELIVERS    1
#define ARCH_REFLECTS 0
#define ARCH_FAST_PATH 1
#define MACHINE_IRQS        16

#endif
