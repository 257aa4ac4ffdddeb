/* SPDX-License-Identifier: BSD-2-Clause */
/* arm: what the user library needs to know of the processor. */
#ifndef ARCH_USER_H
#define ARCH_USER_H

#include <stdint.h>

#define ARCH_NAME           "arm"
#define ARCH_ELF_MACHINE    40      /* EM_ARM */

/* Bits of the counter that count; above them it starts again at 0. */
#define ARCH_COUNTER_BITS   64

/* The counter behind the kernel info page's clock: CNTVCT. */
static inline uint64_t arch_counter(void)
{
    uint64_t count;

    __asm__ volatile("isb\n\tmrrc p15, 1, %Q0, %R0, c14" : "=r"(count));
    return count;
}

/* A hint that does nothing (DBG has numbers up to 15 only): the number in
   its lowest byte, from 0x80. */
#define L4_MARK(n) \
    __asm__ volatile(".word %c0" : : "i"(0xe320f080 + (n)) : "memory")

#endif
