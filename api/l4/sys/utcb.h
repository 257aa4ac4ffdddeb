/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * UTCB: the page part that each thread shares with the kernel.
 *
 * Pinned, user-writable, 512 bytes, at L4_UTCB_AREA + 512 * lthread in the
 * thread's own task; l4_utcb() finds the running thread's.
 *
 * It carries the register state of exceptions (doc/api/exceptions.md): a
 * handler says once which registers it wants; they are in its UTCB when the
 * message arrives, and those it marks as changed go back with its answer.
 */
#ifndef L4_SYS_UTCB_H
#define L4_SYS_UTCB_H

#include <l4/sys/arch/regs.h>
#include <l4/sys/arch/stubs.h>

#define L4_UTCB_LOG2_SIZE   9
/* Bytes in front of reg[]. */
#define L4_UTCB_HEAD        (13 * (int)sizeof(l4_umword_t) + 3 * 8)
#define L4_UTCB_REGS \
    (((1 << L4_UTCB_LOG2_SIZE) - L4_UTCB_HEAD) / (int)sizeof(l4_umword_t))

struct l4_utcb {
    l4_umword_t user[8];            /* never touched by the kernel */
    l4_umword_t wanted_exception;   /* handler: registers to come with an
                                       exception, bit n for register n */
    l4_umword_t wanted_fault;       /* ... and with a page fault */
    l4_umword_t changed;            /* handler, before its answer: registers
                                       to go back; the kernel clears it */
    l4_umword_t code;               /* kernel: the hardware's code of the
                                       exception, 0 where it has none */
    l4_uint64_t send_until;         /* absolute timeouts of ipc: microseconds */
    l4_uint64_t receive_until;      /* since boot; see L4_IPC_UNTIL */
    l4_uint64_t excepter;           /* inter_task_ex_regs: an id, in and out */
    l4_umword_t fpu_buffer;         /* inter_task_ex_regs: its address */
    l4_umword_t reg[L4_UTCB_REGS];  /* registers; fpages of a list to unmap */
};

typedef struct l4_utcb l4_utcb_t;

L4_INLINE struct l4_utcb *l4_utcb(void)
{
    return (struct l4_utcb *)l4_arch_utcb();
}

/* The same under the name of the later Version 2 bindings. */
L4_INLINE l4_utcb_t *l4_utcb_get(void)
{
    return l4_utcb();
}

/* Where the thread of an exception stood; the handler wants L4_REG_IP. */
L4_INLINE l4_umword_t l4_utcb_exc_pc(l4_utcb_t *u)
{
    return u->reg[L4_REG_IP];
}

#endif
