/* SPDX-License-Identifier: BSD-2-Clause */
/* Device memory, I/O ports and interrupt lines: each for one task at a time. */
#ifndef ROOT_DEVICES_H
#define ROOT_DEVICES_H

#include <stdbool.h>

#include <l4/sys/types.h>

/* Give `fpage`, which sigma0 must have as device memory or as ports, to
   `task`. False: it is not, or another task has part of it, or the table is
   full. */
bool device_give(l4_fpage_t fpage, unsigned task);

/* The same for an interrupt line, and back. The kernel does not ask us: this
   is an agreement among those who do. */
bool irq_give(unsigned line, unsigned task);
bool irq_take_back(unsigned line, unsigned task);

/* How many lines there are. */
void irqs_init(unsigned lines);

/* Take back all that `task` has. */
void device_take_back(unsigned task);

#endif
