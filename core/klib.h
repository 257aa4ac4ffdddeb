/* SPDX-License-Identifier: BSD-2-Clause */
/* The few library functions the compiler and the kernel call. */
#ifndef CORE_KLIB_H
#define CORE_KLIB_H

#include "types.h"

void *memcpy(void *to, const void *from, size_t n);
void *memset(void *to, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);

/* Copy at most n - 1 characters and end with a zero. */
void copy_name(char *to, const char *from, size_t n);

#endif
