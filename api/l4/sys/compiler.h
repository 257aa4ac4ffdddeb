/* SPDX-License-Identifier: BSD-2-Clause */
/* Shorthands for the compiler's attributes, under their usual names. */
#ifndef L4_SYS_COMPILER_H
#define L4_SYS_COMPILER_H

#include <l4/sys/linkage.h>

#define L4_INLINE   static inline __attribute__((always_inline, unused))
#define L4_NORETURN __attribute__((noreturn))

#define L4_NOINSTRUMENT __attribute__((no_instrument_function))
#define L4_DEPRECATED   __attribute__((deprecated))
#define L4_STICKY(x)    __attribute__((used)) x

#define EXPECT_TRUE(x)  __builtin_expect((x), 1)
#define EXPECT_FALSE(x) __builtin_expect((x), 0)

#define L4_stringify_helper(x)  #x
#define L4_stringify(x)         L4_stringify_helper(x)

/* Around declarations that C++ is to see as C's. */
#ifdef __cplusplus
#define EXTERN_C        extern "C"
#define EXTERN_C_BEGIN  extern "C" {
#define EXTERN_C_END    }
#else
#define EXTERN_C
#define EXTERN_C_BEGIN
#define EXTERN_C_END
#endif

#endif
