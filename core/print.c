/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>

#include "arch.h"
#include "print.h"

static void put_string(const char *s)
{
    while (*s)
        machine_putc(*s++);
}

/* base 10 or 16, at least `width` digits */
static void put_number(word_t n, unsigned base, unsigned width)
{
    char digits[24];
    unsigned i = 0;

    do {
        digits[i++] = "0123456789abcdef"[n % base];
        n /= base;
    } while (n || i < width);
    while (i)
        machine_putc(digits[--i]);
}

static void put_signed(long n)
{
    if (n < 0)
        machine_putc('-');
    put_number(n < 0 ? -(word_t)n : (word_t)n, 10, 1);
}

static unsigned parse_width(const char **format)
{
    unsigned width = 0;

    while (**format >= '0' && **format <= '9')
        width = width * 10 + (unsigned)(*(*format)++ - '0');
    return width < 20 ? width : 20;
}

/* One conversion, *format behind its '%'; on return at its letter. */
static void convert(const char **format, va_list *args)
{
    unsigned width = parse_width(format);
    bool is_long = **format == 'l';

    if (is_long)
        ++*format;
    switch (**format) {
    case 's':
        put_string(va_arg(*args, const char *));
        break;
    case 'c':
        machine_putc((char)va_arg(*args, int));
        break;
    case 'd':
        put_signed(is_long ? va_arg(*args, long) : va_arg(*args, int));
        break;
    case 'u':
    case 'x':
        put_number(is_long ? va_arg(*args, unsigned long)
                           : va_arg(*args, unsigned),
                   **format == 'x' ? 16 : 10, width ? width : 1);
        break;
    case 'p':
        put_number((word_t)va_arg(*args, void *), 16, WORD_BITS / 4);
        break;
    case 0:
        --*format;
        break;
    default:
        machine_putc(**format);
    }
}

void vprint(const char *format, va_list args)
{
    va_list rest;

    va_copy(rest, args);
    for (; *format; format++) {
        if (*format != '%') {
            machine_putc(*format);
            continue;
        }
        format++;
        convert(&format, &rest);
    }
    va_end(rest);
}

void print(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vprint(format, args);
    va_end(args);
}
