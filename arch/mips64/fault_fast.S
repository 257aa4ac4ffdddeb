/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The way of a fault, an exception or a foreign system call to a handler that
 * is parked: fault_fast_call() of core/fault_fast.c in its tuned form, step for
 * step. The way back is in ipc_fast.S, where answers come in.
 *
 * For handlers that wait for anyone, and that ask for the whole frame, for what
 * Linux looks at in a system call, or for nothing in a page fault. What is
 * different goes on to the C form, with nothing changed.
 *
 * Hazards as in ipc_fast.S. EXL stays set after a trap: only unmapped segments
 * are touched.
 */
#include "cpu.h"
#include "offsets.h"

    .set    noreorder
    .set    noat

#define REG(n)          (UTCB_REG + 8 * (n))
#define FRAME_SP        (FRAME_R + 8 * 29)
#define ID_NUMBER       10      /* in an id: lthread and task, 18 bits */
#define ID_NUMBER_BITS  18
/* Exceptions that go to a handler whatever they are about. */
#define PLAIN_EXCEPTIONS (1 << EXC_BP | 1 << EXC_OV | 1 << EXC_TR)

/*
 * Steps H1 to H3. in: k0 = t.
 * out: s5 = the handler's id, s6 = its TCB, a1 = its UTCB: registers that the
 * message fills afterwards. Clobbers t3, v0.
 */
    .macro  find_handler to, slow
    ld      $s5, \to($k0)                       /* H1 */
    lui     $s6, %hi(tcb_table)                 /* H1 */
    dsrl    $a1, $s5, ID_NUMBER                 /* H1 */
    dins    $s6, $a1, 3, ID_NUMBER_BITS         /* H1 */
    ld      $s6, 0($s6)                         /* H1 */
    lbu     $t3, TCB_PRIO($k0)                  /* H2 */
    ld      $a1, TCB_ID($s6)                    /* H1 */
    addiu   $t3, $t3, PARKED_OPEN               /* H2 */
    bne     $a1, $s5, \slow                     /* H1 */
     lw     $v0, TCB_STATE($s6)                 /* H2 */
    slt     $v0, $v0, $t3                       /* H2: negative if closed */
    bnez    $v0, \slow                          /* H2 */
     ld     $a1, TCB_TASK($k0)                  /* H3 */
    ld      $t3, TCB_TASK($s6)                  /* H3 */
    ld      $a1, TASK_CHIEF($a1)                /* H3 */
    beq     $a1, $t3, 1f                        /* H3: it is our chief */
     lbu    $v0, TCB_HOLD($k0)
    ld      $t3, TASK_CHIEF($t3)                /* H3 */
    bne     $a1, $t3, \slow                     /* H3: ... or in our clan */
     nop
1:  andi    $v0, $v0, HOLD_FPU                  /* to be turned off */
    bnez    $v0, \slow
     ld     $a1, TCB_UTCB($s6)                  /* H5 */
    .endm

/*
 * The rest. in: also s0, s1 = words 0, 1; the message leaves with t's registers as they
 * are but for those that a message has.
 */
    .macro  to_handler kind
    li      $v0, PARKED_FAULT + \kind
    sd      $s5, TCB_ACCEPTS($k0)               /* H4 */
    sw      $v0, TCB_STATE($k0)                 /* H4 */
    ld      $v0, TCB_EXCEPTION_CODE($k0)        /* H5 */
    sd      $v0, UTCB_CODE($a1)                 /* H5 */
    ld      $v0, TCB_SPACE($s6)                 /* H7 */
    ld      $a0, TCB_ID($k0)                    /* H6 */
    ld      $v0, SPACE_HI($v0)                  /* H7 */
    dmtc0   $v0, CP0_ENTRYHI                    /* H7 */
    ld      $v0, FRAME_EPC($s6)                 /* exit */
    ld      $k0, TCB_UTCB_USER($s6)             /* exit */
    dmtc0   $v0, CP0_EPC                        /* exit */
    dmtc0   $s6, CP0_ERROREPC                   /* H7 */
    sw      $zero, TCB_STATE($s6)               /* H7: T_READY */
    ld      $sp, FRAME_SP($s6)                  /* exit */
    .irp    n, 18, 19, 20, 21, 22, 23
    move    $\n, $zero                          /* H5: no other words */
    .endr
    move    $a1, $zero                          /* H6: dope */
    ehb                                         /* EPC before eret */
    eret                                        /* exit */
    .endm

    .text

/*
 * void arch_fault_call(struct tcb *t, unsigned kind, word_t w0), for faults;
 * from C, in kernel mode.
 */
    .globl  arch_fault_call
arch_fault_call:
    li      $t0, MSG_FAULT
    bne     $a1, $t0, 2f
     move   $k0, $a0
    move    $t8, $a2
    move    $t0, $s5
    move    $t1, $s6
    find_handler TCB_PAGER, .Lreturn
    ld      $t3, UTCB_WANTED_FAULT($a1)         /* H5 */
    bnez    $t3, .Lreturn                       /* H5 */
     nop
    move    $s0, $t8                            /* H5: word 0 */
    ld      $s1, FRAME_EPC($k0)                 /* H5: word 1 */
    li      $v0, STATUS_USER                    /* EXL covers what follows */
    mtc0    $v0, CP0_STATUS
    to_handler MSG_FAULT

.Lreturn:
    move    $s5, $t0
    move    $s6, $t1
2:  jr      $ra
     nop

/*
 * From the refill handler: the page that BadVAddr is in is empty.
 * in: k0 = t, its frame complete; v0 = Cause; v1 = BadVAddr. Back to trap_saved.
 */
    .globl  page_fault_fast
page_fault_fast:
    ld      $s1, FRAME_EPC($k0)                 /* H5: word 1 */
    ext     $t1, $v0, CAUSE_CODE_SHIFT, 1       /* H5: word 0: a write? */
    dins    $v1, $zero, 0, 2                    /* H5 */
    andi    $t0, $s1, 1                         /* see user_ip() */
    bnez    $t0, trap_saved
     dins   $v1, $t1, 1, 1                      /* H5 */
    find_handler TCB_PAGER, trap_saved
    ld      $t3, UTCB_WANTED_FAULT($a1)         /* H5 */
    bnez    $t3, trap_saved                     /* H5 */
     move   $s0, $v1                            /* H5: word 0 */
    to_handler MSG_FAULT

/*
 * From trap_entry. in: k0 = t, its frame complete; v0 = Cause; all other
 * registers but v1 and k1 the user's still. Back to trap_saved.
 */
    .globl  trap_fast
trap_fast:
    ext     $v1, $v0, CAUSE_CODE_SHIFT, 5
    xori    $t0, $v1, EXC_SYS
    beqz    $t0, .Lsyscall
     lbu    $t0, TCB_HOLD($k0)
    li      $t1, PLAIN_EXCEPTIONS
    srlv    $t1, $t1, $v1
    andi    $t1, $t1, 1
    beqz    $t1, .Lother_trap
     sll    $t8, $v1, 4                         /* H5: word 0 */
    ld      $t0, FRAME_EPC($k0)
    andi    $t0, $t0, 1                         /* see user_ip() */
    bnez    $t0, trap_saved
     ori    $t8, $t8, 5                         /* H5 */
    find_handler TCB_HANDLER, trap_saved
    ld      $t3, UTCB_WANTED_EXCEPTION($a1)     /* H5 */
    li      $v0, -1
    dsrl    $v0, $v0, 64 - REGS_IN_FRAME        /* H5: all of the frame? */
    bne     $t3, $v0, trap_saved                /* H5 */
     nop
    sd      $v1, TCB_EXCEPTION_NUMBER($k0)
    sd      $zero, TCB_EXCEPTION_CODE($k0)

/* H5: registers that are the user's still from there, others from the frame. */
    .macro  from_frame n, offset
    ld      $v0, \offset($k0)
    sd      $v0, REG(\n)($a1)
    .endm
    sd      $1, REG(0)($a1)
    .irp    n, 2, 3, 5, 12, 13, 14, 15, 21, 22, 24, 25
    from_frame \n - 1, FRAME_R + 8 * \n
    .endr
    .irp    n, 4, 6, 7, 8, 9, 10, 11, 16, 17, 18, 19, 20, 23
    sd      $\n, REG(\n - 1)($a1)
    .endr
    .irp    n, 28, 29, 30, 31
    sd      $\n, REG(\n - 3)($a1)
    .endr
    from_frame 29, FRAME_LO
    from_frame 30, FRAME_HI
    from_frame 31, FRAME_EPC
    from_frame 32, FRAME_STATUS
    from_frame 33, FRAME_CAUSE
    from_frame 34, FRAME_BADVADDR
    move    $s0, $t8                            /* H5 */
    ld      $s1, FRAME_EPC($k0)                 /* H5 */
    to_handler MSG_EXCEPTION

/* A foreign thread's; v0 = Cause. */
.Lsyscall:
    andi    $t0, $t0, HOLD_FOREIGN
    beqz    $t0, message_gate
     li     $s0, FOREIGN_WORD                   /* H5 */
    bltz    $v0, trap_saved                     /* in a delay slot; this one's
                                                   is the first of what follows */
    find_handler TCB_HANDLER, trap_saved
    ld      $t3, UTCB_WANTED_EXCEPTION($a1)     /* H5 */
    li      $v0, 1
    dsll    $v0, $v0, REG_EPC                   /* H5: v0, a0 to a5 and epc? */
    ori     $v0, $v0, REGS_LINUX_LOW            /* H5 */
    bne     $t3, $v0, trap_saved                /* H5 */
     ld     $s1, FRAME_EPC($k0)
    .irp    n, 4, 6, 7, 8, 9
    sd      $\n, REG(\n - 1)($a1)               /* H5 */
    .endr
    daddiu  $s1, $s1, 4                         /* H5: behind the call */
    sd      $s1, FRAME_EPC($k0)
    from_frame 1, FRAME_R + 8 * 2               /* H5 */
    from_frame 4, FRAME_R + 8 * 5               /* H5 */
    sd      $s1, REG(REG_EPC)($a1)              /* H5 */
    to_handler MSG_EXCEPTION

/*
 * A page that the TLB has as empty, for its neighbour's sake: when the tables
 * say the same it goes from the TLB, and it is a page fault. What they say
 * otherwise is for C (mmu_allows). v0 = Cause, v1 = its code.
 */
.Lother_trap:
    addiu   $t0, $v1, -EXC_TLBL                 /* entry */
    sltiu   $t0, $t0, EXC_TLBS - EXC_TLBL + 1
    beqz    $t0, trap_saved
     ld     $v1, FRAME_BADVADDR($k0)
    ld      $t2, TCB_SPACE($k0)
    dsrl32  $t0, $v1, PT_TOP_SHIFT - 32
    bnez    $t0, trap_saved
     ld     $t2, SPACE_WALK($t2)                /* no ASID: an empty one */
    dext    $t0, $v1, 39, 2
    .irp    shift, 30, 21, 12
    dsll    $t0, $t0, 3
    daddu   $t2, $t2, $t0
    ld      $t2, 0($t2)
    bgez    $t2, trap_saved                     /* no table */
     dext   $t0, $v1, \shift, 9
    .endr
    dsll    $t0, $t0, 3
    daddu   $t2, $t2, $t0
    ld      $t2, 0($t2)
    bnez    $t2, trap_saved
     dmfc0  $t0, CP0_ENTRYHI                    /* of the page, by the trap */
    tlbp
    dsrl    $t2, $t0, HI_PAIR_SHIFT
    ehb                                         /* tlbp before Index is read */
    mfc0    $t1, CP0_INDEX
    xor     $t2, $t2, $t0
    bltz    $t1, page_fault_fast
     lui    $t3, %hi(soft_tlb)
    dins    $t3, $t2, SOFT_TLB_SHIFT, SOFT_TLB_BITS
    ld      $t2, SOFT_TLB_HI($t3)
    bne     $t2, $t0, 1f
     li     $t2, -1
    sd      $t2, SOFT_TLB_HI($t3)               /* as tlb_drop() in mmu.c */
1:  lui     $t2, %hi(CKSEG0)                    /* as tlb_blank() */
    dsll    $t1, $t1, HI_PAIR_SHIFT
    daddu   $t2, $t2, $t1
    dmtc0   $t2, CP0_ENTRYHI
    dmtc0   $zero, CP0_ENTRYLO0
    dmtc0   $zero, CP0_ENTRYLO1
    ehb                                         /* EntryHi, EntryLo, tlbwi */
    tlbwi
    b       page_fault_fast
     nop
