/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Free page frames. They come from sigma0, in large pieces while there are
 * such, and never go back to it. Root sees each at its physical address.
 */
#ifndef ROOT_FRAMES_H
#define ROOT_FRAMES_H

#include <stdbool.h>

#include <l4/sys/kernel.h>

/* The boot modules are root's, too. */
void frames_init(const l4_kernel_info_t *kip);

/* A frame, contents undefined; 0: none left. */
l4_addr_t frame_alloc(void);

/*
 * One for a page at `address`, of the same colour if there is such a one: where
 * caches are indexed by virtual addresses and larger than a page for each way,
 * root, the kernel and the program then use the same lines of it. Else, which
 * frame_suits() tells, what root has written there has to be synchronized.
 */
l4_addr_t frame_alloc_for(l4_addr_t address);
bool frame_suits(l4_addr_t frame, l4_addr_t address);

/* Nobody has it mapped but root. */
void frame_free(l4_addr_t frame);

/* 2^log2_size bytes in one piece; 0: none left. Goes back frame by frame. */
l4_addr_t frame_alloc_block(unsigned log2_size);

/* Just this block of RAM. False: root has had something of it already, or
   sigma0 does not give it. Goes back frame by frame. */
bool frame_take_block(l4_addr_t start, unsigned log2_size);

#endif
