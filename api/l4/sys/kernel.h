/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel info page. A task gets it from sigma0, read only: a request
 * with word 0 = 1 (see doc/api/sigma0.md). sigma0 itself finds the page's
 * address, which is both physical and in its own space, in user[0] of its
 * UTCB when it starts; the page is mapped there read only by its own fault.
 */
#ifndef L4_SYS_KERNEL_H
#define L4_SYS_KERNEL_H

#include <l4/sys/l4int.h>

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

/*
 * clock is microseconds since boot at the last kernel timer event, when the
 * CPU's counter read clock_counter. The time now is
 *     clock + (counter - clock_counter) * clock_scale >> 32
 * (l4_time() in the user library does it). clock_sequence is odd while the
 * kernel writes: read it before and after.
 */
typedef struct {
    l4_umword_t magic;
    l4_umword_t version;
    l4_umword_t word_bits;
    l4_umword_t page_shifts;        /* bit n set: pages of 2^n bytes exist */
    l4_umword_t user_top;           /* end of the user address space */
    l4_umword_t utcb_area;
    l4_umword_t utcb_log2_size;
    l4_umword_t irq_count;
    l4_umword_t reg_words;          /* words of a short message */
    l4_umword_t clock_sequence;
    l4_uint64_t clock;
    l4_uint64_t clock_counter;
    l4_uint64_t clock_scale;        /* microseconds per count, times 2^32 */
    l4_umword_t memory_count;
    l4_umword_t module_count;
    l4_memory_desc_t memory[L4_KIP_MAX_MEMORY];
    l4_module_desc_t module[L4_KIP_MAX_MODULES];
    char kernel_config[16];         /* "release" or "debug" */
    l4_umword_t page_status;        /* L4_FP_ACCESSED, L4_FP_WRITTEN: those
                                       that fpage_unmap can tell */
} l4_kernel_info_t;

#endif
