/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ia32: the user's registers, FPU area, page-table geometry.
 *
 * Paging is the two-level kind without PAE: 4 MB and 4 KB pages. The lower
 * 3 GB belong to users; cpu.h draws the rest.
 */
#ifndef ARCH_TYPES_H
#define ARCH_TYPES_H

#include <stdbool.h>
#include <stdint.h>

#include <l4/sys/arch/regs.h>

#include "cpu.h"

/*
 * The user's registers, lowest address first. TSS.esp0 points behind the
 * frame of the running thread, so the hardware itself stores the last five
 * words and, for some traps, `error`; entry.S pushes the others downwards.
 */
/* What LDS and its kin load: a register and a selector in one. */
struct far {
    uint32_t offset, selector;
};

struct arch_frame {
    struct far short_ip;    /* parked (core/tcb.h): EIP, and what ES shall be */
    struct far utcb;        /* its address, and what GS shall be then */
    uint32_t gs, fs, es, ds;
    uint32_t edi, esi, ebp, ebx, edx, ecx, eax;
    uint32_t entry;     /* vector by which the kernel was entered, or
                           ENTRY_SYSENTER: decides how it is left */
    uint32_t error;     /* error code of the trap, or 0 */
    uint32_t eip, cs, eflags, esp, ss;
};

struct arch_tcb {
    struct l4_fpu_state fpu __attribute__((aligned(16)));
    bool fpu_valid;     /* fpu holds registers, or the FPU itself does */
    uint8_t tls_count;  /* slots up to the last one that is not empty */
    uint16_t idt_limit; /* its own interrupt table (trap.c); 0 = none */
    uint32_t idt_base;
    uint64_t tls[L4_TLS_SLOTS];     /* segment descriptors; 0 = empty */
    uint64_t tls_loaded;    /* slot 0 as the CPU has it when t runs */
    uint64_t segment;       /* its space's */
    struct far root;    /* for ipc_fast.S: its space's CR3, what FS shall be */
};

/* CR3 is all the hardware knows of a space, and struct space has the root. What
   is here is for small ones (mmu.c). */
struct arch_space {
    uint64_t segment;   /* descriptor of the data segment its threads have */
    uint32_t base;      /* where it lies; */
    uint32_t size;      /* 0: it is not small */
};

typedef uint32_t pte_t;

#define ARCH_PT_LEVELS      2
#define ARCH_PT_SHIFTS      { 22, 12 }
#define ARCH_PT_TOP_SHIFT   32
#define ARCH_PT_LEAF_MASK   3u
#define ARCH_ROOT_USER      (USER_TOP >> SUPERPAGE_SHIFT)
#define ARCH_USER_TOP       ((word_t)USER_TOP)
#define ARCH_PHYS_LIMIT     ((paddr_t)WINDOW_SIZE)
#define ARCH_PAGE_STATUS    3
#define ARCH_DECEIT_ON_STACK 1
#define ARCH_INTERNAL_PREEMPTER 1
#define ARCH_FAST_FAULTS 0
#define ARCH_PARKS_BUFFERS 1
#define ARCH_SMALL_SPACES 1
#define ARCH_DELIVERS    1
#define ARCH_REFLECTS 1
#define ARCH_FAST_PATH 1
#define MACHINE_IRQS        16

#endif
