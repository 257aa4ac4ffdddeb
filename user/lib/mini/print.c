/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>
#include <stdbool.h>

#include <l4/sys/kdebug.h>

#include <hickory/print.h>

/* One conversion: what stands between % and its letter. */
struct conversion {
    bool zero, is_long;
    unsigned width;
};

static void pad(unsigned length, const struct conversion *c)
{
    for (; length < c->width; length++)
        outchar(c->zero ? '0' : ' ');
}

static void print_string(const char *s, const struct conversion *c)
{
    unsigned length = 0;

    while (s[length])
        length++;
    pad(length, c);
    outstring(s);
}

static void print_number(unsigned long value, unsigned base,
                         const struct conversion *c)
{
    char digits[8 * sizeof(value)];
    unsigned n = 0;

    do {
        digits[n++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    pad(n, c);
    while (n)
        outchar(digits[--n]);
}

static void print_signed(long value, const struct conversion *c)
{
    if (value < 0)
        outchar('-');
    print_number(value < 0 ? -(unsigned long)value : (unsigned long)value, 10,
                 c);
}

/* The characters after %, up to the letter; returns where that is. */
static const char *read_conversion(const char *f, struct conversion *c)
{
    *c = (struct conversion){ 0 };
    if (*f == '0') {
        c->zero = true;
        f++;
    }
    while (*f >= '0' && *f <= '9')
        c->width = 10 * c->width + (unsigned)(*f++ - '0');
    if (*f == 'l') {
        c->is_long = true;
        f++;
    }
    return f;
}

void print(const char *format, ...)
{
    struct conversion c;
    va_list args;

    va_start(args, format);
    for (const char *f = format; *f; f++) {
        if (*f != '%') {
            outchar(*f);
            continue;
        }
        f = read_conversion(f + 1, &c);
        if (*f == 's')
            print_string(va_arg(args, const char *), &c);
        else if (*f == 'c')
            outchar((char)va_arg(args, int));
        else if (*f == 'd')
            print_signed(c.is_long ? va_arg(args, long) : va_arg(args, int),
                         &c);
        else if (*f == 'u' || *f == 'x')
            print_number(c.is_long ? va_arg(args, unsigned long)
                                   : va_arg(args, unsigned),
                         *f == 'u' ? 10 : 16, &c);
        else if (*f == '%')
            outchar('%');
        else
            break;              /* the compiler checks formats */
    }
    va_end(args);
}
