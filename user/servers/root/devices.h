/* SPDX-License-Identifier: BSD-2-Clause */
/* Device memory and I/O ports: each for one task at a time. */
#ifndef ROOT_DEVICES_H
#define ROOT_DEVICES_H

#include <stdbool.h>

#include <l4/sys/types.h>

/* Give `fpage`, which sigma0 must have as device memory or as ports, to
   `task`. False: it is not, or another task has part of it, or the table is
   full. */
bool device_give(l4_fpage_t fpage, unsigned task);

/* Take back all that `task` has. */
void device_take_back(unsigned task);

#endif
