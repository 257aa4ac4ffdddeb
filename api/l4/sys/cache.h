/* SPDX-License-Identifier: BSD-2-Clause */
/* Making freshly written instructions visible to instruction fetch. */
#ifndef L4_SYS_CACHE_H
#define L4_SYS_CACHE_H

#include <l4/sys/types.h>
#include <l4/sys/arch/stubs.h>

/*
 * [start, start + length) of the own address space was written and will be
 * executed, here or in another task. Returns the bytes done: less than
 * length when something in between is not mapped.
 */
L4_INLINE l4_umword_t l4_cache_sync(l4_umword_t start, l4_umword_t length)
{
    l4_umword_t done = 0;

    while (done < length) {
        struct l4_call_args a = { .arg = { start + done, length - done } };
        l4_arch_call(L4_SYS_CACHE_SYNC, &a);
        if (a.arg[0] == 0)
            break;
        done += a.arg[0];
    }
    return done;
}

/* The same for [start, end). */
L4_INLINE void l4_cache_coherent(unsigned long start, unsigned long end)
{
    l4_cache_sync(start, end - start);
}

#endif
