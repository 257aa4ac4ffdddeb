/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page faults and exceptions as messages: the kernel calls the handler in
 * the name of the thread, and the answer lets it go on.
 */
#include <l4/sys/utcb.h>

#include "fault.h"
#include "ipc.h"
#include "map.h"
#include "print.h"
#include "ptab.h"
#include "sched.h"
#include "task.h"
#include "usermem.h"
#include "utcb.h"

/* sigma0 has no pager but the kernel. It is trusted not to touch what is not
   there; a thread that does stops for good, which everybody will notice. */
static void sigma0_fault(struct tcb *t, word_t address, word_t access)
{
    struct pt_slot slot;

    ptab_walk(t->space, address, &slot);
    if (address < ARCH_USER_TOP && ptab_kind(&slot) == PTE_EMPTY &&
        sigma0_fill(address))
        return;
    print("sigma0: no memory at %p (ip %p, %s)\n", (void *)address,
          (void *)arch_reg_get(&t->frame, REG_IP),
          access & RIGHT_WRITE ? "write" : "read");
    sched_block(t, T_HALTED);
}

/* The common case; returns when it is another one. */
static void call_directly(struct tcb *t, enum msg_kind kind, word_t w0)
{
    if (ARCH_FAST_FAULTS && !CONFIG_DEBUG)
        arch_fault_call(t, kind, w0);
    if (fault_fast_call(t, kind, w0))
        sched_resume(current);
}

void fault_entry(word_t address, word_t access)
{
    struct tcb *t = current;

    call_directly(t, MSG_FAULT, fault_word(address, access));
    sched_catch_up();
    if (t->task->number == TASK_SIGMA0)
        sigma0_fault(t, address, access);
    else
        ipc_kernel_call(t, MSG_FAULT, t->pager, fault_word(address, access),
                        arch_reg_get(&t->frame, REG_IP));
    kernel_exit();
}

static void raise(struct tcb *t, word_t number)
{
    ipc_kernel_call(t, MSG_EXCEPTION, t->handler,
                    fault_exception_word(number),
                    arch_reg_get(&t->frame, REG_IP));
}

/* A handler that names registers it wants asks for every exception. */
static bool is_asked_for(const struct tcb *t)
{
    const struct tcb *h = tcb_find(t->handler);

    if (!h)
        return false;
    const struct l4_utcb *u = h->utcb;
    utcb_sync(h);
    return u->wanted_exception != 0;
}

/* The program's own affair, if the port says so; else the handler's. */
void fault_exception(struct tcb *t)
{
    enum reflection r = REFLECT_NONE;
    struct user_fault f;

    t->raise_again = false;
    if (!is_asked_for(t))
        r = arch_reflect(t, t->exception_number, t->exception_code, &f);
    if (r == REFLECT_NONE) {
        raise(t, t->exception_number);
    } else if (r == REFLECT_FAULT) {
        t->raise_again = true;
        ipc_kernel_call(t, MSG_FAULT, t->pager,
                        fault_word(f.address, f.access),
                        arch_reg_get(&t->frame, REG_IP));
    }
}

void exception_entry(word_t number, word_t code)
{
    struct tcb *t = current;

    t->exception_number = number;
    t->exception_code = code;
    call_directly(t, MSG_EXCEPTION, fault_exception_word(number));
    sched_catch_up();
    fault_exception(t);
    kernel_exit();
}

/* ---- system calls ---- */

void fault_bad_syscall(struct tcb *t)
{
    raise(t, EXCEPTION_BAD_SYSCALL);
}

void fault_foreign_syscall(struct tcb *t)
{
    call_directly(t, MSG_EXCEPTION, fault_exception_word(EXCEPTION_FOREIGN));
    raise(t, EXCEPTION_FOREIGN);
    kernel_exit();
}
