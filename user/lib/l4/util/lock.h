/* SPDX-License-Identifier: BSD-2-Clause */
/* A lock that gives the processor away while it is held by another. */
#ifndef L4_UTIL_LOCK_H
#define L4_UTIL_LOCK_H

#include <l4/sys/syscalls.h>
#include <l4/util/atomic.h>

typedef volatile l4_uint32_t l4util_simple_lock_t;  /* 0: free */

L4_INLINE int l4_simple_try_lock(l4util_simple_lock_t *lock)
{
    return l4util_xchg32(lock, 1) == 0;
}

L4_INLINE void l4_simple_unlock(l4util_simple_lock_t *lock)
{
    l4util_xchg32(lock, 0);
}

L4_INLINE int l4_simple_lock_locked(l4util_simple_lock_t *lock)
{
    return *lock != 0;
}

L4_INLINE void l4_simple_lock_solid(l4util_simple_lock_t *lock)
{
    while (l4_simple_lock_locked(lock) || !l4_simple_try_lock(lock))
        l4_thread_switch(L4_NIL_ID);
}

L4_INLINE void l4_simple_lock(l4util_simple_lock_t *lock)
{
    if (!l4_simple_try_lock(lock))
        l4_simple_lock_solid(lock);
}

#endif
