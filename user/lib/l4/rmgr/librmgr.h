/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The resource manager's client side, under the names of the Version 2
 * library. The manager is root; see doc/api/root.md. Where it says nothing
 * else, 0 is success.
 */
#ifndef L4_RMGR_LIBRMGR_H
#define L4_RMGR_LIBRMGR_H

#include <l4/sys/types.h>

EXTERN_C_BEGIN

/* Set by rmgr_init(). */
extern int have_rmgr;
extern l4_threadid_t rmgr_id;           /* root's thread, for all but ... */
extern l4_threadid_t rmgr_pager_id;     /* ... pages: the caller's pager */

/* To be called first; 1 when there is a manager, 0 when not. */
int rmgr_init(void);

/* ---- tasks ---- */

/* The right to create this task, from root and back. */
int rmgr_get_task(int num);
int rmgr_free_task(int num);
/* All of them; only one's own. */
int rmgr_free_task_all(l4_threadid_t client);

/*
 * Have root create (pager nil: end) a task, whose chief it then is: one that
 * can talk to all tasks that root has started. mcp and priority are at most
 * the caller's. The id, nil: it could not be done (when ending, always).
 */
l4_taskid_t rmgr_task_new(l4_taskid_t dest, l4_umword_t mcp_or_new_chief,
                          l4_umword_t esp, l4_umword_t eip,
                          l4_threadid_t pager);
l4_taskid_t rmgr_task_new_with_prio(l4_taskid_t dest,
                                    l4_umword_t mcp_or_new_chief,
                                    l4_umword_t esp, l4_umword_t eip,
                                    l4_threadid_t pager,
                                    l4_sched_param_t sched_param);

/* The task of a boot module or of a name that was set; L4_INVALID_ID and not
   0: there is none. Names have up to 23 characters. */
int rmgr_get_task_id(const char *module_name, l4_threadid_t *thread_id);
int rmgr_set_task_id(const char *module_name, l4_threadid_t thread_id);

/* ---- scheduling ---- */

int rmgr_set_prio(l4_threadid_t dest, int num);
int rmgr_get_prio(l4_threadid_t dest, int *num);

/* ---- interrupts: each line for one task that asks ---- */

int rmgr_get_irq(int num);
int rmgr_free_irq(int num);
int rmgr_free_irq_all(l4_threadid_t client);

/* ---- memory that came by l4sigma0_map_*() ---- */

/* By physical address; all: only one's own. */
int rmgr_free_page(l4_umword_t address);
int rmgr_free_fpage(l4_fpage_t fp);
int rmgr_free_mem_all(l4_threadid_t client);

/* Have root say on the console who has how much. */
int rmgr_dump_mem(void);

EXTERN_C_END

#endif
