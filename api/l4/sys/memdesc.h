/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory descriptors of the kernel info page, under the names of the
 * later Version 2 bindings. Take them apart with these functions.
 */
#ifndef L4_SYS_MEMDESC_H
#define L4_SYS_MEMDESC_H

#include <l4/sys/kernel.h>

enum l4_mem_type {
    l4_mem_type_undefined = L4_MEMORY_NONE,
    l4_mem_type_conventional = L4_MEMORY_RAM,
    l4_mem_type_reserved = L4_MEMORY_KERNEL,
    l4_mem_type_dedicated = L4_MEMORY_DEVICE,
    l4_mem_type_shared = 0x4,           /* none of these here */
    l4_mem_type_bootloader = 0xe,
    l4_mem_type_archspecific = 0xf
};

/* In its type word: type 4 bits, subtype 4 bits, and this. */
#define L4_MEM_DESC_VIRTUAL 0x200UL

typedef l4_memory_desc_t l4_kernel_info_mem_desc_t;

L4_INLINE l4_kernel_info_mem_desc_t *
l4_kernel_info_get_mem_descs(l4_kernel_info_t *kip)
{
    return kip->memory;
}

L4_INLINE unsigned l4_kernel_info_get_num_mem_descs(l4_kernel_info_t *kip)
{
    return (unsigned)kip->memory_count;
}

/* `end` is the last byte here and below. */
L4_INLINE void l4_kernel_info_set_mem_desc(l4_kernel_info_mem_desc_t *md,
                                           l4_addr_t start, l4_addr_t end,
                                           unsigned type, unsigned virt,
                                           unsigned sub_type)
{
    md->start = start & ~0x3ffUL;
    md->end = (end | 0x3ffUL) + 1;
    md->type = (type & 15) | (sub_type & 15) << 4 |
               (virt ? L4_MEM_DESC_VIRTUAL : 0);
}

L4_INLINE l4_umword_t
l4_kernel_info_get_mem_desc_start(const l4_kernel_info_mem_desc_t *md)
{
    return md->start;
}

L4_INLINE l4_umword_t
l4_kernel_info_get_mem_desc_end(const l4_kernel_info_mem_desc_t *md)
{
    return md->end - 1;
}

L4_INLINE l4_umword_t
l4_kernel_info_get_mem_desc_type(const l4_kernel_info_mem_desc_t *md)
{
    return md->type & 15;
}

L4_INLINE l4_umword_t
l4_kernel_info_get_mem_desc_subtype(const l4_kernel_info_mem_desc_t *md)
{
    return md->type >> 4 & 15;
}

L4_INLINE l4_umword_t
l4_kernel_info_get_mem_desc_is_virtual(const l4_kernel_info_mem_desc_t *md)
{
    return md->type & L4_MEM_DESC_VIRTUAL;
}

#endif
