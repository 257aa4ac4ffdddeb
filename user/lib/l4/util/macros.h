/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages and assertions; for programs with a C library. */
#ifndef L4_UTIL_MACROS_H
#define L4_UTIL_MACROS_H

#include <stdio.h>

#include <l4/log/l4log.h>
#include <l4/sys/kdebug.h>
#include <l4/sys/syscalls.h>
#include <l4/sys/types.h>
#include <l4/util/l4_macros.h>

#define L4UTIL_WHERE \
    printf("[%s:%d] in function %s:\n", __FILE__, __LINE__, __func__)

#ifndef Msg
#define Msg(format, args...)    printf(format, ##args)
#endif

#ifndef Error
#define Error(format, args...)                  \
    do {                                        \
        L4UTIL_WHERE;                           \
        printf("Error: " format "\n", ##args);  \
        LOG_flush();                            \
    } while (0)
#endif

/* The kernel debugger would be entered: there is none, the program goes on. */
#ifndef Panic
#define Panic(format, args...)                  \
    do {                                        \
        L4UTIL_WHERE;                           \
        printf(format "\n", ##args);            \
        LOG_flush();                            \
        enter_kdebug("PANIC");                  \
    } while (0)
#endif

#ifndef Assert
#define Assert(expr)                            \
    do {                                        \
        if (!(expr)) {                          \
            printf("%s\n", #expr);              \
            Panic("Assertion failed");          \
        }                                       \
    } while (0)
#endif

#ifndef Kdebug
#define Kdebug(args...)                         \
    do {                                        \
        LOGL(args);                             \
        LOG_flush();                            \
        enter_kdebug("KD");                     \
    } while (0)
#endif

#endif
