/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdint.h>

#include <hickory/cache.h>

/* No processor of the architecture has shorter lines: SYNCI_Step need not be
   readable from user mode. */
#define SHORTEST_LINE 16

/* synci writes the data cache back and drops the line from the instruction
   cache; by physical tag, so that it holds for other addresses too. */
void cache_sync(const void *address, size_t length)
{
    uintptr_t line = (uintptr_t)address & ~(uintptr_t)(SHORTEST_LINE - 1);
    uintptr_t end = (uintptr_t)address + length;

    for (; line < end; line += SHORTEST_LINE)
        __asm__ volatile("synci 0(%0)" : : "r"(line) : "memory");
    __asm__ volatile("sync" : : : "memory");
}
