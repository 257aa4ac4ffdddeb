/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A chief between its creatures and the world: it gets what they send out,
 * and passes it on in their name, and the answers in the others' names.
 */
#include <l4/sys/types.h>
#include <l4/sys/ipc.h>
#include <l4/sys/syscalls.h>
#include <l4/rmgr/librmgr.h>
#include <l4/util/thread.h>
#include <l4/util/util.h>

#include "check.h"

/* inside our clan; and one in our chief's clan, as we are */
#define CREATURE    1300
#define OUTSIDER    1400

static l4_threadid_t main_id, pager_id, creature, outsider;
static char pager_stack[4096] __attribute__((aligned(16)));
static char stacks[2][4096] __attribute__((aligned(4096)));
static volatile int steps;

static void pager(void)
{
    l4_umword_t fault, eip;
    l4_threadid_t src;
    l4_msgdope_t result;

    l4_ipc_wait(&src, L4_IPC_SHORT_MSG, &fault, &eip, L4_IPC_NEVER, &result);
    for (;;) {
        int rw = (fault & 2) != 0;
        if (rw)
            l4_touch_rw((void *)(fault & ~3UL), 1);
        else
            l4_touch_ro((void *)(fault & ~3UL), 1);
        l4_ipc_reply_and_wait(
            src, L4_IPC_SHORT_FPAGE, fault & L4_PAGEMASK,
            l4_fpage(fault, L4_LOG2_PAGESIZE, rw, L4_FPAGE_MAP).fpage, &src,
            L4_IPC_SHORT_MSG, &fault, &eip, L4_IPC_NEVER, &result);
    }
}

/* Calls the outsider and thinks that it talks to it directly. */
static void creature_code(void)
{
    l4_umword_t dw0, dw1;
    l4_msgdope_t result;
    int i, error;

    for (i = 1; i <= 3; i++) {
        error = l4_ipc_call(outsider, L4_IPC_SHORT_MSG, 10 * i, i,
                            L4_IPC_SHORT_MSG, &dw0, &dw1, L4_IPC_NEVER,
                            &result);
        if (!error && dw0 == (l4_umword_t)(10 * i + 1) &&
            L4_IPC_MSG_DECEITED(result))
            steps++;
    }
    l4_sleep_forever();
}

/* Adds one to what it is sent, by whomever. */
static void outsider_code(void)
{
    l4_umword_t dw0, dw1;
    l4_threadid_t src;
    l4_msgdope_t result;

    l4_ipc_wait(&src, L4_IPC_SHORT_MSG, &dw0, &dw1, L4_IPC_NEVER, &result);
    for (;;)
        l4_ipc_reply_and_wait(src, L4_IPC_SHORT_MSG, dw0 + 1, dw1, &src,
                              L4_IPC_SHORT_MSG, &dw0, &dw1, L4_IPC_NEVER,
                              &result);
}

static void create(void)
{
    l4_taskid_t id = L4_NIL_ID;

    CHECK(rmgr_get_task(CREATURE) == 0);
    id.id.task = OUTSIDER;
    outsider = rmgr_task_new(id, 255, (l4_umword_t)(stacks[0] + 4096),
                             (l4_umword_t)outsider_code, pager_id);
    id.id.task = CREATURE;
    creature = l4_task_new(id, 255, (l4_umword_t)(stacks[1] + 4096),
                           (l4_umword_t)creature_code, pager_id);
    CHECK(!l4_is_nil_id(creature) && !l4_is_nil_id(outsider));
}

/* First: wait, call in its name, send back in the other's name. */
static void first_round(void)
{
    l4_threadid_t src, dst;
    l4_umword_t dw0, dw1;
    l4_msgdope_t result;
    l4_ipc_deceit_ids_t ids;
    int error;

    error = l4_ipc_chief_wait(&src, &dst, L4_IPC_SHORT_MSG, &dw0, &dw1,
                              L4_IPC_NEVER, &result);
    CHECK(error == 0 && l4_thread_equal(src, creature));
    CHECK(l4_thread_equal(dst, outsider) && dw0 == 10 && dw1 == 1);
    CHECK(L4_IPC_MSG_REDIRECTED(result) && L4_IPC_SRC_INSIDE(result));
    CHECK(result.md.msg_redirected && result.md.src_inside);
    CHECK(!L4_IPC_MSG_DECEITED(result) && !L4_IPC_SND_ERROR(result));

    /* the answer goes to the creature, so to us */
    error = l4_ipc_chief_send(outsider, creature, L4_IPC_SHORT_MSG, dw0, dw1,
                              L4_IPC_NEVER, &result);
    CHECK(error == 0);
    error = l4_i386_ipc_chief_receive(outsider, &dst, L4_IPC_SHORT_MSG, &dw0,
                                      &dw1, L4_IPC_NEVER, &result);
    CHECK(error == 0 && l4_thread_equal(dst, creature) && dw0 == 11);
    CHECK(L4_IPC_MSG_REDIRECTED(result) && !L4_IPC_SRC_INSIDE(result));

    /* not in the name of who is on the same side */
    ids.dest = creature;
    ids.true_src = main_id;
    error = l4_i386_ipc_send_deceiting(ids, L4_IPC_SHORT_MSG, 0, 0,
                                       L4_IPC_SEND_TIMEOUT_0, &result);
    CHECK(error != 0 && L4_IPC_SND_ERROR(result));
    ids.true_src = outsider;
    error = l4_ipc_send_deceiting(ids, L4_IPC_SHORT_MSG, dw0, dw1,
                                  L4_IPC_NEVER, &result);
    CHECK(error == 0);
}

/* Then: one chief_call, and an answer that waits for the next at once. */
static void second_round(void)
{
    l4_threadid_t src, dst;
    l4_umword_t dw0, dw1;
    l4_msgdope_t result;
    l4_ipc_deceit_ids_t ids;
    int error;

    error = l4_i386_ipc_chief_wait(&src, &dst, L4_IPC_SHORT_MSG, &dw0, &dw1,
                                   L4_IPC_NEVER, &result);
    CHECK(error == 0 && dw0 == 20);
    error = l4_i386_ipc_chief_call(outsider, creature, L4_IPC_SHORT_MSG, dw0,
                                   dw1, &dst, L4_IPC_SHORT_MSG, &dw0, &dw1,
                                   L4_IPC_NEVER, &result);
    CHECK(error == 0 && dw0 == 21 && l4_thread_equal(dst, creature));
    error = l4_i386_ipc_chief_reply_and_wait(
        creature, outsider, L4_IPC_SHORT_MSG, dw0, dw1, &src, &dst,
        L4_IPC_SHORT_MSG, &dw0, &dw1, L4_IPC_NEVER, &result);
    CHECK(error == 0 && dw0 == 30 && l4_thread_equal(src, creature));
    CHECK(l4_thread_equal(dst, outsider));

    ids.dest = outsider;
    ids.true_src = creature;
    error = l4_i386_ipc_reply_deceiting_and_wait(
        ids, L4_IPC_SHORT_MSG, dw0, dw1, &src, L4_IPC_SHORT_MSG, &dw0, &dw1,
        L4_IPC_NEVER, &result);
    CHECK(error == 0 && dw0 == 31 && l4_thread_equal(src, outsider));
    CHECK((result.msgdope & L4_IPC_REDIRECT_MASK) &&
          !(result.msgdope & (L4_IPC_SRC_MASK | L4_IPC_DECEIT_MASK)));
    error = l4_i386_ipc_chief_send(creature, outsider, L4_IPC_SHORT_MSG, dw0,
                                   dw1, L4_IPC_NEVER, &result);
    CHECK(error == 0 && !(result.msgdope & L4_IPC_SND_ERR_MASK));
}

int main(void)
{
    if (!rmgr_init())
        return 1;
    main_id = l4_myself();
    pager_id = l4util_create_thread(1, pager,
                                    pager_stack + sizeof(pager_stack));
    create();
    first_round();
    second_round();
    l4_sleep(2);
    CHECK(steps == 3);
    l4_task_new(creature, main_id.lh.low, 0, 0, L4_NIL_ID);
    rmgr_task_new(outsider, 0, 0, 0, L4_NIL_ID);
    CHECK(rmgr_free_task(CREATURE) == 0);
    FINISH("clans");
}
