/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mips64: the first instructions of every program.
 *
 * in: $sp = startup information (hickory/start.h), or 0: then there is none,
 * and the stack is the program's own. Calls crt_start(information).
 */
    .weak crt_stack_end
    .set noreorder

    .text
    .globl _start
    .globl __start              /* the linker's name for the entry here */
    .ent _start
__start:
_start:
    move $4, $29
    bnez $29, 1f
    nop
    dla $29, crt_stack_end
1:  dins $29, $0, 0, 4
    move $30, $0                /* the outermost frame, for debuggers */
    jal crt_start
    nop
    .end _start

    .section .note.GNU-stack, "", %progbits
