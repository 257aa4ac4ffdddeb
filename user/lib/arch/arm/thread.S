/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * arm: thread_begin, where thread_create() starts a thread.
 *
 * in: SP, 16-aligned, points at the function and its argument.
 */
    .syntax unified
    .arm

    .text
    .globl thread_begin
    .type thread_begin, %function
thread_begin:
    ldr r1, [sp]
    ldr r0, [sp, #4]
    mov fp, #0
    blx r1
    bl thread_end

    .section .note.GNU-stack, "", %progbits
