/* SPDX-License-Identifier: BSD-2-Clause */
#include <l4/sys/ipc.h>
#include <l4/sys/syscalls.h>
#include <l4/util/thread.h>

#include <hickory/thread.h>

#define STACK_ALIGN 16

/* arch/ARCH/thread.S: calls the function that is on the stack. */
void thread_begin(void);

/* It is called with an argument that it does not look at. */
l4_threadid_t l4util_create_thread(int thread_no, void (*function)(void),
                                   void *stack)
{
    const struct thread_work work = { (void (*)(void *))function, 0 };
    l4_threadid_t preempter = L4_INVALID_ID, pager = thread_pager();
    l4_threadid_t thread = l4_myself();
    l4_umword_t sp = (l4_umword_t)stack - sizeof(work), unused;

    sp &= ~(l4_umword_t)(STACK_ALIGN - 1);
    *(struct thread_work *)sp = work;
    thread.id.lthread = (unsigned)thread_no & 127;
    l4_thread_ex_regs(thread, (l4_umword_t)thread_begin, sp, &preempter,
                      &pager, &unused, &unused, &unused);
    return thread;
}

static int receive_now(l4_threadid_t from)
{
    l4_umword_t unused;
    l4_msgdope_t dope;

    return l4_ipc_receive(from, L4_IPC_SHORT_MSG, &unused, &unused,
                          L4_IPC_RECV_TIMEOUT_0, &dope);
}

l4_threadid_t l4util_attach_interrupt(int irq)
{
    l4_threadid_t id;

    l4_make_taskid_from_irq(irq, &id);
    return receive_now(id) == L4_IPC_RETIMEOUT ? id : L4_NIL_ID;
}

void l4util_detach_interrupt(void)
{
    receive_now(L4_NIL_ID);
}
