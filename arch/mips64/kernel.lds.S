/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the kernel lies: in CKSEG0, 4 MB up, so that the programs it loads
 * have the memory below. The thread table comes first, aligned to its size:
 * ipc_fast.S finds an entry by putting a number into the table's address.
 * The modules follow in a segment of their own.
 */
ENTRY(_start)

#define KERNEL_BASE 0xffffffff80400000
#define PHYS_LIMIT  0x10000000
#define TABLE_BYTES 0x200000

PHDRS
{
    table PT_LOAD FLAGS(6);
    text PT_LOAD FLAGS(5);
    data PT_LOAD FLAGS(6);
    modules PT_LOAD FLAGS(4);
}

SECTIONS
{
    . = KERNEL_BASE;
    kernel_image_start = .;

    .table (NOLOAD) : {
        *(.bss.tcb_table)
    } :table

    . = KERNEL_BASE + TABLE_BYTES;
    .text : {
        kernel_text_start = .;
        *(.vectors)
        vectors_general = .;
        *(.vectors.fast)        /* ipc_fast.S, in kernels that have it */
        *(.vectors.general)
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
ASSERT(tcb_table == KERNEL_BASE && SIZEOF(.table) == TABLE_BYTES &&
       KERNEL_BASE % TABLE_BYTES == 0, "an address made by dins is wrong")
ASSERT((vectors & 0xfff) == 0, "EBase takes whole pages")
ASSERT(vectors == kernel_text_start, "the vectors come first")
ASSERT(vectors_general == vectors + 0x180, "that is where traps go")
ASSERT(ADDR(.modules) + SIZEOF(.modules) < 0xffffffff80000000 + PHYS_LIMIT,
       "the image leaves the window on physical memory")
