/* SPDX-License-Identifier: BSD-2-Clause */
#include "world.h"

struct tcb *root;

void world_boot(void)
{
    host_power_on();
    host_boot();
    check(current->task->number == TASK_SIGMA0);
    do_wait();
    root = current;
    check(root->task->number == TASK_ROOT);
}

void check_world(void)
{
    check_all();
    host_tlb_check();
}

/* ---- ipc ---- */

void do_ipc(threadid_t partner, word_t snd, word_t rcv, uint32_t timeouts)
{
    struct arch_frame *f = &current->frame;

    f->id[0] = partner;
    f->arg[0] = snd;
    f->arg[1] = rcv;
    f->arg[2] = timeouts;
    host_syscall(L4_SYS_IPC);
}

void do_op(word_t op, threadid_t partner)
{
    current->frame.id[0] = partner;
    host_syscall(op);
}

void do_wait(void)
{
    do_ipc(ID_NIL, IPC_NONE, IPC_OPEN, TO_NEVER);
}

void set_words(struct tcb *t, word_t w)
{
    for (unsigned i = 0; i < L4_REG_WORDS; i++)
        t->frame.mr[i] = w + i;
}

bool has_words(const struct tcb *t, word_t w)
{
    for (unsigned i = 0; i < L4_REG_WORDS; i++)
        if (t->frame.mr[i] != w + i)
            return false;
    return true;
}

word_t dope_of(const struct tcb *t)
{
    return t->frame.arg[0];
}

threadid_t source_of(const struct tcb *t)
{
    return t->frame.id[0];
}

/* ---- the other calls ---- */

void do_ex_regs(unsigned lthread, word_t ip, word_t sp)
{
    struct l4_call_args a = {
        .arg = { lthread, sp, ip },
        .id = { L4_INVALID_ID, L4_INVALID_ID },
    };
    l4_arch_call(L4_SYS_LTHREAD_EX_REGS, &a);
}

word_t do_schedule(threadid_t t, word_t param)
{
    l4_sched_param_t old, new = { .raw = param };
    l4_threadid_t partner, preempter = L4_INVALID_ID, dest = { .raw = t };

    l4_thread_schedule(dest, new, &preempter, &partner, &old);
    return old.raw;
}

word_t param_of(unsigned prio, unsigned man, unsigned exp)
{
    return prio | (word_t)exp << 20 | (word_t)man << 24;
}

static threadid_t task_new(unsigned number, word_t mcp_or_heir,
                           threadid_t pager)
{
    l4_taskid_t task = { .raw = id_make(number, 0, 0, 0, 0) };
    l4_threadid_t by = { .raw = pager };

    return l4_task_new(task, mcp_or_heir, 0x8000, 0x4000, by).raw;
}

threadid_t do_task_new(unsigned number, threadid_t pager, word_t mcp)
{
    return task_new(number, mcp, pager);
}

threadid_t do_task_kill(unsigned number)
{
    return task_new(number, current->id, ID_NIL);
}

threadid_t do_task_hand_over(unsigned number, threadid_t heir)
{
    return task_new(number, heir, ID_NIL);
}

/* ---- threads ---- */

void set_prio(struct tcb *t, unsigned prio)
{
    sched_set_prio(t, prio);
    host_interrupt();
}

struct tcb *new_thread(unsigned lthread, unsigned prio)
{
    unsigned task = current->task->number;

    do_ex_regs(lthread, 0x1000 * lthread, 0x100000 + 0x1000 * lthread);
    struct tcb *t = tcb_find_number(task, lthread);
    check(t != NULL);
    set_prio(t, prio);
    return t;
}

struct tcb *new_task(unsigned number, unsigned prio)
{
    check(do_task_new(number, root->id, 255) != ID_NIL);
    struct tcb *t = tcb_find_number(number, 0);
    check(t != NULL);
    set_prio(t, prio);
    return t;
}
