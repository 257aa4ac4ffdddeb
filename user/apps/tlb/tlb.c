/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory of many pages, read word by word here and there: a load for the TLB.
 * For each number of pages there is a span in which all are read some times,
 * one after the other, and one in which as many are chosen at random. The
 * plugin outside sees the refills. What a span is stands on the console:
 *
 *     tlb: span=K pages=N order=NAME
 */
#include <stdio.h>

#include <l4/sys/consts.h>

#include <hickory/mark.h>

#define MOST        8192u       /* pages */
#define TOUCHES     65536u      /* in a span */

static volatile char memory[MOST][L4_PAGESIZE]
    __attribute__((aligned(L4_PAGESIZE)));

/* Write, so that they are there: not all the same page of zeroes. */
static void bring_in(void)
{
    for (unsigned i = 0; i < MOST; i++)
        memory[i][0] = 1;
}

/* Not the same line of each: that is another load, for caches. */
static void touch(unsigned page)
{
    (void)memory[page][page * 64 % L4_PAGESIZE];
}

__attribute__((noipa)) static void in_turn(unsigned pages, unsigned touches)
{
    for (unsigned i = 0; i < touches; i++)
        touch(i & (pages - 1));
}

/* The upper bits of a linear congruence: the lower ones repeat soon. */
__attribute__((noipa)) static void at_random(unsigned pages, unsigned touches)
{
    unsigned seed = 1;

    for (unsigned i = 0; i < touches; i++) {
        seed = seed * 1664525 + 1013904223;
        touch(seed >> 16 & (pages - 1));
    }
}

/* `span` and the next one, after all pages were read once. The marks' numbers
   are part of the instructions. */
#define MEASURE(span, pages) do {                                       \
    in_turn((pages), (pages));                                          \
    L4_SPAN_BEGIN(span);                                                \
    in_turn((pages), TOUCHES);                                          \
    L4_SPAN_END(span);                                                  \
    L4_SPAN_BEGIN((span) + 1);                                          \
    at_random((pages), TOUCHES);                                        \
    L4_SPAN_END((span) + 1);                                            \
    printf("tlb: span=%d pages=%u order=in-turn\n", (span), (pages));   \
    printf("tlb: span=%d pages=%u order=at-random\n", (span) + 1,       \
           (pages));                                                    \
} while (0)

int main(void)
{
    bring_in();
    MEASURE(0, 16u);
    MEASURE(2, 64u);
    MEASURE(4, 256u);
    MEASURE(6, 1024u);
    MEASURE(8, 2048u);
    MEASURE(10, 4096u);
    MEASURE(12, MOST);
    printf("tlb: done\n");
    return 0;
}
