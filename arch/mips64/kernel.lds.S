/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the kernel lies: in CKSEG0, 4 MB up, so that the programs it loads
 * have the memory below. The modules follow it in a segment of their own.
 */
ENTRY(_start)

#define KERNEL_BASE 0xffffffff80400000
#define PHYS_LIMIT  0x10000000

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

    .text : {
        kernel_text_start = .;
        *(.vectors)
        *(.text .text.*)
        kernel_text_end = .;
        . = ALIGN(16);
        *(.rodata .rodata.*)
    } :text

    . = ALIGN(4096);
    .data : {
        *(.data .data.* .sdata .sdata.*)
    } :data

    .bss : {
        . = ALIGN(8);
        kernel_bss_start = .;
        *(.bss .bss.* .sbss .sbss.* COMMON)
        . = ALIGN(4096);
        kernel_bss_end = .;
    } :data

    kernel_image_end = .;

    .modules : {
        KEEP(*(.modules))
    } :modules

    /DISCARD/ : {
        *(.MIPS.abiflags .MIPS.options .reginfo .pdr .gnu.attributes)
        *(.comment .note .note.* .eh_frame)
    }
}

ASSERT(kernel_image_start == KERNEL_BASE, "the image has moved")
ASSERT((vectors & 0xfff) == 0, "EBase takes whole pages")
ASSERT(vectors == kernel_text_start, "the vectors come first")
ASSERT(ADDR(.modules) + SIZEOF(.modules) < 0xffffffff80000000 + PHYS_LIMIT,
       "the image leaves the window on physical memory")
