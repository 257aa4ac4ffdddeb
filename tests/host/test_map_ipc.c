/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Map items in messages, from system call to page table: sigma0 gives to
 * root, root to a task of its own. (What map, grant and unmap do with pages
 * is shown in test_map.c, where they land in test_fpage.c.)
 */
#include "map.h"
#include "ptab.h"
#include "world.h"

#define WINDOW(va, shift)   ((va) | (word_t)(shift) << 2 | IPC_MAP)
#define ITEM(va, shift)     ((va) | (word_t)(shift) << 2 | 2)
#define WRITE               ((word_t)2)
#define LARGE               (pt_shift[LEVEL_LARGE])
#define MEGABYTE            ((word_t)1 << 20)

static struct tcb *sigma0, *task;

/* The thread that runs sends one map item to one that waits. */
static void send_item(struct tcb *to, word_t base, word_t fpage)
{
    struct arch_frame *f = &current->frame;

    f->mr[0] = base;
    f->mr[1] = fpage;
    f->mr[2] = f->mr[3] = 0;
    do_ipc(to->id, IPC_MAP, IPC_OPEN, TO_NEVER);
}

/* sigma0 has given root [1 MB, 2 MB); root runs, sigma0 and task wait. */
static void start(void)
{
    world_boot();
    sigma0 = tcb_find_number(TASK_SIGMA0, 0);
    task = new_task(10, 200);
    check(current == task);
    do_wait();
    do_ipc(sigma0->id, 0, WINDOW(MEGABYTE, 20), TO_NEVER);
    check(current == sigma0);
    send_item(root, MEGABYTE, ITEM(MEGABYTE, 20));
    check(current == root && dope_of(root) == DOPE_FPAGE);
}

/* The task waits with this window, root runs. */
static void open_window(word_t window)
{
    set_prio(task, 200);
    do_ex_regs(0, LEAVE, LEAVE);
    ipc_cancel(task);
    host_interrupt();
    check(current == task);
    do_ipc(ID_NIL, IPC_NONE, window | IPC_OPEN, TO_NEVER);
    check(current == root);
}

static struct host_page seen(const struct tcb *t, word_t va)
{
    return host_access(t->space, va);
}

TEST(map_ipc, every_page_of_an_item_is_there)
{
    start();
    for (word_t va = MEGABYTE; va < 2 * MEGABYTE; va += PAGE_SIZE) {
        check(seen(root, va).pa == va);
        check(seen(root, va).rights == (RIGHT_READ | RIGHT_WRITE));
    }
    check(seen(root, 2 * MEGABYTE).rights == 0);
    check(seen(root, MEGABYTE - 1).rights == 0);
    check_world();
}

TEST(map_ipc, large_pages_stay_large)
{
    struct pt_slot slot;

    start();
    ptab_walk(root->space, MEGABYTE, &slot);
    check(slot.level == LEVEL_LARGE);
}

TEST(map_ipc, item_lands_where_base_and_window_say)
{
    start();
    open_window(WINDOW(0x400000, LARGE + 1));
    send_item(task, 0x3000, ITEM(MEGABYTE + 0x5000, PAGE_SHIFT));
    check(dope_of(task) == DOPE_FPAGE);
    check(seen(task, 0x403000).pa == MEGABYTE + 0x5000);
    check(seen(task, 0x402000).rights == 0);
    check(task->frame.mr[0] == 0x3000);
}

TEST(map_ipc, item_without_the_write_bit_gives_no_write_access)
{
    start();
    open_window(WINDOW(0x400000, PAGE_SHIFT));
    send_item(task, 0, ITEM(MEGABYTE, PAGE_SHIFT) & ~WRITE);
    check(seen(task, 0x400000).rights == RIGHT_READ);
}

TEST(map_ipc, granted_page_moves)
{
    start();
    open_window(WINDOW(0x400000, PAGE_SHIFT));
    send_item(task, 0, ITEM(MEGABYTE, PAGE_SHIFT) | 1);
    check(seen(task, 0x400000).pa == MEGABYTE);
    check(seen(root, MEGABYTE).rights == 0);
    check(seen(root, MEGABYTE + PAGE_SIZE).pa == MEGABYTE + PAGE_SIZE);
    check_world();
}

TEST(map_ipc, several_items_travel_in_one_message)
{
    start();
    open_window(WINDOW(0x400000, LARGE));
    root->frame.mr[0] = 0x1000;
    root->frame.mr[1] = ITEM(MEGABYTE + 0x1000, PAGE_SHIFT);
    root->frame.mr[2] = 0x2000;
    root->frame.mr[3] = ITEM(MEGABYTE + 0x7000, PAGE_SHIFT);
    do_ipc(task->id, IPC_MAP, IPC_OPEN, TO_NEVER);
    check(seen(task, 0x401000).pa == MEGABYTE + 0x1000);
    check(seen(task, 0x402000).pa == MEGABYTE + 0x7000);
}

TEST(map_ipc, items_without_a_window_are_an_error_on_both_sides)
{
    start();
    set_prio(root, 210);        /* stays ready, to be looked at */
    send_item(task, 0, ITEM(MEGABYTE, PAGE_SHIFT));
    check(dope_of(root) == (IPC_MESSAGE_CUT | DOPE_SEND_PHASE));
    check(dope_of(task) == IPC_MESSAGE_CUT);
    check(root->state == T_READY && task->state == T_READY);
}

TEST(map_ipc, page_that_the_sender_has_not_is_no_error)
{
    start();
    open_window(WINDOW(0x400000, PAGE_SHIFT));
    send_item(task, 0, ITEM(4 * MEGABYTE, PAGE_SHIFT));
    check(dope_of(task) == 0 && seen(task, 0x400000).rights == 0);
}

TEST(map_ipc, memory_that_runs_out_is_an_error_on_both_sides)
{
    start();
    open_window(WINDOW(0x400000, PAGE_SHIFT));
    set_prio(root, 210);
    memory_fail(1);
    send_item(task, 0, ITEM(MEGABYTE, PAGE_SHIFT));
    check(memory_failed());
    check(dope_of(root) == (IPC_MAP_FAILED | DOPE_SEND_PHASE));
    check(dope_of(task) == IPC_MAP_FAILED);
    check_world();
}

/* A pager's answer: the thread goes on, and its registers are its own. */
TEST(map_ipc, answer_to_a_page_fault_maps_anywhere)
{
    start();
    open_window(WINDOW(0x400000, PAGE_SHIFT));
    ipc_cancel(task);
    tcb_set_handlers(task, root->id, ID_NIL);
    host_interrupt();
    check(current == task);
    set_words(task, 0x77);
    set_prio(root, 100);
    host_fault(0x123456, RIGHT_WRITE);
    check(current == root && task->level == LEVEL_FAULT);
    do_wait();
    check(current == root && source_of(root) == task->id);
    check(root->frame.mr[0] == (0x123454 | 2));
    check(root->frame.mr[1] == task->frame.ip);
    send_item(task, 0x123000, ITEM(MEGABYTE, PAGE_SHIFT));
    check(current == task && has_words(task, 0x77));
    check(seen(task, 0x123456).pa == MEGABYTE + 0x456);
}

TEST(map_ipc, preemption_at_every_step_changes_no_result)
{
    start();
    open_window(WINDOW(MEGABYTE, 20));
    host_preempt_always();
    send_item(task, 0, ITEM(MEGABYTE, 20));
    check(dope_of(task) == DOPE_FPAGE);
    for (word_t va = MEGABYTE; va < 2 * MEGABYTE; va += PAGE_SIZE)
        check(seen(task, va).pa == va);
    check_world();
}

/* ---- both go away in the middle ---- */

/* Somebody more urgent runs while root's items are half mapped. */
static struct tcb *start_interrupted_transfer(void)
{
    start();
    struct tcb *driver = new_thread(1, 250);
    check(current == driver);
    do_ipc(1, IPC_NONE, 0, TO_NEVER);
    open_window(WINDOW(MEGABYTE, 20));
    host.raised = 1;
    host_preempt_always();
    send_item(task, 0, ITEM(MEGABYTE, 20));
    check(current == driver && task->state == T_TRANSFER);
    check(root->cont == CONT_TRANSFER);
    check_world();
    return driver;
}

TEST(map_ipc, ex_regs_of_the_sender_aborts_the_transfer_for_both)
{
    struct tcb *driver = start_interrupted_transfer();

    do_ex_regs(0, 0x9000, LEAVE);
    check(dope_of(root) == (IPC_ABORTED | DOPE_SEND_PHASE));
    check(task->state == T_READY && dope_of(task) == IPC_ABORTED);
    check(current == driver);
    check_world();
}

TEST(map_ipc, killing_the_receiver_aborts_the_transfer)
{
    start_interrupted_transfer();
    do_task_kill(10);
    check(!tcb_find_number(10, 0));
    check(root->state == T_READY);
    check(dope_of(root) == (IPC_ABORTED | DOPE_SEND_PHASE));
    check_world();
}

TEST(map_ipc, unmap_during_a_transfer_wins)
{
    start_interrupted_transfer();
    struct l4_call_args a = {
        .arg = { ITEM(MEGABYTE, 20), L4_FP_FLUSH_PAGE | L4_FP_ALL_SPACES },
    };
    l4_arch_call(L4_SYS_FPAGE_UNMAP, &a);
    do_wait();
    check(task->state == T_READY);
    for (word_t va = MEGABYTE; va < 2 * MEGABYTE; va += PAGE_SIZE)
        check(seen(task, va).rights == 0 && seen(root, va).rights == 0);
    check_world();
}

/* The task gets memory and dies, root gives back what it has. */
static void come_and_go(void)
{
    struct l4_call_args a = {
        .arg = { ITEM(0, 63), L4_FP_FLUSH_PAGE | L4_FP_ALL_SPACES },
    };

    for (unsigned i = 0; i < 10; i++) {
        open_window(WINDOW(MEGABYTE, 20));
        send_item(task, 0, ITEM(MEGABYTE, 12 + rnd(9)));
        ipc_cancel(root);
        set_prio(task, 1);
        check(current == root);
    }
    do_task_kill(10);
    l4_arch_call(L4_SYS_FPAGE_UNMAP, &a);
    check_world();
}

TEST(map_ipc, what_was_mapped_gives_its_memory_back_with_the_task)
{
    start();
    come_and_go();
    word_t frames = kmem_frames_free();
    for (unsigned i = 0; i < 5; i++) {
        task = new_task(10, 200);
        do_wait();
        do_ipc(sigma0->id, 0, WINDOW(MEGABYTE, 20), TO_NEVER);
        send_item(root, MEGABYTE, ITEM(MEGABYTE, 20));
        check(current == root);
        come_and_go();
        check(kmem_frames_free() == frames);
    }
}
