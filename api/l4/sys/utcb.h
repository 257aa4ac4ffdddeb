/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * UTCB: the page part that each thread shares with the kernel.
 *
 * Pinned, user-writable, 512 bytes, at L4_UTCB_AREA + 512 * lthread in the
 * thread's own task; l4_utcb() finds the running thread's. `frame` is where
 * the register state of an exception travels to its handler and back.
 *.
 */
#ifndef L4_SYS_UTCB_H
#define L4_SYS_UTCB_H

#include <l4/sys/arch/stubs.h>

#define L4_UTCB_LOG2_SIZE   9

struct l4_utcb {
    l4_umword_t user[8];        /* never touched by the kernel */
    l4_umword_t frame[(512 - 8 * sizeof(l4_umword_t)) / sizeof(l4_umword_t)];
};

L4_INLINE struct l4_utcb *l4_utcb(void)
{
    return (struct l4_utcb *)l4_arch_utcb();
}

#endif
