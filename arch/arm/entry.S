/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Into the kernel and out of it: vectors, saving the user's registers,
 * arch_resume, arch_idle, FPU registers.
 *
 * While a user thread runs, SP of FIQ mode stands at the end of its frame:
 * `srs` pushes pc and cpsr there, whatever mode the exception came in, and
 * `stm ^` the user's registers below. There are no FIQs; the fast path has
 * the mode for its registers (ipc_fast.S). The SPs of the other modes hold
 * nothing between traps and serve as a scratch register.
 */
#include "cpu.h"
#include "offsets.h"

#define STACK_TOP   kernel_stack + KERNEL_STACK_BYTES

    .text

    .balign 32
    .globl vectors
vectors:
    b       unexpected
    b       undefined
    b       ipc_fast_entry
    b       prefetch_abort
    b       data_abort
    b       unexpected              /* Hyp mode's; not taken there */
    b       interrupt
    b       unexpected              /* FIQ; the GIC sends none */

/*
 * Save the user's frame and take the kernel's stack; go to \kernel instead
 * if the trap came from kernel mode.
 * In: an exception's mode, LR_mode = pc to store. Out: SVC mode, asynchronous
 * aborts, IRQ and FIQ masked; registers as the user had them, but SP and LR.
 */
    .macro  SAVE_USER kernel
    mrs     sp, spsr
    tst     sp, #PSR_NOT_USER
    bne     \kernel
    srsdb   sp!, #MODE_FIQ
    cpsid   aif, #MODE_FIQ
    stmdb   sp, {r0-r14}^
    cps     #MODE_SVC
    ldr     sp, =STACK_TOP
    .endm

/*
 * Save the kernel's registers of a trap in kernel mode, for a panic.
 * In: an exception's mode, LR_mode = pc to store. Out: SVC mode, r0 = frame.
 */
    .macro  SAVE_KERNEL
    ldr     sp, =trap_frame
    stmia   sp, {r0-r12}
    str     lr, [sp, #FRAME_PC]
    mov     r0, sp
    mrs     r1, spsr
    str     r1, [r0, #FRAME_CPSR]
    cpsid   aif, #MODE_SVC
    str     sp, [r0, #FRAME_SP]
    str     lr, [r0, #FRAME_LR]
    ldr     sp, =STACK_TOP
    .endm

/*
 * svc, from user mode only: the kernel has none. LR is the next instruction.
 * It leaves asynchronous aborts as they were: mask them. Where there is no
 * ipc_fast.S (debug) it begins here.
 * In: r12 = number.
 */
    .weak   ipc_fast_entry
ipc_fast_entry:
    srsdb   sp!, #MODE_FIQ
    cpsid   aif, #MODE_FIQ

/* In: FIQ mode, pc and cpsr stored; registers as the user had them. */
    .globl  supervisor_call
supervisor_call:
    stmdb   sp, {r0-r14}^
    cps     #MODE_SVC
    mov     r0, r12
    ldr     sp, =STACK_TOP
    b       syscall_entry

/*
 * The other traps store the pc of the instruction to restart. What LR is off
 * by: table B1-7 in B1.8.3.
 */
undefined:
    mrs     sp, spsr
    tst     sp, #PSR_T
    subeq   lr, lr, #4
    subne   lr, lr, #2
    SAVE_USER .Lkernel_undefined
    b       undefined_entry

prefetch_abort:
    sub     lr, lr, #4
    SAVE_USER .Lkernel_prefetch_abort
    b       prefetch_abort_entry

data_abort:
    sub     lr, lr, #8
    SAVE_USER .Lkernel_data_abort
    b       data_abort_entry

interrupt:
    sub     lr, lr, #4
    SAVE_USER .Lidle_interrupt
    b       irq_entry

/* The kernel takes interrupts in arch_idle only: nothing to save. */
.Lidle_interrupt:
    cpsid   aif, #MODE_SVC
    ldr     sp, =STACK_TOP
    b       irq_entry

/* Traps in kernel mode: panic_trap(frame, what, address). */
.Lkernel_undefined:
    SAVE_KERNEL
    ldr     r1, =.Lsay_undefined
    mov     r2, #0
    b       panic_trap

.Lkernel_prefetch_abort:
    SAVE_KERNEL
    ldr     r1, =.Lsay_prefetch_abort
    mrc     IFAR(r2)
    b       panic_trap

.Lkernel_data_abort:
    SAVE_KERNEL
    ldr     r1, =.Lsay_data_abort
    mrc     DFAR(r2)
    b       panic_trap

unexpected:
    SAVE_KERNEL
    ldr     r1, =.Lsay_unexpected
    mov     r2, #0
    b       panic_trap

/*
 * void arch_resume(struct tcb *t)
 * In: r0 = t, SVC mode, interrupts masked, its space active.
 * The exclusive monitor may hold another thread's reservation: clear it
 * (A3.4.4). rfe synchronises context for all that was changed before.
 */
    .fpu    neon
    .globl  arch_resume
arch_resume:
    ldr     r1, [r0, #TCB_UTCB_USER]
    mcr     TPIDRURW(r1)
    ldr     r1, [r0, #TCB_TLS]
    mcr     TPIDRURO(r1)

    clrex                           /* exit */
    cps     #MODE_FIQ
    add     sp, r0, #FRAME_PC
    ldmdb   sp, {r0-r14}^
    rfeia   sp!                     /* leaves SP at the end of the frame */

/*
 * void arch_idle(void)
 * wfi ends when an interrupt is pending, masked or not (B1.8.14), so none is
 * missed between a look and the sleep.
 */
    .globl  arch_idle
arch_idle:
    dsb
    wfi
    cpsie   i
    isb                             /* it is taken here: to irq_entry */
    cpsid   i
    b       arch_idle

/* void fpu_switch(word_t fpexc): on or off (B3.15.5). */
    .globl  fpu_switch
fpu_switch:
    vmsr    fpexc, r0
    isb
    bx      lr

/*
 * void fpu_exchange(struct l4_fpu_state *old, const struct l4_fpu_state *new)
 * In: r0 = where to store, r1 = what to load; either may be NULL.
 * Clobbers: r2, flags.
 * isb: the change of FPEXC before the first FPU instruction (B3.15.5).
 */
    .globl  fpu_exchange
fpu_exchange:
    mov     r2, #FPEXC_EN
    vmsr    fpexc, r2
    isb
    cmp     r0, #0
    beq     1f
    vstmia  r0!, {d0-d15}
    vstmia  r0!, {d16-d31}
    vmrs    r2, fpscr
    str     r2, [r0]
1:  cmp     r1, #0
    bxeq    lr
    vldmia  r1!, {d0-d15}
    vldmia  r1!, {d16-d31}
    ldr     r2, [r1]
    vmsr    fpscr, r2
    bx      lr

    .section .rodata
.Lsay_undefined:
    .asciz  "undefined instruction"
.Lsay_prefetch_abort:
    .asciz  "prefetch abort"
.Lsay_data_abort:
    .asciz  "data abort"
.Lsay_unexpected:
    .asciz  "unexpected vector"

    .bss
    .balign 8
trap_frame:
    .space  TCB_FRAME_SIZE
