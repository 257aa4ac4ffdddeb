/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's image: text in a 2 MB block of its own, which boot.S maps
 * read-only; data and bss in the next; boot modules behind.
 */
#include "cpu.h"

OUTPUT_FORMAT("elf32-littlearm")
OUTPUT_ARCH(arm)
ENTRY(entry_physical)

PHDRS
{
    text PT_LOAD FLAGS(5);
    data PT_LOAD FLAGS(6);
    modules PT_LOAD FLAGS(4);
}

SECTIONS
{
    . = KERNEL_BASE;
    kernel_image_start = .;

    .text : AT(ADDR(.text) - KERNEL_OFFSET) {
        kernel_text_start = .;
        *(.text.boot)
        *(.text .text.*)
        kernel_text_end = .;
    } :text
    .rodata : AT(ADDR(.rodata) - KERNEL_OFFSET) {
        *(.rodata .rodata.*)
    } :text
    kernel_rodata_end = .;

    . = ALIGN(1 << BLOCK_SHIFT);
    .data : AT(ADDR(.data) - KERNEL_OFFSET) {
        *(.data.tables)
        *(.data .data.*)
    } :data
    .bss : AT(ADDR(.bss) - KERNEL_OFFSET) {
        *(.bss .bss.* COMMON)
    } :data
    . = ALIGN(4096);
    kernel_image_end = .;

    .modules : AT(ADDR(.modules) - KERNEL_OFFSET) {
        *(.modules)
    } :modules

    /DISCARD/ : {
        *(.ARM.exidx* .ARM.extab* .comment .note* .eh_frame*)
    }
}

/* The loader jumps there with the MMU off. */
entry_physical = _start - KERNEL_OFFSET;

ASSERT(KERNEL_BASE - KERNEL_OFFSET == RAM_BASE + 0x400000,
       "the table in boot.S has the text in block 2")
ASSERT(kernel_rodata_end <= KERNEL_BASE + (1 << BLOCK_SHIFT),
       "text and constants fit one block")
ASSERT(kernel_image_end <= BOOT_MAPPED_END,
       "boot.S maps the whole image")
ASSERT((kernel_table & 0xfff) == 0, "the kernel's table fills one frame")
ASSERT((vectors & 0x1f) == 0, "VBAR is 32-byte aligned")
