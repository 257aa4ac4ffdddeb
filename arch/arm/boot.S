/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the boot loader to kernel_main: MMU and caches on, kernel at its
 * linked address.
 *
 * The first tables are constants, so nothing is written before the caches
 * are on and the loader's image is all that must be in memory.
 */
#include "cpu.h"
#include "offsets.h"

/*
 * Entry.
 * In: a PL1 mode, MMU off, D-cache off and without lines of this image (what
 * the ARM Linux boot protocol asks of a loader, too); running at the physical
 * address; bss zeroed. The device tree lies at the start of RAM.
 * Clobbers: all registers.
 */
    .section .text.boot, "ax"
    .globl _start
_start:
    cpsid   aif, #MODE_SVC

    /* A Cortex-A15 wants SMP set before its caches are used, even alone
       (its manual, 4.3.31); ignored where it is not ours to set. */
    mrc     ACTLR(r0)
    orr     r0, r0, #ACTLR_SMP
    mcr     ACTLR(r0)

    mov     r0, #0                  /* nothing of before reset: B2.2, B3.9 */
    mcr     ICIALLU(r0)
    mcr     BPIALL(r0)
    mcr     TLBIALL(r0)
    dsb
    isb

    ldr     r0, =MAIR0_VALUE
    mcr     MAIR0(r0)
    ldr     r0, =TTBCR_VALUE
    mcr     TTBCR(r0)
    mov     r1, #0                  /* ASID 0: no space has it */
    ldr     r0, =boot_root - KERNEL_OFFSET
    mcrr    TTBR0(r0, r1)
    ldr     r0, =kernel_table - KERNEL_OFFSET
    mcrr    TTBR1(r0, r1)
    isb                             /* before the MMU uses them: B3.15.5 */

    mrc     SCTLR(r0)
    ldr     r1, =SCTLR_CLEAR
    bic     r0, r0, r1
    ldr     r1, =SCTLR_SET
    orr     r0, r0, r1
    mcr     SCTLR(r0)
    isb
    ldr     pc, =.Lhigh

    /* At the linked address. Drop the one-to-one mapping, whose TLB entries
       are global and would hold in every space. */
.Lhigh:
    ldr     r0, =vectors
    mcr     VBAR(r0)
    ldr     r0, =boot_root
    mov     r2, #0
    mov     r3, #0
    strd    r2, r3, [r0, #8]
    dsb     ishst
    mcr     TLBIALL(r2)
    mcr     BPIALL(r2)              /* addresses changed meaning: B2.2 */
    dsb
    isb

    ldr     sp, =kernel_stack + KERNEL_STACK_BYTES
    mov     r11, #0                 /* end of the frame pointers' chain */
    mov     lr, #0
    b       kernel_main

/*
 * The tables. All but the text is never executed; the text is never written.
 * Physical block n of RAM and of the window have the same index, so the same
 * table serves for the one-to-one mapping of the first instructions.
 */
#define NORMAL  (PTE_BLOCK | PTE_SHARED | PTE_ACCESSED)
#define DEVICE  (NORMAL | PTE_ATTR_DEVICE)
#define INDEX(kva)      (((kva) - WINDOW_BASE) >> BLOCK_SHIFT)

    .macro  ENTRY index, low, high
    .org    kernel_table + \index * 8
    .long   \low, \high
    .endm

    .section .data.tables, "aw"
    .balign 4096
    .globl kernel_table
kernel_table:
    ENTRY   0, RAM_BASE | NORMAL, PTE_HIGH_XN       /* device tree */
    ENTRY   1, (RAM_BASE + 0x200000) | NORMAL, PTE_HIGH_XN
    ENTRY   2, (RAM_BASE + 0x400000) | NORMAL | PTE_READ_ONLY, 0   /* text */
    ENTRY   3, (RAM_BASE + 0x600000) | NORMAL, PTE_HIGH_XN         /* data */
    ENTRY   INDEX(GIC_KVA), GIC_PHYS | DEVICE, PTE_HIGH_XN
    ENTRY   INDEX(UART_KVA), UART_PHYS | DEVICE, PTE_HIGH_XN
    .org    kernel_table + 4096

/* TTBR0 until the first space: second entry for 0x40000000. Then it stays,
   all empty, for spaces without an ASID. */
    .balign 32
    .globl boot_root
boot_root:
    .long   0, 0
    .long   kernel_table - KERNEL_OFFSET + PTE_TABLE_OR_PAGE, 0
    .long   0, 0, 0, 0
