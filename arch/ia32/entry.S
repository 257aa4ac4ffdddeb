/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ia32: into the kernel and out of it.
 *
 * Every gate is an interrupt gate: IF, TF and NT are clear from the first
 * instruction. From user mode the stack is the end of current->frame, and
 * what the hardware pushes is already in its place; SAVE_FRAME adds the rest.
 * DS and ES are the user's until then: only the stack may be addressed.
 *
 * Nothing here returns to C: an entry calls the core, and the core comes back
 * by resume_user or arch_idle.
 */
#include <l4/sys/arch/abi.h>
#include <l4/sys/numbers.h>
#include <offsets.h>

#include "cpu.h"

#define STACK_TOP (kernel_stack + KERNEL_STACK_BYTES)

/*
 * in:  ESP -> `entry` of a frame, complete from there upwards
 * out: frame complete, EBX = frame, EAX unchanged, kernel's DS and ES, empty
 *      stack; EBP = 0 ends the debugger's backtrace
 * clobbers ECX
 */
.macro SAVE_FRAME
    PUSH_REGISTERS
    ENTER_KERNEL
    movl %ebx, current          /* the fast paths do not keep it */
.endm

.macro PUSH_REGISTERS
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

.macro ENTER_KERNEL
    cld
    movl $KERNEL_DS, %ecx
    movl %ecx, %ds
    movl %ecx, %es
    leal -FRAME_GS(%esp), %ebx
    movl $STACK_TOP, %esp
    xorl %ebp, %ebp
.endm

/*
 * An entry of the IDT: its code here, its line in vector_table for cpu.c.
 * error: 1 when the hardware pushes an error code.
 */
.macro VECTOR number, dpl, error, target
    .pushsection .rodata.vectors, "a"
    .long \number, \dpl, .Lvector\@
    .popsection
    .balign 8
.Lvector\@:
    .if \error == 0
    pushl $0
    .endif
    pushl $\number
    jmp \target
.endm

/* The same for code that stands elsewhere. */
.macro VECTOR_AT number, dpl, label
    .pushsection .rodata.vectors, "a"
    .long \number, \dpl, \label
    .popsection
.endm

    .section .rodata.vectors, "a"
    .balign 4
    .globl vector_table
vector_table:

    .text
    VECTOR 0, 0, 0, exception_trap
    VECTOR_AT VECTOR_DEBUG, 0, debug_trap
    VECTOR VECTOR_NMI, 0, 0, trap
    VECTOR VECTOR_BREAKPOINT, 3, 0, exception_trap
    VECTOR VECTOR_OVERFLOW, 3, 0, exception_trap
    VECTOR 5, 0, 0, exception_trap
    VECTOR VECTOR_INVALID_OPCODE, 0, 0, exception_trap
    VECTOR VECTOR_NO_FPU, 0, 0, trap
    /* 8, the double fault, is a task gate: cpu.c */
    VECTOR 9, 0, 0, trap
    VECTOR 10, 0, 1, trap
    VECTOR 11, 0, 1, exception_trap
    VECTOR VECTOR_STACK, 0, 1, exception_trap
    VECTOR VECTOR_GENERAL, 0, 1, exception_trap
    VECTOR VECTOR_PAGE_FAULT, 0, 1, page_fault_trap
    VECTOR 15, 0, 0, trap
    VECTOR 16, 0, 0, exception_trap
    VECTOR 17, 0, 1, exception_trap
    VECTOR VECTOR_MACHINE_CHECK, 0, 0, trap
    VECTOR 19, 0, 0, exception_trap

    .set irq, 0
    .rept 16
    VECTOR VECTOR_IRQ + irq, 0, 0, interrupt
    .set irq, irq + 1
    .endr

    /* The gates of Version 2. What lies behind them in the IDT is empty: an
       `int` to it is the user's protection fault. */
    .set gate, L4_GATE_BASE
    .rept L4_SYS_GATES
    .if gate == L4_GATE_BASE + L4_SYS_IPC
    VECTOR_AT gate, 3, ipc_gate
    .elseif gate == L4_GATE_BASE + L4_SYS_ID_NEAREST
    VECTOR_AT gate, 3, id_nearest_gate
    .else
    VECTOR gate, 3, 0, system_call
    .endif
    .set gate, gate + 1
    .endr

    .pushsection .rodata.vectors, "a"
    .globl vector_table_end
vector_table_end:
    .popsection

/* ---- entries; those from user mode end in a call of the core ---- */

/*
 * A user can be in virtual 8086 mode: some simulators let IRET set VM at any
 * privilege level, where the manual has it only at 0 (SDM 2A, IRET). From
 * there a trap pushes ES, DS, FS and GS above SS, and CS says nothing. Out of
 * line: move what the frame has to its place, over these, and go on at `back`.
 * in: ESP = entry, error, EIP, CS, EFLAGS, ESP, SS, ES, DS, FS, GS
 */
.macro LEAVE_VIRTUAL_8086 back
    pushl %eax
    .irp at, 28, 24, 20, 16, 12, 8, 4
    movl \at(%esp), %eax
    movl %eax, \at + 16(%esp)
    .endr
    popl %eax
    addl $16, %esp
    movl $USER_CS, 12(%esp)
    jmp \back
.endm

/*
 * in: ESP = entry, error, EIP, CS, EFLAGS, and from user mode ESP, SS
 *
 * In the release kernel most begin in fault_fast.S, and come to trap as they
 * were, or to trap_saved with the frame complete and ESP at its `gs`.
 */
    .weak exception_trap
    .weak page_fault_trap
    .globl trap
    .globl trap_saved
exception_trap:
page_fault_trap:
trap:
    testl $EFLAGS_VM, 16(%esp)
    jnz 2f
1:  testb $CPL_MASK, 12(%esp)
    jz kernel_trap
    PUSH_REGISTERS
trap_saved:
    ENTER_KERNEL
    movl %ebx, current
    pushl FRAME_ERROR(%ebx)
    pushl FRAME_ENTRY(%ebx)
    call user_trap
2:  LEAVE_VIRTUAL_8086 1b

/*
 * The shortest of all calls, and one that every library makes: a thread's
 * question for its own id. in: ESP -> EIP, CS, EFLAGS, ESP, SS
 */
id_nearest_gate:
    testl %esi, %esi            /* N1 */
    jnz 1f
    testl %edi, %edi
    jnz 1f
    testb $HOLD_FOREIGN, TCB_HOLD - FRAME_EIP(%esp) /* N2 */
    jnz 1f
    movl TCB_ID - FRAME_EIP(%esp), %esi /* N3 */
    movl TCB_ID + 4 - FRAME_EIP(%esp), %edi
    xorl %eax, %eax             /* L4_NC_SAME_CLAN */
    iret                        /* exit */
1:  pushl $0
    pushl $(L4_GATE_BASE + L4_SYS_ID_NEAREST)
    jmp system_call

/* The release kernel begins in message_fast.S, and comes to ipc_gate_slow as it
   was when that is not for it. */
    .weak ipc_gate
    .globl ipc_gate_slow
ipc_gate:
ipc_gate_slow:
    pushl $0
    pushl $(L4_GATE_BASE + L4_SYS_IPC)

system_call:
    SAVE_FRAME
    movl FRAME_ENTRY(%ebx), %eax
    subl $L4_GATE_BASE, %eax
    pushl %eax
    call syscall_entry

/* in: ESP = entry, error, EIP, CS, EFLAGS. From kernel mode it can only be
   arch_idle, which has nothing to save. */
interrupt:
    testl $EFLAGS_VM, 16(%esp)
    jnz 3f
1:  testb $CPL_MASK, 12(%esp)
    jz 2f
    SAVE_FRAME
    pushl FRAME_ENTRY(%ebx)
    call irq_entry
2:  popl %eax
    movl $STACK_TOP, %esp
    pushl %eax
    call irq_entry
3:  LEAVE_VIRTUAL_8086 1b

/*
 * SYSENTER: interrupts off, all else but CS, SS, EIP and ESP the user's: it
 * saves nothing and keeps NT, DF and TF (SDM 2B, SYSENTER).
 * in: EAX operation word, EBP word 0, ECX the user's ESP, EDX where to return
 *     to, ESP -> TSS.esp0
 *
 * The release kernel begins in ipc_fast.S, and comes to sysenter_slow with ESP
 * at the end of the frame when that is not for it.
 */
    .weak ipc_fast_entry
    .globl sysenter_slow
    .balign 16
ipc_fast_entry:
    movl (%esp), %esp
sysenter_slow:
    pushl $USER_DS
    pushl %ecx
    pushfl
sysenter_frame:
    orl $EFLAGS_IF, (%esp)
    pushl $USER_CS
    pushl %edx
    movl %ebp, %edx             /* where the gate has word 0 */
    pushl $0
    pushl $EFLAGS_ONE           /* NT off: an IRET would switch tasks */
    popfl
    pushl $ENTRY_SYSENTER
    SAVE_FRAME
    testl $L4_OP_IPC, %eax
    jz 1f
    pushl %eax
    call syscall_entry
    /* Not an operation word: as an instruction the CPU does not know, behind
       it. The way back is by IRET, which spoils no register. */
1:  movl $VECTOR_INVALID_OPCODE, FRAME_ENTRY(%ebx)
    pushl $0
    pushl $VECTOR_INVALID_OPCODE
    call user_trap

/*
 * With TF set by the user, SYSENTER takes a debug trap before the first
 * instruction of ipc_fast_entry, on the few words below TSS.esp0. Go on
 * there with the flags as the trap saved them, TF among them; the trap has
 * cleared TF for the kernel. CS tells this from a user who jumped here.
 */
debug_trap:
    cmpw $KERNEL_CS, 4(%esp)
    jne 1f
    cmpl $ipc_fast_entry, (%esp)
    je 2f
1:  pushl $0
    pushl $VECTOR_DEBUG
    jmp trap
2:  movl 12(%esp), %esp
    pushl $USER_DS
    pushl %ecx
    pushl %ss:kernel_task + TASK_ESP0 - 4 /* the trap's EFLAGS */
    jmp sysenter_frame

/*
 * A trap in kernel mode. One is no bug: resume_user loading a selector that
 * a handler put into the frame. For all others the registers go to trap_frame:
 * the stack may stand anywhere, and DS may be anyone's.
 * in: ESP -> entry, error, EIP, CS, EFLAGS, what was there before
 */
kernel_trap:
    cmpl $VECTOR_NMI, (%esp)
    je 1f
    cmpl $load_selectors, 8(%esp)
    jb 1f
    cmpl $load_selectors_end, 8(%esp)
    jb .Lbad_selector
1:  movl %eax, %ss:trap_frame + FRAME_EAX
    leal 20(%esp), %eax         /* ESP before the trap */
    movl $(trap_frame + TCB_FRAME_SIZE), %esp
    pushl %ss
    pushl %eax
    pushl %ss:-4(%eax)          /* EFLAGS, CS, EIP, error, entry */
    pushl %ss:-8(%eax)
    pushl %ss:-12(%eax)
    pushl %ss:-16(%eax)
    pushl %ss:-20(%eax)
    movl %ss:trap_frame + FRAME_EAX, %eax
    PUSH_REGISTERS
    ENTER_KERNEL
    movl FRAME_ESP(%ebx), %eax  /* keep a good stack: the backtrace reads it */
    movl %eax, %ecx
    subl $kernel_stack, %ecx
    cmpl $KERNEL_STACK_BYTES, %ecx
    ja 2f
    movl %eax, %esp
2:  call kernel_panic

.Lbad_selector:
    movl $KERNEL_DS, %ecx
    movl %ecx, %ds
    movl %ecx, %es
    movl %ebx, current
    movl $STACK_TOP, %eax
    xchgl %eax, %esp
    pushl 4(%eax)
    call bad_selector

/* ---- exits ---- */

/*
 * void resume_user(struct arch_frame *f): to user mode at f, which is read
 * up; a user can be given no more than USER_CS and EFLAGS_USER, whatever
 * stands in it.
 */
    .globl resume_user
    .globl resume_checked
resume_user:
    movl 4(%esp), %ebx          /* exit */
resume_checked:                 /* exit: the same with EBX = f */
    movl $USER_CS, FRAME_CS(%ebx)
    movl $USER_DS, FRAME_SS(%ebx)
    movl FRAME_EFLAGS(%ebx), %eax
    andl $EFLAGS_USER, %eax
    orl $(EFLAGS_IF | EFLAGS_ONE), %eax
    movl %eax, FRAME_EFLAGS(%ebx)

    cmpl $ENTRY_SYSENTER, FRAME_ENTRY(%ebx)
    jne 1f
    movl FRAME_EDX(%ebx), %ecx  /* word 0 returns in EBP, by either exit */
    movl %ecx, FRAME_EBP(%ebx)
    testl $EFLAGS_TF, %eax      /* POPF would trap in the kernel: use IRET */
    jz 1f
    movl $0, FRAME_ENTRY(%ebx)
1:
    .globl resume_frame
resume_frame:                   /* exit: f is as a trap has left it, or so good */
load_selectors:
    movw FRAME_GS(%ebx), %gs    /* exit */
    movw FRAME_FS(%ebx), %fs
    movw FRAME_ES(%ebx), %es
    movw FRAME_DS(%ebx), %ds
load_selectors_end:
    leal FRAME_EDI(%ebx), %esp  /* exit */
    popl %edi
    popl %esi
    popl %ebp
    popl %ebx
    popl %edx
    popl %ecx
    popl %eax
    cmpl $ENTRY_SYSENTER, (%esp)
    leal 8(%esp), %esp          /* entry, error */
    je 2f
    iret

2:  popl %edx                   /* SYSEXIT takes EIP from EDX, ESP from ECX */
    addl $4, %esp               /* CS */
    andl $~EFLAGS_IF, (%esp)
    popfl
    popl %ecx
    sti                         /* holds off interrupts until after the next
                                   instruction (SDM 2B, STI) */
    sysexit

    .globl arch_idle
arch_idle:
    movl $STACK_TOP, %esp
    xorl %ebp, %ebp
    call segments_flat          /* arch_deliver() counts on it */
    sti                         /* none is taken between here and HLT */
1:  hlt
    jmp 1b
