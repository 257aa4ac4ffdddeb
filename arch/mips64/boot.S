/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the boot loader (YAMON, or QEMU in its place) to kernel_main.
 *
 * Needs: kernel mode, caches initialised, CKSEG0 as the loader left it.
 * in: a2 = the environment, a3 = bytes of RAM from physical 0 on; a0 and a1
 * (arguments) are not used.
 */
#include "cpu.h"
#include "offsets.h"

    .set    noreorder

    .text
    .globl  _start
_start:
    mfc0    $k0, CP0_DEBUG
    sll     $k0, $k0, DEBUG_DM_TO_SIGN
    bltz    $k0, debug_entry            /* not a boot: a user's sdbbp */
     nop

    /* EBase may be written only while BEV is set (PRA, EBase register). */
    li      $t0, STATUS_BOOT
    mtc0    $t0, CP0_STATUS
    ehb
    lui     $t0, %hi(vectors)
    daddiu  $t0, $t0, %lo(vectors)
    mtc0    $t0, CP0_EBASE
    lui     $t0, %hi(CAUSE_IV)          /* one vector for all interrupts */
    mtc0    $t0, CP0_CAUSE
    ehb
    li      $t0, STATUS_KERNEL
    mtc0    $t0, CP0_STATUS
    ehb

    /* Loaders of S-records do not clear .bss. */
    lui     $t0, %hi(kernel_bss_start)
    daddiu  $t0, $t0, %lo(kernel_bss_start)
    lui     $t1, %hi(kernel_bss_end)
    daddiu  $t1, $t1, %lo(kernel_bss_end)
1:  daddiu  $t0, $t0, 8
    bne     $t0, $t1, 1b
     sd     $zero, -8($t0)

    lui     $t0, %hi(boot_ram_size)
    sd      $a3, %lo(boot_ram_size)($t0)
    lui     $t0, %hi(boot_environment)
    sd      $a2, %lo(boot_environment)($t0)
    lui     $t0, %hi(idle_tcb)          /* no thread runs yet */
    daddiu  $t0, $t0, %lo(idle_tcb)
    dmtc0   $t0, CP0_ERROREPC
    lui     $sp, %hi(kernel_stack + KERNEL_STACK_BYTES)
    daddiu  $sp, $sp, %lo(kernel_stack + KERNEL_STACK_BYTES)
    move    $fp, $zero                  /* a backtrace ends here */
    j       kernel_main
     move   $ra, $zero

    .bss
    .balign 8
    .globl  boot_ram_size
boot_ram_size:
    .skip   8
    .globl  boot_environment
boot_environment:
    .skip   8
