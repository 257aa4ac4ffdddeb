/* SPDX-License-Identifier: BSD-2-Clause */
#include "../../fuzz/fuzz.h"

void odd_instruction(unsigned n, l4_umword_t value)
{
    switch (n) {
    case 0:
        __asm__ volatile("mtc0 %0, $12" : : "r"(value));
        break;
    case 1:
        __asm__ volatile("break 1");
        break;
    case 2:
        __asm__ volatile("move $2, %0\n\tsyscall" : : "r"(value)
                         : "$2", "$3", "$4", "$5", "$6", "$7", "$8", "$9",
                           "$10", "$11", "$12", "$13", "$14", "$15", "$24",
                           "$25", "$31", "memory");
        break;
    case 3:
        __asm__ volatile("teq $0, $0");
        break;
    case 4:
        __asm__ volatile(".set push\n\t.set noat\n\t"
                         "add $1, %0, %0\n\t.set pop" : : "r"(0x7fffffff)
                         : "$1");
        break;
    case 5:
        __asm__ volatile("ctc1 %0, $31" : : "r"(value & 0xffffff));
        break;
    case 6:
        __asm__ volatile("rdhwr $3, $29" : : : "$3");
        break;
    case 7:
        __asm__ volatile("move $27, %0\n\tmove $26, %0" : : "r"(value));
        break;
    case 8:
        __asm__ volatile(".set push\n\t.set noreorder\n\t"
                         "beq $0, $0, 1f\n\tsyscall\n1:\n\t.set pop"
                         : : : "$2", "$4", "$5", "memory");
        break;
    case 9:
        __asm__ volatile("ld $3, 0(%0)" : : "r"(value | 1) : "$3");
        break;
    case 10:
        __asm__ volatile("move $29, %0\n\tsyscall" : : "r"(value)
                         : "memory");
        break;
    case 11:
        __asm__ volatile("tlbwr");
        break;
    case 12:
        __asm__ volatile("eret");
        break;
    case 13:
        __asm__ volatile(".word 0x42000020");       /* wait */
        break;
    case 14:
        __asm__ volatile(".set push\n\t.set noreorder\n\t"
                         "beq $0, $0, 1f\n\tlw $3, 0(%0)\n1:\n\t.set pop"
                         : : "r"(value) : "$3");
        break;
    case 15:
        __asm__ volatile("jr %0" : : "r"(value));
        break;
    case 16:    /* not sdbbp 1: QEMU 7.2 lets anyone have semihosting */
        __asm__ volatile("sdbbp 0");
        break;
    default:
        __asm__ volatile(".word 0x7c00003f");
    }
}
