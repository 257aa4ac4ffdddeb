/* SPDX-License-Identifier: BSD-2-Clause */
#include "ipc.h"
#include "kmem.h"
#include "map.h"
#include "panic.h"
#include "ports.h"
#include "ptab.h"
#include "sched.h"
#include "task.h"
#include "tcb.h"
#include "thread.h"

#define NO_OWNER 0      /* task 0 does not exist */
#define BEQUEST  256    /* numbers looked at in a step; divides MAX_TASKS */

static struct {
    struct task *task;      /* NULL: inactive */
    uint16_t owner;         /* inactive: who may create it */
    uint16_t owns;          /* how many it is the owner of */
    uint16_t version;       /* of the present or last incarnation */
} slot[MAX_TASKS];

static KMEM_CACHE(task_cache, struct task);

static void set_owner(unsigned number, unsigned owner)
{
    slot[slot[number].owner].owns--;
    slot[number].owner = (uint16_t)owner;
    slot[owner].owns++;
}

void task_init(void)
{
    slot[NO_OWNER].owns = MAX_TASKS;
    for (unsigned i = 1; i < MAX_TASKS; i++)
        if (i != TASK_SIGMA0 && i != TASK_ROOT)
            set_owner(i, TASK_ROOT);
}

struct task *task_find(unsigned number)
{
    return number < MAX_TASKS ? slot[number].task : NULL;
}

bool task_is_dying(const struct task *t)
{
    for (; t; t = t->chief)
        if (t->dying)
            return true;
    return false;
}

/* ---- creating ---- */

static unsigned next_version(unsigned number)
{
    return slot[number].version % 0x3fff + 1;   /* 14 bits, never 0 */
}

enum err task_create(unsigned number, struct task *chief, unsigned mcp,
                     struct task **out)
{
    struct task *t = kmem_alloc(&task_cache);

    if (!t)
        return ERR_NO_MEM;
    if (ptab_init(&t->space) != OK) {
        kmem_free(&task_cache, t);
        return ERR_NO_MEM;
    }
    slot[number].version = (uint16_t)next_version(number);
    slot[number].task = t;
    t->number = t->space.task = number;
    t->mcp = (uint8_t)mcp;
    t->chief = chief;
    t->nest = chief ? (uint8_t)(chief->nest + 1) : 0;
    t->id = id_make(number, 0, slot[number].version,
                    chief ? chief->number : 0, t->nest);
    list_init(&t->clan);
    list_init(&t->clan_link);
    if (chief)
        list_insert(&t->clan_link, &chief->clan);
    *out = t;
    return OK;
}

static unsigned heir_of(const struct task *t)
{
    return t->chief ? t->chief->number : TASK_ROOT;
}

/* A task without threads, mappings and numbers ceases to be; its own number is
   its chief's. */
static void task_destroy(struct task *t)
{
    assert(t->threads == 0 && list_empty(&t->clan));
    assert(slot[t->number].owns == 0);
    slot[t->number].task = NULL;
    set_owner(t->number, heir_of(t));
    list_remove(&t->clan_link);
    ports_destroy(&t->space);
    ptab_fini(&t->space);
    kmem_free(&task_cache, t);
}

/* ---- killing ---- */

static struct task *deepest_below(struct task *t)
{
    while (!list_empty(&t->clan))
        t = container_of(t->clan.next, struct task, clan_link);
    return t;
}

/* t has threads, and makes no more. */
static struct tcb *last_thread_of(struct task *t)
{
    struct tcb *thread;

    while (!(thread = tcb_find_number(t->number, t->top)))
        t->top--;
    return thread;
}

/* A thread of t goes out of everything, and nobody finds it any more; those
   who wait to send to it are told, one in each step; then it ceases to be. */
static void kill_thread_step(struct task *t)
{
    if (!t->condemned) {
        t->condemned = last_thread_of(t);
        t->awaited |= !(t->condemned->hold & HOLD_UNKNOWN);
        ipc_forget(t->condemned);
        tcb_hide(t->condemned);
    }
    if (!ipc_turn_away(t->condemned)) {
        tcb_destroy(t->condemned);
        t->condemned = NULL;
    }
}

static void begin_flush(struct task *t, word_t raw)
{
    struct fpage whole;

    fpage_parse(raw, &whole);
    unmap_begin(&t->flush, &whole, L4_FP_FLUSH_PAGE | L4_FP_ALL_SPACES);
    t->flushing = true;
}

/* All memory, then all ports. */
static enum err unmap_all_of(struct task *t)
{
    if (!t->flushing)
        begin_flush(t, fpage_whole());
    if (unmap_run(&t->space, &t->flush) != OK)
        return ERR_AGAIN;
    if (!IO_PORTS || t->flush.fpage.ports)
        return OK;
    begin_flush(t, l4_iofpage(0, L4_WHOLE_IOADDRESS_SPACE, 0).raw);
    return unmap_run(&t->space, &t->flush);
}

/* Nobody goes on waiting for a thread of t: one task is looked at. Those who
   begin to wait now find no such thread. What is parked may stay so. */
static void forsake_step(struct task *t)
{
    const struct task *other = slot[t->forsaken++].task;
    unsigned left = other ? other->threads : 0;

    for (unsigned i = 0; left > 0 && i < MAX_LTHREADS; i++) {
        struct tcb *thread = tcb_table[other->number * MAX_LTHREADS + i];
        if (thread == &dummy_tcb)
            continue;
        left--;
        ipc_forsake(thread, t->id);
    }
}

/* Some of the numbers that t owns become its chief's. It gets no new ones:
   hand_over() sees that it is dying. */
static void bequeath_step(struct task *t)
{
    unsigned end = t->bequeathed + BEQUEST;

    for (; t->bequeathed < end; t->bequeathed++)
        if (slot[t->bequeathed].owner == t->number)
            set_owner(t->bequeathed, heir_of(t));
}

/* A bounded step of killing: of one thread, the waits of another task's
   threads, some numbers, some mappings or one empty task of those below the
   victim, itself last. ERR_AGAIN: an interrupt waits. */
static enum err kill_step(struct task *victim)
{
    struct task *t = deepest_below(victim);

    if (t->threads > 0) {
        kill_thread_step(t);
    } else if (t->awaited && t->forsaken < MAX_TASKS) {
        forsake_step(t);
    } else if (slot[t->number].owns > 0) {
        bequeath_step(t);
    } else {
        if (unmap_all_of(t) == ERR_AGAIN)
            return ERR_AGAIN;
        task_destroy(t);
    }
    return preemption_point(STEP_THREAD) ? ERR_AGAIN : OK;
}

/* ---- the system call ---- */

static void answer(struct tcb *self, threadid_t id)
{
    arch_id_set(&self->frame, 0, id);
}

/* The right to create an inactive task passes to another task. */
static void hand_over(struct tcb *self, unsigned number)
{
    unsigned heir = id_task(arch_arg(&self->frame, 0));

    if (!task_find(heir) || task_is_dying(task_find(heir))) {
        answer(self, ID_NIL);
        return;
    }
    set_owner(number, heir);
    answer(self, id_make(number, 0, next_version(number), heir,
                         task_find(heir)->nest + 1u));
}

static enum err create_active(struct tcb *self, unsigned number,
                              threadid_t *id)
{
    const struct arch_frame *f = &self->frame;
    word_t mcp = arch_arg(f, 0) & 0xff;
    struct task *t;
    struct tcb *first;

    if (self->task->nest == MAX_NEST || task_is_dying(self->task))
        return ERR_DENIED;
    if (task_create(number, self->task, mcp < self->mcp ? mcp : self->mcp,
                    &t) != OK)
        return ERR_NO_MEM;
    if (tcb_create(t, 0, &first) != OK) {
        task_destroy(t);
        return ERR_NO_MEM;
    }
    tcb_set_handlers(first, arch_id(f, 1), ID_NIL);
    thread_prepare(first, self->prio, arch_arg(f, 2), arch_arg(f, 1));
    if (arch_arg(f, 2) != LEAVE)
        sched_ready(first);
    *id = t->id;
    return OK;
}

static void finish_task_new(struct tcb *self, unsigned number)
{
    threadid_t id = ID_NIL;

    if (slot[number].owner != self->task->number)
        answer(self, ID_NIL);
    else if (arch_id(&self->frame, 1) == ID_NIL)
        hand_over(self, number);
    else
        answer(self, create_active(self, number, &id) == OK ? id : ID_NIL);
}

void task_continue_kill(struct tcb *self)
{
    unsigned number = self->kill_task;
    struct task *victim;

    /* The hardware must not stand in a space that goes away. */
    arch_space_switch(self->space);
    self->cont = CONT_NONE;
    while ((victim = task_find(number)) && victim->chief == self->task) {
        victim->dying = true;
        if (kill_step(victim) == ERR_AGAIN) {
            self->cont = CONT_KILL;
            return;
        }
    }
    if (victim)
        answer(self, ID_NIL);   /* not ours, or made anew by another */
    else
        finish_task_new(self, number);
}

void sys_task_new(struct tcb *self)
{
    self->kill_task = id_task(arch_id(&self->frame, 0));
    if (self->kill_task == 0) {
        answer(self, ID_NIL);
        return;
    }
    task_continue_kill(self);
}
