/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers that the kernel, the stubs and the assembly share.
 *
 * Readable by the assembler: only #define lines with plain numbers.
 * On ia32 system call N is `int 0x30 + N`, as Version 2 has it; on the other
 * targets N stands in the number register named in their arch/abi.h.
 */
#ifndef L4_SYS_NUMBERS_H
#define L4_SYS_NUMBERS_H

#define L4_SYS_IPC              0
#define L4_SYS_ID_NEAREST       1
#define L4_SYS_FPAGE_UNMAP      2
#define L4_SYS_THREAD_SWITCH    3
#define L4_SYS_THREAD_SCHEDULE  4
#define L4_SYS_LTHREAD_EX_REGS  5
#define L4_SYS_TASK_NEW         6
#define L4_SYS_CACHE_SYNC       7
#define L4_SYS_KDEBUG           8
#define L4_SYS_INTER_TASK_EX_REGS 9
#define L4_SYS_THREAD_TLS       10
#define L4_SYS_GATES            11

/*
 * The operation word: an IPC whose descriptors and timeouts are all of the
 * common kinds says so in one constant. It stands in the number register
 * (EAX at SYSENTER on ia32). L4_OP_IPC tells it from a call number. All of it
 * fits eight bits, an immediate of every machine's comparisons.
 */
#define L4_OP_SEND      0x001   /* send the register words */
#define L4_OP_MAP       0x002   /* ... and they begin with map items */
#define L4_OP_RECV      0x004   /* then receive register words */
#define L4_OP_OPEN      0x008   /* ... from anyone, not only from the partner */
#define L4_OP_SEND_NOW  0x010   /* send timeout 0 in place of never */
#define L4_OP_RECV_NOW  0x020   /* receive timeout 0 in place of never */
#define L4_OP_IPC       0x040

#define L4_OP_CALL              (L4_OP_IPC | L4_OP_SEND | L4_OP_RECV)
#define L4_OP_REPLY_AND_WAIT    (L4_OP_CALL | L4_OP_OPEN)
#define L4_OP_MASK              0x07f

/*
 * What inter_task_ex_regs is to do beside the exchange; in its arg 0. What it
 * says when it could not, in arg 0 with a nil id.
 */
#define L4_EX_STOP      0x01    /* stop it; its registers to our UTCB */
#define L4_EX_FOREIGN   0x02    /* from now on system calls are exceptions */
#define L4_EX_NATIVE    0x04    /* ... are system calls again */
#define L4_EX_NO_CANCEL 0x08    /* fail rather than end an IPC of its own */
#define L4_EX_EXCEPTER  0x10    /* exchange its excepter with our UTCB's */
#define L4_EX_FPU_GET   0x20    /* its FPU registers to the UTCB's buffer */
#define L4_EX_FPU_SET   0x40    /* ... from there */
#define L4_EX_FLAGS     0x7f

#define L4_EX_ENOT_EXISTENT     1   /* no such task, or its id is stale */
#define L4_EX_EDENIED           2   /* not ours to change */
#define L4_EX_ENO_MEMORY        3   /* for a thread that is to be made */
#define L4_EX_EBUSY             4   /* in an IPC, and it is not to be ended */
#define L4_EX_EINVALID          5   /* flags, or a bad buffer */

/* Operations of the kernel's debug console, in argument 0 of L4_SYS_KDEBUG. */
#define L4_KDEBUG_PUTC  0       /* argument 1: character */
#define L4_KDEBUG_HALT  1       /* argument 1: exit status; root task only */
#define L4_KDEBUG_GETC  2       /* result 0: character, or -1 for none yet */
#define L4_KDEBUG_COUNT 3       /* result 0: free kernel memory in bytes */
#define L4_KDEBUG_CHECK 4       /* check the kernel's structures; root only */
#define L4_KDEBUG_KEEP  5       /* argument 1: frames of the kernel's pool that
                                   it shall do without; root only */

#endif
