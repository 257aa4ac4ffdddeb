/* SPDX-License-Identifier: BSD-2-Clause */
/* Output of programs without a C library: to the kernel's console. */
#ifndef HICKORY_PRINT_H
#define HICKORY_PRINT_H

/*
 * A small printf: %s %c %d %u %x %%, with l for longs and a minimal width
 * (blanks, or zeroes after a 0).
 */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
