/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads: their start, and the calls that exchange a thread's registers. */
#include <l4/sys/arch/regs.h>
#include <l4/sys/utcb.h>

#include "fault.h"
#include "ipc.h"
#include "ptab.h"
#include "regstate.h"
#include "sched.h"
#include "task.h"
#include "thread.h"
#include "usermem.h"
#include "utcb.h"

void thread_prepare(struct tcb *t, unsigned prio, word_t ip, word_t sp)
{
    arch_frame_init(&t->frame, ip, sp);
    t->prio = (uint8_t)prio;
    tcb_set_limit(t);
    t->slice = DEFAULT_SLICE;
}

/* ---- the exchange that both calls make ---- */

/* What a thread gets, or had. */
struct handlers {
    threadid_t pager, excepter;
};
struct state {
    word_t flags, ip, sp;
    struct handlers handlers;
};

static struct state state_of(const struct tcb *t)
{
    return (struct state){
        .flags = arch_reg_get(&t->frame, REG_FLAGS),
        .ip = arch_reg_get(&t->frame, REG_IP),
        .sp = arch_reg_get(&t->frame, REG_SP),
        .handlers = { t->pager, t->preempter },
    };
}

/* New registers end whatever it was doing; a thread that was never started,
   or halted, runs only when it gets an ip. */
static bool must_end(const struct tcb *t, const struct state *new)
{
    return new->ip != LEAVE || (new->sp != LEAVE && t->state != T_HALTED);
}

static void exchange(struct tcb *t, const struct state *new)
{
    if (must_end(t, new))
        ipc_cancel(t);
    if (new->ip != LEAVE) {
        /* Flags that belong to where it was (single steps, part of a block)
           make no sense where it goes. */
        arch_reg_set(&t->frame, REG_FLAGS, 0);
        arch_reg_set(&t->frame, REG_IP, new->ip);
    }
    if (new->sp != LEAVE)
        arch_reg_set(&t->frame, REG_SP, new->sp);
    tcb_set_handlers(t, new->handlers.pager != ID_INVALID
                            ? new->handlers.pager : t->pager,
                     new->handlers.excepter != ID_INVALID
                         ? new->handlers.excepter : t->preempter);
}

/* A thread that did not exist: as its maker, halted at address 0. One of
   another task has its maker as pager. */
static enum err make_thread(struct tcb *self, struct task *task,
                            unsigned lthread, struct tcb **out)
{
    if (task_is_dying(task))
        return ERR_DENIED;
    if (tcb_create(task, lthread, out) != OK)
        return ERR_NO_MEM;
    struct tcb *t = *out;
    thread_prepare(t, self->prio, 0, 0);
    t->mcp = self->mcp < task->mcp ? self->mcp : task->mcp;
    if (task == self->task)
        tcb_set_handlers(t, self->pager, self->preempter);
    else
        tcb_set_handlers(t, self->id, ID_NIL);
    return OK;
}

/* ---- lthread_ex_regs: a thread of the own task ---- */

void sys_lthread_ex_regs(struct tcb *self)
{
    struct arch_frame *f = &self->frame;
    unsigned lthread = arch_arg(f, 0) & (MAX_LTHREADS - 1);
    struct tcb *t = tcb_find_number(self->task->number, lthread);
    const struct state new = {
        .sp = arch_arg(f, 1), .ip = arch_arg(f, 2),
        .handlers = { arch_id(f, 0), arch_id(f, 1) },
    };

    if (!t && make_thread(self, self->task, lthread, &t) != OK) {
        arch_id_set(f, 0, ID_INVALID);
        arch_arg_set(f, 2, LEAVE);
        return;
    }
    const struct state old = state_of(t);
    exchange(t, &new);
    arch_arg_set(f, 0, old.flags);
    arch_arg_set(f, 1, old.sp);
    arch_arg_set(f, 2, old.ip);
    arch_id_set(f, 0, old.handlers.pager);
    arch_id_set(f, 1, old.handlers.excepter);
}

/* ---- inter_task_ex_regs: a thread we page, or of a task we are chief of ---- */

/* The call, taken apart. */
struct request {
    threadid_t dest;
    word_t flags;
    struct task *task;      /* of dest */
    struct tcb *t;          /* dest; NULL: is to be made */
    bool ends;              /* what dest was doing is over */
    void *fpu;              /* the buffer for its FPU registers, or NULL */
};

static bool is_mine(const struct tcb *self, const struct request *r)
{
    return r->task == self->task || r->task->chief == self->task ||
           (r->t && r->t->pager == self->id);
}

/* Would the exchange end an IPC of t's own? Not one in which it waits as
   stopped or faulted: that is what the call is for. */
static bool is_busy(const struct tcb *t)
{
    return t->cont != CONT_NONE || t->state == T_SENDING ||
           t->state == T_TRANSFER ||
           (t->state == T_RECEIVING && t->level == LEVEL_USER);
}

static bool are_possible(word_t flags)
{
    const word_t modes = L4_EX_FOREIGN | L4_EX_NATIVE;
    const word_t fpu = L4_EX_FPU_GET | L4_EX_FPU_SET;

    return !(flags & ~(word_t)L4_EX_FLAGS) && (flags & modes) != modes &&
           (flags & fpu) != fpu;
}

/* 0, or why it cannot be done. */
static word_t check(const struct tcb *self, struct request *r)
{
    r->task = task_find(id_task(r->dest));
    if (!r->task || id_with_lthread(r->dest, 0) != r->task->id)
        return L4_EX_ENOT_EXISTENT;
    r->t = tcb_find(r->dest);
    if (!is_mine(self, r))
        return L4_EX_EDENIED;
    if (!are_possible(r->flags) || r->t == self)
        return L4_EX_EINVALID;
    if (r->t && (r->flags & L4_EX_NO_CANCEL) && r->ends && is_busy(r->t))
        return L4_EX_EBUSY;
    return 0;
}

static word_t make(struct tcb *self, struct request *r)
{
    switch (make_thread(self, r->task, id_lthread(r->dest), &r->t)) {
    case OK:
        return 0;
    case ERR_NO_MEM:
        return L4_EX_ENO_MEMORY;
    default:
        return L4_EX_EDENIED;
    }
}

/* It waits for our answer, and we have what it would have told us. */
static void stop(struct tcb *self, struct tcb *t)
{
    ipc_cancel(t);
    ipc_stop(t, self->id, fault_exception_word(EXCEPTION_STOPPED));
    tcb_release(self, HOLD_UNKNOWN);
    t->exception_code = 0;
    regstate_deliver(t, self, MSG_EXCEPTION);
}

/* The excepter that goes in and the one that comes out stand in our UTCB. */
static threadid_t swap_excepter(struct tcb *self, const struct tcb *t)
{
    struct l4_utcb *u = self->utcb;

    utcb_sync(self);
    threadid_t new = u->excepter;
    u->excepter = t->preempter;
    utcb_sync(self);
    return new;
}

static void refuse(struct tcb *self, word_t error)
{
    arch_id_set(&self->frame, 0, ID_NIL);
    arch_arg_set(&self->frame, 0, error);
}

/* Where our UTCB says the FPU registers are, or go; false: not now, the page
   is asked for. *error: they cannot be there. */
static bool find_buffer(struct tcb *self, struct request *r, word_t *error)
{
    const struct l4_utcb *u = self->utcb;
    bool store = r->flags & L4_EX_FPU_GET;
    struct user_fault f;

    if (!(r->flags & (L4_EX_FPU_GET | L4_EX_FPU_SET)))
        return true;
    utcb_sync(self);
    r->fpu = user_range(self, u->fpu_buffer, L4_FPU_BYTES,
                        store ? RIGHT_READ | RIGHT_WRITE : RIGHT_READ, &f);
    if (r->fpu)
        return true;
    if (!f.never) {
        ipc_fault_in_call(self, L4_SYS_INTER_TASK_EX_REGS, f.address,
                          f.access);
        return false;
    }
    *error = L4_EX_EINVALID;
    return true;
}

static void exchange_fpu(const struct request *r)
{
    arch_window_flush(r->fpu, L4_FPU_BYTES);
    if (r->flags & L4_EX_FPU_GET) {
        arch_fpu_store(r->t, r->fpu);
        arch_window_flush(r->fpu, L4_FPU_BYTES);
    } else {
        arch_fpu_load(r->t, r->fpu);
    }
}

/* All checks are behind us. */
static void change(struct tcb *self, const struct request *r)
{
    struct arch_frame *f = &self->frame;
    struct tcb *t = r->t;
    const struct state old = state_of(t);
    struct state new = {
        .sp = arch_arg(f, 1), .ip = arch_arg(f, 2),
        .handlers = { arch_id(f, 1), ID_INVALID },
    };

    if (r->flags & L4_EX_EXCEPTER)
        new.handlers.excepter = swap_excepter(self, t);
    exchange(t, &new);
    if (r->fpu)
        exchange_fpu(r);
    if (r->flags & L4_EX_FOREIGN)
        tcb_hold(t, HOLD_FOREIGN);
    if (r->flags & L4_EX_NATIVE)
        tcb_release(t, HOLD_FOREIGN);
    if (r->flags & L4_EX_STOP)
        stop(self, t);
    arch_arg_set(f, 0, old.flags);
    arch_arg_set(f, 1, old.sp);
    arch_arg_set(f, 2, old.ip);
    arch_id_set(f, 0, t->id);
    arch_id_set(f, 1, old.handlers.pager);
}

void sys_inter_task_ex_regs(struct tcb *self)
{
    const struct arch_frame *f = &self->frame;
    struct request r = { .dest = arch_id(f, 0), .flags = arch_arg(f, 0) };

    r.ends = (r.flags & L4_EX_STOP) || arch_arg(f, 1) != LEAVE ||
             arch_arg(f, 2) != LEAVE;
    word_t error = check(self, &r);
    if (!error && !find_buffer(self, &r, &error))
        return;
    if (!error && !r.t)
        error = make(self, &r);
    if (error)
        refuse(self, error);
    else
        change(self, &r);
}

/* ---- thread_tls, cache_sync: of the caller ---- */

/* Thread-local storage of the caller: slot, and the value in two words. */
void sys_thread_tls(struct tcb *self)
{
    struct arch_frame *f = &self->frame;
    bool done = arch_tls_set(self, arch_arg(f, 0), arch_arg(f, 1),
                             arch_arg(f, 2));

    arch_arg_set(f, 0, done ? OK : ERR_INVALID);
}

/*
 * Make instructions written at [arg 0, arg 0 + arg 1) of the own space
 * visible to instruction fetch, up to the end of the page. Result in arg 0:
 * bytes done, 0 when nothing is mapped there; the library loops.
 */
void sys_cache_sync(struct tcb *self)
{
    word_t va = arch_arg(&self->frame, 0), len = arch_arg(&self->frame, 1);
    word_t left = PAGE_SIZE - (va & ~PAGE_MASK);
    struct pt_slot slot;

    if (len > left)
        len = left;
    arch_arg_set(&self->frame, 0, 0);
    if (va >= ARCH_USER_TOP)
        return;
    ptab_walk(self->space, va, &slot);
    if (ptab_kind(&slot) != PTE_LEAF || arch_pte_attr(*slot.pte) != ATTR_RAM)
        return;
    paddr_t pa = arch_pte_addr(*slot.pte, slot.level) +
                 (va & (pt_size(slot.level) - 1));
    if (pa + len > ARCH_PHYS_LIMIT)
        return;
    arch_cache_sync(phys_to_kva(pa), len);
    arch_arg_set(&self->frame, 0, len);
}
