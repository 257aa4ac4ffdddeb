/* SPDX-License-Identifier: BSD-2-Clause */
#include <l4/sys/ipc.h>
#include <l4/sys/syscalls.h>

#include <hickory/thread.h>

#define MAX_LTHREAD     127
#define STACK_ALIGN     16
#define SMALLEST_STACK  256
#define LEAVE_AS_IS     (~(l4_umword_t)0)

/* arch/ARCH/thread.S: calls the function that is on the stack. */
void thread_begin(void);

void thread_end(void)
{
    for (;;)
        l4_ipc_sleep(L4_IPC_NEVER);
}

l4_threadid_t thread_pager(void)
{
    l4_threadid_t preempter = L4_INVALID_ID, pager = L4_INVALID_ID;
    l4_umword_t flags, ip, sp;

    l4_thread_ex_regs(l4_myself(), LEAVE_AS_IS, LEAVE_AS_IS, &preempter,
                      &pager, &flags, &ip, &sp);
    return pager;
}

/* What thread_begin finds on the stack. */
static l4_umword_t prepare_stack(struct thread_stack stack,
                                 struct thread_work work)
{
    l4_umword_t top = (l4_umword_t)stack.base + stack.size;

    top = (top - sizeof(work)) & ~(l4_umword_t)(STACK_ALIGN - 1);
    *(struct thread_work *)top = work;
    return top;
}

l4_threadid_t thread_create(unsigned number, struct thread_stack stack,
                            struct thread_work work)
{
    l4_threadid_t preempter = L4_INVALID_ID, pager = thread_pager();
    l4_threadid_t thread = l4_myself();
    l4_umword_t flags, ip, sp;

    if (number == 0 || number > MAX_LTHREAD || stack.size < SMALLEST_STACK)
        return L4_NIL_ID;
    thread.id.lthread = number;
    l4_thread_ex_regs(thread, (l4_umword_t)thread_begin,
                      prepare_stack(stack, work), &preempter, &pager, &flags,
                      &ip, &sp);
    return thread;
}

/* ---- scheduling ---- */

/* Exchange the parameter word; all ones in `new` only reads. *used, unless
   NULL: processor time. */
static bool exchange(l4_threadid_t thread, l4_umword_t new,
                     l4_sched_param_t *old, l4_uint64_t *used)
{
    l4_threadid_t preempter = L4_INVALID_ID, partner;
    l4_sched_param_t param = { .sched_param = new };
    l4_uint64_t usec = l4_thread_schedule(thread, param, &preempter, &partner,
                                          old);

    if (used)
        *used = usec;
    return old->sched_param != LEAVE_AS_IS;
}

/* The parameters a thread has, without what only the kernel sets. */
static bool read_parameters(l4_threadid_t thread, l4_sched_param_t *param)
{
    if (!exchange(thread, LEAVE_AS_IS, param, NULL))
        return false;
    param->sp.state = 0;
    return true;
}

bool thread_set_priority(l4_threadid_t thread, unsigned priority)
{
    l4_sched_param_t param, old;

    if (priority > 255 || !read_parameters(thread, &param))
        return false;
    param.sp.prio = priority & 255;
    return exchange(thread, param.sched_param, &old, NULL);
}

bool thread_set_endless(l4_threadid_t thread, unsigned priority)
{
    l4_sched_param_t param, old;

    if (priority > 255 || !read_parameters(thread, &param))
        return false;
    param.sp.prio = priority & 255;
    param.sp.time_man = 0;
    param.sp.time_exp = 0;
    return exchange(thread, param.sched_param, &old, NULL);
}

bool thread_set_small(l4_threadid_t thread, unsigned number)
{
    l4_sched_param_t param, old;

    if (number > 255 || !read_parameters(thread, &param))
        return false;
    param.sp.small = number & 255;
    return exchange(thread, param.sched_param, &old, NULL);
}

unsigned thread_small(l4_threadid_t thread)
{
    l4_sched_param_t param;

    return read_parameters(thread, &param) ? param.sp.small : 0;
}

int thread_priority(l4_threadid_t thread)
{
    l4_sched_param_t param;

    return read_parameters(thread, &param) ? (int)param.sp.prio : -1;
}

l4_uint64_t thread_consumed(l4_threadid_t thread)
{
    l4_sched_param_t param;
    l4_uint64_t used;

    return exchange(thread, LEAVE_AS_IS, &param, &used) ? used : 0;
}
