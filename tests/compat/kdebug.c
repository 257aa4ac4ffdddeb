/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's console: every function once, on a line of its own. */
#include <l4/sys/types.h>
#include <l4/sys/kdebug.h>
#include <l4/util/prio.h>
#include <l4/util/thread.h>
#include <l4/util/util.h>

#include "check.h"

static char stack[4096] __attribute__((aligned(16)));
static volatile int typed;

/* Nobody types. */
static void keyboard(void)
{
    typed = kd_inchar();
}

int main(void)
{
    outstring("kdebug string\n");
    outnstring("kdebug nstring\nand not this", 15);
    outstring("kdebug dec ");
    outdec(-2147483647 - 1);
    outchar(' ');
    outdec(0);
    outchar(' ');
    outdec(4711);
    outchar('\n');
    outstring("kdebug hex ");
    outhex32(0x89abcdef);
    outchar(' ');
    outhex20(0x89abcdef);
    outchar(' ');
    outhex16(0x89abcdef);
    outchar(' ');
    outhex12(0x89abcdef);
    outchar(' ');
    outhex8(0x89abcdef);
    outchar('\n');
    kd_display("kdebug display");
    ko('!');
    ko('\n');
    enter_kdebug("kdebug enters");
    enter_kdebug();
    kdb_ke("kdebug again");
    CHECK(l4kd_inchar() == -1);
    l4util_prio_thread_set(l4util_create_thread(1, keyboard, stack + 4096),
                           100);
    l4_usleep(500);
    CHECK(typed == 0);
    CHECK(l4_kdebug(1234, 0) == ~(l4_umword_t)0);
    l4_kdebug_halt(5);                  /* not ours to say */
    l4_kdebug_enter("kdebug ends");
    l4_kdebug_hex(0x1234, 4);
    outchar('\n');
    FINISH("kdebug");
}
