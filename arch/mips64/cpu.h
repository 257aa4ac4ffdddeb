/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of the MIPS64 Release 2 coprocessor 0: registers, bits, segments.
 * "PRA" in this directory is MIPS64 Architecture for Programmers, volume III,
 * the privileged resource architecture.
 *
 * Readable by the assembler.
 */
#ifndef CPU_H
#define CPU_H

/* ---- address segments (PRA, virtual memory) ---- */

#define CKSEG0          0xffffffff80000000  /* 512 MB, cached: kernel image */
#define CKSEG1          0xffffffffa0000000  /* the same uncached */
#define XKPHYS_CACHED   0x9800000000000000  /* all memory, attribute 3 */
#define XKPHYS_UNCACHED 0x9000000000000000  /* all memory, attribute 2 */
#define CKSEG_PHYS      0x000000001fffffff  /* the physical address in each */
#define XKPHYS_PHYS     0x07ffffffffffffff

/* ---- coprocessor 0 registers: number, select ---- */

#define CP0_INDEX       $0
#define CP0_ENTRYLO0    $2
#define CP0_ENTRYLO1    $3
#define CP0_PAGEMASK    $5
#define CP0_PAGEGRAIN   $5, 1
#define CP0_WIRED       $6
#define CP0_HWRENA      $7
#define CP0_BADVADDR    $8
#define CP0_COUNT       $9
#define CP0_ENTRYHI     $10
#define CP0_COMPARE     $11
#define CP0_STATUS      $12
#define CP0_CAUSE       $13
#define CP0_EPC         $14
#define CP0_EBASE       $15, 1
#define CP0_CONFIG1     $16, 1
#define CP0_XCONTEXT    $20
#define CP0_DEBUG       $23
#define CP0_DEPC        $24
#define CP0_ERROREPC    $30

/* ---- Status ---- */

#define ST_IE           0x00000001  /* interrupts on */
#define ST_EXL          0x00000002  /* exception level: kernel, no interrupts */
#define ST_ERL          0x00000004  /* error level */
#define ST_UM           0x00000010  /* user mode, when EXL = ERL = 0 */
#define ST_UX           0x00000020  /* 64-bit user addresses and operations */
#define ST_SX           0x00000040  /* ... supervisor */
#define ST_KX           0x00000080  /* ... kernel; XTLB refill vector */
#define ST_IM2          0x00000400  /* interrupt enables of IP2, IP7 */
#define ST_IM7          0x00008000
#define ST_BEV          0x00400000  /* vectors in the boot ROM */
#define ST_FR           0x04000000  /* 32 FPU registers of 64 bits */
#define ST_CU1          0x20000000  /* FPU usable */
#define ST_CU1_SHIFT    29

/* As the kernel runs; idle with IE. As arch_resume leaves for user mode. */
#define STATUS_KERNEL   (ST_FR | ST_IM7 | ST_IM2 | ST_KX | ST_SX | ST_UX)
#define STATUS_USER     (STATUS_KERNEL | ST_UM | ST_EXL | ST_IE)
#define STATUS_BOOT     (ST_BEV | ST_KX | ST_SX | ST_UX)

/* ---- Cause ---- */

#define DEBUG_DM            0x40000000  /* in debug mode */
#define DEBUG_DM_TO_SIGN    1           /* shift that brings it to bit 31 */

#define CAUSE_CODE_MASK     0x7c    /* ExcCode */
#define CAUSE_CODE_SHIFT    2
#define CAUSE_MAYBE_RI      0x08    /* set in EXC_RI, not in EXC_SYS, EXC_INT */
#define CAUSE_IV            0x00800000  /* interrupts have their own vector */
#define CAUSE_IP2           0x00000400
#define CAUSE_IP7           0x00008000
#define CAUSE_CE_SHIFT      28      /* which coprocessor is unusable */
#define CAUSE_CE_MASK       3
#define CAUSE_TI            0x40000000  /* Compare has been reached */
#define CAUSE_BD            0x80000000  /* trapped in a branch delay slot */

#define EXC_INT     0   /* interrupt */
#define EXC_MOD     1   /* store to a page whose D bit is clear */
#define EXC_TLBL    2   /* no valid translation: load or fetch */
#define EXC_TLBS    3   /* ... store */
#define EXC_ADEL    4   /* address error: load or fetch */
#define EXC_ADES    5   /* ... store */
#define EXC_SYS     8   /* syscall */
#define EXC_BP      9   /* breakpoint */
#define EXC_RI      10  /* reserved instruction */
#define EXC_CPU     11  /* coprocessor unusable */
#define EXC_OV      12  /* overflow */
#define EXC_TR      13  /* trap instruction */

/* Vectors: offsets from EBase (PRA, exception vector locations). */
#define VECTOR_TLB      0x000
#define VECTOR_XTLB     0x080
#define VECTOR_CACHE    0x100
#define VECTOR_GENERAL  0x180
#define VECTOR_INTERRUPT 0x200

/* ---- TLB ---- */

#define LO_VALID        0x02
#define LO_DIRTY        0x04        /* writable */
#define LO_CACHED       0x18        /* attribute 3: write-back */
#define LO_UNCACHED     0x10        /* attribute 2 */
#define LO_ATTR_MASK    0x38
#define LO_PFN_SHIFT    6
#define LO_ODD_MEGABYTE 0x4000      /* 1 MB, as EntryLo counts it */
#define PAGEMASK_1M     0x001fe000  /* a pair of 1 MB pages; 0: of 4 KB */
#define HI_ASID_MASK    0xff
#define HI_PAIR_SHIFT   13          /* an entry maps two 4 KB pages */

/* The software TLB: so many entries of so many bytes. */
#define SOFT_TLB_BITS   10
#define SOFT_TLB_SHIFT  5
#define SOFT_TLB_ALIGN  0x10000     /* as `lui` makes addresses */

/* ---- Config1: sizes and what there is ---- */

#define CONFIG1_FP          0x1     /* an FPU */
#define CONFIG1_MMU_SHIFT   25      /* TLB entries - 1, 6 bits */
#define CONFIG1_IC_SHIFT    16      /* cache fields of 9 bits each */
#define CONFIG1_DC_SHIFT    7

/* cache instruction: operation, cache (instruction 0, data 1). */
#define CACHE_INDEX_INVALIDATE_I        0x00
#define CACHE_INDEX_WRITEBACK_INV_D     0x01

/* HWREna: rdhwr CPUNum, SYNCI_Step, CC and CCRes in user mode. */
#define HWRENA_USER     0xf

/* rdhwr $0, $29, thread-local storage, which is not in hardware. The register
   that it loads stands in bits 16 to 20. */
#define RDHWR_TLS       0x7c00e83b

/* FCSR: the enable bits, and how far above each its cause bit stands. */
#define FCSR_ENABLES        0x00000f80
#define FCSR_CAUSE_ABOVE    5
#define FCSR_UNIMPLEMENTED  0x00020000
#define FCSR_USER           0xff83ffff  /* all that Release 2 defines */

#ifndef __ASSEMBLER__

#define CP0_NAME(...)   #__VA_ARGS__
#define CP0_STRING(...) CP0_NAME(__VA_ARGS__)

#define cp0_read32(reg)                                                 \
    ({                                                                  \
        unsigned value_;                                                \
        __asm__ volatile("mfc0 %0, " CP0_STRING(reg) : "=r"(value_));   \
        value_;                                                         \
    })
#define cp0_write32(reg, value)                                         \
    __asm__ volatile("mtc0 %z0, " CP0_STRING(reg)                       \
                     : : "Jr"((unsigned)(value)) : "memory")
#define cp0_write64(reg, value)                                         \
    __asm__ volatile("dmtc0 %z0, " CP0_STRING(reg)                      \
                     : : "Jr"((unsigned long)(value)) : "memory")

/* Between a write of coprocessor 0 and what depends on it (PRA, hazards). */
static inline void cp0_hazard(void)
{
    __asm__ volatile("ehb" : : : "memory");
}

#endif
#endif
