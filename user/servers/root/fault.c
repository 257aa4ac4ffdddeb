/* SPDX-License-Identifier: BSD-2-Clause */
/* Page faults and exceptions of root's tasks. */
#include <hickory/print.h>
#include <hickory/protocol.h>

#include "numbers.h"
#include "server.h"

#define STATUS_CRASHED 125

/* One line on the console, and the end of the task. */
static struct reply crash(const struct message *m, const char *what,
                          l4_umword_t value)
{
    print("root: %s crashed: %s %lx, thread %u, ip %lx\n",
          m->task->config->name, what, value, (unsigned)m->thread.id.lthread,
          m->w1);
    task_end(m->task, STATUS_CRASHED);
    return (struct reply){ .kind = REPLY_NONE };
}

static const char *reason(enum touch touch, bool write)
{
    switch (touch) {
    case TOUCH_READ_ONLY:
        return "write to read-only memory at";
    case TOUCH_NONE_LEFT:
        return "no memory left for the page at";
    case TOUCH_NOWHERE:
    case TOUCH_OK:
        break;
    }
    return write ? "write to" : "read from";
}

struct reply handle_fault(const struct message *m)
{
    l4_addr_t address = FAULT_ADDRESS(m->w0);
    bool write = FAULT_WRITE(m->w0);
    struct page page;
    enum touch touch = memory_touch(&m->task->memory, address, write, &page);

    if (touch != TOUCH_OK)
        return crash(m, reason(touch, write), address);
    return (struct reply){
        .kind = REPLY_MAP,
        .w0 = page.address,
        .w1 = l4_fpage(page.frame, L4_PAGESHIFT, page.write,
                       L4_FPAGE_MAP).raw,
    };
}

struct reply handle_exception(const struct message *m)
{
    return crash(m, "exception", m->w0 >> 4);
}

/* A child has its memory from whom it pleases, but not from us. */
struct reply handle_child_fault(const struct message *m)
{
    unsigned number = m->thread.id.task;

    print("root: task %u, made for %s, ended: %s %lx, ip %lx\n", number,
          m->task->config->name, IS_FAULT(m->w0) ? "fault at" : "exception",
          IS_FAULT(m->w0) ? FAULT_ADDRESS(m->w0) : m->w0 >> 4, m->w1);
    child_delete(number, m->task->id.id.task);
    return (struct reply){ .kind = REPLY_NONE };
}
