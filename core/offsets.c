/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one list of constants the assembly may use. Never linked: the build
 * compiles it to assembly and turns its DEFINE lines into <offsets.h>.
 * A port adds its own in <arch_offsets.h>.
 */
#include "task.h"
#include "tcb.h"

#define DEFINE(name, value) \
    __asm__ volatile("\n.ascii \"->" #name " %0\"" : : "i"((long)(value)))

void offsets(void);

void offsets(void)
{
    DEFINE(TCB_FRAME, offsetof(struct tcb, frame));
    DEFINE(TCB_FRAME_SIZE, sizeof(struct arch_frame));
    DEFINE(TCB_ID, offsetof(struct tcb, id));
    DEFINE(TCB_STATE, offsetof(struct tcb, state));
    DEFINE(TCB_LIMIT, offsetof(struct tcb, limit));
    DEFINE(TCB_ACCEPTS, offsetof(struct tcb, accepts));
    DEFINE(TCB_TASK, offsetof(struct tcb, task));
    DEFINE(TASK_CHIEF, offsetof(struct task, chief));
    DEFINE(PARKED_CLOSED_BIT, (long)(T_PARKED_CLOSED - T_PARKED_OPEN));
    DEFINE(TCB_SPACE, offsetof(struct tcb, space));
    DEFINE(TCB_UTCB_USER, offsetof(struct tcb, utcb_user));
    DEFINE(TCB_ARCH, offsetof(struct tcb, arch));
    DEFINE(SPACE_ROOT, offsetof(struct space, root));
    DEFINE(SPACE_ARCH, offsetof(struct space, arch));
    DEFINE(KERNEL_STACK_BYTES, KERNEL_STACK_SIZE);
#include <arch_offsets.h>
}
