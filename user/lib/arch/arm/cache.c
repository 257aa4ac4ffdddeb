/* SPDX-License-Identifier: BSD-2-Clause */
#include <l4/sys/syscalls.h>

#include <hickory/cache.h>

/* ARMv7 keeps cache maintenance for the kernel: ask it, which it answers for
   one page at a time. */
void cache_sync(const void *address, size_t length)
{
    l4_umword_t at = (l4_umword_t)address, end = at + length;

    while (at < end) {
        struct l4_call_args a = { .arg = { at, end - at } };
        l4_arch_call(L4_SYS_CACHE_SYNC, &a);
        if (a.arg[0] == 0)      /* nothing mapped there: nothing to do */
            a.arg[0] = L4_PAGESIZE - (at & ~L4_PAGEMASK);
        at += a.arg[0];
    }
}
