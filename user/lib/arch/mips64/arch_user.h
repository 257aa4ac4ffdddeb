/* SPDX-License-Identifier: BSD-2-Clause */
/* mips64: what the user library needs to know of the processor. */
#ifndef ARCH_USER_H
#define ARCH_USER_H

#include <stdint.h>

#define ARCH_NAME           "mips64"
#define ARCH_ELF_MACHINE    8       /* EM_MIPS */

/* Bits of the counter that count; above them it starts again at 0. */
#define ARCH_COUNTER_BITS   32

/* The counter behind the kernel info page's clock: CP0 Count. */
static inline uint64_t arch_counter(void)
{
    uint64_t count;

    __asm__ volatile(".set push\n\t.set mips64r2\n\trdhwr %0, $2\n\t.set pop"
                     : "=r"(count));
    return (uint32_t)count;
}

/* ori to register 0: without effect, the number in the immediate. */
#define L4_MARK(n) \
    __asm__ volatile("ori $0, $0, %0" : : "i"(0x4c00 | (n)) : "memory")

#endif
