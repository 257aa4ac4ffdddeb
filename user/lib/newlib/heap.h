/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NEWLIB_HEAP_H
#define NEWLIB_HEAP_H

#include <l4/sys/types.h>

/* Where sbrk() finds memory; none before it is set. */
void heap_set(l4_umword_t start, l4_umword_t end);

#endif
