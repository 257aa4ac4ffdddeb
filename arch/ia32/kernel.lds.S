/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ia32: the image, linked in the window at WINDOW_BASE + KERNEL_PHYS and
 * loaded at KERNEL_PHYS. The entry is a virtual address: QEMU and GRUB both
 * translate it by the segment that holds it. The Multiboot header must lie
 * in the first 8 KB of the file, so .boot comes first.
 */
#include "cpu.h"

#define LOAD(section) AT(ADDR(section) - WINDOW_BASE)

ENTRY(boot_start)

PHDRS
{
    servers PT_LOAD;
    kernel PT_LOAD;
    modules PT_LOAD;
}

SECTIONS
{
    /* Where the kernel will load the root task: claimed, though nothing of it
       is in the file, or GRUB puts its modules there. */
    . = WINDOW_BASE + SERVERS_PHYS;
    .servers (NOLOAD) : LOAD(.servers) { . += KERNEL_PHYS - SERVERS_PHYS; }
        :servers

    . = WINDOW_BASE + KERNEL_PHYS;
    kernel_image_start = .;

    .text : LOAD(.text) {
        kernel_text_start = .;
        *(.boot)
        *(.text .text.*)
        kernel_text_end = .;
    } :kernel
    .rodata : LOAD(.rodata) { *(.rodata .rodata.*) } :kernel
    .data : LOAD(.data) { *(.data .data.*) } :kernel
    .bss : LOAD(.bss) { *(.bss .bss.* COMMON) } :kernel

    . = ALIGN(4096);
    kernel_image_end = .;
    .modules : LOAD(.modules) { KEEP(*(.modules)) } :modules
    modules_end = .;

    /DISCARD/ : { *(.comment .note .note.* .eh_frame) }
}

ASSERT(kernel_image_start % SUPERPAGE_BYTES == 0,
       "boot.S has one entry for the identity mapping")
ASSERT(boot_start - kernel_image_start < 4096,
       "the Multiboot header is found, and boot.S in its identity mapping")
ASSERT(modules_end <= WINDOW_BASE + WINDOW_SIZE, "the image fits the window")
