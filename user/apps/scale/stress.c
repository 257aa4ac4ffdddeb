/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The load under which the longest stretch of kernel code without a look at
 * the interrupts is measured. A root task; says on the console what it is at:
 *
 *     stress: now WHAT
 */
#include <hickory/print.h>

#include "crowd.h"
#include "stress.h"

int main(void);

static const struct {
    const char *what;
    void (*run)(void);
} loads[] = {
    { "wide-trees", stress_wide_trees },
    { "deep-trees", stress_deep_trees },
    { "large-pages", stress_large_pages },
    { "kill-full-tasks", stress_kill_full_tasks },
    { "kill-nested-tasks", stress_kill_nested_tasks },
    { "kill-who-is-waited-for", stress_kill_who_is_waited_for },
    { "closed-wait", stress_closed_wait },
    { "many-alarms", stress_many_alarms },
    { "strings", stress_strings },
    { "random-calls", stress_random_calls },
};

int main(void)
{
    common_init();
    crowd_init();
    for (unsigned i = 0; i < sizeof(loads) / sizeof(loads[0]); i++) {
        print("stress: now %s\n", loads[i].what);
        loads[i].run();
    }
    print("stress: done\n");
    return 0;
}
