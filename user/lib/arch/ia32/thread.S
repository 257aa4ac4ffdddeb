/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ia32: thread_begin, where thread_create() starts a thread.
 *
 * in: ESP, 16-aligned, points at the function and its argument.
 */
    .text
    .globl thread_begin
thread_begin:
    movl (%esp), %eax
    movl 4(%esp), %ecx
    xorl %ebp, %ebp
    subl $12, %esp
    pushl %ecx                  /* 16-aligned where the call happens */
    call *%eax
    call thread_end

    .section .note.GNU-stack, "", %progbits
