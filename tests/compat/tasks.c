/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A task of our own: its number from the resource manager, its memory from a
 * pager thread of ours, which maps what the task touches, and its end.
 */
#include <l4/sys/types.h>
#include <l4/sys/ipc.h>
#include <l4/sys/syscalls.h>
#include <l4/rmgr/librmgr.h>
#include <l4/util/util.h>
#include <l4/util/thread.h>

#include "check.h"

#define PAGER_THREAD    2
#define TASK            1234

static l4_threadid_t main_id, pager_id, task_id;
static char pager_stack[4096] __attribute__((aligned(16)));
static char task_stack[8192] __attribute__((aligned(4096)));
static volatile int faults, shared;
static volatile l4_umword_t last_fault;

extern char _stext, _etext, _end;

/* The classic one: wait for a fault, send a page, and so on. */
static void pager(void)
{
    l4_umword_t fault, eip;
    l4_threadid_t src;
    l4_snd_fpage_t fp;
    l4_msgdope_t result;
    int rw;

    l4_ipc_wait(&src, L4_IPC_SHORT_MSG, &fault, &eip, L4_IPC_NEVER, &result);
    while (1) {
        rw = fault & 2;
        fault &= 0xfffffffc;
        faults++;
        last_fault = fault;
        if (rw)
            l4_touch_rw((void *)fault, 1);
        else
            l4_touch_ro((void *)fault, 1);
        fp.snd_base = l4_trunc_page(fault);
        fp.fpage = l4_fpage(fp.snd_base, L4_LOG2_PAGESIZE,
                            rw ? L4_FPAGE_RW : L4_FPAGE_RO, L4_FPAGE_MAP);
        if (fault >= (l4_umword_t)&_end || fault < (l4_umword_t)&_stext)
            printf("tasks: a fault at %lx?\n", (long)fault);
        l4_ipc_reply_and_wait(src, L4_IPC_SHORT_FPAGE, fp.snd_base,
                              fp.fpage.fpage, &src, L4_IPC_SHORT_MSG, &fault,
                              &eip, L4_IPC_SEND_TIMEOUT_0, &result);
    }
}

/* What the task does: it counts, and asks whom it may talk to. */
static void task(void)
{
    l4_threadid_t me = l4_myself(), next;
    l4_umword_t dw0, dw1;
    l4_msgdope_t result;
    int relation;

    shared++;
    relation = l4_nchief(main_id, &next);
    l4_ipc_call(main_id, L4_IPC_SHORT_MSG, me.id.task, relation,
                L4_IPC_SHORT_MSG, &dw0, &dw1, L4_IPC_NEVER, &result);
    shared += dw0;
    l4_ipc_send(main_id, L4_IPC_SHORT_MSG, shared, 0, L4_IPC_NEVER, &result);
    l4_sleep_forever();
}

static void create(void)
{
    l4_taskid_t id = main_id;

    id.id.lthread = 0;
    id.id.task = TASK;
    id.id.chief = main_id.id.task;
    id.id.nest = main_id.id.nest + 1;
    task_id = l4_task_new(id, 20, (l4_umword_t)task_stack + sizeof(task_stack),
                          (l4_umword_t)task, pager_id);
    CHECK(!l4_is_nil_id(task_id) && task_id.id.task == TASK);
    CHECK(task_id.id.chief == main_id.id.task && task_id.id.lthread == 0);
    CHECK(task_id.id.nest == main_id.id.nest + 1);
    CHECK(l4_tasknum_equal(task_id, id) && !l4_task_equal(task_id, main_id));
}

static void talk(void)
{
    l4_threadid_t next;
    l4_umword_t dw0, dw1;
    l4_msgdope_t result;
    int error;

    error = l4_ipc_receive(task_id, L4_IPC_SHORT_MSG, &dw0, &dw1, L4_IPC_NEVER,
                           &result);
    CHECK(error == 0 && dw0 == TASK && dw1 == L4_NC_OUTER_CLAN);
    CHECK(shared == 1);
    CHECK(l4_nchief(task_id, &next) == L4_NC_INNER_CLAN);
    CHECK(l4_thread_equal(next, task_id));
    CHECK(l4_nchief(pager_id, &next) == L4_NC_SAME_CLAN);
    error = l4_ipc_send(task_id, L4_IPC_SHORT_MSG, 41, 0, L4_IPC_NEVER,
                        &result);
    CHECK(error == 0);
    error = l4_ipc_receive(task_id, L4_IPC_SHORT_MSG, &dw0, &dw1, L4_IPC_NEVER,
                           &result);
    CHECK(error == 0 && dw0 == 42 && shared == 42);
    CHECK(faults >= 3 && last_fault != 0);
}

static void end(void)
{
    l4_msgdope_t result;

    /* an inactive task, and its right back to the manager */
    l4_task_new(task_id, main_id.lh.low, 0, 0, L4_NIL_ID);
    CHECK(l4_ipc_send(task_id, L4_IPC_SHORT_MSG, 1, 2, L4_IPC_NEVER,
                      &result) == L4_IPC_ENOT_EXISTENT);
    CHECK(rmgr_free_task(TASK) == 0);
    CHECK(rmgr_free_task(TASK) != 0);
    CHECK(l4_is_nil_id(l4_task_new(task_id, 20, 0, 0, pager_id)));
}

int main(void)
{
    CHECK(&_stext < &_etext && &_etext < &_end);
    if (!rmgr_init()) {
        printf("tasks: no resource manager\n");
        return 1;
    }
    main_id = l4_myself();
    CHECK(l4_thread_equal(main_id, l4_myself_noprof()));
    CHECK(l4_thread_equal(l4_get_taskid(main_id), main_id));
    pager_id = l4util_create_thread(PAGER_THREAD, pager,
                                    pager_stack + sizeof(pager_stack));
    CHECK(l4_task_equal(pager_id, main_id));
    CHECK(rmgr_get_task(TASK) == 0);
    CHECK(rmgr_get_task(TASK) != 0);
    CHECK(rmgr_get_task(main_id.id.task) != 0);
    create();
    talk();
    end();
    FINISH("tasks");
}
