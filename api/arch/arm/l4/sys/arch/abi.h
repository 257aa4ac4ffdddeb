/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * arm: where the arguments and results of every call stand.
 *
 * One instruction, `svc #0`, with the number or the operation word in r12:
 *
 *   slot    register   ipc                    operation word
 *   id 0    r0, r1     partner -> source      the same
 *   arg 0   r2         send desc. -> dope     -> dope
 *   arg 1   r3         receive desc.
 *   arg 2   r4         (word 0)
 *   id 1    r5, r6     (words 1, 2)
 *           r4 ... r11 words 0 ... 7          the same
 *           r14        timeouts
 *
 * A send with deceit has its virtual sender in the two words at SP; the
 * receiver of a redirected message finds whom it was for in r3, r14.
 *
 * An id's low word stands in the first register. Results come back in the
 * slots of the arguments they replace. Registers without a role are spoilt,
 * but for SP. An operation word spoils r3 only: r12 and r14 come back as they
 * were, and so nobody says whom a redirected message was for.
 *
 * A thread's UTCB address stands in TPIDRURW (p15, 0, c13, c0, 2).
 *
 * Readable by the assembler.
 */
#ifndef L4_SYS_ARCH_ABI_H
#define L4_SYS_ARCH_ABI_H

#define L4_UTCB_AREA    0xbf000000  /* UTCBs of the task's threads, by lthread */

#endif
