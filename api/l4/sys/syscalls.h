/* SPDX-License-Identifier: BSD-2-Clause */
/* The calls other than ipc, under their Version 2 names. */
#ifndef L4_SYS_SYSCALLS_H
#define L4_SYS_SYSCALLS_H

#include <l4/sys/consts.h>
#include <l4/sys/types.h>
#include <l4/sys/utcb.h>
#include <l4/sys/arch/stubs.h>

/*
 * The partner a message to `id` would reach, in *next: the thread itself or
 * the chief on the way. Returns L4_NC_SAME_CLAN, _INNER_CLAN or _OUTER_CLAN.
 */
L4_INLINE int l4_nchief(l4_threadid_t id, l4_threadid_t *next)
{
    struct l4_call_args a = { .id = { id } };
    l4_arch_call(L4_SYS_ID_NEAREST, &a);
    *next = a.id[0];
    return (int)a.arg[0];
}

/* The id of the calling thread. */
L4_INLINE l4_threadid_t l4_myself(void)
{
    return l4_arch_myself();
}

L4_INLINE l4_threadid_t l4_myself_noprof(void)
{
    return l4_myself();
}

/* Take the pages of `fpage` back; map_mask is made of L4_FP_*. */
L4_INLINE void l4_fpage_unmap(l4_fpage_t fpage, l4_umword_t map_mask)
{
    struct l4_call_args a = { .arg = { fpage.raw, map_mask } };
    l4_arch_call(L4_SYS_FPAGE_UNMAP, &a);
}

/* The same; returns what the pages were used for, L4_FP_ACCESSED and
   L4_FP_WRITTEN. With L4_FP_STATUS it takes nothing away. */
L4_INLINE l4_umword_t l4_fpage_unmap_status(l4_fpage_t fpage,
                                            l4_umword_t map_mask)
{
    struct l4_call_args a = { .arg = { fpage.raw, map_mask } };
    l4_arch_call(L4_SYS_FPAGE_UNMAP, &a);
    return a.arg[0];
}

/* The same for `count` fpages that the caller has put into its UTCB, into
   reg[]. All ones: more than L4_UTCB_REGS, and nothing was done. */
L4_INLINE l4_umword_t l4_fpage_unmap_list(l4_umword_t count,
                                          l4_umword_t map_mask)
{
    struct l4_call_args a = { .arg = { count, map_mask | L4_FP_LIST } };
    l4_arch_call(L4_SYS_FPAGE_UNMAP, &a);
    return a.arg[0];
}

/* Give the rest of the time slice to `dest`; to anyone when it is nil. */
L4_INLINE void l4_thread_switch(l4_threadid_t dest)
{
    struct l4_call_args a = { .id = { dest } };
    l4_arch_call(L4_SYS_THREAD_SWITCH, &a);
}

L4_INLINE void l4_yield(void)
{
    l4_thread_switch(L4_NIL_ID);
}

/*
 * Read and, unless param is all ones, set a thread's priority and slice.
 * *old_param: what was, or all ones when there is no such thread or it is
 * above the caller's maximum controlled priority. Returns consumed time in
 * microseconds. *ext_preempter is exchanged; *partner is whom it waits for.
 */
L4_INLINE l4_cpu_time_t l4_thread_schedule(l4_threadid_t dest,
                                           l4_sched_param_t param,
                                           l4_threadid_t *ext_preempter,
                                           l4_threadid_t *partner,
                                           l4_sched_param_t *old_param)
{
    struct l4_call_args a = {
        .arg = { param.sched_param }, .id = { dest, *ext_preempter },
    };
    l4_arch_call(L4_SYS_THREAD_SCHEDULE, &a);
    old_param->sched_param = a.arg[0];
    *partner = a.id[0];
    *ext_preempter = a.id[1];
    return ((l4_cpu_time_t)(a.arg[2] & 0xffffffff) << 32) |
           (a.arg[1] & 0xffffffff);
}

/*
 * Exchange instruction pointer, stack pointer, preempter and pager of lthread
 * `dest.id.lthread` of the caller's own task; all ones leaves a value as it
 * is. The first exchange creates the thread. Old values come back.
 */
L4_INLINE void l4_thread_ex_regs(l4_threadid_t dest, l4_umword_t ip,
                                 l4_umword_t sp, l4_threadid_t *preempter,
                                 l4_threadid_t *pager, l4_umword_t *old_flags,
                                 l4_umword_t *old_ip, l4_umword_t *old_sp)
{
    struct l4_call_args a = {
        .arg = { dest.id.lthread, sp, ip }, .id = { *pager, *preempter },
    };
    l4_arch_call(L4_SYS_LTHREAD_EX_REGS, &a);
    *old_flags = a.arg[0];
    *old_sp = a.arg[1];
    *old_ip = a.arg[2];
    *pager = a.id[0];
    *preempter = a.id[1];
}

/*
 * The same for the thread `dest` of any task, by its full id: one that the
 * caller pages, or one of a task that the caller's task is chief of. `flags`
 * are L4_EX_*; see doc/api/inter_task_ex_regs.md. Returns 0 or L4_EX_E*; then
 * nothing has changed.
 */
L4_INLINE int l4_inter_task_ex_regs(l4_threadid_t dest, l4_umword_t ip,
                                    l4_umword_t sp, l4_threadid_t *preempter,
                                    l4_threadid_t *pager,
                                    l4_umword_t *old_flags,
                                    l4_umword_t *old_ip, l4_umword_t *old_sp,
                                    l4_umword_t flags)
{
    struct l4_call_args a = {
        .arg = { flags | L4_EX_EXCEPTER, sp, ip }, .id = { dest, *pager },
    };
    l4_utcb()->excepter = preempter->raw;
    l4_arch_call(L4_SYS_INTER_TASK_EX_REGS, &a);
    if (l4_is_nil_id(a.id[0]))
        return (int)a.arg[0];
    *old_flags = a.arg[0];
    *old_sp = a.arg[1];
    *old_ip = a.arg[2];
    *pager = a.id[1];
    preempter->raw = l4_utcb()->excepter;
    return 0;
}

/*
 * Give slot `slot` (below L4_TLS_SLOTS) of the calling thread's own storage
 * this value: on ia32 the two words of a segment descriptor, elsewhere the
 * first is the value that arm's TPIDRURO and the `rdhwr $29` of mips64 read.
 * Returns 0, or not 0: no such slot, or not a value for it.
 */
L4_INLINE int l4_thread_tls(l4_umword_t slot, l4_umword_t value,
                            l4_umword_t high)
{
    struct l4_call_args a = { .arg = { slot, value, high } };
    l4_arch_call(L4_SYS_THREAD_TLS, &a);
    return (int)a.arg[0];
}

/*
 * Create (pager not nil) or delete (pager nil) task `dest`. With a pager,
 * mcp_or_new_chief is the maximum controlled priority; without, the low word
 * of the task that gets the right to create it. Returns the new task's id,
 * nil when it could not be done.
 */
L4_INLINE l4_taskid_t l4_task_new(l4_taskid_t dest,
                                  l4_umword_t mcp_or_new_chief,
                                  l4_umword_t sp, l4_umword_t ip,
                                  l4_threadid_t pager)
{
    struct l4_call_args a = {
        .arg = { mcp_or_new_chief, sp, ip }, .id = { dest, pager },
    };
    l4_arch_call(L4_SYS_TASK_NEW, &a);
    return a.id[0];
}

#endif
