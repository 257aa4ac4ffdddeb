/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mips64: thread_begin, where thread_create() starts a thread.
 *
 * in: $sp, 16-aligned, points at the function and its argument.
 */
    .set noreorder

    .text
    .globl thread_begin
    .ent thread_begin
thread_begin:
    ld $25, 0($29)
    ld $4, 8($29)
    move $30, $0
    jalr $25
    nop
    jal thread_end
    nop
    .end thread_begin

    .section .note.GNU-stack, "", %progbits
