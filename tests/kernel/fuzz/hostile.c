/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What runs in the hostile tasks. They have no data of their own but what is
 * on their stacks and in the arena, and both may be written over at any time.
 */
#include <hickory/print.h>
#include <hickory/thread.h>

#include "fuzz.h"

void thread_begin(void);    /* thread.S: calls what lies on the stack */

l4_umword_t prepare_thread(unsigned task, unsigned lthread,
                           void (*function)(void *), l4_umword_t seed)
{
    unsigned n = (task - HOSTILE_FIRST) % HOSTILE_TASKS * HOSTILE_THREADS +
                 lthread % HOSTILE_THREADS;
    struct thread_work *work = (void *)(ARENA->stack[n] + STACK_SIZE - 64);

    *work = (struct thread_work){ function, (void *)seed };
    return (l4_umword_t)work;
}

/* ---- the log ---- */

static void print_entry(const struct log_entry *e)
{
    print("%08x.%08x call %lx: %lx %lx %lx, ids %08x%08x %08x%08x\n",
          (unsigned)(e->who >> 32), (unsigned)e->who, e->call, e->arg[0],
          e->arg[1], e->arg[2], (unsigned)(e->id[0] >> 32),
          (unsigned)e->id[0], (unsigned)(e->id[1] >> 32), (unsigned)e->id[1]);
}

void print_log(void)
{
    for (unsigned i = 0; i < LOG_ENTRIES; i++)
        print_entry(&ARENA->log[(ARENA->calls + i) % LOG_ENTRIES]);
}

static void note(l4_umword_t call, const struct l4_call_args *a)
{
    struct log_entry e = {
        .who = l4_myself().raw, .call = call,
        .id = { a->id[0].raw, a->id[1].raw },
        .arg = { a->arg[0], a->arg[1], a->arg[2] },
    };

    ARENA->log[ARENA->calls++ % LOG_ENTRIES] = e;
    if (trace)
        print_entry(&e);
}

/* ---- ipc ---- */

static l4_umword_t any_send(struct rng *r)
{
    l4_umword_t snd;

    switch (below(r, 10)) {
    case 0:
    case 1:
        return L4_IPC_NO_DESCRIPTOR;
    case 2:
    case 3:
        snd = 0;
        break;
    case 4:
        snd = 2;
        break;
    case 5:
        snd = any_word(r);
        break;
    default:
        snd = any_buffer(r) | (percent(r, 30) ? 2 : 0);
    }
    return snd | (percent(r, 10) ? L4_IPC_DECEIT : 0);
}

static l4_umword_t any_receive(struct rng *r)
{
    l4_umword_t rcv;

    switch (below(r, 10)) {
    case 0:
    case 1:
    case 2:
        return L4_IPC_NO_DESCRIPTOR;
    case 3:
        rcv = (any_fpage(r) & ~(l4_umword_t)3) | 2;
        break;
    case 4:
    case 5:
        rcv = any_buffer(r);
        break;
    case 6:
        rcv = any_word(r);
        break;
    default:
        rcv = 0;
    }
    return rcv | (percent(r, 60) ? L4_IPC_OPEN_IPC : 0);
}

static void try_ipc(struct rng *r)
{
    l4_umword_t words[L4_REG_WORDS];
    struct l4_call_args a = {
        .arg = { any_send(r), any_receive(r), any_timeouts(r) },
        .id = { any_id(r), any_id(r) },
    };

    for (unsigned i = 0; i < L4_REG_WORDS; i++)
        words[i] = i & 1 ? any_fpage(r) : any_word(r);
    note(L4_SYS_IPC, &a);
    if (percent(r, 50))
        l4_arch_ipc(a.arg[0], a.arg[1], a.arg[2], &a.id[0], words);
    else
        l4_arch_ipc_chief(a.arg[0], a.arg[1], a.arg[2], &a.id[0], &a.id[1],
                          words);
}

static void try_operation(struct rng *r)
{
    l4_umword_t words[L4_REG_WORDS];
    struct l4_call_args a = { .id = { any_id(r) } };

    a.arg[0] = L4_OP_IPC | (rng_next(r) & L4_OP_MASK);
    /* Waits that never end would be the end of most of them. */
    if (percent(r, 97))
        a.arg[0] |= L4_OP_RECV_NOW | L4_OP_SEND_NOW;
    if (percent(r, 5))
        a.arg[0] = any_word(r);
    for (unsigned i = 0; i < L4_REG_WORDS; i++)
        words[i] = i & 1 ? any_fpage(r) : any_word(r);
    note(a.arg[0], &a);
    l4_arch_ipc_op(a.arg[0], &a.id[0], words);
}

/* ---- the other calls ---- */

static void any_arguments(struct rng *r, struct l4_call_args *a)
{
    for (unsigned i = 0; i < 3; i++)
        a->arg[i] = any_word(r);
    for (unsigned i = 0; i < 2; i++)
        a->id[i] = any_id(r);
}

/* A call whose number need not be known when this is compiled. */
static void call(unsigned number, struct l4_call_args *a)
{
    switch (number) {
#define CASE(n) case n: l4_arch_call(n, a); break
    CASE(1); CASE(2); CASE(3); CASE(4); CASE(5); CASE(6); CASE(7); CASE(8);
    CASE(9); CASE(10); CASE(11); CASE(12); CASE(13); CASE(14); CASE(15);
#undef CASE
    }
}

static void try_unmap(struct rng *r, struct l4_call_args *a)
{
    static const l4_umword_t masks[] = {
        0, L4_FP_FLUSH_PAGE, L4_FP_ALL_SPACES,
        L4_FP_FLUSH_PAGE | L4_FP_ALL_SPACES,
    };

    a->arg[0] = any_fpage(r);
    if (percent(r, 90))
        a->arg[1] = masks[below(r, 4)];
    if (percent(r, 20))
        a->arg[1] |= L4_FP_TASK(HOSTILE_FIRST + below(r, HOSTILE_TASKS));
    call(L4_SYS_FPAGE_UNMAP, a);
}

static void try_schedule(struct rng *r, struct l4_call_args *a)
{
    if (percent(r, 70))
        a->arg[0] = below(r, 130) | below(r, 0x1000) << 20;
    call(L4_SYS_THREAD_SCHEDULE, a);
}

/* A sibling goes elsewhere, or comes into being. */
static void try_ex_regs(struct rng *r, struct l4_call_args *a)
{
    unsigned lthread = below(r, HOSTILE_THREADS);

    if (percent(r, 95))
        a->arg[0] = lthread;
    if (percent(r, 70)) {
        a->arg[1] = prepare_thread(l4_myself().id.task, lthread,
                                   lthread ? hostile_main : chief_main,
                                   (l4_umword_t)rng_next(r));
        a->arg[2] = (l4_umword_t)thread_begin;
    } else if (percent(r, 70)) {
        a->arg[1] = a->arg[2] = ~(l4_umword_t)0;
    }
    for (unsigned i = 0; i < 2; i++)
        if (percent(r, 85))
            a->id[i] = L4_INVALID_ID;
    call(L4_SYS_LTHREAD_EX_REGS, a);
}

/* The same in other tasks: siblings, creatures, and innocent ones. */
static void try_inter_task(struct rng *r, struct l4_call_args *a)
{
    l4_threadid_t dest = any_id(r);

    a->id[0] = dest;
    if (percent(r, 90))
        a->arg[0] = below(r, L4_EX_FLAGS + 1);
    if (percent(r, 85))
        a->id[1] = L4_INVALID_ID;
    if (percent(r, 60)) {
        a->arg[1] = prepare_thread(dest.id.task, dest.id.lthread,
                                   dest.id.lthread ? hostile_main : chief_main,
                                   (l4_umword_t)rng_next(r));
        a->arg[2] = (l4_umword_t)thread_begin;
    } else if (percent(r, 70)) {
        a->arg[1] = a->arg[2] = ~(l4_umword_t)0;
    }
    if (percent(r, 50))
        l4_utcb()->fpu_buffer = any_word(r);
    call(L4_SYS_INTER_TASK_EX_REGS, a);
}

/* A task of ours, if the number is. */
static void new_task(struct rng *r, struct l4_call_args *a, unsigned task)
{
    a->id[0].raw = (l4_uint64_t)task << 17;
    a->arg[1] = prepare_thread(task, 0, chief_main, (l4_umword_t)rng_next(r));
    a->arg[2] = (l4_umword_t)thread_begin;
    a->id[1] = l4_get_taskid(l4_myself());
    call(L4_SYS_TASK_NEW, a);
    if (!l4_is_nil_id(a->id[0]))
        ARENA->id[task - HOSTILE_FIRST] = a->id[0].raw;
}

/* The same, or its number is passed on, or anything else. */
static void try_task_new(struct rng *r, struct l4_call_args *a)
{
    unsigned task = HOSTILE_FIRST + below(r, HOSTILE_TASKS);

    if (percent(r, 60)) {
        new_task(r, a, task);
        return;
    }
    if (percent(r, 90))
        a->id[0].raw = (l4_uint64_t)task << 17;
    if (percent(r, 70)) {
        a->id[1] = L4_NIL_ID;
        a->arg[0] = (l4_umword_t)any_id(r).raw;
    }
    call(L4_SYS_TASK_NEW, a);
}

static void try_call(struct rng *r)
{
    unsigned number = percent(r, 95) ? 1 + below(r, L4_SYS_GATES - 1)
                                     : 1 + below(r, 15);
    struct l4_call_args a;

    any_arguments(r, &a);
    note(number, &a);
    if (number == L4_SYS_FPAGE_UNMAP)
        try_unmap(r, &a);
    else if (number == L4_SYS_THREAD_SCHEDULE)
        try_schedule(r, &a);
    else if (number == L4_SYS_LTHREAD_EX_REGS)
        try_ex_regs(r, &a);
    else if (number == L4_SYS_INTER_TASK_EX_REGS)
        try_inter_task(r, &a);
    else if (number == L4_SYS_TASK_NEW)
        try_task_new(r, &a);
    else if (number != L4_SYS_KDEBUG || a.arg[0] != L4_KDEBUG_PUTC)
        call(number, &a);
}

/* ---- memory, UTCB, instructions ---- */

static void try_utcb(struct rng *r)
{
    l4_umword_t *word = (l4_umword_t *)l4_utcb();

    for (unsigned i = 0; i < 4; i++)
        word[below(r, sizeof(struct l4_utcb) / sizeof(*word))] = any_word(r);
}

static void try_memory(struct rng *r)
{
    l4_umword_t address = any_word(r);
    struct l4_call_args a = { .arg = { address } };

    note(0x1000, &a);
    switch (below(r, 4)) {
    case 0:
        *(volatile char *)address = 1;
        break;
    case 1:
        (void)*(volatile l4_umword_t *)(address & ~(sizeof(long) - 1));
        break;
    default:
        odd_instruction(below(r, ODD_INSTRUCTIONS), any_word(r));
    }
}

static void step(struct rng *r)
{
    volatile double x = 0.5;

    switch (below(r, 20)) {
    case 0:
        try_memory(r);
        break;
    case 1:
        try_utcb(r);
        break;
    case 2:
        x = x * 3;          /* now it has floating-point registers as well */
        break;
    case 3:
    case 4:
    case 5:
        try_operation(r);
        break;
    case 6:
    case 7:
    case 8:
    case 9:
    case 10:
        try_call(r);
        break;
    default:
        try_ipc(r);
    }
}

void hostile_main(void *seed)
{
    struct rng r;

    rng_seed(&r, (l4_umword_t)seed);
    for (;;)
        step(&r);
}

/* ---- chiefs: they page what is below them, and are hostile as well ---- */

/* All registers, so that nothing strange is left of what it did. */
static void restart(struct rng *r, l4_threadid_t from)
{
    unsigned task = from.id.task, lthread = from.id.lthread;
    struct l4_utcb *u = l4_utcb();

    for (unsigned i = 0; i < L4_REG_COUNT; i++)
        u->reg[i] = percent(r, 20) ? any_word(r) : 0;
    u->reg[L4_REG_IP] = (l4_umword_t)thread_begin;
    u->reg[L4_REG_STACK] = prepare_thread(
        task, lthread, lthread ? hostile_main : chief_main,
        (l4_umword_t)rng_next(r));
    u->changed = ~(l4_umword_t)0;
}

extern char __executable_start[], etext[];

bool answer_fault(struct rng *r, l4_threadid_t from, l4_umword_t *w0,
                  l4_umword_t *w1)
{
    l4_umword_t address = *w0 & ~(l4_umword_t)3, page = address & L4_PAGEMASK;
    bool write = *w0 & 2;

    *w0 = *w1 = 0;
    if (page - (l4_umword_t)arena_pages < ARENA_SIZE) {
        *(volatile char *)page = *(volatile char *)page;
        write = true;
    } else if (page - ((l4_umword_t)__executable_start & L4_PAGEMASK) <
                   (l4_umword_t)(arena_pages - __executable_start) && !write) {
        (void)*(volatile char *)page;
    } else if (percent(r, 50)) {
        restart(r, from);
        return true;
    } else {
        address = (l4_umword_t)arena_pages + below(r, ARENA_PAGES) * 4096;
        *w0 = page;
        *w1 = l4_fpage(address, L4_PAGESHIFT, below(r, 2), 0).raw;
        return true;
    }
    *w0 = page;
    *w1 = l4_fpage(page, L4_PAGESHIFT, write, L4_FPAGE_MAP).raw;
    return true;
}

/* A message that passes us on its way: pass it on, as a chief should. */
static void forward(l4_threadid_t from, l4_threadid_t dest, l4_umword_t w0,
                    l4_umword_t w1)
{
    l4_msgdope_t dope;

    l4_ipc_chief_send(dest, from, L4_IPC_SHORT_MSG, w0, w1,
                      L4_IPC_TIMEOUT(1, 13, 1, 13, 15, 15), &dope);
}

static void serve(struct rng *r)
{
    l4_threadid_t from, dest;
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    if (l4_ipc_chief_wait(&from, &dest, L4_IPC_SHORT_MSG, &w0, &w1,
                          L4_IPC_TIMEOUT(1, 12, 1, 12, 15, 15), &dope))
        return;
    if (dope.md.msg_redirected)
        forward(from, dest, w0, w1);
    else if ((w0 & 0xf) == 5)
        restart(r, from);
    else if (!answer_fault(r, from, &w0, &w1))
        return;
    l4_ipc_send(from, L4_IPC_SHORT_FPAGE, w0, w1,
                L4_IPC_TIMEOUT(0, 1, 0, 1, 15, 15), &dope);
}

static void start_sibling(struct rng *r, unsigned lthread)
{
    struct l4_call_args a = {
        .arg = { lthread,
                 prepare_thread(l4_myself().id.task, lthread, hostile_main,
                                (l4_umword_t)rng_next(r)),
                 (l4_umword_t)thread_begin },
        .id = { l4_get_taskid(l4_myself()), L4_NIL_ID },
    };

    call(L4_SYS_LTHREAD_EX_REGS, &a);
}

static void start_creature(struct rng *r)
{
    struct l4_call_args a;

    any_arguments(r, &a);
    new_task(r, &a, HOSTILE_FIRST + 1 + below(r, HOSTILE_TASKS - 1));
}

/* Lthread 0: what the others have broken it makes anew, now and then. */
void chief_main(void *seed)
{
    struct rng r;

    rng_seed(&r, (l4_umword_t)seed);
    for (unsigned i = 1; i < 5; i++)
        start_sibling(&r, i);
    start_creature(&r);
    for (;;) {
        serve(&r);
        if (percent(&r, 20))
            step(&r);
        if (percent(&r, 20))
            start_sibling(&r, 1 + below(&r, HOSTILE_THREADS - 1));
        if (percent(&r, 2))
            start_creature(&r);
    }
}
