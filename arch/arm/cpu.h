/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of the CPU (ARMv7-A with LPAE, here a Cortex-A15) and of where the
 * machine puts things. Readable by the assembler, but for the last part.
 *
 * Section numbers in this directory are those of the ARM Architecture
 * Reference Manual, ARMv7-A and ARMv7-R edition (DDI 0406C).
 */
#ifndef ARM_CPU_H
#define ARM_CPU_H

/*
 * Address space. User programs have the lower 3 GB, by TTBR0. The kernel has
 * the top 1 GB, by TTBR1 and one second-level table of 2 MB blocks:
 *
 *   0xc0000000  window: RAM, which starts at physical 0x40000000
 *   0xc0400000  ... in it the kernel: text, then data in the next blocks
 *   0xff000000  interrupt controller, UART
 *   0xffff0000  kept for a page that users may read
 */
#define RAM_BASE            0x40000000
#define KERNEL_OFFSET       0x80000000  /* kernel virtual - physical */
#define WINDOW_BASE         0xc0000000
#define WINDOW_END          0xff000000
#define KERNEL_BASE         0xc0400000
#define BOOT_MAPPED_END     0xc0800000  /* boot.S maps this much of it */

/* QEMU's machine "virt". */
#define GIC_PHYS            0x08000000
#define GIC_KVA             0xff000000
#define GICC_OFFSET         0x00010000  /* CPU interface, after distributor */
#define GIC_SIZE            0x00020000
#define UART_PHYS           0x09000000
#define UART_KVA            0xff200000
#define IRQ_LINE_TIMER      27          /* virtual timer */

/*
 * Exception numbers, as exception_entry() gets them. The code is the fault
 * status register, and 0 for undefined instructions.
 */
#define EXC_UNDEFINED       1
#define EXC_PREFETCH_ABORT  2           /* external abort and the like */
#define EXC_DATA_ABORT      3           /* ... of data */
#define EXC_ALIGNMENT       4
#define EXC_BREAKPOINT      5           /* bkpt */

/* CPSR and SPSR: B1.3.3. */
#define MODE_USR            0x10
#define MODE_FIQ            0x11
#define MODE_SVC            0x13
#define PSR_NOT_USER        0x0f        /* a bit of it is set in other modes */
#define PSR_T               0x00000020
#define PSR_IT              0x0600fc00
#define PSR_J               0x01000000
#define PSR_USER_MASK       0xfe0ffe20  /* NZCVQ, IT, GE, E, T */

/* CP15 registers: mrc and mcr take NAME(register), mrrc and mcrr two. */
#define CTR(r)              p15, 0, r, c0, c0, 1
#define SCTLR(r)            p15, 0, r, c1, c0, 0
#define ACTLR(r)            p15, 0, r, c1, c0, 1
#define CPACR(r)            p15, 0, r, c1, c0, 2
#define TTBR0(low, high)    p15, 0, low, high, c2
#define TTBR1(low, high)    p15, 1, low, high, c2
#define TTBCR(r)            p15, 0, r, c2, c0, 2
#define DFSR(r)             p15, 0, r, c5, c0, 0
#define IFSR(r)             p15, 0, r, c5, c0, 1
#define DFAR(r)             p15, 0, r, c6, c0, 0
#define IFAR(r)             p15, 0, r, c6, c0, 2
#define ICIALLU(r)          p15, 0, r, c7, c5, 0
#define ICIMVAU(r)          p15, 0, r, c7, c5, 1
#define BPIALL(r)           p15, 0, r, c7, c5, 6
#define DCCMVAU(r)          p15, 0, r, c7, c11, 1
#define TLBIALL(r)          p15, 0, r, c8, c7, 0
#define TLBIMVA(r)          p15, 0, r, c8, c7, 1
#define TLBIASID(r)         p15, 0, r, c8, c7, 2
#define MAIR0(r)            p15, 0, r, c10, c2, 0
#define VBAR(r)             p15, 0, r, c12, c0, 0
#define ISR(r)              p15, 0, r, c12, c1, 0
#define TPIDRURW(r)         p15, 0, r, c13, c0, 2
#define TPIDRURO(r)         p15, 0, r, c13, c0, 3
#define CNTFRQ(r)           p15, 0, r, c14, c0, 0
#define CNTKCTL(r)          p15, 0, r, c14, c1, 0
#define CNTV_CTL(r)         p15, 0, r, c14, c3, 1
#define CNTVCT(low, high)   p15, 1, low, high, c14
#define CNTV_CVAL(low, high) p15, 3, low, high, c14

#define SCTLR_SET           0x00001805  /* M, C, Z, I */
#define SCTLR_CLEAR         0x42182002  /* TE, EE, UWXN, WXN, V, A */
#define ACTLR_SMP           0x00000040  /* Cortex-A15 */
#define CPACR_FPU           0x00f00000  /* cp10 and cp11 for all */
#define CTR_IMIN(ctr)       ((ctr) & 0xf)           /* log2 of words */
#define CTR_DMIN(ctr)       ((ctr) >> 16 & 0xf)
#define CTR_L1IP(ctr)       ((ctr) >> 14 & 3)
#define CTR_L1IP_PIPT       3
#define ISR_I               0x00000080
#define CNTKCTL_PL0VCTEN    0x00000002
#define CNTV_CTL_ENABLE     0x00000001
#define FPEXC_EN            0x40000000
#define FPSCR_USER          0xffc0009f  /* flags, modes, cumulative bits: no
                                           vectors, and no traps, on the A15 */

/*
 * TTBCR: long descriptors (EAE), T1SZ 2, T0SZ 0. Table walks are inner
 * shareable and go through the write-back caches, so that entries need no
 * cleaning (B3.6).
 */
#define TTBCR_VALUE         0xb5023500

/* MAIR0: attribute 0 is normal memory, write-back; 1 is device memory. */
#define MAIR0_VALUE         0x000004ff

/* Fault status, long-descriptor format: B3.13. */
#define FSR_STATUS          0x3f
#define FSR_PAGE_FAULT(s)   ((s) >= 0x04 && (s) <= 0x0f) /* translation,
                                        access flag, permission; all levels */
#define FSR_ALIGNMENT       0x21
#define FSR_DEBUG           0x22
#define DFSR_WNR            0x800

/* Page-table entries, low word and high word: B3.6.1. */
#define PTE_BLOCK           0x001
#define PTE_TABLE_OR_PAGE   0x003       /* page in the last level */
#define PTE_TYPE            0x003
#define PTE_ATTR_DEVICE     0x004       /* index into MAIR */
#define PTE_USER            0x040
#define PTE_READ_ONLY       0x080
#define PTE_SHARED          0x300       /* inner shareable */
#define PTE_ACCESSED        0x400
#define PTE_NOT_GLOBAL      0x800
#define PTE_HIGH_PXN        0x00200000  /* the kernel does not execute it */
#define PTE_HIGH_XN         0x00400000  /* nobody does */
#define BLOCK_SHIFT         21

#ifndef __ASSEMBLER__

#include "types.h"

#define STRING_(...)        #__VA_ARGS__
#define STRING(...)         STRING_(__VA_ARGS__)

#define cp15_read(reg)                                              \
    ({                                                              \
        uint32_t value_;                                            \
        __asm__ volatile("mrc " STRING(reg(%0)) : "=r"(value_));    \
        value_;                                                     \
    })
#define cp15_write(reg, value) \
    __asm__ volatile("mcr " STRING(reg(%0)) : : "r"(value) : "memory")
#define cp15_read64(reg)                                            \
    ({                                                              \
        uint64_t value_;                                            \
        __asm__ volatile("mrrc " STRING(reg(%Q0, %R0)) : "=r"(value_)); \
        value_;                                                     \
    })
#define cp15_write64(reg, value)                                    \
    __asm__ volatile("mcrr " STRING(reg(%Q0, %R0))                  \
                     : : "r"((uint64_t)(value)) : "memory")

#define dsb()   __asm__ volatile("dsb ish" : : : "memory")
#define isb()   __asm__ volatile("isb" : : : "memory")

struct l4_fpu_state;
struct tcb;

/* ---- C called by entry.S: traps from user mode, after the save ---- */

void undefined_entry(void) __attribute__((noreturn));
void prefetch_abort_entry(void) __attribute__((noreturn));
void data_abort_entry(void) __attribute__((noreturn));

/* ---- entry.S called by C ---- */

/* Enable the FPU; store its registers to `old`, and load them from `new`,
   each unless NULL. */
void fpu_switch(unsigned long fpexc);
void fpu_exchange(struct l4_fpu_state *old, const struct l4_fpu_state *new);

/* ---- between the C files ---- */

/* t's first use of the FPU since that was turned off. */
void fpu_take(struct tcb *t);

/* The kernel's second-level table, and the root of a space without anything;
   both made by boot.S. */
extern uint64_t kernel_table[], boot_root[];

struct space;

/* If s has no ASID, and so the hardware is not in it, see to both. */
bool space_recover(struct space *s);

/* Extend the window to all RAM below `end`, in whole blocks. */
void window_map(uint32_t end);

#endif
#endif
