/* SPDX-License-Identifier: BSD-2-Clause */
/* The priority of a thread. */
#ifndef L4_UTIL_PRIO_H
#define L4_UTIL_PRIO_H

#include <l4/sys/syscalls.h>

/* 0: it has it now. */
L4_INLINE int l4util_prio_thread_set(l4_threadid_t id, unsigned prio)
{
    l4_threadid_t preempter = L4_INVALID_ID, partner;
    l4_sched_param_t param;

    l4_thread_schedule(id, L4_INVALID_SCHED_PARAM, &preempter, &partner,
                       &param);
    if (l4_is_invalid_sched_param(param))
        return 1;
    param.sp.prio = prio & 255;
    param.sp.state = 0;
    preempter = L4_INVALID_ID;
    l4_thread_schedule(id, param, &preempter, &partner, &param);
    return l4_is_invalid_sched_param(param);
}

#endif
