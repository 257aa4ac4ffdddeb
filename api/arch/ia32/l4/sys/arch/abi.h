/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ia32: where the arguments and results of every call stand.
 *
 * The Version 2 gates, int 0x30 + L4_SYS_*:
 *
 *   slot    register   ipc                  lthread_ex_regs   task_new
 *   id 0    ESI, EDI   partner -> source    pager             task
 *   id 1    EBX, EBP   (EBX = word 1,       preempter         pager
 *                       EBP = receive desc.)
 *   arg 0   EAX        send desc. -> dope   lthread -> flags  mcp / new chief
 *   arg 1   ECX        timeouts             SP                SP
 *   arg 2   EDX        word 0               IP                IP
 *
 * A send with deceit has its virtual sender in the two words at ESP; the
 * receiver of a redirected message finds whom it was for in ECX, EBP.
 *
 * An id's low word stands in the first register. Results come back in the
 * slots of the arguments they replace. Registers without a role are spoilt,
 * but for ESP.
 *
 * SYSENTER, for operation words only (l4/sys/numbers.h):
 *
 *   in   EAX operation, ESI:EDI partner, EBP word 0, EBX word 1,
 *        ECX the user's ESP, EDX the address to return to
 *   out  EAX dope, ESI:EDI source, EBP word 0, EBX word 1; ECX, EDX spoilt,
 *        ESP as ECX was. (SYSEXIT needs ECX and EDX, Intel SDM volume 2.)
 *
 * A thread's UTCB address stands in the word at L4_UTCB_POINTER, which the
 * kernel rewrites at every switch and every program can read.
 *
 * Readable by the assembler.
 */
#ifndef L4_SYS_ARCH_ABI_H
#define L4_SYS_ARCH_ABI_H

#define L4_GATE_BASE    0x30
#define L4_UTCB_AREA    0xff800000  /* UTCBs of the task's threads, by lthread */
#define L4_UTCB_POINTER 0xff7ff000

#endif
