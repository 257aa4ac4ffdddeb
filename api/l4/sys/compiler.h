/* SPDX-License-Identifier: BSD-2-Clause */
/* Shorthands for the compiler's attributes, under their usual names. */
#ifndef L4_SYS_COMPILER_H
#define L4_SYS_COMPILER_H

#define L4_INLINE   static inline __attribute__((always_inline, unused))
#define L4_NORETURN __attribute__((noreturn))

#endif
