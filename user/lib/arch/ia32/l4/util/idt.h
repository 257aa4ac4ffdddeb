/* SPDX-License-Identifier: BSD-2-Clause */
/* A thread's own interrupt descriptor table, which the kernel emulates. */
#ifndef L4_UTIL_IDT_H
#define L4_UTIL_IDT_H

#include <l4/sys/compiler.h>
#include <l4/sys/l4int.h>

typedef struct {
    l4_uint32_t a, b;           /* a gate as the processor has it */
} __attribute__((packed)) l4util_idt_desc_t;

typedef struct {
    l4_uint16_t limit;
    void *base;
    l4util_idt_desc_t desc[];
} __attribute__((packed)) l4util_idt_header_t;

/* A trap gate to `handler` that user code may use, too; its selector does not
   count. */
L4_INLINE void l4util_idt_entry(l4util_idt_header_t *idt, int nr,
                                void (*handler)(void))
{
    idt->desc[nr].a = (l4_uint32_t)handler & 0xffff;
    idt->desc[nr].b = ((l4_uint32_t)handler & 0xffff0000) | 0xef00;
}

/* A table of so many entries, which stands behind its header, without
   handlers. */
L4_INLINE void l4util_idt_init(l4util_idt_header_t *idt, int entries)
{
    idt->limit = (l4_uint16_t)(entries * 8 - 1);
    idt->base = idt->desc;
    for (int i = 0; i < entries; i++)
        l4util_idt_entry(idt, i, 0);
}

/* The calling thread's exceptions go to this table from now on. */
L4_INLINE void l4util_idt_load(l4util_idt_header_t *idt)
{
    __asm__ volatile("lidt (%0)" : : "a"(idt) : "memory");
}

#endif
