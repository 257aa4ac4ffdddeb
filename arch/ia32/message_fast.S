/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ia32: messages in memory, the tuned form of core/message_fast.c, step for
 * step: a call or a reply-and-wait by the Version 2 gate, for a partner that is
 * parked by that gate. Here a thread can wait with a buffer as well as without
 * (T_PARKED_BUFFER). At most 63 words, or no more than registers hold and one
 * string that lies in one page on either side. All else is for the C form.
 *
 * Buffers and strings are found by what the spaces remember of the kernel's
 * window (core/space.h): the place in a page is what an address differs in from
 * the tag, if that is less than a page. No entry that is empty agrees.
 *
 * Only the stack may be addressed without a prefix, as in ipc_fast.S; and the
 * partner, whose TCB is in EBP. EDX and EBX keep their words.
 */
#include <l4/sys/numbers.h>
#include <offsets.h>

#include "cpu.h"

/* A field of our own TCB; ESP stands where the gate has saved EIP. */
#define ME(field) (field - FRAME_EIP)(%esp)
#define IT(field) field(%ebp)

/* A message buffer: 3 words, and then 63 at most. */
#define SIZE_DOPE(buffer)   %ss:4(buffer)
#define SEND_DOPE(buffer)   %ss:8(buffer)
#define HEADER_BYTES    12
#define MOST_WORDS      63
#define REGISTER_WORDS  2
#define WORDS(n)        ((n) << 13)
#define STRINGS(n)      ((n) << 8)
#define ANY_STRING      STRINGS(31)
#define DOPE_WORDS_BIT  13
/* Where it may begin in a page, so as not to go on in the next. */
#define MOST_OFFSET     (PAGE_BYTES - HEADER_BYTES - 4 * MOST_WORDS)
#define PAGE_BYTES      4096

/* A string dope. */
#define SEND_SIZE(dope)     %ss:(dope)
#define SEND_ADDRESS(dope)  %ss:4(dope)
#define ROOM_SIZE(dope)     %ss:8(dope)
#define ROOM_ADDRESS(dope)  %ss:12(dope)
#define DOPE_BYTES      16
#define MOST_BYTES      (4 << 20)

/* struct window_entry: 16 bytes */
#define ENTRY_READ      SPACE_WINDOW
#define ENTRY_WRITE     (SPACE_WINDOW + 4)
#define ENTRY_OFFSET    (SPACE_WINDOW + 8)

/*
 * Make a window's address of \va, in place. in: \space a struct space; out:
 * \space spoilt, \at too
 */
.macro FIND va, space, at, tag, limit, slow
    movl \va, \at
    shrl $8, \at
    andl $0x70, \at                 /* the page's number, modulo 8 entries */
    addl \at, \space
    movl %ss:\tag(\space), \at
    xorl \va, \at
    cmpl $\limit, \at               /* M7 */
    jae \slow
.endm

/* ECX words from ESI to EDI: both in the window. */
.macro COPY_WORDS
    cld
    pushl %ss
    popl %es
    rep movsl %ss:(%esi), %es:(%edi)
.endm

    .text
    .balign 64
    .globl ipc_gate
/* in: EAX send descriptor, EBP receive descriptor, ECX timeouts, EDX and EBX
   words, ESI, EDI partner, ESP -> EIP, CS, EFLAGS, ESP, SS */
ipc_gate:
    testb $3, %al                   /* M1: neither map items nor deceit */
    jnz ipc_gate_slow
    testl $~0xf0, %ecx              /* M1: for ever */
    jnz ipc_gate_slow
    testl $2, %ebp                  /* M1: a wait, and no window */
    jnz ipc_gate_slow
    movl %eax, ME(FRAME_EAX)
    movl %ecx, ME(FRAME_ECX)
    movl %ebp, ME(TCB_BUFFER)       /* M10, as far as nobody looks */
    movl %esi, %ebp
    shrl $10, %ebp
    andl $0x3ffff, %ebp             /* lthread and task */
    movl %ss:tcb_table(, %ebp, 4), %ebp
    cmpl %esi, IT(TCB_ID)           /* M3 */
    jne .Lslow_same_id
    cmpl %edi, IT(TCB_ID + 4)       /* M3 */
    jne .Lslow_same_id
    movl ME(TCB_LIMIT), %ecx        /* M2, M5 */
    addl $(PARKED_BUFFER - PARKED_OPEN), %ecx
    movl %ecx, ME(TCB_STATE)        /* M10, likewise */
    cmpl %ecx, IT(TCB_STATE)        /* M2, M4, M5 */
    jb .Lslow_same_id
    testb $1, IT(TCB_BUFFER)        /* M4: for anyone? */
    jz .Lclosed
.Laccepted:
    cmpl %edi, ME(TCB_ID + 4)       /* M6: chief and nest */
    jne .Lother_clan
.Lnear:
    movl %esi, ME(TCB_ACCEPTS)      /* M10, likewise */
    movl %eax, %esi                 /* M7: our buffer */
    movl ME(TCB_SPACE), %ecx
    FIND %esi, %ecx, %eax, ENTRY_READ, MOST_OFFSET, .Lno_buffer
    addl %ss:ENTRY_OFFSET(%ecx), %esi
    movl IT(TCB_BUFFER), %edi       /* M7: its buffer */
    movl IT(TCB_SPACE), %ecx
    FIND %edi, %ecx, %eax, ENTRY_WRITE, MOST_OFFSET, .Lslow
    andl $~1, %edi
    addl %ss:ENTRY_OFFSET(%ecx), %edi
    movl SEND_DOPE(%esi), %eax      /* M7: words only? */
    testl $~WORDS(MOST_WORDS), %eax
    jnz .Lstring
    cmpl %eax, SIZE_DOPE(%edi)      /* M7: do they fit? */
    jb .Lslow
    movl %eax, %ecx
    shrl $DOPE_WORDS_BIT, %ecx
    subl $REGISTER_WORDS, %ecx      /* M7: any in memory? */
    jbe .Lcommit
    addl $(HEADER_BYTES + 4 * REGISTER_WORDS), %esi
    addl $(HEADER_BYTES + 4 * REGISTER_WORDS), %edi
    COPY_WORDS

/* EAX the dope; all of it has been copied. */
.Lcommit:
    movl ME(TCB_ID), %esi           /* M9 */
    movl ME(TCB_ID + 4), %edi
    movl $0, IT(TCB_STATE)          /* M11 */
    movl $0, IT(TCB_BUFFER)
    leal IT(TCB_FRAME_SIZE), %ecx
    movl %ecx, %ss:kernel_task + TASK_ESP0
    movl IT(TCB_ARCH_TLS), %ecx
    movl %ecx, %ss:gdt + (TLS_FIRST & ~7)
    movl IT(TCB_ARCH_TLS + 4), %ecx
    movl %ecx, %ss:gdt + (TLS_FIRST & ~7) + 4
    lfs IT(TCB_ARCH_ROOT), %ecx
    cmpl %ecx, ME(TCB_ARCH_ROOT)
    je 1f
    movl %ecx, %cr3
1:  lgs IT(FRAME_UTCB), %ecx
    movl %ecx, %ss:utcb_pointer
    lds IT(FRAME_ESP), %ecx         /* exit: DS as SS */
    les IT(FRAME_SHORT_IP), %ecx
    leal IT(FRAME_EIP), %esp
    xorl %ebp, %ebp
    iret

.Lclosed:
    movl ME(TCB_ID), %ecx           /* M4 */
    cmpl %ecx, IT(TCB_ACCEPTS)      /* M4 */
    je .Laccepted
    jmp .Lslow_same_id

.Lother_clan:
    movl ME(TCB_TASK), %ecx         /* M6 */
    movl IT(TCB_TASK), %edi
    cmpl %edi, %ss:TASK_CHIEF(%ecx)
    je .Lnear
    cmpl %ecx, %ss:TASK_CHIEF(%edi) /* M6 */
    je .Lnear
    jmp .Lslow

/* None, or it is not there. Who is parked for registers by SYSENTER has another
   frame. */
.Lno_buffer:
    testl %esi, %esi                /* M7 */
    jnz .Lslow
    testb $1, IT(TCB_STATE + 1)     /* M7 */
    jnz .Lslow
    movl IT(TCB_BUFFER), %eax
    andl $~1, %eax                  /* M8: the dope says whether it has one */
    jz .Lcommit
    movl $WORDS(REGISTER_WORDS), %eax
    jmp .Lcommit

/* ---- one string ---- */

.Lstring:
    cmpl $(WORDS(REGISTER_WORDS) | STRINGS(1)), %eax /* M7: words in registers? */
    ja .Lslow
    movl %eax, ME(FRAME_EDI)
    andl $(WORDS(1) - 1), %eax
    cmpl $STRINGS(1), %eax          /* M7: one string? */
    jne .Lslow
    movl %edx, ME(FRAME_EDX)
    movl %ebx, ME(FRAME_EBX)
    movl SIZE_DOPE(%edi), %ecx
    testl $ANY_STRING, %ecx         /* M7: and room for one? */
    jz .Lslow
    movl SIZE_DOPE(%esi), %eax
    shrl $DOPE_WORDS_BIT, %eax
    cmpl $(MOST_WORDS - DOPE_BYTES / 4), %eax /* M7: its dope is in the page */
    ja .Lslow
    leal HEADER_BYTES(%esi, %eax, 4), %esi
    shrl $DOPE_WORDS_BIT, %ecx
    cmpl $(MOST_WORDS - DOPE_BYTES / 4), %ecx /* M7: so is the other's */
    ja .Lslow
    leal HEADER_BYTES(%edi, %ecx, 4), %edi

    movl SEND_SIZE(%esi), %ecx
    cmpl %ecx, ROOM_SIZE(%edi)      /* M7: does it fit? */
    jb .Lslow
    cmpl $MOST_BYTES, ROOM_SIZE(%edi) /* M7 */
    ja .Lslow
    movl SEND_ADDRESS(%esi), %esi
    movl ROOM_ADDRESS(%edi), %ebx
    movl %esi, %edx
    orl %ebx, %edx
    orl %ecx, %edx
    testl $3, %edx                  /* M7: whole words? */
    jnz .Lslow_string
    movl %esi, %edx
    andl $(PAGE_BYTES - 1), %edx
    addl %ecx, %edx
    cmpl $PAGE_BYTES, %edx          /* M7: in one page? */
    ja .Lslow_string
    movl %ebx, %edx
    andl $(PAGE_BYTES - 1), %edx
    addl %ecx, %edx
    cmpl $PAGE_BYTES, %edx          /* M7: there too? */
    ja .Lslow_string
    movl %ecx, SEND_SIZE(%edi)      /* how much came, and where it is */
    movl %ebx, SEND_ADDRESS(%edi)
    movl %ebx, %edi
    movl ME(TCB_SPACE), %edx
    FIND %esi, %edx, %eax, ENTRY_READ, PAGE_BYTES, .Lslow_string
    addl %ss:ENTRY_OFFSET(%edx), %esi
    movl IT(TCB_SPACE), %edx
    FIND %edi, %edx, %eax, ENTRY_WRITE, PAGE_BYTES, .Lslow_string
    addl %ss:ENTRY_OFFSET(%edx), %edi
    shrl $2, %ecx
copy_string:                        /* a name for sim/steps.py */
    COPY_WORDS
string_copied:
    movl ME(FRAME_EDI), %eax        /* M8 */
    movl ME(FRAME_EDX), %edx
    movl ME(FRAME_EBX), %ebx
    jmp .Lcommit

/* As it came. */
.Lslow_string:
    movl ME(FRAME_EDX), %edx
    movl ME(FRAME_EBX), %ebx
.Lslow:
    movl IT(TCB_ID), %esi
    movl IT(TCB_ID + 4), %edi
.Lslow_same_id:
    movl ME(FRAME_EAX), %eax
    movl ME(FRAME_ECX), %ecx
    movl ME(TCB_BUFFER), %ebp
    movl $0, ME(TCB_BUFFER)
    movl $0, ME(TCB_STATE)
    jmp ipc_gate_slow
