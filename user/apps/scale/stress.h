/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What takes the kernel long: each function does some of it, a bounded
 * number of times, and leaves nothing behind.
 */
#ifndef SCALE_STRESS_H
#define SCALE_STRESS_H

/* stress_map.c */
void stress_wide_trees(void);
void stress_deep_trees(void);
void stress_large_pages(void);

/* stress_kill.c */
void stress_kill_full_tasks(void);
void stress_kill_nested_tasks(void);
void stress_kill_who_is_waited_for(void);

/* stress_ipc.c */
void stress_closed_wait(void);
void stress_many_alarms(void);
void stress_strings(void);
void stress_random_calls(void);

#endif
