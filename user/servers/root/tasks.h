/* SPDX-License-Identifier: BSD-2-Clause */
/* The tasks root has started, and task numbers. */
#ifndef ROOT_TASKS_H
#define ROOT_TASKS_H

#include "config.h"
#include "memory.h"

#include <l4/sys/types.h>

enum task_state { TASK_PLANNED, TASK_RUNNING, TASK_ENDED };

struct task {
    const struct config_task *config;
    enum task_state state;
    l4_taskid_t id;             /* of its lthread 0, while it runs */
    l4_threadid_t service;      /* registered for its name; nil: none */
    struct elf_image image;
    struct memory memory;
};

extern struct task tasks[CONFIG_TASKS];
extern unsigned task_count;

/* The running task with this number, or NULL. */
struct task *task_find(unsigned number);

/* Start a planned task. False: there was no memory for it. */
bool task_start(struct task *t);

/* End a task, take back all it has, and, if it was the last that counts,
   halt the machine. */
void task_end(struct task *t, unsigned status);

#endif
