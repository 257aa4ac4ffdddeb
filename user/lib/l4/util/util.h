/* SPDX-License-Identifier: BSD-2-Clause */
/* Sleeping, timeouts, touching memory. */
#ifndef L4_UTIL_UTIL_H
#define L4_UTIL_UTIL_H

#include <l4/sys/ipc.h>

EXTERN_C_BEGIN

/*
 * A time in microseconds as exponent and mantissa of a timeout (the mantissa
 * rounded up): 0 is now, -1 never. 0 when there is such a one, else -1.
 */
int l4util_micros2l4to(int mus, int *to_e, int *to_m);
int micros2l4to(int mus, int *to_e, int *to_m);

/* And back: 0 now, -1 never, or more than an int holds. */
int l4util_l4to2micros(int to_m, int to_e);

/* Sleep so many milliseconds, or microseconds; -1: for ever. */
void l4_sleep(int ms);
void l4_usleep(int us);

EXTERN_C_END

L4_INLINE void l4_sleep_forever(void) L4_NORETURN;
L4_INLINE void l4_sleep_forever(void)
{
    for (;;)
        l4_ipc_sleep(L4_IPC_NEVER);
}

/* Have all pages of [addr, addr + size), which is not empty, mapped: for
   reading, or for writing. */
L4_INLINE void l4_touch_ro(const void *addr, unsigned size)
{
    l4_addr_t page = l4_trunc_page(addr);

    for (; page <= (l4_addr_t)addr + size - 1; page += L4_PAGESIZE)
        (void)*(const volatile char *)page;
}

L4_INLINE void l4_touch_rw(const void *addr, unsigned size)
{
    l4_addr_t page = l4_trunc_page(addr);

    for (; page <= (l4_addr_t)addr + size - 1; page += L4_PAGESIZE) {
        volatile char *p = (volatile char *)page;
        *p = *p;
    }
}

#endif
