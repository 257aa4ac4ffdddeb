/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef L4_UTIL_CPU_H
#define L4_UTIL_CPU_H

#include <l4/sys/compiler.h>

/* In a loop that waits for another processor, or for an interrupt. */
L4_INLINE void l4util_cpu_pause(void)
{
    __asm__ volatile("yield" : : : "memory");
}

#endif
