/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mips64: where the arguments and results of every call stand.
 *
 * One instruction, `syscall`, with the number or the operation word in v0:
 *
 *   slot    register   ipc                    operation word
 *   id 0    a0         partner -> source      the same
 *   arg 0   a1         send desc. -> dope     -> dope
 *   arg 1   a2         receive desc.
 *   arg 2   a3         timeouts
 *   id 1    a4
 *           s0 ... s7  words 0 ... 7          the same
 *
 * A send with deceit has its virtual sender in a4; the receiver of a
 * redirected message finds whom it was for in a2.
 *
 * Results come back in the slots of the arguments they replace. Registers
 * without a role are spoilt, but for sp: after an operation word they may
 * hold what the partner had there (never what the kernel had), so who keeps a
 * secret from its partners clears them. gp is one of them: programs are
 * compiled with -mno-gpopt, as newlib's headers else make use of it.
 *
 * The number is the lower half of v0; the upper half is not looked at.
 *
 * A thread's UTCB address stands in k0 whenever it runs.
 *
 * Readable by the assembler.
 */
#ifndef L4_SYS_ARCH_ABI_H
#define L4_SYS_ARCH_ABI_H

#define L4_UTCB_AREA    0x10000000000   /* UTCBs of the task's threads, by lthread */

#endif
