/* SPDX-License-Identifier: BSD-2-Clause */
/* What tasks ask of root; see doc/api/root.md. */
#include <hickory/pager.h>
#include <hickory/protocol.h>
#include <hickory/string.h>

#include "devices.h"
#include "server.h"

#define MAX_STATUS 125          /* what a simulator's exit status can be */

static const l4_kernel_info_t *kip;

void requests_init(const l4_kernel_info_t *page)
{
    kip = page;
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
        l4_threadid_t service = tasks[i].service;
        if (strcmp(tasks[i].config->name, name) == 0)
            return words((l4_uint32_t)service.raw,
                         (l4_uint32_t)(service.raw >> 32));
    }
    return words(0, 0);
}

static struct reply do_register(const struct message *m)
{
    m->task->service = m->thread;
    return words(REQUEST_OK, 0);
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

static struct reply do_task(const struct message *m)
{
    unsigned number = task_give_number(m->task);

    return words(number ? REQUEST_OK : REQUEST_NONE_LEFT, number);
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
    case REQUEST_TASK:
        return do_task(m);
    default:                    /* among them what only sigma0 gives */
        return words(REQUEST_UNKNOWN, 0);
    }
}
