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
 * out: t0 = the handler's id, t1 = its TCB, t2 = its UTCB. Clobbers t3, v0.
 */
    .macro  find_handler to, slow
    ld      $t0, \to($k0)                       /* H1 */
    lui     $t1, %hi(tcb_table)                 /* H1 */
    dsrl    $t2, $t0, ID_NUMBER                 /* H1 */
    dins    $t1, $t2, 3, ID_NUMBER_BITS         /* H1 */
    ld      $t1, 0($t1)                         /* H1 */
    ld      $t2, TCB_ID($t1)                    /* H1 */
    bne     $t2, $t0, \slow                     /* H1 */
     lw     $t2, TCB_STATE($t1)                 /* H2 */
    lbu     $t3, TCB_PRIO($k0)                  /* H2 */
    addiu   $t2, $t2, -PARKED_OPEN              /* H2 */
    sltiu   $v0, $t2, PRIO_MAX + 1              /* H2: an open wait */
    beqz    $v0, \slow                          /* H2 */
     slt    $v0, $t2, $t3                       /* H2: urgent */
    bnez    $v0, \slow                          /* H2 */
     ld     $t2, TCB_TASK($k0)                  /* H3 */
    ld      $t3, TCB_TASK($t1)                  /* H3 */
    ld      $t2, TASK_CHIEF($t2)                /* H3 */
    beq     $t2, $t3, 1f                        /* H3: it is our chief */
     lbu    $v0, TCB_HOLD($k0)
    ld      $t3, TASK_CHIEF($t3)                /* H3 */
    bne     $t2, $t3, \slow                     /* H3: ... or in our clan */
     nop
1:  andi    $v0, $v0, HOLD_FPU                  /* to be turned off */
    bnez    $v0, \slow
     lbu    $v0, TCB_UTCB_ALIASES($t1)
    bnez    $v0, \slow                          /* caches to be flushed */
     ld     $t2, TCB_UTCB($t1)                  /* H5 */
    .endm

/*
 * The rest. in: also t8 = word 0; the message leaves with t's registers as they
 * are but for those that a message has.
 */
    .macro  to_handler kind
    li      $v0, PARKED_FAULT + \kind
    sd      $t0, TCB_ACCEPTS($k0)               /* H4 */
    sw      $v0, TCB_STATE($k0)                 /* H4 */
    ld      $v0, TCB_EXCEPTION_CODE($k0)        /* H5 */
    ld      $s1, FRAME_EPC($k0)                 /* H5: word 1 */
    sd      $v0, UTCB_CODE($t2)                 /* H5 */
    ld      $v0, TCB_SPACE($t1)                 /* H7 */
    ld      $a0, TCB_ID($k0)                    /* H6 */
    ld      $v0, SPACE_HI($v0)                  /* H7 */
    move    $s0, $t8                            /* H5: word 0 */
    dmtc0   $v0, CP0_ENTRYHI                    /* H7 */
    ld      $v0, FRAME_EPC($t1)                 /* H7 */
    .irp    n, 18, 19, 20, 21, 22, 23
    move    $\n, $zero                          /* H5: no other words */
    .endr
    dmtc0   $v0, CP0_EPC                        /* H7 */
    ld      $k0, TCB_UTCB_USER($t1)             /* H7 */
    dmtc0   $t1, CP0_ERROREPC                   /* H7 */
    sw      $zero, TCB_STATE($t1)               /* H7: T_READY */
    ld      $sp, FRAME_SP($t1)                  /* H7 */
    move    $a1, $zero                          /* H6: dope */
    move    $t1, $zero
    move    $t2, $zero
    ehb                                         /* EPC before eret */
    eret                                        /* H7 */
    .endm

    .text

/*
 * void arch_fault_call(struct tcb *t, unsigned kind, word_t w0), for faults;
 * from C, in kernel mode.
 */
    .globl  arch_fault_call
arch_fault_call:
    move    $k0, $a0
    move    $t8, $a2
    li      $t0, MSG_FAULT
    bne     $a1, $t0, .Lreturn
     nop
    find_handler TCB_PAGER, .Lreturn
    ld      $t3, UTCB_WANTED_FAULT($t2)         /* H5 */
    bnez    $t3, .Lreturn                       /* H5 */
     nop
    li      $v0, STATUS_USER                    /* EXL covers what follows */
    mtc0    $v0, CP0_STATUS
    to_handler MSG_FAULT

.Lreturn:
    jr      $ra
     nop

/*
 * From trap_entry. in: k0 = t, its frame complete; v0 = Cause; all other
 * registers but v1 and k1 the user's still. Back to trap_saved.
 */
    .globl  trap_fast
trap_fast:
    ext     $v1, $v0, CAUSE_CODE_SHIFT, 5
    xori    $t0, $v1, EXC_SYS
    beqz    $t0, .Lsyscall
     li     $t1, PLAIN_EXCEPTIONS
    srlv    $t1, $t1, $v1
    andi    $t1, $t1, 1
    beqz    $t1, trap_saved
     sll    $t8, $v1, 4                         /* H5: word 0 */
    ld      $t0, FRAME_EPC($k0)
    andi    $t0, $t0, 1                         /* see user_ip() */
    bnez    $t0, trap_saved
     ori    $t8, $t8, 5                         /* H5 */
    find_handler TCB_HANDLER, trap_saved
    ld      $t3, UTCB_WANTED_EXCEPTION($t2)     /* H5 */
    li      $v0, -1
    dsrl    $v0, $v0, 64 - REGS_IN_FRAME        /* H5: all of the frame? */
    bne     $t3, $v0, trap_saved                /* H5 */
     nop
    sd      $v1, TCB_EXCEPTION_NUMBER($k0)
    sd      $zero, TCB_EXCEPTION_CODE($k0)

/* H5: registers that are the user's still from there, others from the frame. */
    .macro  from_frame n, offset
    ld      $v0, \offset($k0)
    sd      $v0, REG(\n)($t2)
    .endm
    sd      $1, REG(0)($t2)
    .irp    n, 2, 3, 12, 13, 14, 15, 24, 25
    from_frame \n - 1, FRAME_R + 8 * \n
    .endr
    .irp    n, 4, 5, 6, 7, 8, 9, 10, 11, 16, 17, 18, 19, 20, 21, 22, 23
    sd      $\n, REG(\n - 1)($t2)
    .endr
    .irp    n, 28, 29, 30, 31
    sd      $\n, REG(\n - 3)($t2)
    .endr
    from_frame 29, FRAME_LO
    from_frame 30, FRAME_HI
    from_frame 31, FRAME_EPC
    from_frame 32, FRAME_STATUS
    from_frame 33, FRAME_CAUSE
    from_frame 34, FRAME_BADVADDR
    to_handler MSG_EXCEPTION

/* A foreign thread's; v0 = Cause. */
.Lsyscall:
    lbu     $t0, TCB_HOLD($k0)
    andi    $t0, $t0, HOLD_FOREIGN
    beqz    $t0, trap_saved
     nop
    bltz    $v0, trap_saved                     /* in a delay slot */
     li     $t8, FOREIGN_WORD                   /* H5 */
    find_handler TCB_HANDLER, trap_saved
    ld      $t3, UTCB_WANTED_EXCEPTION($t2)     /* H5 */
    li      $v0, 1
    dsll    $v0, $v0, REG_EPC                   /* H5: v0, a0 to a5 and epc? */
    ori     $v0, $v0, REGS_LINUX_LOW            /* H5 */
    bne     $t3, $v0, trap_saved                /* H5 */
     ld     $v1, FRAME_EPC($k0)
    .irp    n, 4, 5, 6, 7, 8, 9
    sd      $\n, REG(\n - 1)($t2)               /* H5 */
    .endr
    daddiu  $v1, $v1, 4                         /* behind the call */
    sd      $v1, FRAME_EPC($k0)
    from_frame 1, FRAME_R + 8 * 2               /* H5 */
    sd      $v1, REG(REG_EPC)($t2)              /* H5 */
    to_handler MSG_EXCEPTION
