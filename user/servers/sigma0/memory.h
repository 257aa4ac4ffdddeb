/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who has which frame of physical memory: an owner for each frame of RAM, in
 * a table that lies in RAM itself.
 */
#ifndef SIGMA0_MEMORY_H
#define SIGMA0_MEMORY_H

#include <stdbool.h>

#include <l4/sys/kernel.h>

/* 2^log2_size bytes, aligned to their size. */
struct block {
    l4_addr_t base;
    unsigned log2_size;
};

/* Build the table. The kernel, sigma0 and the boot modules (root's) have
   their frames from the start. False: no RAM has room for the table. */
bool memory_init(const l4_kernel_info_t *kip);

/*
 * Give all of the block's frames to `task`, unless one of them is not RAM or
 * is another task's: then nothing changes. What the task has it may have
 * again.
 */
bool memory_give(struct block block, unsigned task);

/* Give `task` a block of this size that is free; the highest there is. */
bool memory_give_any(unsigned log2_size, unsigned task, struct block *out);

l4_umword_t memory_free_frames(void);

/* Is all of the block device memory? */
bool memory_is_device(struct block block);

#endif
