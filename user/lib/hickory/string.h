/* SPDX-License-Identifier: BSD-2-Clause */
/* The string functions of programs without a C library. */
#ifndef HICKORY_STRING_H
#define HICKORY_STRING_H

#include <stddef.h>

void *memcpy(void *to, const void *from, size_t length);
void *memmove(void *to, const void *from, size_t length);
void *memset(void *to, int value, size_t length);
int memcmp(const void *a, const void *b, size_t length);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);

#endif
