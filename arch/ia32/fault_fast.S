/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ia32: faults and exceptions, the tuned form of core/fault_fast.c, step for
 * step. The vectors begin here in the release kernel. A trap from user mode
 * goes to a handler that is parked for anyone; a handler's answer comes by way
 * of ipc_fast.S to fault_fast_answer and fault_fast_answer_map.
 *
 * For handlers that ask for the whole frame, or for what Linux looks at in a
 * system call, or for nothing in a page fault; that change the whole frame, or
 * EAX and EIP, or nothing. All else is for the C form: the user's registers are
 * in the frame already, and the general way goes on from there (trap_saved).
 *
 * Only the stack may be addressed without a prefix, as in ipc_fast.S.
 */
#include <l4/sys/numbers.h>
#include <offsets.h>

#include "cpu.h"

/* A field of our own TCB: in front of the end of its frame, where ESP stands;
   or, with the registers just pushed, in front of `gs`. */
#define ME(field) (field - TCB_FRAME_SIZE)(%esp)
#define SAVED(field) (field - FRAME_GS)(%esp)
/* The partner's, and its or our UTCB. */
#define IT(field) %ss:field(%edx)
#define UTCB(field) %ss:field(%ebx)

#define PAGE_BITS   12
#define PAGE_BYTES  (1 << PAGE_BITS)
#define BIT(n)      (1 << (n))
#define REG(n)      (UTCB_REG + 4 * (n))

/* The registers of a group, from their place in the frame to the UTCB. */
.macro DELIVER first, count, frame
    .set n, 0
    .rept \count
    movl SAVED(\frame + 4 * n), %eax
    movl %eax, UTCB(REG(\first + n))
    .set n, n + 1
    .endr
.endm

.macro TAKE_BACK first, count, frame
    .set n, 0
    .rept \count
    movl UTCB(REG(\first + n)), %eax
    movl %eax, IT(\frame + 4 * n)
    .set n, n + 1
    .endr
.endm

/* From user mode, and not from virtual 8086 mode? Then the registers to the
   frame. in: ESP -> entry, error, EIP, CS, EFLAGS, ESP, SS */
.macro SAVE_REGISTERS
    testl $EFLAGS_VM, 16(%esp)      /* entry */
    jnz trap
    testb $CPL_MASK, 12(%esp)
    jz trap
    pushl %eax
    pushl %ecx
    pushl %edx
    pushl %ebx
    pushl %ebp
    pushl %esi
    pushl %edi
    pushl %ds
    pushl %es
    pushl %fs
    pushl %gs
.endm

/*
 * Steps H1 to H3 for the thread whose id stands at \to of our TCB.
 * out: ESI, EDI the handler's id, EDX its TCB, EBX its UTCB; EAX, ECX spoilt
 */
.macro FIND_HANDLER to, slow
    movl SAVED(\to), %esi           /* H1 */
    movl SAVED(\to + 4), %edi
    movl %esi, %edx
    shrl $10, %edx
    andl $0x3ffff, %edx             /* lthread and task */
    movl %ss:tcb_table(, %edx, 4), %edx
    cmpl %esi, IT(TCB_ID)           /* H1 */
    jne \slow
    cmpl %edi, IT(TCB_ID + 4)       /* H1 */
    jne \slow
    movl IT(TCB_STATE), %eax        /* H2 */
    movzbl SAVED(TCB_PRIO), %ecx
    subl $PARKED_OPEN, %eax
    cmpl $PRIO_MAX, %eax            /* H2: an open wait */
    ja \slow
    cmpl %ecx, %eax                 /* H2: urgent */
    jb \slow
    movl SAVED(TCB_TASK), %eax      /* H3 */
    movl IT(TCB_TASK), %ecx
    movl %ss:TASK_CHIEF(%eax), %eax
    cmpl %eax, %ecx                 /* H3: our chief */
    je 1f
    cmpl %eax, %ss:TASK_CHIEF(%ecx) /* H3: in our clan */
    jne \slow
1:  testb $(HOLD_FPU | HOLD_SWITCH), SAVED(TCB_HOLD)
    jnz \slow                       /* more to be switched */
    movl IT(TCB_UTCB), %ebx         /* H5 */
.endm

/* The rest: EBP word 0. */
.macro TO_HANDLER kind
    movl %esi, SAVED(TCB_ACCEPTS)   /* H4 */
    movl $(PARKED_FAULT + \kind), SAVED(TCB_STATE)
    movl SAVED(TCB_EXCEPTION_CODE), %eax /* H5 */
    movl %eax, UTCB(UTCB_CODE)      /* H5 */
    movl SAVED(FRAME_EIP), %ebx     /* H5: word 1 */
    movl SAVED(TCB_ID), %esi        /* H6 */
    movl SAVED(TCB_ID + 4), %edi
    leal TCB_FRAME_SIZE - FRAME_GS(%esp), %esp /* H7 */
    jmp leave_to_partner
.endm

    .text

/* in: ESP -> entry, error, EIP, CS, EFLAGS, and from user mode ESP, SS */
    .globl page_fault_trap
page_fault_trap:
    testb $PF_USER, 4(%esp)         /* entry */
    jz trap
    SAVE_REGISTERS
    FIND_HANDLER TCB_PAGER, trap_saved
    cmpl $0, UTCB(UTCB_WANTED_FAULT)
    jne trap_saved                  /* H5 */
    movl %cr2, %ebp                 /* H5: the address, and bit 1: write */
    andl $~3, %ebp
    movl SAVED(FRAME_ERROR), %eax
    andl $PF_WRITE, %eax
    orl %eax, %ebp
    TO_HANDLER MSG_FAULT

/* The same for traps that are exceptions and nothing else. */
    .globl exception_trap
exception_trap:
    SAVE_REGISTERS
    FIND_HANDLER TCB_HANDLER, trap_saved
    movl UTCB(UTCB_WANTED_EXCEPTION), %ecx
    movl SAVED(FRAME_ERROR), %ebp
    movl SAVED(FRAME_ENTRY), %eax
    cmpl $REGS_FRAME, %ecx          /* H5: all of the frame? */
    jne .Lsome
    movl %ebp, SAVED(TCB_EXCEPTION_CODE)
    movl %eax, SAVED(TCB_EXCEPTION_NUMBER)
    DELIVER REG_GS, 11, FRAME_GS
    DELIVER REG_EIP, 5, FRAME_EIP
.Lword:
    movl SAVED(FRAME_ENTRY), %ebp   /* H5: word 0 */
    shll $4, %ebp
    orl $5, %ebp
    TO_HANDLER MSG_EXCEPTION

.Lsome:                             /* what else Linux asks for */
    cmpl $REGS_LINUX, %ecx          /* H5 */
    jne trap_saved
    movl %ebp, SAVED(TCB_EXCEPTION_CODE)
    movl %eax, SAVED(TCB_EXCEPTION_NUMBER)
    DELIVER REG_EDI, 7, FRAME_EDI
    DELIVER REG_EIP, 1, FRAME_EIP
    jmp .Lword

/* ---- answers ---- */

/*
 * Steps A3 and A4. in: EDX the partner, ESP at the end of our frame.
 * out: ECX its state, from MSG_FAULT on
 */
.macro CHECK_ANSWER slow
    movl ME(TCB_ID), %ecx           /* A3 */
    cmpl %ecx, IT(TCB_ACCEPTS)      /* A3 */
    jne \slow
    movzbl IT(TCB_PRIO), %ecx       /* A4 */
    addl $PARKED_OPEN, %ecx
    cmpl ME(TCB_LIMIT), %ecx        /* A4, signed */
    jl \slow
    testb $HOLD_ARCH, IT(TCB_HOLD)
    jnz \slow                       /* more to be switched */
    movl IT(TCB_STATE), %ecx        /* A3 */
    subl $(PARKED_FAULT + MSG_FAULT), %ecx
.endm

/* The thread in EDX goes on; its frame, where it begins, is in EBX too. */
.macro TO_THREAD
    movl ME(TCB_LIMIT), %ecx        /* A8 */
    movl %ecx, ME(TCB_STATE)
    movl %esi, ME(TCB_ACCEPTS)
    movl $0, IT(TCB_STATE)          /* A9 */
    leal TCB_FRAME_SIZE(%edx), %ecx
    movl %ecx, %ss:kernel_task + TASK_ESP0
    movl IT(TCB_ARCH_TLS), %ecx
    movl %ecx, %ss:gdt + (TLS_FIRST & ~7)
    movl IT(TCB_ARCH_TLS + 4), %ecx
    movl %ecx, %ss:gdt + (TLS_FIRST & ~7) + 4
    movl IT(TCB_ARCH_ROOT), %ecx
    cmpl %ecx, ME(TCB_ARCH_ROOT)
    je 1f
    movl %ecx, %cr3
1:  movl IT(FRAME_UTCB), %ecx
    movl %ecx, %ss:utcb_pointer
    movl %edx, %ebx                 /* exit */
    movl $KERNEL_DS, %ecx
    movl %ecx, %ds
.endm

/*
 * An answer without a mapping.
 * in: as FIND_PARTNER of ipc_fast.S leaves it: EDX the partner, whose id is
 * in ESI and EDI; EBP, EBX words, which do not count; ESP at the end of our
 * frame
 * out: user mode of the partner; or slow_reply, with all but EAX, ECX and EDX
 * as they came
 */
    .globl fault_answer
fault_answer:
    CHECK_ANSWER slow_reply
    cmpl $(MSG_EXCEPTION - MSG_FAULT), %ecx
    ja slow_reply                   /* A3 */
    movl ME(TCB_UTCB), %ecx         /* A7 */
    movl %ss:UTCB_CHANGED(%ecx), %eax
    testl $~(BIT(REG_EAX) | BIT(REG_EIP)), %eax
    jnz .Lwhole_frame               /* A7 */
    movl %ecx, %ebx
    testl %eax, %eax
    jz .Lsame_registers
    movl $0, UTCB(UTCB_CHANGED)
    testl $BIT(REG_EIP), %eax
    jz 1f
    movl UTCB(REG(REG_EIP)), %ecx
    movl %ecx, IT(FRAME_EIP)
1:  testl $BIT(REG_EAX), %eax
    jz 1f
    TAKE_BACK REG_EAX, 1, FRAME_EAX
1:  movl $0, IT(FRAME_ENTRY)        /* by IRET, which spoils no register */
    TO_THREAD
    jmp resume_frame

.Lsame_registers:
    TO_THREAD
    jmp resume_checked              /* by the way it came, perhaps */

.Lwhole_frame:
    cmpl $REGS_FRAME, %eax          /* A7 */
    jne slow_reply
    movl %ecx, %ebx
    movl $0, UTCB(UTCB_CHANGED)
    TAKE_BACK REG_GS, 11, FRAME_GS
    TAKE_BACK REG_EIP, 5, FRAME_EIP
    movl $0, IT(FRAME_ENTRY)
    TO_THREAD
    jmp resume_checked              /* with privileges of a user */

/*
 * One with a mapping: EBP where, EBX the page.
 * out: likewise, but for slow_map in place of slow_reply
 */
    .globl fault_answer_map
fault_answer_map:
    CHECK_ANSWER slow_map
    jnz slow_map                    /* A6: a fault */
    movl %ebx, %ecx                 /* A6 */
    andl $(PAGE_BYTES - 1 - 2), %ecx
    cmpl $(PAGE_BITS << 2), %ecx    /* A6: a page, to read or to write */
    jne slow_map
    movl ME(TCB_UTCB), %ecx         /* A7 */
    cmpl $0, %ss:UTCB_CHANGED(%ecx) /* A7 */
    jne slow_map
    movw %ds, ME(FRAME_DS)          /* A6 */
    movw %es, ME(FRAME_ES)
    movl $KERNEL_DS, %ecx
    movl %ecx, %ds
    movl %ecx, %es
    cld
    movl %esp, %ecx
    movl $(kernel_stack + KERNEL_STACK_BYTES), %esp
    pushl %ecx
    pushl %edx
    pushl %ebp
    pushl TCB_SPACE(%edx)
    pushl %ebx
    pushl TCB_SPACE - TCB_FRAME_SIZE(%ecx)
    call map_small_page             /* A6 */
    movl 16(%esp), %edx
    movl 20(%esp), %esp
    testl %eax, %eax
    jz .Lnot_mapped
    TO_THREAD
    jmp resume_frame

.Lnot_mapped:
    movw ME(FRAME_DS), %ds
    movw ME(FRAME_ES), %es
    jmp slow_map
