/* SPDX-License-Identifier: BSD-2-Clause */
/* Code that was written as data. */
#ifndef HICKORY_CACHE_H
#define HICKORY_CACHE_H

#include <stddef.h>

/*
 * [address, address + length) was written and will be executed, perhaps at
 * another address and in another task: make instruction fetches see it.
 */
void cache_sync(const void *address, size_t length);

#endif
