/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ia32: the fast path, for calls and replies by SYSENTER. Its meaning, and the
 * numbers of its steps, are those of core/ipc_fast.c; F4 has no place of its
 * own in a call, which takes partners that wait for anyone, nor has F3 in a
 * reply without the bit of a closed wait. What differs goes the general way.
 *
 * in:  EAX operation word, ESI, EDI partner, EBP and EBX words, ECX the user's
 *      ESP, EDX where to return to, ESP -> TSS.esp0; interrupts off, all
 *      other flags and DS, ES, FS, GS the user's
 * out: SYSEXIT to the partner with EAX 0, ESI, EDI our id, EBP and EBX, flat
 *      DS, ES and FS, GS at its thread-local storage; or sysenter_slow with
 *      all registers as they came but for the arithmetic flags
 *
 * Only the stack may be addressed without a prefix: ESP stays at the end of
 * our frame, EDX becomes the partner. Nothing is pushed. Each selector is
 * loaded with a register that has to be loaded anyway (SDM 2A, LDS).
 */
#include <l4/sys/numbers.h>
#include <offsets.h>

#include "cpu.h"

#define FLAT_LOW    (SEGMENT_FLAT & 0xffffffff)
#define FLAT_HIGH   (SEGMENT_FLAT >> 32)
#define CODE_HIGH   (SEGMENT_CODE >> 32)
/* A root's entry for the TSS and the bitmap. */
#define ROOT_TSS(root)  (root + (TSS_PAGE >> SUPERPAGE_SHIFT) * 4)

/* A field of our own TCB, which begins where our frame does. */
#define ME(field) (field - TCB_FRAME_SIZE)(%esp)
/* The partner's. */
#define IT(field) %ss:field(%edx)

/* Registers, where we go on, and the partner in EDX if its id is right. */
.macro FIND_PARTNER
    movl %ecx, ME(FRAME_ESP)        /* entry, F6 */
    movl %edx, ME(FRAME_SHORT_IP)
    movl %esi, %edx                 /* F2 */
    shrl $10, %edx
    andl $0x3ffff, %edx             /* lthread and task */
    movl %ss:tcb_table(, %edx, 4), %edx
    cmpl %esi, IT(TCB_ID)           /* F2 */
    jne .Lslow
    cmpl %edi, IT(TCB_ID + 4)       /* F2 */
    jne .Lslow
.endm

/* F5: chief and creature. EDI is ours afterwards, for F8. */
.macro CHECK_CHIEF slow, first, second
    movl ME(TCB_TASK), %eax         /* F5 */
    movl IT(TCB_TASK), %edi
    cmpl \first, %ss:TASK_CHIEF(\second)
    jne 2f
1:  movl ME(TCB_ID + 4), %edi       /* F8 */
    .subsection 1
2:  cmpl \second, %ss:TASK_CHIEF(\first) /* F5 */
    je 1b
    jmp \slow
    .previous
.endm

/* F6: we wait for just this one, or for anyone; ECX our limit. */
.macro PARK_CLOSED
    orl $PARKED_CLOSED_BIT, %ecx
    movl %ecx, ME(TCB_STATE)
    movl %esi, ME(TCB_ACCEPTS)
.endm

.macro PARK_OPEN
    movl %ecx, ME(TCB_STATE)
.endm

/* in: EDX the partner, ESP at the end of our frame, EBP, EBX, ESI, EDI what it
   is to get */
.macro LEAVE_TO_PARTNER
    movl $0, IT(TCB_STATE)          /* F9 */
    leal TCB_FRAME_SIZE(%edx), %ecx
    movl %ecx, %ss:kernel_task + TASK_ESP0
    LOAD_TLS
    lfs IT(TCB_ARCH_ROOT), %ecx
    cmpl %ecx, ME(TCB_ARCH_ROOT)
    je 1f
    movl %ecx, %cr3
1:  LEAVE_BY_SYSEXIT
.endm

.macro LOAD_TLS
    movl IT(TCB_ARCH_TLS), %ecx
    movl %ecx, %ss:gdt + (TLS_FIRST & ~7)
    movl IT(TCB_ARCH_TLS + 4), %ecx
    movl %ecx, %ss:gdt + (TLS_FIRST & ~7) + 4
.endm

.macro LEAVE_BY_SYSEXIT
    lgs IT(FRAME_UTCB), %ecx
    movl %ecx, %ss:utcb_pointer
    cld                             /* exit: not DF of ours; NT and AC are harmless */
    lds IT(FRAME_ESP), %ecx
    les IT(FRAME_SHORT_IP), %edx
    xorl %eax, %eax                 /* F8 */
    sti                             /* exit: off until after the next (SDM 2B, STI) */
    sysexit
.endm

    .text
    .balign 64
    .globl ipc_fast_entry
ipc_fast_entry:
    movl (%esp), %esp               /* entry */
    cmpl $L4_OP_CALL, %eax          /* F1 */
    jne .Lreply
    FIND_PARTNER
    movl ME(TCB_LIMIT), %ecx        /* F3 */
    cmpl %ecx, IT(TCB_STATE)        /* F3, signed: a closed wait is less */
    jl .Lslow
    cmpl %edi, ME(TCB_ID + 4)       /* F5: chief and nest */
    jne .Lcall_other_clan
    PARK_CLOSED                     /* F6 */
    movl ME(TCB_ID), %esi           /* F8; EDI is the same in one clan */
    .globl leave_to_partner
leave_to_partner:
    LEAVE_TO_PARTNER                /* F9 */

/*
 * void arch_deliver(struct tcb *t, word_t sender, struct tcb *from): as if
 * `from` had sent t zeroes.
 */
    .globl arch_deliver
arch_deliver:
    movl 4(%esp), %edx
    movl 8(%esp), %esi
    movl 12(%esp), %eax
    leal TCB_FRAME_SIZE(%eax), %esp
    xorl %edi, %edi
    xorl %ebx, %ebx
    xorl %ebp, %ebp
    LEAVE_TO_PARTNER

.Lreply:
    cmpl $(L4_OP_REPLY_AND_WAIT | L4_OP_SEND_NOW), %eax /* F1 */
    jne .Lmap
    FIND_PARTNER
    movl ME(TCB_LIMIT), %ecx        /* F3 */
    leal PARKED_CLOSED_BIT(%ecx), %eax
    cmpl %eax, IT(TCB_STATE)        /* F3, unsigned: open waits are less */
    jb fault_answer                 /* it may be another kind of reply */
    movl ME(TCB_ID), %eax           /* F4 */
    cmpl %eax, IT(TCB_ACCEPTS)      /* F4 */
    jne slow_reply
    cmpl %edi, ME(TCB_ID + 4)       /* F5 */
    jne .Lreply_other_clan
    PARK_OPEN                       /* F6 */
    movl %eax, %esi                 /* F8 */
    LEAVE_TO_PARTNER                /* F9 */

/* Callers are creatures more often, and who replies is their chief. */
.Lcall_other_clan:
    CHECK_CHIEF .Lslow_call_far, %edi, %eax
    PARK_CLOSED                     /* F6 */
    movl ME(TCB_ID), %esi           /* F8 */
    LEAVE_TO_PARTNER                /* F9 */

.Lreply_other_clan:
    CHECK_CHIEF .Lslow_reply_far, %eax, %edi
    PARK_OPEN                       /* F6 */
    movl ME(TCB_ID), %esi           /* F8 */
    LEAVE_TO_PARTNER                /* F9 */

.Lmap:
    cmpl $(L4_OP_REPLY_AND_WAIT | L4_OP_SEND_NOW | L4_OP_MAP), %eax /* A1 */
    jne sysenter_slow
    FIND_PARTNER                    /* A2 */
    jmp fault_answer_map

/* As it came. */
    .globl slow_map
slow_map:
    movl $(L4_OP_REPLY_AND_WAIT | L4_OP_SEND_NOW | L4_OP_MAP), %eax
    jmp .Lslow
.Lslow_reply_far:
    movl IT(TCB_ID + 4), %edi
    .globl slow_reply
slow_reply:
    movl $(L4_OP_REPLY_AND_WAIT | L4_OP_SEND_NOW), %eax
    jmp .Lslow
.Lslow_call_far:
    movl IT(TCB_ID + 4), %edi
    movl $L4_OP_CALL, %eax
.Lslow:
    testb $HOLD_SMALL, ME(TCB_HOLD)
    jnz .Lsmall
    testb $HOLD_SMALL, IT(TCB_HOLD)
    jnz .Lsmall
.Lgeneral:
    movl ME(FRAME_ESP), %ecx
    movl ME(FRAME_SHORT_IP), %edx
    jmp sysenter_slow

/*
 * We or our partner, or both, are in small spaces (core/small.h): the same
 * steps, though here two words of the TCB do not say it all.
 */
.Lsmall:
    movl %eax, %ecx                 /* F1 */
    andl $~(L4_OP_OPEN | L4_OP_SEND_NOW), %ecx
    cmpl $L4_OP_CALL, %ecx          /* F1 */
    jne .Lgeneral
    cmpl %esi, IT(TCB_ID)           /* F2 */
    jne .Lgeneral
    cmpl %edi, IT(TCB_ID + 4)       /* F2 */
    jne .Lgeneral
    testb $(0xff & ~HOLD_SMALL), ME(TCB_HOLD) /* F3 */
    jnz .Lgeneral
    movb ME(TCB_PRIO), %cl          /* F3 */
    cmpb %cl, IT(TCB_PRIO)
    jb .Lgeneral
    movl IT(TCB_STATE), %ecx        /* F3: parked? */
    cmpl $PARKED_SMALL, %ecx        /* F3: in a small space, or a large? */
    jb .Lgeneral
    je .Lopen_wait
    cmpl $PARKED_OPEN, %ecx         /* F4: whom does it wait for? */
    jb .Lclosed_wait
    testl %ecx, %ecx
    jns .Lopen_wait
    cmpl $(PARKED_OPEN + PARKED_CLOSED_BIT), %ecx /* F3: with a buffer? */
    jb .Lgeneral
.Lclosed_wait:
    movl ME(TCB_ID), %ecx           /* F4 */
    cmpl %ecx, IT(TCB_ACCEPTS)      /* F4 */
    jne .Lgeneral
    jmp .Lpark
.Lopen_wait:
    cmpl %edi, ME(TCB_ID + 4)       /* F5: chief and nest */
    je .Lpark
    movl ME(TCB_TASK), %ecx         /* F5 */
    movl IT(TCB_TASK), %edi
    cmpl %ecx, %ss:TASK_CHIEF(%edi)
    je .Lpark
    cmpl %edi, %ss:TASK_CHIEF(%ecx) /* F5 */
    jne .Lsmall_far

.Lpark:
    movl %esi, ME(TCB_ACCEPTS)      /* F6 */
    movl $PARKED_SMALL, %ecx
    testb $HOLD_SMALL, ME(TCB_HOLD) /* F6 */
    jnz 1f
    movl ME(TCB_LIMIT), %ecx
    testl $L4_OP_OPEN, %eax         /* F6 */
    jnz 2f
    addl $(PARKED_CLOSED_BIT - 1), %ecx
1:  testl $L4_OP_OPEN, %eax         /* F6 */
    jnz 2f
    incl %ecx
2:  movl %ecx, ME(TCB_STATE)
    movl ME(TCB_ID), %esi           /* F8 */
    movl ME(TCB_ID + 4), %edi
    movl $0, IT(TCB_STATE)          /* F9 */
    leal TCB_FRAME_SIZE(%edx), %ecx
    movl %ecx, %ss:kernel_task + TASK_ESP0
    LOAD_TLS
    testb $HOLD_SMALL, IT(TCB_HOLD) /* F9: what are its segments? */
    jnz .Lto_small

    movl $FLAT_LOW, %ss:gdt + (USER_DS & ~7)
    movl $FLAT_HIGH, %ss:gdt + (USER_DS & ~7) + 4
    movl $FLAT_LOW, %ss:gdt + (USER_CS & ~7)
    movl $(FLAT_HIGH | CODE_HIGH), %ss:gdt + (USER_CS & ~7) + 4
    movl %cr3, %eax                 /* F9: is its root loaded still? */
    lfs IT(TCB_ARCH_ROOT), %ecx
    cmpl %ecx, %eax
    je 1f
    movl %ecx, %cr3
1:  LEAVE_BY_SYSEXIT

/* Any root will do but one with an I/O bitmap (mmu.c). */
.Lto_small:
    movl %cr3, %eax                 /* F9 */
    movl %ss:ROOT_TSS(WINDOW_BASE)(%eax), %ecx
    xorl %ss:ROOT_TSS(kernel_root), %ecx
    testl $~PTE_ACCESSED, %ecx      /* F9 */
    jz 1f
    movl $(kernel_root - WINDOW_BASE), %ecx
    movl %ecx, %cr3
1:  movl IT(TCB_ARCH_SEGMENT), %ecx
    movl %ecx, %ss:gdt + (USER_DS & ~7)
    movl %ecx, %ss:gdt + (USER_CS & ~7)
    movl IT(TCB_ARCH_SEGMENT + 4), %ecx
    movl %ecx, %ss:gdt + (USER_DS & ~7) + 4
    orl $CODE_HIGH, %ecx
    movl %ecx, %ss:gdt + (USER_CS & ~7) + 4
    movl IT(FRAME_SHORT_IP), %ecx   /* exit: SYSEXIT's segments are flat */
    movl %ecx, IT(FRAME_EIP)
    movl $USER_CS, IT(FRAME_CS)
    movl $(EFLAGS_IF | EFLAGS_ONE), IT(FRAME_EFLAGS)
    movl $USER_DS, IT(FRAME_SS)
    lgs IT(FRAME_UTCB), %ecx
    movl %ecx, %ss:utcb_pointer
    leal FRAME_EIP(%edx), %esp
    lfs IT(TCB_ARCH_ROOT), %ecx
    lds IT(FRAME_ESP), %ecx
    les IT(FRAME_SHORT_IP), %edx
    xorl %eax, %eax                 /* F8 */
    iret                            /* exit */

.Lsmall_far:
    movl IT(TCB_ID + 4), %edi
    jmp .Lgeneral
