/* SPDX-License-Identifier: BSD-2-Clause */
#include <hickory/cache.h>

/* The hardware keeps instruction fetches coherent by itself. */
void cache_sync(const void *address, size_t length)
{
    (void)address;
    (void)length;
}
