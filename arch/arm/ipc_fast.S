/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fast path: core/ipc_fast.c in its tuned form, step for step, and the
 * shortest of all calls, a thread's question for its own id. Whatever is
 * neither goes on to supervisor_call, with nothing changed.
 *
 * It runs in FIQ mode, whose own r8 to r12, SP and LR are all it needs beside
 * r2 and r3; so the message's words stay where they are, in r4 to r11 of the
 * user, and r0 and r1 until the commit.
 *
 * Of the one that waits are stored pc, cpsr, sp, r14 and r12, each in its
 * place in the frame, and r2 and r3 in place of two words, for the way back.
 * The partner gets those registers from its own frame, its UTCB's address in
 * between and its TLS value in r3: nothing of the kernel's or of the sender's
 * but the message.
 *
 * What is tested otherwise than in C:
 *   F1  the two operations of the stubs first, those with the other SEND_NOW
 *       further down; call and reply have a path each.
 *   F3  a call takes the fast path only to an open wait: as signed numbers
 *       closed ones are below every limit, so one comparison is all.
 *   F4  a reply only to a thread whose `accepts` says that it has called us;
 *       what else that says of an open wait does not count.
 *   F5  clans are told from ids: the upper words agree in one clan (chief and
 *       nest), and a creature's chief stands in its upper word where the
 *       chief's own task stands in its lower one. Not asked inside a task.
 *
 * Hazards (sections of the ARM ARM):
 *   B1.8.10 svc masks IRQ, but not asynchronous aborts: the change of mode
 *           does.
 *   B3.10.4 TTBR0 and ASID change in one write; the kernel's own addresses
 *           are TTBR1's, global, so nothing here depends on it.
 *   B3.15.5 the return to user mode synchronises context: no isb for TTBR0
 *           and TPIDRs.
 *   B2.2.9  the branch predictor: new ASID, no maintenance.
 *   A3.4.4  the exclusive monitor is cleared at a change of threads.
 */
#include <l4/sys/numbers.h>

#include "cpu.h"
#include "offsets.h"

#define ID_NUMBER       10      /* in the lower word: lthread, then task */
#define ID_NUMBER_BITS  18
#define ID_TASK         17      /* ... what it has in common in a task */
#define CHIEF_UP        4       /* shift that leaves task or chief on top */
#define CHIEF_BITS      11
#define FRAME_WORDS     17
#define CLOSED          0x80000000      /* of `state` */

/* SP stands here in the frame. */
#define AT(offset)      (offset) - FRAME_PC
#define SAVED_R2        -5 * 4  /* from there */
#define PAGE_BITS       12
#define PAGE_BYTES      (1 << PAGE_BITS)

/*
 * In: SVC mode, pc and cpsr stored in self's frame. Out: FIQ mode,
 * sp = self at pc, lr = whom r0 says, r9 = &current,
 * r10 = limit, r11, r12 = id of self.
 */
    .macro  FIND_PARTNER addresses=.Laddresses
    cpsid   aif, #MODE_FIQ                      /* entry */
    stmdb   sp, {r2, r3, r12, sp, lr}^          /* entry, F6 */
    ldrd    r8, r9, \addresses                   /* F2 */
    ubfx    r10, r0, #ID_NUMBER, #ID_NUMBER_BITS    /* F2 */
    ldr     lr, [r8, r10, lsl #2]               /* F2 */
    ldmib   sp, {r8, r10, r11, r12}             /* cpsr, limit, id */
    .endm

/*
 * The rest of both: \state makes of r10 what self's becomes, in r3. Flags:
 * \may when F3 and F4 let it pass, else ne.
 */
    .macro  PASS may, back, state:vararg
    ldrd    r2, r3, [lr, #TCB_ID]               /* F2 */
    teq\may r2, r0                              /* F2 */
    teqeq   r3, r1                              /* F2 */
    bne     \back                               /* F2, F3, F4 */
    eor     r8, r0, r11                         /* F5 */
    cmp     r8, #1 << ID_TASK                   /* F5 */
    mov     r0, r11                             /* F8: r1 is so already */
    \state                                      /* F6 */
    blo     2f                                  /* F5: the same task */
    teq     r12, r1                             /* F5 */
    bne     3f                                  /* F5 */
1:  ldr     r8, [lr, #TCB_SPACE]                /* F9 */
    ldrd    r10, r11, [r8, #SPACE_TTBR0]        /* F9 */
    mcrr    TTBR0(r10, r11)                     /* F9 */
2:  strd    r2, r3, [sp, #AT(TCB_ACCEPTS)]      /* F6 */
    str     lr, [r9]                            /* F9 */
    ldrd    r2, r3, [lr, #TCB_UTCB_USER]        /* F9 */
    mcr     TPIDRURW(r2)                        /* F9 */
    mcr     TPIDRURO(r3)                        /* F9 */
    mov     r2, #0                              /* F8 */
    str     r2, [lr, #TCB_STATE]                /* F9: T_READY */
    clrex                                       /* exit */
    add     sp, lr, #FRAME_PC                   /* exit */
    ldmdb   sp, {r12, sp, lr}^                  /* exit */
    rfeia   sp!                                 /* exit */

/* Is the partner our creature, or else our chief? */
3:  eor     r8, r1, r11                         /* F5 */
    lsl     r8, r8, #CHIEF_UP                   /* F5 */
    cmp     r8, #1 << (32 - CHIEF_BITS)         /* F5 */
    eorhs   r8, r12, r2                         /* F5 */
    lslhs   r8, r8, #CHIEF_UP                   /* F5 */
    cmphs   r8, #1 << (32 - CHIEF_BITS)         /* F5 */
    movlo   r1, r12                             /* F8 */
    blo     1b                                  /* F5 */
    mov     r0, r2
    b       .Lback
    .endm

/* Does the partner wait for our answer? r8 = its `accepts`. Flags: eq when it
   does so after a fault. */
    .macro  CHECK_ANSWER
    teq     r8, r11                             /* A3 */
    bne     .Lback                              /* A3 */
    ldrd    r2, r3, [lr, #TCB_ID]               /* A2 */
    teq     r2, r0                              /* A2 */
    teqeq   r3, r1                              /* A2 */
    bne     .Lback                              /* A2 */
    ldrb    r2, [lr, #TCB_PRIO]                 /* A4 */
    add     r2, r2, #PARKED_OPEN                /* A4 */
    cmp     r2, r10                             /* A4 */
    blt     .Lback                              /* A4 */
    ldr     r2, [lr, #TCB_STATE]                /* A3 */
    subs    r2, r2, #PARKED_FAULT + MSG_FAULT   /* A3 */
    cmpne   r2, #MSG_EXCEPTION - MSG_FAULT      /* A3 */
    bhi     .Lback                              /* A3 */
    tst     r2, r2
    .endm

    .text

/*
 * svc, from user mode only.
 * In: SVC mode; r12 = number or operation word, r0, r1 = partner, r4 to r11 =
 * words. LR and SPSR say where from.
 * Out, to the partner: r0, r1 = sender, r2 = dope 0, r4 to r11 = words.
 */
    .globl  ipc_fast_entry
ipc_fast_entry:
    srsdb   sp!, #MODE_FIQ                      /* entry, F6 */
    teq     r12, #L4_OP_REPLY_AND_WAIT | L4_OP_SEND_NOW     /* F1 */
    beq     .Lreply_and_wait                    /* F1 */
    teq     r12, #L4_OP_CALL                    /* F1 */
    bne     .Lrarer                             /* F1 */

.Lcall:
    FIND_PARTNER
    ldr     r8, [lr, #TCB_STATE]                /* F3 */
    cmp     r8, r10                             /* F3 */
    PASS    ge, .Lback, orr r3, r10, #CLOSED

    .balign 8
.Laddresses:
    .word   tcb_table, current

.Lreply_and_wait:
    FIND_PARTNER
    ldrh    r2, [lr, #TCB_STATE]                /* F3: but for CLOSED */
    ldr     r8, [lr, #TCB_ACCEPTS]              /* F4 */
    cmp     r2, r10                             /* F3 */
    teqhs   r8, r11                             /* F4 */
    PASS    eq, .Lanswer, mov r3, r10

/*
 * A reply that is no message, but the answer to a fault: fault_fast_answer()
 * of core/fault_fast.c, for answers without mappings that change no register,
 * or r0 and those that follow.
 * In: as FIND_PARTNER leaves it; r8 = `accepts` of the partner.
 */
.Lanswer:
    CHECK_ANSWER
    ldr     r8, [sp, #AT(TCB_UTCB)]             /* A7 */
    ldr     r2, [r8, #UTCB_CHANGED]             /* A7 */
    add     r3, r2, #1                          /* A7: one run from bit 0? */
    tst     r3, r2                              /* A7 */
    bne     .Lback                              /* A7 */
    cmp     r2, #1 << FRAME_WORDS               /* A7: within the frame? */
    bhs     .Lback                              /* A7 */

    /* ---- commit: all registers are free ---- */

.Lanswer_commit:
    str     r0, [sp, #AT(TCB_ACCEPTS)]          /* A8 */
    str     r10, [sp, #AT(TCB_STATE)]           /* A8 */
    clz     r2, r2                              /* A7 */
    rsbs    r2, r2, #32                         /* A7: registers to copy */
    beq     7f                                  /* A7 */
    mov     r12, lr                             /* A7 */
    mov     r3, #0                              /* A7 */
    str     r3, [r8, #UTCB_CHANGED]             /* A7 */
    add     r8, r8, #UTCB_REG                   /* A7 */
    subs    r2, r2, #4                          /* A7 */
    blt     5f                                  /* A7 */
4:  ldmia   r8!, {r4-r7}                        /* A7 */
    subs    r2, r2, #4                          /* A7 */
    stmia   r12!, {r4-r7}                       /* A7 */
    bge     4b                                  /* A7 */
5:  adds    r2, r2, #4                          /* A7 */
    beq     8f                                  /* A7 */
6:  ldr     r3, [r8], #4                        /* A7 */
    subs    r2, r2, #1                          /* A7 */
    str     r3, [r12], #4                       /* A7 */
    bne     6b                                  /* A7 */
8:  sub     r3, r12, lr                         /* A7 */
    cmp     r3, #FRAME_PC                       /* A7 */
    bhi     .Lfilter                            /* A7: PC, or CPSR as well */
7:  mov     r2, #0                              /* A9 */
    str     r2, [lr, #TCB_STATE]                /* A9: T_READY */
    str     lr, [r9]                            /* A9 */
    ldr     r8, [lr, #TCB_SPACE]                /* A9 */
    ldrd    r10, r11, [r8, #SPACE_TTBR0]        /* A9 */
    mcrr    TTBR0(r10, r11)                     /* A9 */
    ldrd    r2, r3, [lr, #TCB_UTCB_USER]        /* A9 */
    mcr     TPIDRURW(r2)                        /* A9 */
    mcr     TPIDRURO(r3)                        /* A9 */
    clrex                                       /* exit */
    add     sp, lr, #FRAME_PC                   /* exit */
    ldmdb   sp, {r0-r14}^                       /* exit */
    rfeia   sp!                                 /* exit */

/* What user mode may have, as arch_reg_set() has it. */
.Lfilter:
    ldrd    r4, r5, [lr, #FRAME_PC]             /* A7 */
    ldr     r6, .Lpsr_user                      /* A7 */
    and     r5, r5, r6                          /* A7 */
    orr     r5, r5, #MODE_USR                   /* A7 */
    tst     r5, #PSR_T                          /* A7 */
    bicne   r4, r4, #1                          /* A7 */
    biceq   r4, r4, #3                          /* A7 */
    biceq   r5, r5, #PSR_IT & 0xff000000        /* A7 */
    biceq   r5, r5, #PSR_IT & 0x0000ff00        /* A7 */
    strd    r4, r5, [lr, #FRAME_PC]             /* A7 */
    b       7b                                  /* A9 */
.Lpsr_user:
    .word   PSR_USER_MASK

/*
 * The same with a mapping: one small page of ours.
 * In: as FIND_PARTNER leaves it; r4 = where, r5 = the page, r7 = 0 if there is
 * no other.
 */
    .balign 8
.Lsame_addresses:                               /* within the reach of ldrd */
    .word   tcb_table, current

.Lanswer_map:
    FIND_PARTNER .Lsame_addresses
    ldr     r8, [lr, #TCB_ACCEPTS]              /* A3 */
    CHECK_ANSWER
    bne     .Lback                              /* A6: a fault */
    movw    r3, #PAGE_BYTES - 1 - 2             /* A6: but for `write` */
    and     r3, r3, r5                          /* A6 */
    teq     r3, #PAGE_BITS << 2                 /* A6 */
    teqeq   r7, #0                              /* A6 */
    bne     .Lback                              /* A6 */
    ldr     r8, [sp, #AT(TCB_UTCB)]             /* A7 */
    ldr     r2, [r8, #UTCB_CHANGED]             /* A7 */
    cmp     r2, #0                              /* A7 */
    bne     .Lback                              /* A7 */
    strd    r0, r1, [sp, #AT(FRAME_R0)]         /* A6 */
    ldr     r0, [sp, #AT(TCB_SPACE)]            /* A6 */
    mov     r1, r5                              /* A6 */
    ldr     r2, [lr, #TCB_SPACE]                /* A6 */
    mov     r3, r4                              /* A6 */
    cps     #MODE_SVC                           /* this mode's registers stay */
    ldr     sp, =kernel_stack + KERNEL_STACK_BYTES
    bl      map_small_page                      /* A6 */
    cmp     r0, #0                              /* A6 */
    cps     #MODE_FIQ
    ldrd    r0, r1, [sp, #AT(FRAME_R0)]
    movne   r2, #0                              /* A7: none to copy */
    bne     .Lanswer_commit
    add     r8, sp, #AT(FRAME_R12)              /* A6: map_small_page() has */
    ldmia   r8, {r12}^                          /* ... spoilt it */
    b       .Lback

/* The same operations with SEND_NOW and without. LR is in the frame. */
.Lrarer:
    tst     r12, #L4_OP_IPC                     /* F1 */
    beq     .Lno_ipc                            /* F1 */
    bic     lr, r12, #L4_OP_SEND_NOW            /* F1 */
    teq     lr, #L4_OP_CALL                     /* F1 */
    beq     .Lcall                              /* F1 */
    teq     lr, #L4_OP_REPLY_AND_WAIT           /* F1 */
    beq     .Lreply_and_wait                    /* F1 */
    teq     lr, #L4_OP_REPLY_AND_WAIT | L4_OP_MAP   /* A1 */
    beq     .Lanswer_map                        /* A1 */
    cpsid   aif, #MODE_FIQ
    ldrb    r8, [sp, #AT(TCB_HOLD)]
.Lother_call:
    tst     r8, #HOLD_FOREIGN
    bne     foreign_call
    b       supervisor_call

/* Registers as the user had them. In: FIQ mode, SP at pc. */
.Lback:
    ldrb    r8, [sp, #AT(TCB_HOLD)]
    ldrd    r2, r3, [sp, #SAVED_R2]
    b       .Lother_call

/*
 * The own id: id_nearest with the nil id. Not for foreign threads.
 * In: as ipc_fast_entry. Out: r0, r1 = id, r2 = 0 (L4_NC_SAME_CLAN).
 */
.Lno_ipc:
    teq     r12, #L4_SYS_ID_NEAREST             /* N1 */
    teqeq   r0, #0
    teqeq   r1, #0
    cpsid   aif, #MODE_FIQ
    ldrb    r8, [sp, #AT(TCB_HOLD)]
    bne     .Lother_call
    tst     r8, #HOLD_FOREIGN                   /* N2 */
    bne     foreign_call
    ldrd    r0, r1, [sp, #AT(TCB_ID)]           /* N3 */
    mov     r2, #0
    rfeia   sp!                                 /* exit */
