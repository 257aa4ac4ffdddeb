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

/* An instruction that traps, and how long it is; a system call as Linux
   programs make it: where its result goes, what its kernel looks at (r0 to
   r7), and by how much the kernel has to skip it. */
#define ARCH_TRAP()         __asm__ volatile("bkpt #0" : : : "memory")
#define ARCH_TRAP_BYTES     4
#define ARCH_LINUX_CALL()   ({                      \
    register l4_umword_t r12 __asm__("r12") = 0;    \
    __asm__ volatile("svc #0" : : "r"(r12) : "r0", "memory"); \
})
#define ARCH_LINUX_RESULT   L4_REG_R0
#define ARCH_LINUX_WANTED   0xff
#define ARCH_LINUX_SKIP     0

#endif
