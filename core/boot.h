/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CORE_BOOT_H
#define CORE_BOOT_H

#include "boot_info.h"

/* Collect the modules in the image and from the boot loader behind the
   regions that machine_boot_info reported. */
void boot_collect(struct boot_info *info);

/* The kernel's pool: a third of all RAM, from the end of the largest piece of
   free RAM inside the window. Panics when there is too little to start. */
void boot_choose_pool(const struct boot_info *info, paddr_t *start,
                      paddr_t *end);

/* Load sigma0 (module 0) and the root task (module 1) to where they are
   linked, and start them. */
void boot_start_initial_tasks(const struct boot_info *info);

#endif
