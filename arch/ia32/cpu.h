/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ia32: names of registers and bits, the kernel's address-space layout, and
 * (C only) the instructions that C has no words for. "SDM" is the Intel 64
 * and IA-32 Architectures Software Developer's Manual.
 *
 * Readable by the assembler and the linker script up to the C part.
 *
 *   00000000  user
 *   C0000000  window: physical memory from 0, 4 MB pages, global
 *   C0400000    the kernel's image in it
 *   F7000000  small address spaces
 *   FF000000  (unused)
 *   FF400000  the TSS; behind it, in spaces that have I/O ports, their own
 *   FF401000    bitmap of forbidden ports (mmu.c)
 *   FF7FF000    L4_UTCB_POINTER
 *   FF800000  the space's own UTCBs (L4_UTCB_AREA), mapped by core
 *   FFC00000  (unused)
 */
#ifndef CPU_H
#define CPU_H

#define USER_TOP        0xC0000000
#define WINDOW_BASE     0xC0000000
#define WINDOW_SIZE     0x37000000
#define SMALL_BASE      0xF7000000
#define SMALL_SIZE      0x08000000
#define KERNEL_PHYS     0x00400000
#define SERVERS_PHYS    0x00100000  /* the root task's, up to KERNEL_PHYS */
#define TSS_PAGE        0xFF400000
#define PORT_BITMAP     0xFF401000
#define PORT_BITMAP_END 0xFF403000
#define SUPERPAGE_SHIFT 22
#define SUPERPAGE_BYTES 0x400000

/* Page-table entries (SDM 3, 4.3). */
#define PTE_PRESENT     0x001
#define PTE_WRITE       0x002
#define PTE_USER        0x004
#define PTE_PWT         0x008
#define PTE_PCD         0x010
#define PTE_ACCESSED    0x020
#define PTE_DIRTY       0x040
#define PTE_SUPERPAGE   0x080   /* in the root: a 4 MB page */
#define PTE_GLOBAL      0x100
#define PTE_UNCACHED    (PTE_PCD | PTE_PWT)
#define PTE_ADDRESS     0xFFFFF000
#define PTE_ADDRESS_4MB 0xFFC00000

/* Control registers (SDM 3, 2.5). */
#define CR0_PE          0x00000001
#define CR0_MP          0x00000002  /* WAIT obeys TS as well */
#define CR0_EM          0x00000004
#define CR0_TS          0x00000008  /* FPU and SSE trap: vector 7 */
#define CR0_NE          0x00000020  /* FPU errors by vector 16 */
#define CR0_WP          0x00010000  /* read-only binds the kernel too */
#define CR0_AM          0x00040000  /* EFLAGS.AC counts, in user mode: off, since
                                       IPC does not switch that flag */
#define CR0_PG          0x80000000
#define CR4_PSE         0x010
#define CR4_MCE         0x040
#define CR4_PGE         0x080
#define CR4_OSFXSR      0x200
#define CR4_OSXMMEXCPT  0x400
#define CR4_KERNEL      \
    (CR4_PSE | CR4_MCE | CR4_PGE | CR4_OSFXSR | CR4_OSXMMEXCPT)

/* CPUID leaf 1, EDX: what the kernel cannot do without. */
#define CPUID_FPU       0x00000001
#define CPUID_PSE       0x00000008
#define CPUID_TSC       0x00000010
#define CPUID_MSR       0x00000020
#define CPUID_MCE       0x00000080
#define CPUID_SEP       0x00000800
#define CPUID_PGE       0x00002000
#define CPUID_CMOV      0x00008000
#define CPUID_FXSR      0x01000000
#define CPUID_SSE       0x02000000

/* EFLAGS. Users may have any of EFLAGS_USER, and always IF and the one bit. */
#define EFLAGS_ONE      0x00000002
#define EFLAGS_TF       0x00000100
#define EFLAGS_IF       0x00000200
#define EFLAGS_NT       0x00004000
#define EFLAGS_RF       0x00010000
#define EFLAGS_VM       0x00020000
#define EFLAGS_ID       0x00200000
#define EFLAGS_USER     0x00254DD5  /* CF PF AF ZF SF TF DF OF NT RF AC ID */

#define MSR_SYSENTER_CS     0x174
#define MSR_SYSENTER_ESP    0x175
#define MSR_SYSENTER_EIP    0x176

/* Selectors. SYSENTER and SYSEXIT want the first four in this order. */
#define KERNEL_CS       0x08
#define KERNEL_DS       0x10
#define USER_CS         0x1B
#define USER_DS         0x23
#define KERNEL_TSS      0x28
#define TLS_FIRST       0x33    /* three, where programs for Linux have them */
#define FAULT_TSS       0x48    /* of the double-fault task */
#define GDT_ENTRIES     10

/* Descriptors (SDM 3, 3.4.5): data for users, four gigabytes from 0; and what
   code has more than data. */
#define SEGMENT_FLAT    0x00CFF3000000FFFF
#define SEGMENT_CODE    0x0000080000000000

/* Vectors (SDM 3, 6.3.1). */
#define VECTOR_DEBUG            1
#define VECTOR_NMI              2
#define VECTOR_BREAKPOINT       3
#define VECTOR_OVERFLOW         4
#define VECTOR_INVALID_OPCODE   6
#define VECTOR_NO_FPU           7
#define VECTOR_DOUBLE_FAULT     8
#define VECTOR_STACK            12
#define VECTOR_GENERAL          13
#define VECTOR_PAGE_FAULT       14
#define VECTOR_MACHINE_CHECK    18
#define VECTOR_TRAPS            20  /* this many are the CPU's own */
#define VECTOR_IRQ              0x20
#define VECTOR_COUNT            0x40

#define PF_WRITE        2           /* error code of a page fault */
#define PF_USER         4           /* the program's own access */
#define CPL_MASK        3           /* of a saved CS: 0 is the kernel */

/* In arch_frame.entry, where no vector can be: leave by SYSEXIT. */
#define ENTRY_SYSENTER  0x100

/* The console: first serial port (National Semiconductor PC16550D). */
#define UART_BASE       0x3F8
#define UART_DATA       (UART_BASE + 0)
#define UART_IER        (UART_BASE + 1)
#define UART_FCR        (UART_BASE + 2)
#define UART_LCR        (UART_BASE + 3)
#define UART_MCR        (UART_BASE + 4)
#define UART_LSR        (UART_BASE + 5)
#define UART_LCR_8N1    0x03
#define UART_LCR_DLAB   0x80        /* ports 0 and 1 are the divisor */
#define UART_DIVISOR    1           /* 115,200 baud */
#define UART_FCR_ON     0x07        /* FIFOs on and emptied */
#define UART_MCR_READY  0x03        /* DTR, RTS */
#define UART_LSR_DATA   0x01        /* a character has come */
#define UART_LSR_EMPTY  0x20        /* the next may be sent */

#ifndef __ASSEMBLER__

#include <stdbool.h>
#include <stdint.h>

static inline void outb(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t inb(uint16_t port)
{
    uint8_t value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline uint64_t rdtsc(void)
{
    uint64_t count;
    __asm__ volatile("rdtsc" : "=A"(count));
    return count;
}

static inline void wrmsr(uint32_t msr, uint32_t value)
{
    __asm__ volatile("wrmsr" : : "c"(msr), "a"(value), "d"(0));
}

static inline uint32_t read_cr0(void)
{
    uint32_t value;
    __asm__ volatile("movl %%cr0, %0" : "=r"(value));
    return value;
}

static inline void write_cr0(uint32_t value)
{
    __asm__ volatile("movl %0, %%cr0" : : "r"(value) : "memory");
}

static inline uint32_t read_cr2(void)
{
    uint32_t value;
    __asm__ volatile("movl %%cr2, %0" : "=r"(value));
    return value;
}

static inline uint32_t read_cr3(void)
{
    uint32_t value;
    __asm__ volatile("movl %%cr3, %0" : "=r"(value));
    return value;
}

/* Also drops every translation that is not global. */
static inline void write_cr3(uint32_t root)
{
    __asm__ volatile("movl %0, %%cr3" : : "r"(root) : "memory");
}

/* Task state (SDM 3, 7.2.1). The words below the kernel's own serve as stack
   at SYSENTER's first instruction, should a debug trap come there. */
struct tss {
    uint32_t link, esp0, ss0, esp1, ss1, esp2, ss2, cr3, eip, eflags;
    uint32_t eax, ecx, edx, ebx, esp, ebp, esi, edi;
    uint32_t es, cs, ss, ds, fs, gs, ldt;
    uint16_t trap, io_map;
};

/* One page, seen at TSS_PAGE and again at PORT_BITMAP_END: the byte behind
   the bitmap must be all ones (SDM 1, "I/O Permission Bit Map"). */
extern struct kernel_task {
    uint32_t after_ports;
    uint32_t stack[8];
    struct tss tss;
} kernel_task;

struct tcb;
struct arch_frame;
struct space;


/* cpu.c: t's first use of the FPU since that was turned off. */
void fpu_take(struct tcb *t);

/* cpu.c, for entry.S: users' segments are those of large spaces. */
void segments_flat(void);

/* trap.c, for entry.S. */
extern struct arch_frame trap_frame;    /* of a trap in kernel mode */
void user_trap(unsigned long vector, unsigned long error)
    __attribute__((noreturn));
void kernel_panic(void) __attribute__((noreturn));
void bad_selector(unsigned long error) __attribute__((noreturn));

/* The kernel's half of every root; boot.S fills in the window (mmu.c). */
extern uint32_t kernel_root[1024];
void mmu_init(void);

/* A program of a small space has missed something at this address: true when
   it was only an entry of the root that is loaded, which is there now, or the
   space has grown (mmu.c). */
bool small_fill(struct space *s, uint32_t address);

/* The word programs find at L4_UTCB_POINTER, in the window (mmu.c). */
extern uint32_t utcb_pointer[1024];

#endif
#endif
