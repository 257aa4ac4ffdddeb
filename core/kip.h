/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel info page, and what it says of physical memory. */
#ifndef CORE_KIP_H
#define CORE_KIP_H

#include <l4/sys/kernel.h>

#include "arch.h"
#include "boot_info.h"

extern l4_kernel_info_t *kip;

/* Make the page from what is known of the machine; RAM, kernel's own,
   devices, modules. [pool_start, pool_end) is the kernel's. */
void kip_init(const struct boot_info *info, paddr_t pool_start,
              paddr_t pool_end);

/* May users have all of [start, end)? *attr says what it is. */
bool kip_user_memory(paddr_t start, paddr_t end, enum page_attr *attr);

/* Make a range of the page's Version 2 part reach over [start, end), too. */
void kip_extend(l4_low_high_t *range, paddr_t start, paddr_t end);

/* The counter's speed: microseconds per count, times 2^32. */
void kip_set_clock_scale(uint64_t scale);

/* Bring the clock up to date. */
void kip_update_clock(usec_t now);

#endif
