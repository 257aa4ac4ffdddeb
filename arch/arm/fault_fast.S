/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The way of a fault, an exception or a foreign system call to a handler that
 * is parked: fault_fast_call() of core/fault_fast.c in its tuned form, step for
 * step. The way back is in ipc_fast.S, where answers come in.
 *
 * Here for handlers that wait for anyone, and that ask for no registers or for
 * r0 and those that follow; whatever is different returns to the C form, with
 * nothing changed.
 *
 * Hazards as in ipc_fast.S.
 */
#include "cpu.h"
#include "offsets.h"

#define ID_NUMBER       10      /* in the lower word: lthread, then task */
#define ID_NUMBER_BITS  18
#define FRAME_WORDS     17

    .text

/*
 * A system call of a foreign thread, from ipc_fast.S: an exception.
 * In: FIQ mode, pc and cpsr stored; registers as the user had them.
 */
    .globl  foreign_call
foreign_call:
    stmdb   sp, {r0-r14}^
    sub     r0, sp, #FRAME_PC
    cps     #MODE_SVC
    mov     r1, #MSG_EXCEPTION
    movw    r2, #FOREIGN_WORD
    ldr     sp, =kernel_stack + KERNEL_STACK_BYTES
    ldr     lr, =syscall_entry                  /* which finds out again */

/*
 * void arch_fault_call(struct tcb *t, unsigned kind, word_t w0)
 *
 * In: SVC mode; r0 = t, current, its frame complete; r1 = MSG_FAULT or
 * MSG_EXCEPTION; r2 = word 0.
 * Out: user mode of the handler, as from ipc_fast.S; or back to the caller.
 */
    .globl  arch_fault_call
arch_fault_call:
    push    {r4-r11, lr}
    add     r3, r0, r1, lsl #3                  /* H1: pager or handler */
    ldrd    r4, r5, [r3, #TCB_PAGER - 8 * MSG_FAULT]    /* H1 */
    movw    r3, #:lower16:tcb_table             /* H1 */
    movt    r3, #:upper16:tcb_table             /* H1 */
    ubfx    r6, r4, #ID_NUMBER, #ID_NUMBER_BITS /* H1 */
    ldr     r3, [r3, r6, lsl #2]                /* H1: r3 = handler */
    ldrd    r8, r9, [r3, #TCB_ID]               /* H1 */
    ldr     r6, [r3, #TCB_STATE]                /* H2 */
    ldrb    r7, [r0, #TCB_PRIO]                 /* H2 */
    cmp     r8, r4                              /* H1 */
    cmpeq   r9, r5                              /* H1 */
    bne     .Lback                              /* H1 */
    sub     r6, r6, #PARKED_OPEN                /* H2 */
    cmp     r6, #PRIO_MAX                       /* H2: an open wait */
    bhi     .Lback                              /* H2 */
    cmp     r6, r7                              /* H2: urgent */
    blo     .Lback                              /* H2 */
    ldr     r6, [r0, #TCB_TASK]                 /* H3 */
    ldr     r7, [r3, #TCB_TASK]                 /* H3 */
    ldr     r6, [r6, #TASK_CHIEF]               /* H3 */
    cmp     r6, r7                              /* H3: it is our chief */
    ldrne   r7, [r7, #TASK_CHIEF]               /* H3 */
    cmpne   r6, r7                              /* H3: ... or in our clan */
    bne     .Lback                              /* H3 */
    ldrb    r6, [r0, #TCB_HOLD]
    tst     r6, #HOLD_FPU                       /* to be turned off */
    bne     .Lback
    ldr     lr, [r3, #TCB_UTCB]                 /* H5 */
    cmp     r1, #MSG_FAULT                      /* H5 */
    ldreq   r6, [lr, #UTCB_WANTED_FAULT]        /* H5 */
    ldrne   r6, [lr, #UTCB_WANTED_EXCEPTION]    /* H5 */
    add     r7, r6, #1                          /* H5: one run from bit 0 on? */
    tst     r6, r7                              /* H5 */
    bne     .Lback                              /* H5 */
    cmp     r6, #1 << FRAME_WORDS               /* H5: within the frame? */
    bhs     .Lback                              /* H5 */

    /* ---- commit ---- */

    add     r5, r1, #PARKED_FAULT               /* H4 */
    strd    r4, r5, [r0, #TCB_ACCEPTS]          /* H4: and state */
    clz     r6, r6                              /* H5 */
    rsbs    r6, r6, #32                         /* H5: registers to copy */
    beq     3f                                  /* H5 */
    mov     r7, r0                              /* H5 */
    add     r12, lr, #UTCB_REG                  /* H5 */
    subs    r6, r6, #4                          /* H5 */
    blt     2f                                  /* H5 */
1:  ldmia   r7!, {r8-r11}                       /* H5 */
    subs    r6, r6, #4                          /* H5 */
    stmia   r12!, {r8-r11}                      /* H5 */
    bge     1b                                  /* H5 */
2:  adds    r6, r6, #4                          /* H5 */
    beq     3f                                  /* H5 */
4:  ldr     r8, [r7], #4                        /* H5 */
    subs    r6, r6, #1                          /* H5 */
    str     r8, [r12], #4                       /* H5 */
    bne     4b                                  /* H5 */
3:  ldr     r6, [r0, #TCB_EXCEPTION_CODE]       /* H5 */
    str     r6, [lr, #UTCB_CODE]                /* H5 */

    movw    r6, #:lower16:current               /* H7 */
    movt    r6, #:upper16:current               /* H7 */
    str     r3, [r6]                            /* H7 */
    ldr     r7, [r3, #TCB_SPACE]                /* H7 */
    ldrd    r8, r9, [r7, #SPACE_TTBR0]          /* H7 */
    mcrr    TTBR0(r8, r9)                       /* H7 */
    ldrd    r8, r9, [r3, #TCB_UTCB_USER]        /* H7 */
    mcr     TPIDRURW(r8)                        /* H7 */
    mcr     TPIDRURO(r9)                        /* H7 */
    clrex                                       /* exit */
    mov     r4, r2                              /* H5: words 0, 1, no more */
    ldrd    r8, r9, [r0, #FRAME_PC]             /* H5 */
    ubfx    r9, r9, #5, #1                      /* H5: Thumb */
    orr     r5, r8, r9                          /* H5 */
    ldrd    r0, r1, [r0, #TCB_ID]               /* H6 */
    mov     r2, #0                              /* H6 */
    str     r2, [r3, #TCB_STATE]                /* H7: T_READY */
    adr     r6, .Lzeros                         /* H5 */
    ldmia   r6, {r6-r11}                        /* H5 */
    cps     #MODE_FIQ                           /* exit */
    add     sp, r3, #FRAME_PC                   /* exit */
    ldmdb   sp, {r12, sp, lr}^                  /* exit */
    mov     r3, #0
    rfeia   sp!                                 /* exit */

.Lback:
    pop     {r4-r11, pc}

.Lzeros:
    .word   0, 0, 0, 0, 0, 0
