/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch.h"
#include "klib.h"

/* Words, eight at a time, where both ends are aligned: frames are cleared and
   messages copied with these. The build keeps the compiler from turning the
   loops into calls of themselves. */
#define EIGHT (8 * sizeof(word_t))

static bool aligned(const void *a, const void *b)
{
    return (((word_t)a | (word_t)b) & (sizeof(word_t) - 1)) == 0;
}

void *memcpy(void *to, const void *from, size_t n)
{
    char *t = to;
    const char *f = from;

    if (aligned(to, from)) {
        if (n >= EIGHT)
            arch_copy_blocks((word_t *)t, (const word_t *)f, n / EIGHT);
        t += n & ~(EIGHT - 1);
        f += n & ~(EIGHT - 1);
        n &= EIGHT - 1;
        for (; n >= sizeof(word_t); n -= sizeof(word_t)) {
            *(word_t *)t = *(const word_t *)f;
            t += sizeof(word_t);
            f += sizeof(word_t);
        }
    }
    while (n--)
        *t++ = *f++;
    return to;
}

void *memset(void *to, int c, size_t n)
{
    char *t = to;

    if (c == 0 && aligned(to, to)) {
        for (; n >= EIGHT; n -= EIGHT, t += EIGHT) {
#pragma GCC unroll 8
            for (unsigned i = 0; i < 8; i++)
                ((word_t *)t)[i] = 0;
        }
        for (; n >= sizeof(word_t); n -= sizeof(word_t)) {
            *(word_t *)t = 0;
            t += sizeof(word_t);
        }
    }
    while (n--)
        *t++ = (char)c;
    return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
    const unsigned char *p = a, *q = b;

    for (; n--; p++, q++)
        if (*p != *q)
            return *p < *q ? -1 : 1;
    return 0;
}

size_t strlen(const char *s)
{
    const char *e = s;

    while (*e)
        e++;
    return (size_t)(e - s);
}

void copy_name(char *to, const char *from, size_t n)
{
    while (--n && *from)
        *to++ = *from++;
    *to = 0;
}
