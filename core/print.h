/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's console output. */
#ifndef CORE_PRINT_H
#define CORE_PRINT_H

#include <stdarg.h>

#include "types.h"

/*
 * A small printf: %s %c %d %u %x %% and %p; 'l' takes a word, %p prints a
 * word in hexadecimal at full width. No other flags than a width with
 * leading zeroes (%08x).
 */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void vprint(const char *format, va_list args);

#endif
