/* SPDX-License-Identifier: BSD-2-Clause */
/* What the compiler expects of any environment, and strcmp and strlen. */
#include <stdint.h>

#include <hickory/string.h>

static int is_word_aligned(const void *a, const void *b)
{
    return (((uintptr_t)a | (uintptr_t)b) & (sizeof(uintptr_t) - 1)) == 0;
}

typedef uintptr_t __attribute__((may_alias)) any_word;

void *memcpy(void *to, const void *from, size_t length)
{
    unsigned char *t = to;
    const unsigned char *f = from;

    if (is_word_aligned(t, f)) {
        for (; length >= sizeof(any_word); length -= sizeof(any_word)) {
            *(any_word *)t = *(const any_word *)f;
            t += sizeof(any_word);
            f += sizeof(any_word);
        }
    }
    while (length--)
        *t++ = *f++;
    return to;
}

void *memmove(void *to, const void *from, size_t length)
{
    unsigned char *t = to;
    const unsigned char *f = from;

    if (t <= f || t >= f + length)
        return memcpy(to, from, length);
    while (length--)
        t[length] = f[length];
    return to;
}

void *memset(void *to, int value, size_t length)
{
    unsigned char *t = to;
    any_word pattern = (unsigned char)value * (~(any_word)0 / 255);

    for (; length && !is_word_aligned(t, t); length--)
        *t++ = (unsigned char)value;
    for (; length >= sizeof(any_word); length -= sizeof(any_word)) {
        *(any_word *)t = pattern;
        t += sizeof(any_word);
    }
    while (length--)
        *t++ = (unsigned char)value;
    return to;
}

int memcmp(const void *a, const void *b, size_t length)
{
    const unsigned char *x = a, *y = b;

    for (; length--; x++, y++)
        if (*x != *y)
            return *x - *y;
    return 0;
}

size_t strlen(const char *s)
{
    size_t length = 0;

    while (s[length])
        length++;
    return length;
}

int strcmp(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return (unsigned char)*a - (unsigned char)*b;
}
