/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ia32: the first instructions of every program.
 *
 * in: ESP = startup information (hickory/start.h), or 0: then there is none,
 * and the stack is the program's own. Calls crt_start(information).
 */
    .weak crt_stack_end

    .text
    .globl _start
_start:
    movl %esp, %eax
    testl %esp, %esp
    jnz 1f
    movl $crt_stack_end, %esp
1:  xorl %ebp, %ebp             /* the outermost frame, for debuggers */
    andl $-16, %esp
    subl $12, %esp              /* 16-aligned where the call happens */
    pushl %eax
    call crt_start

    .section .note.GNU-stack, "", %progbits
