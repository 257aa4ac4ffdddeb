/* SPDX-License-Identifier: BSD-2-Clause */
#include <l4/sys/ipc.h>
#include <l4/sys/kdebug.h>
#include <l4/sys/syscalls.h>

#include <hickory/pager.h>
#include <hickory/print.h>
#include <hickory/protocol.h>
#include <hickory/thread.h>

#include "common.h"

#define STACK_SIZE  4096
#define LEAVE       (~(l4_umword_t)0)

l4_threadid_t main_id, pager_id;

static char stacks[FIRST_FREE][STACK_SIZE] __attribute__((aligned(4096)));
static l4_threadid_t tasks[MAX_TASK + 1];
static struct {
    l4_umword_t start, end;
    unsigned piece;
} pieces;

/* From the linker: this program. arch/ARCH/thread.S: calls what is on the
   stack. */
extern char __executable_start[], _end[];
void thread_begin(void);

void fail(const char *what)
{
    print("failed: %s\n", what);
    l4_kdebug_halt(1);
    park(0);
}

void park(void *unused)
{
    (void)unused;
    for (;;)
        l4_ipc_sleep(L4_IPC_NEVER);
}

void echo(void *unused)
{
    l4_threadid_t client = L4_NIL_ID;
    struct l4_words m;

    (void)unused;
    while (L4_IPC_IS_ERROR(l4_ipc_wait_words(&client, &m)))
        ;
    for (;;)
        l4_ipc_reply_and_wait_words(&client, &m);
}

l4_umword_t kernel_memory(void)
{
    return l4_kdebug(L4_KDEBUG_COUNT, 0);
}

/* ---- paging ---- */

static l4_fpage_t piece_at(l4_umword_t address)
{
    unsigned log2 = address >= pieces.start && address < pieces.end
                        ? pieces.piece : L4_PAGESHIFT;

    return l4_fpage(address & ~((1UL << log2) - 1), log2, L4_FPAGE_RW,
                    L4_FPAGE_MAP);
}

/* Faults of tasks: what is at the same address here. An exception, or an
   address that is none, is not answered: that thread stops. */
static void page_tasks(void *unused)
{
    l4_threadid_t from = L4_NIL_ID;
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    (void)unused;
    l4_ipc_wait(&from, L4_IPC_SHORT_MSG, &w0, &w1, L4_IPC_NEVER, &dope);
    for (;;) {
        l4_fpage_t f = piece_at(FAULT_ADDRESS(w0));
        if (!IS_FAULT(w0) || f.raw < 2 * L4_PAGESIZE) {
            l4_ipc_wait(&from, L4_IPC_SHORT_MSG, &w0, &w1, L4_IPC_NEVER,
                        &dope);
            continue;
        }
        l4_ipc_reply_and_wait(from, L4_IPC_SHORT_FPAGE,
                              f.raw & L4_PAGEMASK, f.raw, &from,
                              L4_IPC_SHORT_MSG, &w0, &w1,
                              L4_IPC_TIMEOUT(0, 1, 0, 0, 0, 0), &dope);
    }
}

void pager_pieces(l4_umword_t start, unsigned log2, unsigned piece)
{
    pieces.start = start;
    pieces.end = start + (1UL << log2);
    pieces.piece = piece;
}

l4_umword_t ram(unsigned log2_size)
{
    l4_addr_t where;

    require(pager_any_page(thread_pager(), log2_size, WINDOW_ANYWHERE,
                           &where));
    return where;
}

/* ---- threads and tasks ---- */

void set_priority(l4_threadid_t thread, unsigned priority)
{
    require(thread_set_endless(thread, priority));
}

void settle(void)
{
    set_priority(main_id, PRIO_SETTLE);
    set_priority(main_id, PRIO_MAIN);
}

void exchange_registers(unsigned number, l4_umword_t ip, l4_umword_t sp)
{
    struct l4_call_args a = {
        .arg = { number, sp, ip }, .id = { L4_INVALID_ID, L4_INVALID_ID },
    };

    l4_arch_call(L4_SYS_LTHREAD_EX_REGS, &a);
    require(!l4_is_invalid_id(a.id[0]));
}

l4_threadid_t thread_start(unsigned number, void (*function)(void *),
                           void *argument)
{
    l4_threadid_t t = thread_create(
        number, (struct thread_stack){ stacks[number], STACK_SIZE },
        (struct thread_work){ function, argument });

    require(!l4_is_nil_id(t));
    return t;
}

l4_threadid_t task_id(unsigned number)
{
    l4_threadid_t t = main_id;

    t.id.task = number;
    return l4_is_nil_id(tasks[number]) ? t : tasks[number];
}

void task_start(unsigned number, l4_umword_t stack_top,
                void (*function)(void *), void *argument)
{
    struct thread_work *work = (void *)(stack_top - 64);

    *work = (struct thread_work){ function, argument };
    tasks[number] = l4_task_new(task_id(number), 255, (l4_umword_t)work,
                                (l4_umword_t)thread_begin, pager_id);
    require(!l4_is_nil_id(tasks[number]));
}

void task_kill(unsigned number)
{
    l4_task_new(task_id(number), (l4_umword_t)main_id.raw, 0, 0, L4_NIL_ID);
    tasks[number] = L4_NIL_ID;
}

/* All of this program is in our space before anybody needs it. */
static void touch_all(void)
{
    for (char *p = __executable_start; p < _end; p += L4_PAGESIZE)
        (void)*(volatile char *)p;
    for (unsigned i = 0; i < FIRST_FREE; i++)
        *(volatile char *)stacks[i] = 0;
}

void common_init(void)
{
    main_id = l4_myself();
    touch_all();
    pager_id = thread_start(PAGER, page_tasks, 0);
    set_priority(pager_id, PRIO_PAGER);
    set_priority(main_id, PRIO_MAIN);
}
