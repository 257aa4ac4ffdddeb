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
    dmtc0   $sp, CP0_ERROREPC                   /* F9 */
    sw      $zero, TCB_STATE($sp)               /* F9 */
    ld      $k1, FRAME_EPC($sp)
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
    mfc0    $k1, CP0_CAUSE                      /* F1 */
    rotr    $k1, $k1, CAUSE_ROTATE              /* F1 */
    dins    $k1, $v0, CAUSE_BITS, 64 - CAUSE_BITS   /* F1 */
    ori     $k1, $k1, KEY_SEND_NOW              /* F1 */
    xori    $k1, $k1, KEY_REPLY                 /* F1 */
    beqz    $k1, .Lreply_and_wait               /* F1 */
     dmfc0  $k0, CP0_ERROREPC                   /* self */
    xori    $k1, $k1, KEY_OPEN                  /* F1 */
    bnez    $k1, .Lno_ipc                       /* F1 */
     lh     $k1, TCB_LIMIT_LOW($k0)             /* F3 */

/* ---- call ---- */

    bltz    $k1, ordinary_trap                  /* F3 */
     sd     $sp, FRAME_SP($k0)                  /* F6 */
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
    bnez    $t1, .Lcall_other_clan              /* F5: the same clan */
     dmfc0  $k1, CP0_EPC                        /* F6 */
.Lcall_across:
    sd      $t0, TCB_ACCEPTS($k0)               /* F6 */
    daddiu  $k1, $k1, 4                         /* F6 */
    sd      $k1, FRAME_EPC($k0)                 /* F6 */
    switch_space                                /* F9 */
    leave_to_partner                            /* F9 */

.Lcall_inside:
    dmfc0   $k1, CP0_EPC                        /* F6 */
    sd      $t0, TCB_ACCEPTS($k0)               /* F6 */
    daddiu  $k1, $k1, 4                         /* F6 */
    sd      $k1, FRAME_EPC($k0)                 /* F6 */
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
     sd     $sp, FRAME_SP($k0)                  /* F6 */
    find_partner                                /* F2 */
    lhu     $a1, TCB_STATE_LOW($sp)             /* F3 */
    bne     $t0, $a0, .Lback_sp                 /* F2 */
     slt    $a1, $a1, $k1                       /* F3; F8: the dope is 0 */
    bnez    $a1, .Lback_sp                      /* F3 */
     ld     $t1, TCB_ACCEPTS($sp)               /* F4 */
    ld      $a0, TCB_ID($k0)                    /* F8 */
    bne     $t1, $a0, .Lback                    /* F4 */
     sw     $k1, TCB_STATE($k0)                 /* F6 */
    xor     $t0, $t0, $a0                       /* F9 */
    dmfc0   $k1, CP0_EPC                        /* F6 */
    dsrl    $t0, $t0, ID_TASK                   /* F9 */
    beqz    $t0, .Lreply_inside                 /* F9: the same task */
     daddiu $k1, $k1, 4                         /* F6 */
    sd      $k1, FRAME_EPC($k0)                 /* F6 */
    switch_space                                /* F9 */
    leave_to_partner                            /* F9 */

.Lreply_inside:
    sd      $k1, FRAME_EPC($k0)                 /* F6 */
    leave_to_partner                            /* F9 */

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
    bnez    $a0, ordinary_trap
     xori   $k1, $v0, L4_SYS_ID_NEAREST
    bnez    $k1, ordinary_trap
     mfc0   $k1, CP0_CAUSE
    rotr    $k1, $k1, CAUSE_ROTATE
    andi    $k1, $k1, (1 << CAUSE_BITS) - 1
    xori    $k1, $k1, KEY_SYSCALL
    bnez    $k1, ordinary_trap
     lbu    $k1, TCB_HOLD($k0)
    andi    $k1, $k1, HOLD_FOREIGN
    bnez    $k1, ordinary_trap
     dmfc0  $k1, CP0_EPC
    ld      $a0, TCB_ID($k0)
    daddiu  $k1, $k1, 4
    dmtc0   $k1, CP0_EPC
    ld      $k0, TCB_UTCB_USER($k0)
    move    $a1, $zero
    ehb                                         /* EPC before eret */
    eret
