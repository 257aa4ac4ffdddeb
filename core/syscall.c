/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System calls: from the number or operation word to the function.
 *
 * Each sys_* function reads its arguments from the frame of `self`, checks
 * them, acts, and leaves its results in the frame; kernel_exit does the rest.
 */
#include "clan.h"
#include "fault.h"
#include "ipc.h"
#include "kdebug.h"
#include "message.h"
#include "sched.h"
#include "task.h"
#include "thread.h"
#include "unmap.h"

static void (*const calls[L4_SYS_GATES])(struct tcb *self) = {
    [L4_SYS_IPC] = sys_ipc,
    [L4_SYS_ID_NEAREST] = sys_id_nearest,
    [L4_SYS_FPAGE_UNMAP] = sys_fpage_unmap,
    [L4_SYS_THREAD_SWITCH] = sys_thread_switch,
    [L4_SYS_THREAD_SCHEDULE] = sys_thread_schedule,
    [L4_SYS_LTHREAD_EX_REGS] = sys_lthread_ex_regs,
    [L4_SYS_TASK_NEW] = sys_task_new,
    [L4_SYS_CACHE_SYNC] = sys_cache_sync,
    [L4_SYS_KDEBUG] = sys_kdebug,
    [L4_SYS_INTER_TASK_EX_REGS] = sys_inter_task_ex_regs,
    [L4_SYS_THREAD_TLS] = sys_thread_tls,
};

/* The release kernel's fast path is the port's ipc_fast.S, where there is one;
   what comes here then is what that does not do. */
#define FAST_PATH_IN_C  (CONFIG_DEBUG || !ARCH_FAST_PATH)

static void dispatch(struct tcb *self, word_t number)
{
    if (number & L4_OP_IPC && !(number & ~(word_t)L4_OP_MASK))
        sys_ipc_op(self, number);
    else if (number < L4_SYS_GATES && calls[number])
        calls[number](self);
    else
        fault_bad_syscall(self);
}

void syscall_again(struct tcb *t)
{
    unsigned number = t->call_again - 1u;

    t->cont = CONT_NONE;
    t->call_again = 0;
    calls[number](t);
}

void syscall_entry(word_t number)
{
    if (number == L4_SYS_IPC && message_fast(current, number))
        sched_resume(current);
    sched_catch_up();
    if (current->hold & HOLD_FOREIGN)
        fault_foreign_syscall(current);
    if (FAST_PATH_IN_C && ipc_fast(current, number))
        sched_resume(current);
    if (send_fast(current, number))
        kernel_exit();
    if (fault_fast_answer(current, number) || message_fast(current, number))
        sched_resume(current);
    dispatch(current, number);
    kernel_exit();
}
