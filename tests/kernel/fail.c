/* SPDX-License-Identifier: BSD-2-Clause */
/* A root task that ends badly: the runner must say so. */
#include <l4/sys/kdebug.h>

int main(void)
{
    outstring("this guest fails with status 3\n");
    l4_kdebug_halt(3);
    return 0;
}
