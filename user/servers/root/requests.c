/* SPDX-License-Identifier: BSD-2-Clause */
/* What tasks ask of root; see doc/api/root.md. */
#include <hickory/pager.h>
#include <hickory/print.h>
#include <hickory/protocol.h>
#include <hickory/string.h>

#include "devices.h"
#include "names.h"
#include "numbers.h"
#include "server.h"

#define MAX_STATUS 125          /* what a simulator's exit status can be */

static const l4_kernel_info_t *kip;

void requests_init(const l4_kernel_info_t *page)
{
    kip = page;
    irqs_init((unsigned)kip->irq_count);
}

static struct reply words(l4_umword_t w0, l4_umword_t w1)
{
    return (struct reply){ REPLY_WORDS, w0, w1 };
}

struct reply handle_kip(void)
{
    l4_addr_t page = (l4_addr_t)kip;

    return (struct reply){
        REPLY_MAP, page,
        l4_fpage(page, L4_PAGESHIFT, L4_FPAGE_RO, L4_FPAGE_MAP).raw,
    };
}

static struct reply id_words(l4_threadid_t id)
{
    return words((l4_uint32_t)id.raw, (l4_uint32_t)(id.raw >> 32));
}

static struct reply result(bool ok)
{
    return words(ok ? REQUEST_OK : REQUEST_REFUSED, 0);
}

static l4_threadid_t id_of(l4_umword_t low, l4_umword_t high)
{
    return (l4_threadid_t){
        .raw = (l4_uint32_t)low | (l4_uint64_t)(l4_uint32_t)high << 32,
    };
}

static unsigned number_of(const struct message *m)
{
    return m->task->id.id.task;
}

static struct reply mapping(l4_addr_t block, unsigned log2_size)
{
    return (struct reply){
        REPLY_MAP, block,
        l4_fpage(block, log2_size, L4_FPAGE_RW, L4_FPAGE_MAP).raw,
    };
}

/* ---- the end, names ---- */

static struct reply do_exit(const struct message *m)
{
    task_end(m->task, m->w1 > MAX_STATUS ? MAX_STATUS : (unsigned)m->w1);
    return (struct reply){ .kind = REPLY_NONE };
}

static struct reply do_lookup(const struct message *m)
{
    char name[NAME_LENGTH + 1];

    name_unpack(m->w0, m->w1, name);
    for (unsigned i = 0; i < task_count; i++) {
        if (strcmp(tasks[i].config->name, name) == 0)
            return id_words(tasks[i].service);
    }
    return words(0, 0);
}

static struct reply do_register(const struct message *m)
{
    m->task->service = m->thread;
    return words(REQUEST_OK, 0);
}

/* A task by its own name or by that of its boot module. */
static l4_taskid_t find_task(const char *name)
{
    for (unsigned i = 0; i < task_count; i++)
        if (tasks[i].state == TASK_RUNNING &&
            (strcmp(tasks[i].config->name, name) == 0 ||
             strcmp(tasks[i].config->module, name) == 0))
            return tasks[i].id;
    return L4_NIL_ID;
}

/* A long name, from this word of the message on. */
static void read_name(const struct message *m, unsigned from,
                      char name[LONG_NAME_LENGTH + 1])
{
    memset(name, 0, LONG_NAME_LENGTH + 1);
    memcpy(name, m->word + from, LONG_NAME_LENGTH);
}

static struct reply do_find(const struct message *m)
{
    char name[LONG_NAME_LENGTH + 1];
    l4_taskid_t id;

    read_name(m, 1, name);
    id = find_task(name);
    return id_words(l4_is_nil_id(id) ? name_find(name) : id);
}

static struct reply do_name(const struct message *m)
{
    char name[LONG_NAME_LENGTH + 1];

    read_name(m, 3, name);
    return result(name[0] && l4_is_nil_id(find_task(name)) &&
                  name_set(name, id_of(m->word[1], m->word[2]),
                           number_of(m)));
}

/* ---- memory, devices ---- */

struct reply handle_any_page(const struct message *m)
{
    unsigned log2_size = m->w1 >> 2 & 63;
    l4_addr_t block;

    if (log2_size == 0)
        log2_size = L4_PAGESHIFT;
    return memory_give_any(&m->task->memory, log2_size, &block)
               ? mapping(block, log2_size)
               : words(0, 0);
}

static struct reply do_ram(const struct message *m)
{
    l4_fpage_t f = { .raw = m->w1 };
    l4_addr_t start = m->w1 & L4_PAGEMASK;
    unsigned log2_size = m->w1 >> 2 & 63;

    if (l4_is_iofpage(f) || log2_size >= L4_WORD_BITS ||
        (start & ((1UL << log2_size) - 1)) ||
        !memory_give(&m->task->memory, start, log2_size))
        return words(0, 0);
    return mapping(start, log2_size);
}

static struct reply do_free_ram(const struct message *m)
{
    if (m->w1 != ~(l4_umword_t)0)
        return result(memory_take_back(&m->task->memory,
                                       l4_trunc_page(m->w1)));
    memory_take_back_all(&m->task->memory);
    return result(true);
}

static struct reply do_dump(void)
{
    for (unsigned i = 0; i < task_count; i++)
        if (tasks[i].state == TASK_RUNNING)
            print("root: %s has %lu of %lu KB\n", tasks[i].config->name,
                  (unsigned long)memory_used(&tasks[i].memory) *
                      (L4_PAGESIZE / 1024),
                  (unsigned long)tasks[i].config->memory / 1024);
    return result(true);
}

/* Device memory or ports, whichever the request is for. */
static struct reply do_device(const struct message *m, bool ports)
{
    l4_fpage_t device = { .raw = m->w1 };

    if (!m->task->config->is_driver || l4_is_iofpage(device) != ports ||
        !device_give(device, m->task->id.id.task))
        return words(REQUEST_REFUSED, 0);
    device.fp.write = L4_FPAGE_RW;
    device.fp.grant = L4_FPAGE_MAP;
    return (struct reply){ REPLY_MAP, device.raw & L4_PAGEMASK, device.raw };
}

/* ---- tasks ---- */

static struct reply do_task(const struct message *m)
{
    unsigned number = m->w1 < 2048 ? number_give((unsigned)m->w1, m->task->id)
                                   : 0;

    return words(number ? REQUEST_OK : REQUEST_NONE_LEFT, number);
}

static unsigned at_most(l4_umword_t value, unsigned limit)
{
    return value < limit ? (unsigned)value : limit;
}

static struct reply do_create(const struct message *m)
{
    const struct create_request *r = (const void *)(m->word + 1);
    unsigned limit = m->task->config->priority;
    const struct child c = {
        .number = at_most(r->number, 2048),
        .owner = number_of(m),
        .mcp = at_most(r->mcp, limit),
        .priority = at_most(r->priority, limit),
        .sp = r->sp,
        .ip = r->ip,
        .pager = id_of(r->pager_low, r->pager_high),
    };

    return l4_is_nil_id(c.pager) ? words(0, 0) : id_words(child_create(&c));
}

/* ---- all of them ---- */

struct reply handle_child_request(const struct message *m)
{
    switch (REQUEST_CODE(m->w0)) {
    case REQUEST_EXIT:
        child_delete(m->thread.id.task, number_of(m));
        return (struct reply){ .kind = REPLY_NONE };
    case REQUEST_LOOKUP:
        return do_lookup(m);
    case REQUEST_FIND:
        return do_find(m);
    default:
        return result(false);
    }
}

static struct reply handle_number_request(const struct message *m)
{
    unsigned w1 = at_most(m->w1, 2048);

    switch (REQUEST_CODE(m->w0)) {
    case REQUEST_FREE_TASK:
        return result(number_take_back(w1, number_of(m)));
    case REQUEST_DELETE:
        return result(child_delete(w1, number_of(m)));
    case REQUEST_IRQ:
        return result(irq_give(w1, number_of(m)));
    case REQUEST_FREE_IRQ:
        return result(irq_take_back(w1, number_of(m)));
    default:
        return words(REQUEST_UNKNOWN, 0);
    }
}

struct reply handle_request(const struct message *m)
{
    switch (REQUEST_CODE(m->w0)) {
    case REQUEST_EXIT:
        return do_exit(m);
    case REQUEST_LOOKUP:
        return do_lookup(m);
    case REQUEST_REGISTER:
        return do_register(m);
    case REQUEST_DEVICE:
        return do_device(m, false);
    case REQUEST_PORTS:
        return do_device(m, true);
    case REQUEST_RAM:
        return do_ram(m);
    case REQUEST_FREE_RAM:
        return do_free_ram(m);
    case REQUEST_TASK:
        return do_task(m);
    case REQUEST_CREATE:
        return do_create(m);
    case REQUEST_FIND:
        return do_find(m);
    case REQUEST_NAME:
        return do_name(m);
    case REQUEST_DUMP:
        return do_dump();
    default:
        return handle_number_request(m);
    }
}
