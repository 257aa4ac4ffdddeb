/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdbool.h>
#include <stddef.h>

#include <l4/rmgr/librmgr.h>
#include <l4/sys/ipc.h>
#include <l4/sys/syscalls.h>

#include <hickory/protocol.h>
#include <hickory/string.h>
#include <hickory/thread.h>

#define TASKS   2048
#define LINES   256
#define LEAVE   (~(l4_umword_t)0)

int have_rmgr;
l4_threadid_t rmgr_id, rmgr_pager_id;

/* What root gave us, a bit each. */
static l4_uint32_t got_task[TASKS / 32], got_irq[LINES / 32];

static void set_bit(l4_uint32_t *map, unsigned n, bool value)
{
    if (value)
        map[n / 32] |= 1U << n % 32;
    else
        map[n / 32] &= ~(1U << n % 32);
}

static bool has_bit(const l4_uint32_t *map, unsigned n)
{
    return map[n / 32] >> n % 32 & 1;
}

/* ---- talking to root ---- */

/* A request; the reply's words come back in w[0] and w[1]. */
static bool call(l4_umword_t w[REQUEST_WORDS], unsigned words)
{
    struct {
        l4_fpage_t rcv_fpage;
        l4_msgdope_t size_dope, send_dope;
        l4_umword_t word[REQUEST_WORDS];
    } message = { .send_dope = L4_IPC_DOPE(words, 0) };
    l4_msgdope_t dope;

    memcpy(message.word, w, words * sizeof(w[0]));
    return l4_ipc_call(rmgr_id, words > 2 ? &message : L4_IPC_SHORT_MSG, w[0],
                       w[1], L4_IPC_SHORT_MSG, &w[0], &w[1], L4_IPC_NEVER,
                       &dope) == 0;
}

/* Short, and a result comes back: 0 when all is well. */
static int ask(l4_umword_t request, l4_umword_t argument)
{
    l4_umword_t w[REQUEST_WORDS] = { request, argument };

    return !call(w, 2) || w[0] != REQUEST_OK;
}

static l4_threadid_t id_of(const l4_umword_t w[2])
{
    return (l4_threadid_t){
        .raw = (l4_uint32_t)w[0] | (l4_uint64_t)(l4_uint32_t)w[1] << 32,
    };
}

static bool is_myself(l4_threadid_t client)
{
    return l4_task_equal(client, l4_myself());
}

int rmgr_init(void)
{
    l4_threadid_t chief;

    rmgr_pager_id = thread_pager();
    /* Root is our chief, or we are root. */
    have_rmgr = l4_nchief(L4_INVALID_ID, &chief) == L4_NC_OUTER_CLAN &&
                l4_task_equal(chief, ROOT_ID);
    rmgr_id = have_rmgr ? ROOT_ID : L4_INVALID_ID;
    return have_rmgr;
}

/* ---- tasks ---- */

int rmgr_get_task(int num)
{
    int error = num <= 0 || num >= TASKS ||
                ask(REQUEST_TASK, (l4_umword_t)num);

    if (!error)
        set_bit(got_task, (unsigned)num, true);
    return error;
}

/* The kernel must know it first: root cannot take what is ours. */
int rmgr_free_task(int num)
{
    l4_taskid_t id = L4_NIL_ID;

    if (num <= 0 || num >= TASKS || !has_bit(got_task, (unsigned)num))
        return 1;
    id.id.task = (unsigned)num & (TASKS - 1);
    l4_task_new(id, (l4_uint32_t)rmgr_id.raw, 0, 0, L4_NIL_ID);
    set_bit(got_task, (unsigned)num, false);
    return ask(REQUEST_FREE_TASK, (l4_umword_t)num);
}

int rmgr_free_task_all(l4_threadid_t client)
{
    int error = !is_myself(client);

    for (int n = 1; !error && n < TASKS; n++)
        if (has_bit(got_task, (unsigned)n))
            error = rmgr_free_task(n);
    return error;
}

static l4_taskid_t create(unsigned number, const struct create_request *r)
{
    l4_umword_t w[REQUEST_WORDS] = { REQUEST_CREATE };
    unsigned words = 1 + sizeof(*r) / sizeof(w[0]);

    if (has_bit(got_task, number) && rmgr_free_task((int)number))
        return L4_NIL_ID;
    memcpy(w + 1, r, sizeof(*r));
    return call(w, words) ? id_of(w) : L4_NIL_ID;
}

l4_taskid_t rmgr_task_new_with_prio(l4_taskid_t dest,
                                    l4_umword_t mcp_or_new_chief,
                                    l4_umword_t esp, l4_umword_t eip,
                                    l4_threadid_t pager,
                                    l4_sched_param_t sched_param)
{
    const struct create_request r = {
        .number = dest.id.task,
        .mcp = mcp_or_new_chief & 0xff,
        .sp = esp,
        .ip = eip,
        .pager_low = (l4_uint32_t)pager.raw,
        .pager_high = (l4_uint32_t)(pager.raw >> 32),
        .priority = l4_is_invalid_sched_param(sched_param)
                        ? LEAVE
                        : sched_param.sp.prio,
    };

    if (l4_is_nil_id(pager)) {
        ask(REQUEST_DELETE, dest.id.task);
        return L4_NIL_ID;
    }
    return create(dest.id.task, &r);
}

l4_taskid_t rmgr_task_new(l4_taskid_t dest, l4_umword_t mcp_or_new_chief,
                          l4_umword_t esp, l4_umword_t eip,
                          l4_threadid_t pager)
{
    return rmgr_task_new_with_prio(dest, mcp_or_new_chief, esp, eip, pager,
                                   L4_INVALID_SCHED_PARAM);
}

/* ---- names ---- */

/* A name into the words of a message from this one on; how many words the
   message has then, 0: too long. */
static unsigned put_name(l4_umword_t w[REQUEST_WORDS], unsigned from,
                         const char *name)
{
    size_t length = strlen(name);

    if (length == 0 || length > LONG_NAME_LENGTH)
        return 0;
    memcpy(w + from, name, length);
    return from + (LONG_NAME_LENGTH + 1) / sizeof(w[0]);
}

int rmgr_get_task_id(const char *module_name, l4_threadid_t *thread_id)
{
    l4_umword_t w[REQUEST_WORDS] = { REQUEST_FIND };
    unsigned words = put_name(w, 1, module_name);

    *thread_id = L4_INVALID_ID;
    if (!words || !call(w, words) || l4_is_nil_id(id_of(w)))
        return 1;
    *thread_id = id_of(w);
    return 0;
}

int rmgr_set_task_id(const char *module_name, l4_threadid_t thread_id)
{
    l4_umword_t w[REQUEST_WORDS] = {
        REQUEST_NAME, (l4_uint32_t)thread_id.raw,
        (l4_uint32_t)(thread_id.raw >> 32),
    };
    unsigned words = put_name(w, 3, module_name);

    return !words || !call(w, words) || w[0] != REQUEST_OK;
}

/* ---- scheduling ---- */

int rmgr_set_prio(l4_threadid_t dest, int num)
{
    return num >= 0 && thread_set_priority(dest, (unsigned)num) ? 0 : -1;
}

int rmgr_get_prio(l4_threadid_t dest, int *num)
{
    *num = thread_priority(dest);
    return *num < 0;
}

/* ---- interrupts ---- */

int rmgr_get_irq(int num)
{
    int error = num < 0 || num >= LINES ||
                ask(REQUEST_IRQ, (l4_umword_t)num);

    if (!error)
        set_bit(got_irq, (unsigned)num, true);
    return error;
}

int rmgr_free_irq(int num)
{
    if (num < 0 || num >= LINES)
        return 1;
    set_bit(got_irq, (unsigned)num, false);
    return ask(REQUEST_FREE_IRQ, (l4_umword_t)num);
}

int rmgr_free_irq_all(l4_threadid_t client)
{
    int error = !is_myself(client);

    for (int n = 0; !error && n < LINES; n++)
        if (has_bit(got_irq, (unsigned)n))
            error = rmgr_free_irq(n);
    return error;
}

/* ---- memory ---- */

int rmgr_free_page(l4_umword_t address)
{
    return ask(REQUEST_FREE_RAM, l4_trunc_page(address));
}

int rmgr_free_fpage(l4_fpage_t fp)
{
    l4_addr_t page = fp.raw & L4_PAGEMASK;
    l4_addr_t end = page + (1UL << fp.fp.size);
    int error = 0;

    for (; !error && page < end; page += L4_PAGESIZE)
        error = rmgr_free_page(page);
    return error;
}

int rmgr_free_mem_all(l4_threadid_t client)
{
    return !is_myself(client) || ask(REQUEST_FREE_RAM, LEAVE);
}

int rmgr_dump_mem(void)
{
    return ask(REQUEST_DUMP, 0);
}
