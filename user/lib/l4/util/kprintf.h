/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef L4_UTIL_KPRINTF_H
#define L4_UTIL_KPRINTF_H

/* printf to the kernel's console; for programs with a C library. A line has
   up to 255 characters. The number of characters. */
int l4_kprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
