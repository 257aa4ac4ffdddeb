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

/* An instruction that traps, and how long it is; a system call as Linux
   programs make it: where its result goes, what its kernel looks at (v0, a0 to
   a5, epc), and by how much the kernel has to skip it. */
#define ARCH_TRAP()         __asm__ volatile("break" : : : "memory")
#define ARCH_TRAP_BYTES     4
#define ARCH_LINUX_CALL()   __asm__ volatile("syscall" : : : "$2", "memory")
#define ARCH_LINUX_RESULT   L4_REG_V0
#define ARCH_LINUX_WANTED   ((l4_umword_t)1 << L4_REG_EPC | 0x1fa)
#define ARCH_LINUX_SKIP     0

#endif
