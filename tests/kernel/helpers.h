/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KTEST_HELPERS_H
#define KTEST_HELPERS_H

#include <l4/sys/types.h>

void helpers_init(void);

/* Stop all threads and kill all tasks that the test made. */
void helpers_clean_up(void);

/* Kernel memory that a test may take for good: threads of the own task are
   made once and kept. In bytes. */
l4_umword_t helpers_may_keep(void);

#endif
