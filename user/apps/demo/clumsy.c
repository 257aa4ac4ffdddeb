/* SPDX-License-Identifier: BSD-2-Clause */
/* Crashes when it is told to. */
#include <stdint.h>

#include "actor.h"

int main(void)
{
    /* The compiler must not see the null pointer. */
    volatile uintptr_t nowhere = 0;

    actor_wait();
    *(volatile int *)nowhere = 1;
    return 1;
}
