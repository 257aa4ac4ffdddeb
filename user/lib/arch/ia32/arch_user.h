/* SPDX-License-Identifier: BSD-2-Clause */
/* ia32: what the user library needs to know of the processor. */
#ifndef ARCH_USER_H
#define ARCH_USER_H

#include <stdint.h>

#define ARCH_NAME           "ia32"
#define ARCH_ELF_MACHINE    3       /* EM_386 */

/* Bits of the counter that count; above them it starts again at 0. */
#define ARCH_COUNTER_BITS   64

/* The counter behind the kernel info page's clock. */
static inline uint64_t arch_counter(void)
{
    uint32_t low, high;

    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

/* I/O ports: an exception for who does not have them. */
static inline uint8_t arch_in8(uint16_t port)
{
    uint8_t value;

    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port) : "memory");
    return value;
}

static inline void arch_out8(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

/* nopl imm32(%eax): seven bytes without effect, the number in the offset. */
#define L4_MARK(n) \
    __asm__ volatile(".byte 0x0f, 0x1f, 0x80\n\t.long %c0" \
                     : : "i"(0x4c340000 | (n)) : "memory")

/* An instruction that traps, and how long it is; a system call as Linux
   programs make it: where its result goes, what its kernel looks at (edi to
   eax, eip), and by how much the kernel has to skip it. */
#define ARCH_TRAP()         __asm__ volatile("ud2" : : : "memory")
#define ARCH_TRAP_BYTES     2
#define ARCH_LINUX_CALL()   __asm__ volatile("int $0x80" : : : "eax", "memory")
#define ARCH_LINUX_RESULT   L4_REG_EAX
#define ARCH_LINUX_WANTED   (0x7f << L4_REG_EDI | 1 << L4_REG_EIP)
#define ARCH_LINUX_SKIP     2

#endif
