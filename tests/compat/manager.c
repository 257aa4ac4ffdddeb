/* SPDX-License-Identifier: BSD-2-Clause */
/* What the resource manager gives, lends and knows. */
#include <l4/sys/types.h>
#include <l4/sys/ipc.h>
#include <l4/sys/syscalls.h>
#include <l4/rmgr/librmgr.h>
#include <l4/sigma0/sigma0.h>
#include <l4/util/thread.h>
#include <l4/util/util.h>

#include "check.h"

#define CHILD   1500

static l4_threadid_t main_id, pager_id;
static char pager_stack[4096] __attribute__((aligned(16)));
static char child_stack[4096] __attribute__((aligned(4096)));

static void pager(void)
{
    l4_umword_t fault, eip;
    l4_threadid_t src;
    l4_msgdope_t result;

    l4_ipc_wait(&src, L4_IPC_SHORT_MSG, &fault, &eip, L4_IPC_NEVER, &result);
    for (;;) {
        int rw = (fault & 2) != 0;
        if (rw)
            l4_touch_rw((void *)(fault & ~3UL), 1);
        else
            l4_touch_ro((void *)(fault & ~3UL), 1);
        l4_ipc_reply_and_wait(
            src, L4_IPC_SHORT_FPAGE, fault & L4_PAGEMASK,
            l4_fpage(fault, L4_LOG2_PAGESIZE, rw, L4_FPAGE_MAP).fpage, &src,
            L4_IPC_SHORT_MSG, &fault, &eip, L4_IPC_NEVER, &result);
    }
}

static void child(void)
{
    l4_threadid_t me = l4_myself();
    l4_msgdope_t result;

    l4_ipc_send(main_id, L4_IPC_SHORT_MSG, me.id.task, me.id.chief,
                L4_IPC_NEVER, &result);
    l4_sleep_forever();
}

static void hear_child(l4_taskid_t id)
{
    l4_umword_t dw0, dw1;
    l4_msgdope_t result;

    CHECK(l4_ipc_receive(id, L4_IPC_SHORT_MSG, &dw0, &dw1,
                         L4_IPC_TIMEOUT(0, 0, 250, 6, 0, 0), &result) == 0);
    CHECK(dw0 == CHILD && dw1 == rmgr_id.id.task);
}

/* Tasks that the manager makes for us are our equals. */
static void tasks(void)
{
    l4_taskid_t id = L4_NIL_ID, child_id;
    l4_threadid_t next;
    l4_sched_param_t sched = { .sched_param = 0 };
    int prio;

    id.id.task = CHILD;
    child_id = rmgr_task_new(id, 255, (l4_umword_t)child_stack + 4096,
                             (l4_umword_t)child, pager_id);
    CHECK(!l4_is_nil_id(child_id));
    CHECK(l4_nchief(child_id, &next) == L4_NC_SAME_CLAN);
    hear_child(child_id);
    CHECK(rmgr_get_task(CHILD) != 0);
    CHECK(l4_is_nil_id(rmgr_task_new(child_id, 0, 0, 0, L4_NIL_ID)));

    CHECK(rmgr_get_task(CHILD) == 0);       /* so that it was given back */
    sched.sp.prio = 3;
    child_id = rmgr_task_new_with_prio(id, 255,
                                       (l4_umword_t)child_stack + 4096,
                                       (l4_umword_t)child, pager_id, sched);
    CHECK(rmgr_get_prio(child_id, &prio) == 0 && prio == 3);
    hear_child(child_id);
    rmgr_task_new(child_id, 0, 0, 0, L4_NIL_ID);
    CHECK(rmgr_get_prio(child_id, &prio) != 0);

    CHECK(rmgr_get_task(CHILD) == 0 && rmgr_get_task(CHILD + 1) == 0);
    CHECK(rmgr_free_task_all(main_id) == 0);
    CHECK(rmgr_get_task(CHILD + 1) == 0 && rmgr_free_task(CHILD + 1) == 0);
}

static void names(void)
{
    l4_threadid_t id;

    CHECK(rmgr_get_task_id("manager", &id) == 0);
    CHECK(l4_thread_equal(id, main_id));
    CHECK(rmgr_get_task_id("compat_manager", &id) == 0);    /* the module */
    CHECK(l4_thread_equal(id, main_id));
    CHECK(rmgr_get_task_id("nobody", &id) != 0 && l4_is_invalid_id(id));
    CHECK(rmgr_set_task_id("a_long_name_for_a_pager", pager_id) == 0);
    CHECK(rmgr_get_task_id("a_long_name_for_a_pager", &id) == 0);
    CHECK(l4_thread_equal(id, pager_id));
    CHECK(rmgr_set_task_id("manager", pager_id) != 0);
    CHECK(rmgr_set_task_id("a_name_that_is_too_long_for_it", pager_id) != 0);
}

static void interrupts(void)
{
    CHECK(rmgr_get_irq(9) == 0 && rmgr_get_irq(9) == 0);
    CHECK(rmgr_free_irq(9) == 0 && rmgr_free_irq(9) != 0);
    CHECK(rmgr_get_irq(100000) != 0);
    CHECK(rmgr_get_irq(10) == 0 && rmgr_free_irq_all(main_id) == 0);
    CHECK(rmgr_free_irq(10) != 0);
}

static void memory(void)
{
    static char area[2 * L4_PAGESIZE] __attribute__((aligned(4096)));
    l4_addr_t base;

    l4_fpage_unmap(l4_fpage((l4_umword_t)area, L4_LOG2_PAGESIZE, L4_FPAGE_RW,
                            L4_FPAGE_MAP),
                   L4_FP_FLUSH_PAGE | L4_FP_ALL_SPACES);
    CHECK(l4sigma0_map_anypage(rmgr_pager_id, (l4_addr_t)area,
                               L4_LOG2_PAGESIZE, &base) == 0);
    CHECK(area[0] == 0 && area[L4_PAGESIZE - 1] == 0);
    area[0] = 1;
    CHECK(rmgr_free_page(base) == 0);
    CHECK(rmgr_free_page(base) != 0);
    CHECK(area[0] == 0);                    /* ours again, as it began */
    l4_fpage_unmap(l4_fpage((l4_umword_t)area, L4_LOG2_PAGESIZE, L4_FPAGE_RW,
                            L4_FPAGE_MAP),
                   L4_FP_FLUSH_PAGE | L4_FP_ALL_SPACES);
    CHECK(l4sigma0_map_anypage(rmgr_pager_id, (l4_addr_t)area,
                               L4_LOG2_PAGESIZE, &base) == 0);
    CHECK(rmgr_free_fpage(l4_fpage(base, L4_LOG2_PAGESIZE, 0, 0)) == 0);
    CHECK(rmgr_free_mem_all(main_id) == 0);
    CHECK(rmgr_dump_mem() == 0);
}

static void priorities(void)
{
    int prio, prio2;

    CHECK(rmgr_get_prio(main_id, &prio) == 0);
    CHECK(rmgr_set_prio(main_id, prio - 1) == 0);
    CHECK(rmgr_get_prio(main_id, &prio2) == 0 && prio2 == prio - 1);
    CHECK(rmgr_set_prio(main_id, prio) == 0);
    CHECK(rmgr_set_prio(main_id, 255) != 0);        /* above our mcp */
}

int main(void)
{
    CHECK(rmgr_init() == 1 && have_rmgr);
    main_id = l4_myself();
    pager_id = l4util_create_thread(1, pager,
                                    pager_stack + sizeof(pager_stack));
    CHECK(!l4_is_invalid_id(rmgr_id) && !l4_is_invalid_id(rmgr_pager_id));
    tasks();
    names();
    interrupts();
    memory();
    priorities();
    FINISH("manager");
}
