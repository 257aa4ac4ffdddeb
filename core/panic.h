/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For what must not be: a broken invariant. Never for anything a user did.
 */
#ifndef CORE_PANIC_H
#define CORE_PANIC_H

#include "types.h"

/* Print the message, the running thread's registers and a backtrace; stop. */
void panic(const char *format, ...) NORETURN
    __attribute__((format(printf, 1, 2)));

/* No side effects in x; type-checked, not evaluated, in release kernels. */
#define assert(x)                                                        \
    do {                                                                 \
        if (CONFIG_DEBUG && !(x))                                        \
            panic("assertion failed: %s (%s:%d)", #x, __FILE__, __LINE__); \
    } while (0)

#endif
