/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exceptions that a port carries into the program itself, and user memory
 * that it reads and writes for that.
 */
#include <l4/sys/utcb.h>

#include "map.h"
#include "usermem.h"
#include "world.h"

#define MEGABYTE    ((word_t)1 << 20)
#define ITEM(va, shift) ((va) | (word_t)(shift) << 2 | 2)
#define MISSING     (MEGABYTE + 3 * PAGE_SIZE)

static struct tcb *thread;
static unsigned asked, faults;      /* times the port was, and will fault */

static enum reflection reflect(struct tcb *t, struct user_fault *fault)
{
    check(t == thread && t->exception_number == 3 && t->exception_code == 7);
    asked++;
    if (asked <= faults) {
        *fault = (struct user_fault){ t, MISSING, RIGHT_WRITE, false };
        return REFLECT_FAULT;
    }
    t->frame.ip = 0x7777;
    return REFLECT_DONE;
}

/* Root waits as the pager of `thread`, which raises exception 3. */
static void raise(unsigned times_missing)
{
    world_boot();
    host.reflect = reflect;
    asked = 0;
    faults = times_missing;
    thread = new_thread(1, 60);
    tcb_set_handlers(thread, root->id, ID_NIL);
    do_wait();
    check(current == thread);
    host_exception(3, 7);
}

static bool root_has_the_fault(void)
{
    return current == root && source_of(root) == thread->id &&
           root->frame.mr[0] == (MISSING | 2);
}

TEST(fault, exception_that_the_port_takes_is_no_message)
{
    raise(0);
    check(current == thread && thread->frame.ip == 0x7777 && asked == 1);
    check(root->state == T_RECEIVING);
    check_world();
}

TEST(fault, exception_is_raised_again_when_the_missing_page_was_asked_for)
{
    raise(2);
    for (unsigned i = 1; i <= 2; i++) {
        check(root_has_the_fault() && asked == i);
        do_op(L4_OP_REPLY_AND_WAIT, thread->id);
    }
    check(current == thread && thread->frame.ip == 0x7777 && asked == 3);
    check_world();
}

TEST(fault, exception_is_forgotten_by_a_thread_that_is_sent_elsewhere)
{
    raise(1);
    check(root_has_the_fault());
    do_ex_regs(1, 0x5000, 0x6000);
    do_wait();
    check(current == thread && thread->frame.ip == 0x5000 && asked == 1);
    /* Nor does a later fault bring it back. */
    host_fault(MISSING, RIGHT_READ);
    check(current == root);
    do_op(L4_OP_REPLY_AND_WAIT, thread->id);
    check(current == thread && thread->frame.ip == 0x5000 && asked == 1);
    check_world();
}

TEST(fault, handler_that_wants_registers_gets_what_the_port_would_take)
{
    world_boot();
    host.reflect = reflect;
    asked = 0;
    thread = new_thread(1, 60);
    tcb_set_handlers(thread, root->id, ID_NIL);
    ((struct l4_utcb *)root->utcb)->wanted_exception = 1;
    do_wait();
    host_exception(3, 7);
    check(current == root && root->frame.mr[0] == (3 << 4 | 5));
    check(asked == 0);
}

/* ---- bytes ---- */

static char from[3 * PAGE_SIZE], to[3 * PAGE_SIZE];

/* Root has two pages in a row; before and behind there is nothing. */
static void two_pages(void)
{
    world_boot();
    struct tcb *sigma0 = tcb_find_number(TASK_SIGMA0, 0);

    do_ipc(sigma0->id, 0, ITEM(MEGABYTE, 13), TO_NEVER);
    current->frame.mr[0] = MEGABYTE;
    current->frame.mr[1] = ITEM(MEGABYTE, 13);
    do_ipc(root->id, IPC_MAP, IPC_OPEN, TO_NEVER);
    check(current == root && dope_of(root) == DOPE_FPAGE);
    for (unsigned i = 0; i < sizeof(from); i++)
        from[i] = (char)(i * 7 + i / 251);
}

TEST(usermem, bytes_cross_pages_at_any_place)
{
    struct user_fault fault;

    two_pages();
    for (word_t va = MEGABYTE; va < MEGABYTE + PAGE_SIZE; va += 409) {
        const struct user_bytes r = { root, va, PAGE_SIZE };
        memset(to, 0, sizeof(to));
        check(user_write_bytes(&r, from + (va & 63), &fault));
        check(user_read_bytes(&r, to, &fault));
        check(memcmp(to, from + (va & 63), PAGE_SIZE) == 0);
        check(memcmp(phys_to_kva(va), to, PAGE_SIZE) == 0);
    }
}

TEST(usermem, nothing_is_written_unless_all_of_it_is_there)
{
    struct user_fault fault;

    two_pages();
    const struct user_bytes bytes = { root, MEGABYTE + PAGE_SIZE + 8,
                                      PAGE_SIZE };
    memset(phys_to_kva(MEGABYTE), 0x5a, 2 * PAGE_SIZE);
    check(!user_write_bytes(&bytes, from, &fault));
    check(fault.owner == root && fault.address == MEGABYTE + 2 * PAGE_SIZE);
    check(!fault.never && (fault.access & RIGHT_WRITE));
    for (word_t i = 0; i < 2 * PAGE_SIZE; i++)
        check(((char *)phys_to_kva(MEGABYTE))[i] == 0x5a);
    check(!user_read_bytes(&bytes, to, &fault));
    check(fault.address == MEGABYTE + 2 * PAGE_SIZE && !fault.never);
}

TEST(usermem, bytes_outside_of_the_users_space_are_never_there)
{
    struct user_fault fault;

    two_pages();
    const struct user_bytes above = { root, ARCH_USER_TOP - 4, 8 };
    const struct user_bytes around = { root, ~(word_t)0 - 3, 8 };
    check(!user_read_bytes(&around, to, &fault) && fault.never);
    check(!user_write_bytes(&above, from, &fault));
    check(fault.never || fault.address < ARCH_USER_TOP);
}
