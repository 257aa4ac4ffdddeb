/* SPDX-License-Identifier: BSD-2-Clause */
/* A root task that never ends: the runner must end it. */
#include <l4/sys/kdebug.h>

int main(void)
{
    outstring("this guest hangs\n");
    for (;;)
        continue;
}
