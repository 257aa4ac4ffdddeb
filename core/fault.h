/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CORE_FAULT_H
#define CORE_FAULT_H

#include "tcb.h"

/* Exception numbers beside those of the hardware, on every target. */
#define EXCEPTION_BAD_SYSCALL   0x100   /* no such call */
#define EXCEPTION_FOREIGN       0x101   /* system call of a foreign thread */
#define EXCEPTION_STOPPED       0x102   /* by inter_task_ex_regs */

/* ---- fault_fast.c ---- */

/* The common case of a message to a handler, w0 and the instruction pointer.
   False: nothing done, go the slow way. True: the handler is current. */
bool fault_fast_call(struct tcb *t, enum msg_kind kind, word_t w0);

/* The common case of an answer to one, by its operation word. False: nothing
   done. True: the thread is current that raised it. */
bool fault_fast_answer(struct tcb *self, word_t op);

/* ---- fault.c ---- */

/* t has raised the exception whose number and code stand in it. */
void fault_exception(struct tcb *t);

void fault_bad_syscall(struct tcb *t);
void fault_foreign_syscall(struct tcb *t) NORETURN;

/* Word 0 of kernel-made messages, by the low bits: a page fault ends in 0, an
   exception in 0101, which no fault has nor any request of sigma0's protocol,
   a preemption in 1101. */
static inline word_t fault_exception_word(word_t number)
{
    return number << 4 | 5;
}

#define PREEMPTION_SLICE_ENDED  0x0Du

/* Word 0 of a page fault: the address with its two low bits replaced, bit 1
   by "write". `access` is RIGHT_*. */
static inline word_t fault_word(word_t address, word_t access)
{
    return (address & ~(word_t)3) | (access & RIGHT_WRITE ? 2 : 0);
}

#endif
