/* SPDX-License-Identifier: BSD-2-Clause */
/* The stack of a program that the kernel starts without one. */
    .section .bss
    .balign 16
    .space 16384
    .globl crt_stack_end
crt_stack_end:

    .section .note.GNU-stack, "", %progbits
