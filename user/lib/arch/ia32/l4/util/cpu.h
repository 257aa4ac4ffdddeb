/* SPDX-License-Identifier: BSD-2-Clause */
/* What the processor can do. */
#ifndef L4_UTIL_CPU_H
#define L4_UTIL_CPU_H

#include <l4/sys/compiler.h>

/* In a loop that waits for another processor, or for an interrupt. */
L4_INLINE void l4util_cpu_pause(void)
{
    __asm__ volatile("rep; nop" : : : "memory");
}

L4_INLINE void l4util_cpu_cpuid(unsigned long mode, unsigned long *eax,
                                unsigned long *ebx, unsigned long *ecx,
                                unsigned long *edx)
{
    __asm__ volatile("cpuid"
                     : "=a"(*eax), "=b"(*ebx), "=c"(*ecx), "=d"(*edx)
                     : "0"(mode), "2"(0));
}

/* Every processor that the kernel runs on has the instruction. */
L4_INLINE int l4util_cpu_has_cpuid(void)
{
    return 1;
}

/* The feature bits of leaf 1, EDX. */
L4_INLINE unsigned l4util_cpu_capabilities_nocheck(void)
{
    unsigned long unused, features;

    l4util_cpu_cpuid(1, &unused, &unused, &unused, &features);
    return (unsigned)features;
}

L4_INLINE unsigned l4util_cpu_capabilities(void)
{
    return l4util_cpu_has_cpuid() ? l4util_cpu_capabilities_nocheck() : 0;
}

#endif
