/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fast path: core/ipc_fast.c in its tuned form, step for step, and the
 * shortest of all calls, a thread's question for its own id. The general
 * vector begins here: whatever is neither goes on to ordinary_trap.
 *
 * EXL stays set, as entry.S explains: only unmapped segments are touched, and
 * no interrupt comes between. Until the thread is known not to be foreign
 * only k0 and k1 change; on all later ways out what they find is put back.
 *
 * Of the one that waits are kept where it goes on, and sp; message words stay
 * in s0 to s7, and Status as it is: a thread with the FPU on does not come
 * this way. The partner finds nothing of the kernel in its registers: each
 * that held a kernel address ends with a value that the partner has anyway.
 * Registers without a role come to it as the sender left them (abi.h).
 *
 * What is tested otherwise than in C:
 *   F3  `state` and `limit` have all they say of priorities in their lower
 *       halves, and LIMIT_NONE reads as -1 there. A caller's partner has to
 *       wait openly: the upper half makes the number negative if it does not.
 *   F4  who replies does not ask whether its partner's wait is closed: in an
 *       open one `accepts` says whom it has waited for, or replied to, last,
 *       and that is one that it hears and that F5 lets pass (tcb.h).
 *   F5  clans are told from ids: the chief and the depth stand above bit 49.
 */
#include <l4/sys/numbers.h>

#include "cpu.h"
#include "offsets.h"

    .set    noreorder
    .set    noat

/* Number and cause as one number: v0 from bit 9 on, below it Cause rotated
   so that its BD bit comes to bit 0 and the code to bit 3. */
#define CAUSE_ROTATE    31
#define CAUSE_BITS      9
#define KEY_SYSCALL     (EXC_SYS << 3)
#define KEY_SEND_NOW    (L4_OP_SEND_NOW << CAUSE_BITS)
#define KEY_OPEN        (L4_OP_OPEN << CAUSE_BITS)
#define KEY_REPLY \
    (L4_OP_REPLY_AND_WAIT << CAUSE_BITS | KEY_SEND_NOW | KEY_SYSCALL)

#define FRAME_SP        (FRAME_R + 8 * 29)
#define REG(n)          (UTCB_REG + 8 * (n))
#ifdef __MIPSEB__
#define WORD_LOW        4       /* of 64 bits the lower half */
#else
#define WORD_LOW        0
#endif
#define ID_TASK         17      /* ids, from this bit on: task 11 bits, ... */
#define ID_TASK_BITS    11
#define ID_CHIEF        49      /* chief 11 bits, nest */
#define ID_NEST         60
#define ID_NUMBER       10      /* lthread and task */

/*
 * sp = TCB of a0's number, t0 = its id. The table is aligned to its size.
 * sp's own value is in the frame.
 */
    .macro  find_partner
    lui     $sp, %hi(tcb_table)                 /* F2 */
    dsrl    $t0, $a0, ID_NUMBER                 /* F2 */
    dins    $sp, $t0, 3, ID_TASK + ID_TASK_BITS - ID_NUMBER     /* F2 */
    ld      $sp, 0($sp)                         /* F2 */
    ld      $t0, TCB_ID($sp)                    /* F2 */
    .endm

/* To user mode as the partner, sp. Only k1, k0 and sp still hold what is not
   the user's. */
    .macro  leave_to_partner
    sw      $zero, TCB_STATE($sp)               /* F9 */
    leave_to_ready
    .endm

    .macro  leave_to_ready
    dmtc0   $sp, CP0_ERROREPC                   /* F9 */
    ld      $k1, FRAME_EPC($sp)                 /* exit */
    ld      $k0, TCB_UTCB_USER($sp)
    dmtc0   $k1, CP0_EPC
    ld      $sp, FRAME_SP($sp)
    ehb                                         /* EPC before eret (PRA, */
    eret                                        /* hazards); ASID: eret */
    .endm

/* Its address space: an ASID of 0 will do until it touches memory. */
    .macro  switch_space
    ld      $k1, TCB_SPACE($sp)                 /* F9 */
    ld      $k1, SPACE_HI($k1)                  /* F9 */
    dmtc0   $k1, CP0_ENTRYHI                    /* F9 */
    .endm

/*
 * in: the user's registers; v0 = operation word, a0 = partner,
 *     s0 to s7 = words.
 * out, to the partner: a0 = sender, a1 = dope 0, s0 to s7 = words.
 * Clobbers k1, and of the user's t0, t1, t2.
 */
    .section .vectors.fast, "ax", @progbits
    .globl  ipc_fast_entry
ipc_fast_entry:
    mfc0    $k1, CP0_CAUSE                      /* entry */
    rotr    $k1, $k1, CAUSE_ROTATE              /* entry */
    dins    $k1, $v0, CAUSE_BITS, 64 - CAUSE_BITS   /* F1 */
    ori     $k1, $k1, KEY_SEND_NOW              /* F1 */
    xori    $k1, $k1, KEY_REPLY                 /* F1 */
    beqz    $k1, .Lreply_and_wait               /* F1 */
     dmfc0  $k0, CP0_ERROREPC                   /* entry: self */
    xori    $k1, $k1, KEY_OPEN                  /* F1 */
    bnez    $k1, .Lno_ipc                       /* F1 */
     lh     $k1, TCB_LIMIT_LOW($k0)             /* F3 */

/* ---- call ---- */

    bltz    $k1, ordinary_trap                  /* F3 */
     sd     $sp, FRAME_SP($k0)                  /* entry, F6 */
    find_partner                                /* F2 */
    lw      $a1, TCB_STATE($sp)                 /* F3 */
    bne     $t0, $a0, .Lback_sp                 /* F2 */
     slt    $a1, $a1, $k1                       /* F3; F8: the dope is 0 */
    bnez    $a1, .Lback                         /* F3 */
     ld     $a0, TCB_ID($k0)                    /* F8 */
    ins     $k1, $v0, 31, 1                     /* F6: v0 is odd */
    xor     $t1, $t0, $a0                       /* F5 */
    dsrl    $t1, $t1, ID_TASK                   /* F5 */
    beqz    $t1, .Lcall_inside                  /* F5: the same task */
     sw     $k1, TCB_STATE($k0)                 /* F6 */
    dsrl32  $t1, $t1, ID_CHIEF - ID_TASK - 32   /* F5 */
    beqz    $t1, .Lcall_across                  /* F5: the same clan */
     dmfc0  $k1, CP0_EPC                        /* entry, F6 */
    b       .Lcall_other_clan                   /* F5 */
     nop

    .org    VECTOR_INTERRUPT - VECTOR_GENERAL   /* one more vector between */
    b       interrupt                           /* entry */
     mfc0   $k1, CP0_STATUS

.Lcall_across:
    sd      $t0, TCB_ACCEPTS($k0)               /* F6 */
    daddiu  $k1, $k1, 4                         /* entry, F6 */
    sd      $k1, FRAME_EPC($k0)                 /* entry, F6 */
    switch_space                                /* F9 */
    leave_to_partner                            /* F9 */

.Lcall_inside:
    dmfc0   $k1, CP0_EPC                        /* entry, F6 */
    sd      $t0, TCB_ACCEPTS($k0)               /* F6 */
    daddiu  $k1, $k1, 4                         /* entry, F6 */
    sd      $k1, FRAME_EPC($k0)                 /* entry, F6 */
    leave_to_partner                            /* F9 */

/* Is one the other's chief? Then the upper part of the creature's id is the
   chief's task, and the chief's depth plus 1. t1, t2: of ids. */
.Lcall_other_clan:
    dext    $t1, $t0, ID_TASK, ID_TASK_BITS     /* F5: is it our chief? */
    dsrl32  $t2, $t0, ID_NEST - 32              /* F5 */
    addiu   $t2, $t2, 1                         /* F5 */
    ins     $t1, $t2, ID_TASK_BITS, 5           /* F5 */
    dsrl32  $t2, $a0, ID_CHIEF - 32             /* F5 */
    beq     $t1, $t2, .Lcall_across             /* F5 */
     dext   $t1, $a0, ID_TASK, ID_TASK_BITS     /* F5: or we its? */
    dsrl32  $t2, $a0, ID_NEST - 32              /* F5 */
    addiu   $t2, $t2, 1                         /* F5 */
    ins     $t1, $t2, ID_TASK_BITS, 5           /* F5 */
    dsrl32  $t2, $t0, ID_CHIEF - 32             /* F5 */
    beq     $t1, $t2, .Lcall_across             /* F5 */
     nop
    b       .Lback
     nop

/* ---- reply and wait ---- */

.Lreply_and_wait:
    lh      $k1, TCB_LIMIT_LOW($k0)             /* F3 */
    bltz    $k1, ordinary_trap                  /* F3 */
     sd     $sp, FRAME_SP($k0)                  /* entry, F6 */
    find_partner                                /* F2 */
    lhu     $a1, TCB_STATE_LOW($sp)             /* F3 */
    bne     $t0, $a0, .Lback_sp                 /* F2 */
     slt    $a1, $a1, $k1                       /* F3; F8: the dope is 0 */
    bnez    $a1, .Lanswer                       /* F3 */
     ld     $t1, TCB_ACCEPTS($sp)               /* F4 */
    ld      $a0, TCB_ID($k0)                    /* F8 */
    bne     $t1, $a0, .Lback                    /* F4 */
     sw     $k1, TCB_STATE($k0)                 /* F6 */
    xor     $t0, $t0, $a0                       /* F9 */
    dmfc0   $k1, CP0_EPC                        /* entry, F6 */
    dsrl    $t0, $t0, ID_TASK                   /* F9 */
    beqz    $t0, .Lreply_inside                 /* F9: the same task */
     daddiu $k1, $k1, 4                         /* entry, F6 */
    sd      $k1, FRAME_EPC($k0)                 /* entry, F6 */
    switch_space                                /* F9 */
    leave_to_partner                            /* F9 */

.Lreply_inside:
    sd      $k1, FRAME_EPC($k0)                 /* entry, F6 */
    leave_to_partner                            /* F9 */

/*
 * void arch_deliver(struct tcb *t, word_t sender, struct tcb *from): with
 * nothing of the kernel's in any register. EXL is set still (entry.S).
 */
    .globl  arch_deliver
arch_deliver:
    move    $sp, $a0
    move    $a0, $a1
    switch_space
    .irp    n, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, \
               19, 20, 21, 22, 23, 24, 25, 30, 31
    move    $\n, $zero                          /* F8: nothing else */
    .endr
    ld      $gp, FRAME_R + 8 * 28($sp)          /* F8 */
    leave_to_ready

/* ---- answers to faults: fault_fast_answer() of core/fault_fast.c ---- */

/* Steps A3 and A4. in: k0 = self, k1 = its
   limit, sp = partner. out: t1 = our UTCB. Clobbers t2, a1. */
    .macro  check_answer highest
    lw      $t1, TCB_STATE($sp)                 /* A3 */
    addiu   $t1, $t1, -(PARKED_FAULT + MSG_FAULT)   /* A3 */
    sltiu   $t1, $t1, \highest - MSG_FAULT + 1  /* A3 */
    beqz    $t1, .Lback_sp                      /* A3 */
     ld     $t1, TCB_ACCEPTS($sp)               /* A3 */
    ld      $t2, TCB_ID($k0)                    /* A3 */
    bne     $t1, $t2, .Lback_sp                 /* A3 */
     lbu    $t1, TCB_PRIO($sp)                  /* A4 */
    addiu   $t1, $t1, PARKED_OPEN               /* A4 */
    slt     $t1, $t1, $k1                       /* A4 */
    bnez    $t1, .Lback_sp                      /* A4 */
     ld     $t1, TCB_UTCB($k0)                  /* A7 */
    .endm

/* We are parked. in: t0 = partner's id. Clobbers t2. */
    .macro  park_for_next
    dmfc0   $t2, CP0_EPC                        /* A8 */
    sw      $k1, TCB_STATE($k0)                 /* A8 */
    sd      $t0, TCB_ACCEPTS($k0)               /* A8 */
    daddiu  $t2, $t2, 4                         /* A8 */
    sd      $t2, FRAME_EPC($k0)                 /* A8 */
    .endm

/* The partner, whose TCB is in sp, is the one that runs. Clobbers t2. */
    .macro  make_ready
    ld      $t2, TCB_SPACE($sp)                 /* A9 */
    sw      $zero, TCB_STATE($sp)               /* A9 */
    ld      $t2, SPACE_HI($t2)                  /* A9 */
    dmtc0   $sp, CP0_ERROREPC                   /* A9 */
    dmtc0   $t2, CP0_ENTRYHI                    /* A9 */
    .endm

/* Without a mapping; it changes nothing, or v0, or the whole frame. */
.Lanswer:
    check_answer MSG_EXCEPTION
    ld      $t2, UTCB_CHANGED($t1)              /* A7 */
    xori    $a1, $t2, 1 << REG_V0               /* A7 */
    beqz    $a1, .Lresult                       /* A7 */
     li     $a1, -1
    beqz    $t2, .Lnothing                      /* A7 */
     dsrl   $a1, $a1, 64 - REGS_IN_FRAME        /* A7 */
    bne     $t2, $a1, .Lback_sp                 /* A7 */
     lw     $a1, REG(REG_EPC) + WORD_LOW($t1)
    andi    $a1, $a1, 1                         /* see user_ip() */
    bnez    $a1, .Lback_sp
     nop
    park_for_next
    sd      $zero, UTCB_CHANGED($t1)            /* A7 */
    make_ready
    .irp    n, 0, 1, 2
    ld      $t2, REG(REG_STATUS + \n)($t1)     /* A7 */
    sd      $t2, FRAME_STATUS + 8 * \n($sp)    /* A7 */
    .endr
    move    $k0, $sp
    move    $k1, $t1
    ld      $t1, REG(REG_LO)($k1)               /* A7 */
    ld      $t2, REG(REG_LO + 1)($k1)           /* A7 */
    mtlo    $t1
    mthi    $t2
    .irp    n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, \
               19, 20, 21, 22, 23, 24, 25
    ld      $\n, REG(\n - 1)($k1)              /* A7 */
    .endr
    .irp    n, 28, 29, 30, 31
    ld      $\n, REG(\n - 3)($k1)              /* A7 */
    .endr
    ld      $k1, REG(REG_EPC)($k1)              /* A7 */
    ld      $k0, TCB_UTCB_USER($k0)             /* exit */
    dmtc0   $k1, CP0_EPC                        /* exit */
    ehb                                         /* EPC before eret */
    eret                                        /* exit */

.Lresult:
    ld      $a1, REG(REG_V0)($t1)               /* A7 */
    sd      $zero, UTCB_CHANGED($t1)            /* A7 */
    sd      $a1, FRAME_R + 8 * 2($sp)           /* A7 */
.Lnothing:
    park_for_next
    make_ready
.Lrestore:
    ld      $t1, FRAME_LO($sp)                  /* exit */
.Lrestore_hi:
    ld      $t2, FRAME_HI($sp)                  /* exit */
    ld      $k1, FRAME_EPC($sp)                 /* exit */
    mtlo    $t1
    mthi    $t2
    dmtc0   $k1, CP0_EPC                        /* exit */
    .irp    n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, \
               19, 20, 21, 22, 23, 24, 25, 28, 30, 31
    ld      $\n, FRAME_R + 8 * \n($sp)         /* exit */
    .endr
    ld      $k0, TCB_UTCB_USER($sp)             /* exit */
    ld      $sp, FRAME_SP($sp)                  /* exit */
    ehb                                         /* EPC before eret */
    eret                                        /* exit */

/* With a mapping: one small page of ours. s0 = where, s1 = the page, s3 = 0 if
   there is no other. */
.Lanswer_map:
    mfc0    $k1, CP0_CAUSE                      /* A1 */
    rotr    $k1, $k1, CAUSE_ROTATE              /* A1 */
    andi    $k1, $k1, (1 << CAUSE_BITS) - 1     /* A1 */
    xori    $k1, $k1, KEY_SYSCALL               /* A1 */
    bnez    $k1, ordinary_trap                  /* A1 */
     nop
    lh      $k1, TCB_LIMIT_LOW($k0)             /* A4 */
    bltz    $k1, ordinary_trap                  /* A4 */
     sd     $sp, FRAME_SP($k0)                  /* A8 */
    find_partner                                /* A2 */
    bne     $t0, $a0, .Lback_sp                 /* A2 */
     nop
    check_answer MSG_FAULT                      /* A6: a fault */
    ld      $t2, UTCB_CHANGED($t1)              /* A7 */
    bnez    $t2, .Lback_sp                      /* A7 */
     andi   $t1, $s1, (1 << 12) - 1 - 2         /* A6: but for `write` */
    xori    $t1, $t1, 12 << 2                   /* A6 */
    bnez    $t1, .Lback_sp                      /* A6 */
     move   $t1, $sp
    bnez    $s3, .Lback_sp                      /* A6 */
     lui    $sp, %hi(kernel_stack + KERNEL_STACK_BYTES - 16)
    daddiu  $sp, $sp, %lo(kernel_stack + KERNEL_STACK_BYTES - 16)
    sd      $t1, 0($sp)
    ld      $a2, TCB_SPACE($t1)                 /* A6 */
    ld      $a0, TCB_SPACE($k0)                 /* A6 */
    move    $a1, $s1                            /* A6 */
    jal     map_small_page                      /* A6 */
     move   $a3, $s0                            /* A6 */
    beqz    $v0, .Lnot_mapped
     ld     $sp, 0($sp)
    ld      $t0, TCB_ID($sp)                    /* A8 */
    park_for_next
    make_ready                                  /* t2 = EntryHi: its ASID */
    beqz    $t2, .Lrestore                      /* it has none now */
     dsrl   $t1, $s0, HI_PAIR_SHIFT
    dsll    $t1, $t1, HI_PAIR_SHIFT             /* it will want the pair */
    or      $t1, $t1, $t2
    dmtc0   $t1, CP0_ENTRYHI
    dins    $v0, $zero, 0, 4
    ld      $t1, 0($v0)
    ld      $t2, 8($v0)
    ehb                                         /* EntryHi before tlbp */
    tlbp                                        /* the other half may be there */
    dmtc0   $t1, CP0_ENTRYLO0
    dmtc0   $t2, CP0_ENTRYLO1
    ehb                                         /* Index, EntryLo */
    mfc0    $t1, CP0_INDEX
    bltz    $t1, 1f
     ld     $t1, FRAME_LO($sp)                  /* A9 */
    b       .Lrestore_hi
     tlbwi
1:  b       .Lrestore_hi
     tlbwr

.Lnot_mapped:
    ld      $a0, TCB_ID($sp)
    b       .Lback_sp
     li     $v0, L4_OP_REPLY_AND_WAIT | L4_OP_SEND_NOW | L4_OP_MAP

/* ---- back, nothing changed ---- */

/* k0 = self, sp = partner, of whom it is known that a0 was its id. */
.Lback:
    sw      $zero, TCB_STATE($k0)
    ld      $a0, TCB_ID($sp)
/* k0 = self, sp is changed. */
.Lback_sp:
    b       ordinary_trap
     ld     $sp, FRAME_SP($k0)

/* ---- the own id: id_nearest with the nil id ---- */

/* in: k0 = TCB of the thread, if a thread has trapped at all. out: a0 = its
   id, a1 = 0 (L4_NC_SAME_CLAN). Clobbers k1. */
.Lno_ipc:
    xori    $k1, $v0, L4_OP_REPLY_AND_WAIT | L4_OP_SEND_NOW | L4_OP_MAP /* A1 */
    beqz    $k1, .Lanswer_map                   /* A1 */
     xori   $k1, $v0, L4_SYS_ID_NEAREST         /* N1 */
    bnez    $k1, ordinary_trap_cause
     mfc0   $k0, CP0_CAUSE
    bnez    $a0, ordinary_trap
     rotr   $k0, $k0, CAUSE_ROTATE
    andi    $k0, $k0, (1 << CAUSE_BITS) - 1
    xori    $k1, $k0, KEY_SYSCALL
    bnez    $k1, ordinary_trap
     dmfc0  $k0, CP0_ERROREPC
    lbu     $k1, TCB_HOLD($k0)                  /* N2 */
    andi    $k1, $k1, HOLD_FOREIGN
    bnez    $k1, ordinary_trap
     dmfc0  $k1, CP0_EPC                        /* exit */
    ld      $a0, TCB_ID($k0)                    /* N3 */
    daddiu  $k1, $k1, 4                         /* exit */
    dmtc0   $k1, CP0_EPC
    ld      $k0, TCB_UTCB_USER($k0)
    move    $a1, $zero
    ehb                                         /* EPC before eret */
    eret
