/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's console for programs, and the end of a run. */
#include "invariants.h"
#include "kdebug.h"
#include "kmem.h"
#include "print.h"
#include "task.h"

/* The root task decides when the machine stops, nobody else. */
static void halt(struct tcb *self, word_t status)
{
    if (self->task->number != TASK_ROOT)
        return;
    check_all();
    print("\nhickory: halt %lu\n", status & 0x7f);
    machine_halt((unsigned)status & 0x7f);
}

void sys_kdebug(struct tcb *self)
{
    word_t op = arch_arg(&self->frame, 0);
    word_t value = arch_arg(&self->frame, 1);
    word_t result = 0;

    switch (op) {
    case L4_KDEBUG_PUTC:
        machine_putc((char)value);
        break;
    case L4_KDEBUG_HALT:
        halt(self, value);
        break;
    case L4_KDEBUG_GETC:
        result = (word_t)machine_getc();
        break;
    case L4_KDEBUG_CHECK:
        if (self->task->number == TASK_ROOT)
            check_all();
        break;
    case L4_KDEBUG_KEEP:
        if (self->task->number == TASK_ROOT)
            kmem_keep(value);
        break;
    case L4_KDEBUG_COUNT:
        result = kmem_frames_free() << PAGE_SHIFT;
        break;
    default:
        result = ~(word_t)0;
    }
    arch_arg_set(&self->frame, 0, result);
}
