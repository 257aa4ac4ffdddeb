/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * arm: the first instructions of every program.
 *
 * in: SP = startup information (hickory/start.h), or 0: then there is none,
 * and the stack is the program's own. Calls crt_start(information).
 */
    .weak crt_stack_end
    .syntax unified
    .arm

    .text
    .globl _start
    .type _start, %function
_start:
    mov r0, sp
    cmp r0, #0
    ldreq r1, =crt_stack_end
    moveq sp, r1
    mov r1, sp
    bic sp, r1, #7
    mov fp, #0                  /* the outermost frame, for debuggers */
    mov lr, #0
    bl crt_start
    .ltorg

    .section .note.GNU-stack, "", %progbits
