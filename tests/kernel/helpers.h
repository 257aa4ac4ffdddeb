/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KTEST_HELPERS_H
#define KTEST_HELPERS_H

#include <l4/sys/types.h>

void helpers_init(void);

/* Stop all threads and kill all tasks that the test made. */
void helpers_clean_up(void);

/* Called for each task that a test makes, and for our own before each test: a
   program of the same tests may have another one of these, where all tasks are
   to be in some state that makes no difference to the tests. */
void prepare_task(l4_threadid_t task);

/* Kernel memory that a test may take for good: threads of the own task are
   made once and kept. In bytes. */
l4_umword_t helpers_may_keep(void);

#endif
