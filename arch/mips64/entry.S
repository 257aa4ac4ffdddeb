/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ways into the kernel and out of it: vectors, TLB refill, traps,
 * arch_resume, arch_idle, and the FPU's registers.
 *
 * While EXL is set a second trap would not be seen as one (it leaves EPC and
 * goes to the general vector): such code touches unmapped segments only.
 * k0 holds the user's UTCB address in user mode; k0 and k1 are free here.
 * ErrorEPC, which only a cache error or reset would overwrite, and they are
 * the end, says which thread runs in user mode: its TCB. `current` says the
 * same from trap_entry to arch_resume.
 * `eret` clears the load link and all hazards (PRA, ERET).
 */
#include "cpu.h"
#include "offsets.h"

    .set    noreorder
    .set    noat

/* ---- vectors ---- */

    .section .vectors, "ax", @progbits
    .globl  vectors
vectors:
    .org    VECTOR_TLB                  /* not taken: UX and KX are set */
    b       trap_entry
     mfc0   $k1, CP0_STATUS

    .org    VECTOR_XTLB
    b       tlb_refill
     dmfc0  $k0, CP0_ENTRYHI

    .org    VECTOR_CACHE                /* runs uncached: get out of there */
    lui     $k0, %hi(kernel_bug)
    daddiu  $k0, $k0, %lo(kernel_bug)
    jr      $k0
     mfc0   $k1, CP0_STATUS

    .org    VECTOR_GENERAL              /* ipc_fast.S lies here, or ... */
    .section .vectors.general, "ax", @progbits
    .globl  ordinary_trap
    .globl  ordinary_trap_cause
ordinary_trap:                          /* ... this */
    mfc0    $k0, CP0_CAUSE
ordinary_trap_cause:                    /* k0 = Cause */
    andi    $k0, $k0, CAUSE_MAYBE_RI
    beqz    $k0, trap_entry
     mfc0   $k1, CP0_STATUS
    b       .Lreserved
     mfc0   $k0, CP0_CAUSE

    .org    VECTOR_INTERRUPT - VECTOR_GENERAL   /* where ipc_fast.S is not */
    b       interrupt
     mfc0   $k1, CP0_STATUS

/* ---- thread-local storage ---- */

/*
 * A reserved instruction that is `rdhwr rt, $29`: rt gets the thread's value.
 * Anything else goes on to trap_entry, as does one in a delay slot, where EPC
 * is at the branch. The instruction has just run, so its page is in the TLB;
 * were it not, the load would trap here under EXL, with EPC as it is, and
 * trap_entry see a fetch that missed.
 *
 * in: k0 = Cause. Clobbers: k0, k1, as every trap does.
 */
.Lreserved:
    andi    $k0, $k0, CAUSE_CODE_MASK
    xori    $k0, $k0, EXC_RI << CAUSE_CODE_SHIFT
    bnez    $k0, trap_entry
     dmfc0  $k0, CP0_EPC
    lw      $k1, 0($k0)
    li      $k0, RDHWR_TLS
    xor     $k1, $k1, $k0               /* leaves rt << 16 */
    rotr    $k1, $k1, 16
    sltiu   $k0, $k1, 32
    beqz    $k0, .Lno_rdhwr
     dsll   $k1, $k1, 3
    lui     $k0, %hi(.Lset_register)
    daddu   $k1, $k1, $k0
    dmfc0   $k0, CP0_EPC
    daddiu  $k1, $k1, %lo(.Lset_register)
    daddiu  $k0, $k0, 4
    dmtc0   $k0, CP0_EPC
    dmfc0   $k0, CP0_ERROREPC
    jr      $k1
     ld     $k0, TCB_TLS($k0)
.Lset_register:
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, \
               18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    b       .Lback_to_user
     move   $\n, $k0
    .endr
.Lno_rdhwr:
    b       trap_entry
     mfc0   $k1, CP0_STATUS

/* ---- TLB refill ---- */

/*
 * No entry for an address. soft_tlb (mmu.c) is a cache of pairs of pages as the
 * TLB takes them, with EntryHi as the tag: when the pair is there it is loaded,
 * and that is all. Else the tables of the current space are walked, 9 bits of
 * the address for a level, and the pair goes to both.
 *
 * A pair may hold an empty page: touching that one is a trap of its own, where
 * mmu_allows() throws the pair out again. But an empty page that is the very
 * one needed is a page fault at once. Addresses outside the tables and missing
 * tables go to trap_entry as they came: Cause is the same there.
 *
 * in: k0 = EntryHi. Clobbers: k1, EntryLo0, EntryLo1.
 *
 * A CPU that sees to alignment first never gets here for a fetch from an odd
 * address, but QEMU does, and eret to an odd address is the end of it: it
 * looks for MIPS16 code that the CPU does not have.
 */
    .macro  even_epc
    dins    $k0, $zero, 0, 1
    dmtc0   $k0, CP0_EPC
    .endm

/* in: k0 = EntryHi. out: k1 = its place in soft_tlb. */
    .macro  find_soft_entry
    dsrl    $k1, $k0, HI_PAIR_SHIFT
    xor     $k0, $k0, $k1               /* pages and ASID mixed */
    lui     $k1, %hi(soft_tlb)          /* aligned to more than its size */
    dins    $k1, $k0, SOFT_TLB_SHIFT, SOFT_TLB_BITS
    .endm

    .text
    .balign 32
    .globl  tlb_refill
tlb_refill:
    find_soft_entry
    ld      $k0, SOFT_TLB_LO0($k1)
    dmtc0   $k0, CP0_ENTRYLO0
    ld      $k0, SOFT_TLB_LO1($k1)
    dmtc0   $k0, CP0_ENTRYLO1
    ld      $k1, SOFT_TLB_HI($k1)
    dmfc0   $k0, CP0_ENTRYHI
    bne     $k0, $k1, tlb_walk
     dmfc0  $k0, CP0_EPC
.Lload:
    even_epc
    ehb                                 /* EntryLo before tlbwr */
    tlbwr
.Lback_to_user:
    dmfc0   $k0, CP0_ERROREPC
    ld      $k0, TCB_UTCB_USER($k0)
    eret

    .globl  tlb_walk
tlb_walk:
    dmfc0   $k0, CP0_BADVADDR
    dsrl32  $k1, $k0, PT_TOP_SHIFT - 32
    bnez    $k1, .Lmissing
     dmfc0  $k1, CP0_ERROREPC
    ld      $k1, TCB_SPACE($k1)
    ld      $k1, SPACE_WALK($k1)
    dsrl32  $k0, $k0, 39 - 3 - 32       /* level 0: 4 entries */
    andi    $k0, $k0, 0x18
    daddu   $k1, $k1, $k0
    ld      $k1, 0($k1)
    dmfc0   $k0, CP0_BADVADDR
    beqz    $k1, .Lmissing              /* level 1 */
     dsrl   $k0, $k0, 30 - 3
    andi    $k0, $k0, 0xff8
    daddu   $k1, $k1, $k0
    ld      $k1, 0($k1)
    dmfc0   $k0, CP0_BADVADDR
    beqz    $k1, .Lmissing              /* level 2 */
     dsrl   $k0, $k0, 21 - 3
    andi    $k0, $k0, 0xff8
    daddu   $k1, $k1, $k0
    ld      $k1, 0($k1)
    dmfc0   $k0, CP0_XCONTEXT           /* 16 * number of the pair */
    bgez    $k1, .Lsuperpage            /* level 3; tables are negative */
     andi   $k0, $k0, 0xff0
    daddu   $k1, $k1, $k0
    ld      $k0, 0($k1)
    ld      $k1, 8($k1)
    dmtc0   $k0, CP0_ENTRYLO0
    dmfc0   $k0, CP0_BADVADDR
    dmtc0   $k1, CP0_ENTRYLO1
    andi    $k0, $k0, 1 << (HI_PAIR_SHIFT - 1)
    bnez    $k0, 1f                     /* which of them is it? */
     nop
    dmfc0   $k1, CP0_ENTRYLO0
1:  beqz    $k1, .Lempty
     dmfc0  $k0, CP0_ENTRYHI
    find_soft_entry
    dmfc0   $k0, CP0_ENTRYLO0
    sd      $k0, SOFT_TLB_LO0($k1)
    dmfc0   $k0, CP0_ENTRYLO1
    sd      $k0, SOFT_TLB_LO1($k1)
    dmfc0   $k0, CP0_ENTRYHI
    sd      $k0, SOFT_TLB_HI($k1)
    b       .Lload
     dmfc0  $k0, CP0_EPC

/* k1 = a leaf of 2 MB, loaded as a pair of 1 MB pages, or 0. */
.Lsuperpage:
    beqz    $k1, .Lmissing
     lui    $k0, %hi(PAGEMASK_1M)
    dmtc0   $k1, CP0_ENTRYLO0
    ori     $k1, $k1, LO_ODD_MEGABYTE
    dmtc0   $k1, CP0_ENTRYLO1
    addiu   $k0, $k0, %lo(PAGEMASK_1M)
    mtc0    $k0, CP0_PAGEMASK
    dmfc0   $k0, CP0_EPC
    even_epc
    ehb                                 /* EntryLo, PageMask before tlbwr */
    tlbwr
    b       .Lback_to_user
     mtc0   $zero, CP0_PAGEMASK

/* ---- all other traps ---- */

/* Store the user-visible registers. Clobbers v0, v1. */
    .macro  save_registers base
    .irp    n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, \
               19, 20, 21, 22, 23, 24, 25, 28, 29, 30, 31
    sd      $\n, FRAME_R + 8 * \n(\base)
    .endr
    mflo    $v0
    mfhi    $v1
    sd      $v0, FRAME_LO(\base)
    sd      $v1, FRAME_HI(\base)
    dmfc0   $v0, CP0_EPC
    sd      $v0, FRAME_EPC(\base)
    .endm

/* The same, and what the trap was. */
    .macro  save_frame base
    save_registers \base
    dmfc0   $v1, CP0_BADVADDR
    sd      $v1, FRAME_BADVADDR(\base)
    mfc0    $v0, CP0_CAUSE
    sd      $v0, FRAME_CAUSE(\base)
    .endm

    .macro  load_address reg, symbol
    lui     \reg, %hi(\symbol)
    daddiu  \reg, \reg, %lo(\symbol)
    .endm

/* The page that is needed is not there, and the TLB has nothing of it. */
.Lempty:
    mfc0    $k1, CP0_STATUS
    andi    $k0, $k1, ST_UM
    beqz    $k0, kernel_trap
     dmfc0  $k0, CP0_ERROREPC
    sd      $k1, FRAME_STATUS($k0)
    save_frame $k0
    j       page_fault_fast
     xori   $k1, $k1, ST_UM | ST_EXL | ST_IE

.Lmissing:
    mfc0    $k1, CP0_STATUS             /* and on into trap_entry */

/*
 * EXL goes as soon as all is saved, so that a fault in the kernel is one of its
 * own, with its own EPC.
 *
 * in: k1 = Status. Out: current, the frame in it, to cpu_trap.
 */
trap_entry:
    andi    $k0, $k1, ST_UM
    beqz    $k0, kernel_trap
     dmfc0  $k0, CP0_ERROREPC           /* its frame comes first */
    sd      $k1, FRAME_STATUS($k0)
    save_frame $k0
    j       trap_fast
     xori   $k1, $k1, ST_UM | ST_EXL | ST_IE

/*
 * EXL stays set until irq_entry has found that it goes the general way: the
 * quick one, arch_deliver, leaves by Status as it is.
 *
 * in: k1 = Status. From kernel mode: the CPU was idle.
 */
    .globl  interrupt
interrupt:
    andi    $k0, $k1, ST_UM
    beqz    $k0, idle_interrupt
     dmfc0  $k0, CP0_ERROREPC
    save_registers $k0
    andi    $v1, $v0, 1
    bnez    $v1, .Lodd_epc
     lui    $v1, %hi(current)
1:  sd      $k0, %lo(current)($v1)
    lui     $sp, %hi(kernel_stack + KERNEL_STACK_BYTES)
    j       irq_entry
     daddiu $sp, $sp, %lo(kernel_stack + KERNEL_STACK_BYTES)
.Lodd_epc:
    xori    $v0, $v0, 3                 /* user_ip(): bit 0 to bit 1 */
    ori     $v0, $v0, 2
    b       1b
     sd     $v0, FRAME_EPC($k0)

/* in: k0 = TCB, its frame complete; k1 = Status for the kernel. trap_fast is in
   fault_fast.S in the release kernel, and comes here if it is not for it. */
    .weak   trap_fast
    .weak   page_fault_fast
    .globl  trap_saved
page_fault_fast:
trap_fast:
trap_saved:
    mtc0    $k1, CP0_STATUS
    ehb
    lui     $v0, %hi(current)
    sd      $k0, %lo(current)($v0)
    load_address $sp, kernel_stack + KERNEL_STACK_BYTES
    j       cpu_trap
     move   $a0, $k0

/*
 * From kernel mode: a kernel bug (or a cache error, whatever the mode). That is
 * reported on a stack of its own: the other may be the reason.
 *
 * in: k1 = Status.
 */
kernel_trap:
kernel_bug:
    load_address $k0, kernel_frame
    sd      $k1, FRAME_STATUS($k0)
    li      $k1, STATUS_KERNEL
    mtc0    $k1, CP0_STATUS
    ehb
    save_frame $k0
    load_address $sp, kernel_trap_stack + KERNEL_STACK_BYTES
    j       cpu_kernel_trap
     move   $a0, $k0

idle_interrupt:
    li      $k0, STATUS_USER
    mtc0    $k0, CP0_STATUS
    ehb
    load_address $sp, kernel_stack + KERNEL_STACK_BYTES
    j       irq_entry
     nop

/*
 * From _start in debug mode: a user's sdbbp (cpu_debug_trap). Status is the
 * user's still.
 */
    .globl  debug_entry
debug_entry:
    mfc0    $k1, CP0_STATUS
    andi    $k0, $k1, ST_UM
    beqz    $k0, kernel_bug
     lui    $k0, %hi(current)
    ld      $k0, %lo(current)($k0)
    sd      $k1, FRAME_STATUS($k0)
    li      $k1, STATUS_KERNEL
    mtc0    $k1, CP0_STATUS
    ehb
    save_frame $k0
    load_address $sp, kernel_stack + KERNEL_STACK_BYTES
    j       cpu_debug_trap
     move   $a0, $k0

/* ---- out of the kernel ---- */

/*
 * void arch_resume(struct tcb *t): t == current.
 *
 * Status first: EXL then covers EPC, k0 and k1. The FPU is usable when it
 * holds t's registers.
 */
    .globl  arch_resume
arch_resume:
    lui     $v0, %hi(fpu_user)          /* exit */
    ld      $v0, %lo(fpu_user)($v0)
    li      $v1, STATUS_USER
    xor     $v0, $v0, $a0
    sltiu   $v0, $v0, 1                 /* 1: t has the FPU on */
    sll     $v0, $v0, ST_CU1_SHIFT
    or      $v0, $v0, $v1
    mtc0    $v0, CP0_STATUS
    ld      $v0, FRAME_EPC($a0)
    dmtc0   $v0, CP0_EPC
    ld      $v0, FRAME_LO($a0)
    ld      $v1, FRAME_HI($a0)
    mtlo    $v0
    mthi    $v1
    .irp    n, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, \
               19, 20, 21, 22, 23, 24, 25, 28, 29, 30, 31
    ld      $\n, FRAME_R + 8 * \n($a0)
    .endr
    ld      $k0, TCB_UTCB_USER($a0)
    dmtc0   $a0, CP0_ERROREPC
    ld      $a0, FRAME_R + 8 * 4($a0)
    ehb                                 /* Status, EPC before eret */
    eret

/*
 * void arch_idle(void)
 *
 * An interrupt that comes before `wait` is no loss: it does not come back.
 */
    .globl  arch_idle
arch_idle:
    li      $t0, STATUS_KERNEL | ST_IE
    mtc0    $t0, CP0_STATUS
    ehb
1:  wait
    b       1b
     nop

/* ---- the FPU ---- */

    .set    hardfloat

    .macro  fpu_enable
    mfc0    $t0, CP0_STATUS
    lui     $t1, %hi(ST_CU1)
    or      $t0, $t0, $t1
    mtc0    $t0, CP0_STATUS
    ehb                                 /* CU1 before an FPU instruction */
    .endm

    .macro  fpu_all op
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, \
               18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    \op     $f\n, FPU_F + 8 * \n($a0)
    .endr
    .endm

/* void fpu_save(struct l4_fpu_state *to). Clobbers t0, t1. */
    .globl  fpu_save
fpu_save:
    fpu_enable
    fpu_all sdc1
    cfc1    $t0, $31
    jr      $ra
     sd     $t0, FPU_FCSR($a0)

/* void fpu_load(const struct l4_fpu_state *from). Clobbers t0, t1. */
    .globl  fpu_load
fpu_load:
    fpu_enable
    fpu_all ldc1
    ld      $t0, FPU_FCSR($a0)
    jr      $ra
     ctc1   $t0, $31

    .bss
    .balign 8
kernel_frame:
    .skip   TCB_FRAME_SIZE
    .balign 16
kernel_trap_stack:
    .skip   KERNEL_STACK_BYTES
