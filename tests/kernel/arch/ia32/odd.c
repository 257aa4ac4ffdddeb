/* SPDX-License-Identifier: BSD-2-Clause */
#include "../../fuzz/fuzz.h"

void odd_instruction(unsigned n, l4_umword_t value)
{
    switch (n) {
    case 0:
        __asm__ volatile("pushl %0; popfl" : : "r"(value) : "cc");
        break;
    case 1:
        __asm__ volatile("mov %0, %%ds" : : "r"(value));
        break;
    case 2:
        __asm__ volatile("mov %0, %%gs" : : "r"(value));
        break;
    case 3:
        __asm__ volatile("int $0x80" : : "a"(value));
        break;
    case 4:
        __asm__ volatile("int3");
        break;
    case 5:
        __asm__ volatile("hlt");
        break;
    case 6:
        __asm__ volatile("outb %%al, $0x21" : : "a"(value));
        break;
    case 7:
        __asm__ volatile("xorl %%ecx, %%ecx; divl %%ecx"
                         : : "a"(value), "d"(0) : "ecx", "cc");
        break;
    case 8:
        __asm__ volatile("movl %0, %%cr3" : : "r"(value));
        break;
    case 9:
        __asm__ volatile("fldcw %0; fdivs %1" : : "m"(value), "m"(value));
        break;
    case 10:
        __asm__ volatile("ldmxcsr %0" : : "m"(value));
        break;
    case 11:
        __asm__ volatile("wrmsr" : : "a"(value), "c"(0x176), "d"(0));
        break;
    case 12:
        __asm__ volatile("lidt (%0)" : : "r"(value));
        break;
    case 13:
        __asm__ volatile("movl %0, %%esp; int $0x30" : : "r"(value));
        break;
    case 16:
        __asm__ volatile("movl %0, %%ecx; sysenter" : : "r"(value), "a"(value));
        break;
    case 14:            /* an IRET to virtual 8086 mode */
        __asm__ volatile("pushl $0\n\tpushl $0\n\tpushl $0\n\tpushl $0\n\t"
                         "pushl $0\n\tpushl $0x1000\n\tpushl $0x20202\n\t"
                         "pushl %0\n\tpushl $0x100\n\tiret"
                         : : "r"(value));
        break;
    case 15:
        __asm__ volatile("jmp *%0" : : "r"(value));
        break;
    default:
        __asm__ volatile("ud2");
    }
}
