/* SPDX-License-Identifier: BSD-2-Clause */
#include "../../fuzz/fuzz.h"

void odd_instruction(unsigned n, l4_umword_t value)
{
    switch (n) {
    case 0:
        __asm__ volatile("msr cpsr_fsxc, %0" : : "r"(value) : "cc");
        break;
    case 1:
        __asm__ volatile("svc #1" : : : "memory");
        break;
    case 2:
        __asm__ volatile("mov r12, %0\n\tsvc #0"
                         : : "r"(value) : "r0", "r1", "r2", "r3", "r4", "r5",
                           "r6", "r7", "r8", "r9", "r10", "r12", "lr",
                           "memory");
        break;
    case 3:
        __asm__ volatile("bkpt #0");
        break;
    case 4:
        __asm__ volatile("mcr p15, 0, %0, c2, c0, 0" : : "r"(value));
        break;
    case 5:
        __asm__ volatile("mcr p15, 0, %0, c13, c0, 2" : : "r"(value));
        break;
    case 6:
        __asm__ volatile("vmsr fpscr, %0" : : "r"(value));
        break;
    case 7:
        __asm__ volatile("vmsr fpexc, %0" : : "r"(value));
        break;
    case 8:
        __asm__ volatile("bx %0" : : "r"(value | 1));
        break;
    case 9:
        __asm__ volatile("ldm %0, {r0, r1}" : : "r"(value | 2) : "r0", "r1");
        break;
    case 10:
        __asm__ volatile("mov sp, %0\n\tsvc #0" : : "r"(value) : "memory");
        break;
    case 11:
        __asm__ volatile("wfi");
        break;
    case 12:
        __asm__ volatile("smc #0");
        break;
    case 13:
        __asm__ volatile("setend be\n\tsetend le");
        break;
    case 14:    /* a simulator may take these for its own */
        __asm__ volatile("mov r0, #0x18\n\tmov r1, %0\n\tsvc #0x123456"
                         : : "r"(value) : "r0", "r1", "memory");
        break;
    case 15:
        __asm__ volatile("mov r0, #0x18\n\tmov r1, %0\n\t"
                         ".word 0xe10f0070" : : "r"(value)
                         : "r0", "r1", "memory");
        break;
    default:
        __asm__ volatile(".word 0xe7f000f0");
    }
}
