/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one list of constants the assembly may use. Never linked: the build
 * compiles it to assembly and turns its DEFINE lines into <offsets.h>.
 * A port adds its own in <arch_offsets.h>.
 */
#include <l4/sys/utcb.h>

#include "fault.h"
#include "runq.h"
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
    DEFINE(TCB_PAGER, offsetof(struct tcb, pager));
    DEFINE(TCB_HANDLER, offsetof(struct tcb, handler));
    DEFINE(TCB_EXCEPTION_NUMBER, offsetof(struct tcb, exception_number));
    DEFINE(TCB_PRIO, offsetof(struct tcb, prio));
    DEFINE(TCB_HOLD, offsetof(struct tcb, hold));
    DEFINE(TCB_UTCB, offsetof(struct tcb, utcb));
    DEFINE(TCB_EXCEPTION_CODE, offsetof(struct tcb, exception_code));
    DEFINE(TCB_TASK, offsetof(struct tcb, task));
    DEFINE(TASK_CHIEF, offsetof(struct task, chief));
    DEFINE(UTCB_WANTED_EXCEPTION, offsetof(struct l4_utcb, wanted_exception));
    DEFINE(UTCB_WANTED_FAULT, offsetof(struct l4_utcb, wanted_fault));
    DEFINE(UTCB_CHANGED, offsetof(struct l4_utcb, changed));
    DEFINE(UTCB_CODE, offsetof(struct l4_utcb, code));
    DEFINE(UTCB_REG, offsetof(struct l4_utcb, reg));
    DEFINE(HOLD_FOREIGN, HOLD_FOREIGN);
    DEFINE(HOLD_FPU, HOLD_FPU);
    DEFINE(HOLD_ARCH, HOLD_ARCH);
    DEFINE(HOLD_SWITCH, HOLD_SWITCH);
    DEFINE(MSG_FAULT, MSG_FAULT);
    DEFINE(MSG_EXCEPTION, MSG_EXCEPTION);
    DEFINE(FOREIGN_WORD, fault_exception_word(EXCEPTION_FOREIGN));
    DEFINE(HOLD_SMALL, HOLD_SMALL);
    DEFINE(PARKED_SMALL, T_PARKED_SMALL);
    DEFINE(PARKED_BUFFER, (long)T_PARKED_BUFFER);
    DEFINE(TCB_BUFFER, offsetof(struct tcb, buffer));
    DEFINE(SPACE_WINDOW, offsetof(struct space, window));
    DEFINE(PARKED_FAULT, T_PARKED_FAULT);
    DEFINE(PARKED_OPEN, T_PARKED_OPEN);
    DEFINE(PRIO_MAX, PRIORITIES - 1);
    DEFINE(PARKED_CLOSED_BIT, (long)(T_PARKED_CLOSED - T_PARKED_OPEN));
    DEFINE(TCB_SPACE, offsetof(struct tcb, space));
    DEFINE(TCB_UTCB_USER, offsetof(struct tcb, utcb_user));
    DEFINE(TCB_ARCH, offsetof(struct tcb, arch));
    DEFINE(SPACE_ROOT, offsetof(struct space, root));
    DEFINE(SPACE_ARCH, offsetof(struct space, arch));
    DEFINE(KERNEL_STACK_BYTES, KERNEL_STACK_SIZE);
#include <arch_offsets.h>
}
