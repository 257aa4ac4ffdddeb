/* SPDX-License-Identifier: BSD-2-Clause */
/* ktest-small: all tests once more, in small address spaces as long as those
   suffice, where there are any. */
#include <hickory/thread.h>

#include "helpers.h"
#include "ktest.h"

void prepare_task(l4_threadid_t t)
{
    thread_set_small(t, L4_SMALL_SPACE(32, t.id.task % 4));
}
