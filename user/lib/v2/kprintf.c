/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>
#include <stdio.h>

#include <l4/sys/kdebug.h>
#include <l4/util/kprintf.h>

int l4_kprintf(const char *fmt, ...)
{
    char line[256];
    va_list args;
    int length;

    va_start(args, fmt);
    length = vsnprintf(line, sizeof(line), fmt, args);
    va_end(args);
    outstring(line);
    return length;
}
