/* SPDX-License-Identifier: BSD-2-Clause */
#include "ipc.h"
#include "kmem.h"
#include "panic.h"
#include "small.h"
#include "task.h"
#include "tcb.h"
#include "timeout.h"
#include "utcb.h"

/* In a section of its own: a port may care where it lies. */
struct tcb *tcb_table[MAX_TASKS * MAX_LTHREADS]
    __attribute__((section(".bss.tcb_table")));
struct tcb dummy_tcb;
struct tcb idle_tcb;
struct tcb *current = &idle_tcb;

static KMEM_CACHE(tcb_cache, struct tcb);

static void init_links(struct tcb *t)
{
    list_init(&t->ready_link);
    list_init(&t->send_queue);
    list_init(&t->send_link);
    list_init(&t->timeout.link);
    t->searched = &t->send_queue;
    t->irq = IRQ_NONE;
}

void tcb_init(void)
{
    for (unsigned i = 0; i < MAX_TASKS * MAX_LTHREADS; i++)
        tcb_table[i] = &dummy_tcb;
    dummy_tcb.id = ID_INVALID;
    dummy_tcb.state = T_HALTED;
    tcb_hold(&dummy_tcb, HOLD_UNKNOWN);
    init_links(&dummy_tcb);
    idle_tcb.id = ID_INVALID;
    idle_tcb.state = T_HALTED;
    idle_tcb.limit = LIMIT_NONE;
    init_links(&idle_tcb);
}

struct tcb *tcb_find(threadid_t id)
{
    struct tcb *t = tcb_table[id_number(id)];

    if (t->id != id || t == &dummy_tcb)
        return NULL;
    if (tcb_is_parked(t))
        ipc_settle(t);
    return t;
}

struct tcb *tcb_find_number(unsigned task, unsigned lthread)
{
    struct tcb *t = tcb_table[task * MAX_LTHREADS + lthread];

    if (t == &dummy_tcb)
        return NULL;
    if (tcb_is_parked(t))
        ipc_settle(t);
    return t;
}

enum err tcb_create(struct task *task, unsigned lthread, struct tcb **out)
{
    struct tcb *t = kmem_alloc(&tcb_cache);

    if (!t)
        return ERR_NO_MEM;
    init_links(t);
    t->id = id_with_lthread(task->id, lthread);
    t->task = task;
    t->space = &task->space;
    t->state = T_HALTED;
    t->mcp = task->mcp;
    tcb_hold(t, HOLD_UNKNOWN | (small_number(t->space) ? HOLD_SMALL : 0));
    if (utcb_create(t) != OK) {
        kmem_free(&tcb_cache, t);
        return ERR_NO_MEM;
    }
    arch_thread_init(t);
    tcb_table[id_number(t->id)] = t;
    task->threads++;
    if (lthread > task->top)
        task->top = lthread;
    *out = t;
    return OK;
}

void tcb_set_handlers(struct tcb *t, threadid_t pager, threadid_t preempter)
{
    bool none = preempter == ID_NIL || preempter == ID_INVALID;

    t->pager = pager;
    t->preempter = preempter;
    t->handler = none ? pager : preempter;
}

void tcb_hide(struct tcb *t)
{
    tcb_table[id_number(t->id)] = &dummy_tcb;
}

void tcb_destroy(struct tcb *t)
{
    assert(!t->queued && list_empty(&t->send_link));
    assert(list_empty(&t->send_queue) && !timeout_pending(&t->timeout));
    sched_fpu_off(t);
    tcb_hide(t);
    t->task->threads--;
    walk_end(&t->unmap.walk);
    arch_fpu_forget(t);
    utcb_destroy(t);
    kmem_free(&tcb_cache, t);
}
