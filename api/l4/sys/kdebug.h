/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's own console: for early output, tests and last words. */
#ifndef L4_SYS_KDEBUG_H
#define L4_SYS_KDEBUG_H

#include <l4/sys/types.h>
#include <l4/sys/arch/stubs.h>

L4_INLINE l4_umword_t l4_kdebug(l4_umword_t op, l4_umword_t value)
{
    struct l4_call_args a = { .arg = { op, value } };
    l4_arch_call(L4_SYS_KDEBUG, &a);
    return a.arg[0];
}

L4_INLINE void outchar(char c)
{
    l4_kdebug(L4_KDEBUG_PUTC, (unsigned char)c);
}

L4_INLINE void outstring(const char *s)
{
    while (*s)
        outchar(*s++);
}

/* Leave the simulator with this status. Only the root task may. */
L4_INLINE void l4_kdebug_halt(l4_umword_t status)
{
    l4_kdebug(L4_KDEBUG_HALT, status);
}

#endif
