/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel info page. A task gets it from sigma0, read only: a request
 * with word 0 = 1 (see doc/api/sigma0.md). sigma0 itself finds the page's
 * address, which is both physical and in its own space, in user[0] of its
 * UTCB when it starts; the page is mapped there read only by its own fault.
 */
#ifndef L4_SYS_KERNEL_H
#define L4_SYS_KERNEL_H

#include <l4/sys/types.h>

#define L4_KERNEL_INFO_MAGIC    0x4BE6344CUL    /* "L4", micro sign, "K" */
#define L4_KERNEL_INFO_VERSION  0x48690001UL    /* "Hi", API revision 1 */

#define L4_KIP_MAX_MEMORY   16
#define L4_KIP_MAX_MODULES  32
#define L4_KIP_NAME_LENGTH  24

/* What a stretch of physical memory is. Later descriptors win over earlier
   ones: RAM comes first, then what the kernel keeps of it. */
enum l4_memory_type {
    L4_MEMORY_NONE,
    L4_MEMORY_RAM,          /* free for user programs, from sigma0 */
    L4_MEMORY_KERNEL,       /* reserved by the kernel, never mapped to users */
    L4_MEMORY_DEVICE        /* from sigma0 on an explicit device request */
};

typedef struct {
    l4_umword_t start, end;     /* physical, page aligned, end exclusive */
    l4_umword_t type;           /* enum l4_memory_type */
} l4_memory_desc_t;

typedef struct {
    l4_umword_t start, end;     /* physical; start page aligned, end exact */
    char name[L4_KIP_NAME_LENGTH];
} l4_module_desc_t;

/* From `start` on, up to but not including `end`. */
typedef struct {
    l4_addr_t start, end;
} l4_region_t;

#define L4_KIP_STRINGS 128  /* bytes of version and features */

/*
 * clock is microseconds since boot at the last kernel timer event, when the
 * CPU's counter read clock_counter. The time now is
 *     clock + (counter - clock_counter) * clock_scale >> 32
 * (l4_time() in the user library does it). clock_sequence is odd while the
 * kernel writes: read it before and after.
 *
 * Up to frequency_cpu the page is laid out as in Version 2 (in words of the
 * target), for programs that look there; what such a program would not read
 * is reserved. What follows is Hickory's own.
 */
typedef struct {
    l4_umword_t magic;
    l4_umword_t version;
    l4_uint8_t offset_version_strings;  /* in units of 16 bytes */
    l4_uint8_t reserved_strings[2 * sizeof(l4_umword_t) - 1];
    l4_umword_t reserved_kdebug[2];
    l4_umword_t scheduler_granularity;  /* microseconds */
    l4_umword_t reserved_kdebug_end;
    l4_umword_t sigma0_esp, sigma0_eip; /* where it began, without a stack */
    l4_low_high_t sigma0_memory;        /* where its image lies */
    l4_umword_t reserved_sigma1[4];     /* there is none */
    l4_umword_t root_esp, root_eip;
    l4_low_high_t root_memory;
    l4_umword_t reserved_config[4];
    l4_low_high_t main_memory;          /* from the lowest RAM to the highest */
    l4_low_high_t reserved0;            /* the kernel's image */
    l4_low_high_t reserved1;            /* the kernel's pool */
    l4_low_high_t semi_reserved;        /* nothing: see dedicated */
    l4_low_high_t dedicated[4];         /* the first stretches of devices */
    l4_uint64_t clock;
    l4_uint64_t reserved_clock;
    l4_uint32_t frequency_cpu;          /* counts of the counter in a ms */
    l4_uint32_t reserved_bus[3];
    l4_umword_t word_bits;
    l4_umword_t page_shifts;        /* bit n set: pages of 2^n bytes exist */
    l4_umword_t user_top;           /* end of the user address space */
    l4_umword_t utcb_area;
    l4_umword_t utcb_log2_size;
    l4_umword_t irq_count;
    l4_umword_t reg_words;          /* words of a short message */
    l4_umword_t total_ram;          /* bytes */
    l4_umword_t clock_sequence;
    l4_uint64_t clock_counter;
    l4_uint64_t clock_scale;        /* microseconds per count, times 2^32 */
    l4_umword_t memory_count;
    l4_umword_t module_count;
    l4_memory_desc_t memory[L4_KIP_MAX_MEMORY];
    l4_module_desc_t module[L4_KIP_MAX_MODULES];
    char kernel_config[16];         /* "release" or "debug" */
    l4_umword_t page_status;        /* L4_FP_ACCESSED, L4_FP_WRITTEN: those
                                       that fpage_unmap can tell */
    char version_strings[L4_KIP_STRINGS] __attribute__((aligned(16)));
} l4_kernel_info_t;

/* Where the version stands in the page, as a string; the names of what the
   kernel can do follow, and an empty string ends it all. */
L4_INLINE int l4_kernel_info_version_offset(const l4_kernel_info_t *kip)
{
    return kip->offset_version_strings << 4;
}

#endif
