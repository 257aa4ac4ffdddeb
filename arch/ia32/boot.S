/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ia32: from the Multiboot loader to kernel_main.
 *
 * Entered with paging off at the image's physical address, flat 32-bit
 * segments, EAX = the loader's magic, EBX = its information (Multiboot
 * Specification 0.6.96, 3.2). Until .Lhigh every symbol must go through
 * PHYS().
 */
#include <offsets.h>

#include "cpu.h"

#define PHYS(symbol) ((symbol) - WINDOW_BASE)

#define MB_HEADER_MAGIC 0x1BADB002
#define MB_PAGE_ALIGN   1       /* modules begin on a page boundary */
#define MB_MEMORY_MAP   2
#define MB_FLAGS        (MB_PAGE_ALIGN | MB_MEMORY_MAP)

#define CPUID_NEEDED \
    (CPUID_FPU | CPUID_PSE | CPUID_TSC | CPUID_MSR | CPUID_MCE | CPUID_SEP | \
     CPUID_PGE | CPUID_CMOV | CPUID_FXSR | CPUID_SSE)

#define PTE_WINDOW \
    (PTE_PRESENT | PTE_WRITE | PTE_ACCESSED | PTE_DIRTY | PTE_SUPERPAGE | \
     PTE_GLOBAL)
#define ROOT_ENTRY(address) (kernel_root + ((address) >> SUPERPAGE_SHIFT) * 4)

/* Clobbers AL, DX. */
.macro WRITE_PORT value, port
    movb $\value, %al
    movw $\port, %dx
    outb %al, %dx
.endm

    .section .boot, "ax"
    .balign 4
multiboot_header:
    .long MB_HEADER_MAGIC, MB_FLAGS, -(MB_HEADER_MAGIC + MB_FLAGS)

    .globl boot_start
boot_start:
    cli
    cld
    movl $PHYS(kernel_stack + KERNEL_STACK_BYTES), %esp
    movl %eax, PHYS(multiboot_magic)
    movl %ebx, PHYS(multiboot_address)

    WRITE_PORT UART_LCR_DLAB, UART_LCR
    WRITE_PORT UART_DIVISOR, UART_DATA
    WRITE_PORT 0, UART_IER            /* the divisor's high byte */
    WRITE_PORT UART_LCR_8N1, UART_LCR
    WRITE_PORT 0, UART_IER            /* no interrupts: the console is polled */
    WRITE_PORT UART_FCR_ON, UART_FCR
    WRITE_PORT UART_MCR_READY, UART_MCR

    call check_cpu

    /* The window; and, for the jump out of here, the image where it is. */
    movl $PHYS(ROOT_ENTRY(WINDOW_BASE)), %edi
    movl $PTE_WINDOW, %eax
    movl $(WINDOW_SIZE >> SUPERPAGE_SHIFT), %ecx
1:  stosl
    addl $SUPERPAGE_BYTES, %eax
    loop 1b
    movl $(KERNEL_PHYS + PTE_WINDOW), PHYS(ROOT_ENTRY(KERNEL_PHYS))

    movl $CR4_PSE, %eax
    movl %eax, %cr4
    movl $PHYS(kernel_root), %eax
    movl %eax, %cr3
    movl %cr0, %eax
    andl $~(CR0_EM | CR0_AM), %eax
    orl $(CR0_PG | CR0_WP | CR0_NE | CR0_MP | CR0_PE), %eax
    movl %eax, %cr0
    movl $.Lhigh, %eax          /* a jump must follow (SDM 3, 9.9.1) */
    jmp *%eax
.Lhigh:
    /* PGE only now: after PG (SDM 3, 4.10.2.4), and after the identity
       mapping, which must not stay in the TLB as a global one. */
    movl $0, ROOT_ENTRY(KERNEL_PHYS)
    movl %cr3, %eax
    movl %eax, %cr3
    movl $CR4_KERNEL, %eax
    movl %eax, %cr4

    movl $(kernel_stack + KERNEL_STACK_BYTES), %esp
    xorl %ebp, %ebp
    pushl $EFLAGS_ONE
    popfl
    call kernel_main

/*
 * Stop with a message when the CPU lacks something. Clobbers EAX to EDX.
 * Without CPUID, EFLAGS.ID does not change (SDM 1, 20.1.2).
 */
check_cpu:
    movl $PHYS(name_cpuid), %esi
    pushfl
    popl %eax
    movl %eax, %ecx
    xorl $EFLAGS_ID, %eax
    pushl %eax
    popfl
    pushfl
    popl %eax
    xorl %ecx, %eax
    testl $EFLAGS_ID, %eax
    jz cpu_lacks
    movl $1, %eax
    cpuid
    notl %edx
    andl $CPUID_NEEDED, %edx
    jnz 1f
    ret
1:  movl $PHYS(feature_names), %esi
2:  lodsl                       /* mask, then five bytes of name */
    testl %eax, %edx
    jnz cpu_lacks
    addl $5, %esi
    jmp 2b

/* ESI: name of what is missing. */
cpu_lacks:
    movl %esi, %ebx
    movl $PHYS(name_intro), %esi
    call boot_print
    movl %ebx, %esi
    call boot_print
    movl $PHYS(name_end), %esi
    call boot_print
1:  hlt
    jmp 1b

/* Write the string at ESI to the console. Clobbers AL, AH, DX, ESI. */
boot_print:
    lodsb
    testb %al, %al
    jz 2f
    movb %al, %ah
    movw $UART_LSR, %dx
1:  inb %dx, %al
    testb $UART_LSR_EMPTY, %al
    jz 1b
    movb %ah, %al
    movw $UART_DATA, %dx
    outb %al, %dx
    jmp boot_print
2:  ret

    .section .rodata
name_intro: .asciz "hickory: cannot run, this CPU has no "
name_cpuid: .asciz "CPUID"
name_end:   .asciz "\n"

.macro FEATURE mask, name
    .long \mask
    .ascii "\name\0"
.endm
feature_names:                  /* names of four characters; in this order
                                   the oldest missing one is named */
    FEATURE CPUID_FPU,  "FPU "
    FEATURE CPUID_PSE,  "PSE "
    FEATURE CPUID_TSC,  "TSC "
    FEATURE CPUID_MSR,  "MSR "
    FEATURE CPUID_MCE,  "MCE "
    FEATURE CPUID_CMOV, "CMOV"
    FEATURE CPUID_PGE,  "PGE "
    FEATURE CPUID_SEP,  "SEP "
    FEATURE CPUID_FXSR, "FXSR"
    FEATURE CPUID_SSE,  "SSE "
