/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include <l4/sys/kdebug.h>
#include <l4/sys/syscalls.h>

#include <hickory/start.h>
#include <hickory/string.h>
#include <hickory/thread.h>

#include "devices.h"
#include "names.h"
#include "numbers.h"
#include "tasks.h"

struct task tasks[CONFIG_TASKS];
unsigned task_count;

struct task *task_find(unsigned number)
{
    for (unsigned i = 0; i < task_count; i++)
        if (tasks[i].state == TASK_RUNNING && tasks[i].id.id.task == number)
            return &tasks[i];
    return NULL;
}

/* ---- start ---- */

/* The first page of a stack, seen by root and by the task. */
struct first_page {
    char *page;
    l4_addr_t address;
    size_t top;                 /* offset of the lowest byte in use */
};

/* Push a string; where the task sees it. */
static char *push_string(struct first_page *f, const char *s)
{
    size_t length = strlen(s) + 1;

    f->top -= length;
    memcpy(f->page + f->top, s, length);
    return (char *)(f->address + f->top);
}

/* Arguments and start information; where the task's stack begins. */
static l4_addr_t push_info(struct first_page *f, const struct task *t)
{
    const struct config_task *c = t->config;
    const struct region *heap = &t->memory.region[HEAP_REGION];
    char *argv[CONFIG_ARGS + 2] = { push_string(f, c->name) };
    const char *s = c->args;

    for (unsigned i = 1; i <= c->argc; i++, s += strlen(s) + 1)
        argv[i] = push_string(f, s);
    size_t argv_size = (c->argc + 2) * sizeof(argv[0]);
    f->top -= sizeof(struct start_info) + argv_size;
    f->top &= ~(size_t)15;
    struct start_info *info = (struct start_info *)(f->page + f->top);
    info->heap_start = heap->start;
    info->heap_end = heap->end;
    info->argc = c->argc + 1;
    memcpy(info->argv, argv, argv_size);
    return f->address + f->top;
}

/* Both the pages every task needs to begin. 0: no memory. */
static l4_addr_t prepare(struct task *t)
{
    struct page page;

    if (!memory_create(&t->memory) ||
        memory_touch(&t->memory, STACK_TOP - L4_PAGESIZE, true, &page) !=
            TOUCH_OK)
        return 0;
    struct first_page first = {
        .page = (char *)page.frame,
        .address = page.address,
        .top = L4_PAGESIZE,
    };
    return push_info(&first, t);
}

bool task_start(struct task *t)
{
    l4_addr_t sp = prepare(t);
    unsigned number = sp ? number_take() : 0;

    if (!number)
        return false;
    t->id = l4_task_new(number_id(number), t->config->priority, sp,
                        t->image.entry, l4_myself());
    if (l4_is_nil_id(t->id))
        return false;
    t->state = TASK_RUNNING;
    t->service = L4_NIL_ID;
    return thread_set_priority(t->id, t->config->priority);
}

/* ---- end ---- */

/* The system is there for its main tasks; for all, if none is marked. */
static bool counts(const struct task *t)
{
    for (unsigned i = 0; i < task_count; i++)
        if (tasks[i].config->is_main)
            return t->config->is_main;
    return true;
}

static bool is_over(void)
{
    for (unsigned i = 0; i < task_count; i++)
        if (tasks[i].state != TASK_ENDED && counts(&tasks[i]))
            return false;
    return true;
}

void task_end(struct task *t, unsigned status)
{
    static unsigned first_status;   /* first that was not 0 */
    unsigned number = t->id.id.task;

    number_make_inactive(number, l4_myself());
    device_take_back(number);
    memory_destroy(&t->memory);
    numbers_return(number);
    names_forget(number);
    t->state = TASK_ENDED;
    t->service = L4_NIL_ID;
    if (first_status == 0 && counts(t))
        first_status = status;
    if (is_over())
        l4_kdebug_halt(first_status);
}
