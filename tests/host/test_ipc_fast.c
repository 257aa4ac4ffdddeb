/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fast path and the slow one: the same random sequence, once with each,
 * must show the same to everybody after every step. And one test for each of
 * the steps F1 to F5 at which the fast path gives up.
 */
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipcworld.h"
#include "irq.h"
#include "runq.h"

/* ---- the same results ---- */

/* All that can be seen of a thread, frame and queue of senders included. */
struct view {
    uint8_t state, level, prio;
    bool waits_for_time;
    uint64_t rest;
};

struct moment {
    int running;
    uint32_t masked;
    struct view view[IW_THREADS];
};

struct record {
    unsigned fast;              /* times the fast path was taken */
    unsigned steps;
    struct moment moment[];
};

static uint64_t mix(uint64_t hash, const void *data, size_t bytes)
{
    for (const unsigned char *p = data; bytes-- > 0; p++)
        hash = (hash ^ *p) * 0x100000001b3;
    return hash;
}

static struct view view_of(struct tcb *t)
{
    if (!t)
        return (struct view){ .state = 0xff };
    bool parked = unpark(t);
    struct view v = { (uint8_t)t->state, t->level, t->prio,
                      timeout_pending(&t->timeout), 0xcbf29ce484222325 };
    v.rest = mix(v.rest, &t->frame, sizeof(t->frame));
    for (const struct list *l = t->send_queue.next; l != &t->send_queue;
         l = l->next) {
        int i = iw_index(container_of(l, struct tcb, send_link));
        v.rest = mix(v.rest, &i, sizeof(i));
    }
    if (parked)
        ipc_park(t);
    return v;
}

static void look(struct moment *m)
{
    m->running = iw_index(current);
    m->masked = host.masked;
    for (unsigned i = 0; i < IW_THREADS; i++)
        m->view[i] = view_of(iw_thread(i));
}

static struct record *new_record(unsigned steps)
{
    size_t size = sizeof(struct record) + steps * sizeof(struct moment);
    struct record *r = mmap(NULL, size, PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    check(r != MAP_FAILED);
    r->steps = steps;
    return r;
}

/* Run the sequence in a process of its own. */
static void play(struct record *r, bool fast, bool distinct_prios)
{
    int status;
    pid_t child = fork();

    check(child >= 0);
    if (child == 0) {
        fast_path = fast;
        rnd_seed(htest_seed());
        iw_start(distinct_prios);
        for (unsigned i = 0; i < r->steps; i++) {
            struct action a = iw_random_action();
            iw_perform(&a);
            look(&r->moment[i]);
            if (i % 64 == 0)
                check_world();
        }
        r->fast = fast_path_taken;
        _exit(0);
    }
    check(waitpid(child, &status, 0) == child && status == 0);
}

static long step;

static void compare_view(const struct moment *a, const struct moment *b,
                         unsigned i)
{
    const struct view *v = &a->view[i], *w = &b->view[i];

    note("step %ld thread %u: fast %u %u %lx, slow %u %u %lx",
         step, i, v->state, v->level,
         v->rest, w->state, w->level, w->rest);
    check(v->state == w->state && v->level == w->level);
    check(v->prio == w->prio && v->waits_for_time == w->waits_for_time);
    check(v->rest == w->rest);
}

static void compare(unsigned steps, bool distinct_prios)
{
    struct record *fast = new_record(steps), *slow = new_record(steps);

    play(fast, true, distinct_prios);
    play(slow, false, distinct_prios);
    for (unsigned n = 0; n < steps; n++) {
        step = n;
        const struct moment *a = &fast->moment[n], *b = &slow->moment[n];
        for (unsigned i = 0; i < IW_THREADS; i++)
            compare_view(a, b, i);
        note("step %u: fast runs %d, slow %d", n, a->running, b->running);
        check(a->running == b->running);
        check(a->masked == b->masked);
    }
    note("the fast path was taken %u times", fast->fast);
    check(fast->fast > steps / 1000 && slow->fast == 0);
}

TEST(ipc_fast, it_gives_the_results_of_the_slow_path)
{
    compare(rounds(30000), true);
}

TEST(ipc_fast, it_gives_them_among_equal_priorities_too)
{
    compare(rounds(30000), false);
}

TEST(ipc_fast, it_gives_them_to_drivers_too)
{
    iw_interrupts = true;
    compare(rounds(30000), true);
}

/* ---- where it gives up ---- */

static struct tcb *server, *client;

/* Only who has done an IPC by the general path may take the fast one. */
static void begin_ipc(struct tcb *t)
{
    do_op(L4_OP_IPC | L4_OP_RECV | L4_OP_OPEN | L4_OP_RECV_NOW, ID_NIL);
    check(current == t && dope_of(t) == IPC_TIMEOUT);
}

/* In one task, a server of the same priority waits and a client runs. */
static void start(void)
{
    world_boot();
    server = new_thread(1, 100);
    client = new_thread(2, 90);
    set_prio(root, 80);
    check(current == server);
    do_op(L4_OP_IPC | L4_OP_RECV | L4_OP_OPEN, ID_NIL);
    check(current == client && fast_path_taken == 0);
    begin_ipc(client);
    set_words(client, 0x1234);
}

static bool call_is_fast(word_t op)
{
    unsigned before = fast_path_taken;

    do_op(op, server->id);
    return fast_path_taken > before;
}

static bool was_delivered(void)
{
    return current == server && has_words(server, 0x1234) &&
           source_of(server) == client->id && dope_of(server) == 0;
}

TEST(ipc_fast, call_to_a_waiting_server_is_fast)
{
    start();
    check(call_is_fast(L4_OP_CALL));
    check(was_delivered() && receives(client));
}

TEST(ipc_fast, reply_and_wait_to_a_waiting_client_is_fast)
{
    start();
    set_prio(client, 100);
    check(current == client);
    check(call_is_fast(L4_OP_CALL));
    set_words(server, 77);
    do_op(L4_OP_REPLY_AND_WAIT | L4_OP_SEND_NOW, client->id);
    check(fast_path_taken == 2);
    check(current == client && has_words(client, 77));
    check(receives(server));
}

/* The server waits once more, and the client may call it. */
static void again(word_t rcv, uint32_t timeouts)
{
    check(current == server);
    do_ipc(ID_NIL, IPC_NONE, rcv, timeouts);
    if (current == root)
        do_ex_regs(2, 0x5000, LEAVE);
    check(current == client);
    set_words(client, 0x1234);
}

TEST(ipc_fast, f1_other_operations_take_the_slow_path)
{
    start();
    client->frame.mr[1] = 0;                    /* no map items */
    check(!call_is_fast(L4_OP_CALL | L4_OP_MAP));
    again(IPC_OPEN, TO_NEVER);
    check(!call_is_fast(L4_OP_CALL | L4_OP_RECV_NOW));
    again(IPC_OPEN, TO_NEVER);
    check(!call_is_fast(L4_OP_IPC | L4_OP_SEND));
    check(was_delivered());
}

TEST(ipc_fast, f3_foreign_threads_take_the_slow_path)
{
    start();
    tcb_hold(client, HOLD_FOREIGN);
    check(!call_is_fast(L4_OP_CALL));
    check(!has_words(server, 0x1234));
}

TEST(ipc_fast, f2_partner_that_does_not_exist_takes_the_slow_path)
{
    static const threadid_t nobody[] = { ID_NIL, ID_INVALID };

    start();
    for (unsigned i = 0; i < 2; i++) {
        do_op(L4_OP_CALL, nobody[i]);
        check(fast_path_taken == 0 && current == client);
        check(dope_of(client) == IPC_NOT_EXISTENT);
    }
}

TEST(ipc_fast, f3_partner_with_a_timeout_or_a_window_takes_the_slow_path)
{
    start();
    check(call_is_fast(L4_OP_CALL));
    again(IPC_OPEN, TO_BOTH(100, 8));
    check(!call_is_fast(L4_OP_CALL) && was_delivered());
    again(IPC_OPEN | IPC_MAP | 63 << 2, TO_NEVER);
    check(!call_is_fast(L4_OP_CALL) && was_delivered());
}

TEST(ipc_fast, f4_partner_that_waits_for_another_takes_the_slow_path)
{
    start();
    check(call_is_fast(L4_OP_CALL));
    do_ipc(root->id, IPC_NONE, 0, TO_NEVER);
    check(current == root);
    do_ex_regs(2, 0x5000, LEAVE);
    check(current == client);
    check(!call_is_fast(L4_OP_CALL) && current == root);
}

TEST(ipc_fast, f3_somebody_waiting_for_the_caller_takes_the_slow_path)
{
    start();
    set_prio(client, 70);            /* root runs */
    check(current == root);
    do_ipc(client->id, 0, IPC_NONE, TO_NEVER);
    check(current == client);
    check(!call_is_fast(L4_OP_REPLY_AND_WAIT));
    check(was_delivered() && client->state == T_READY);
}

TEST(ipc_fast, f3_less_urgent_partner_takes_the_slow_path)
{
    start();
    set_prio(client, 110);
    check(!call_is_fast(L4_OP_CALL));
    check(was_delivered());
}

/* A creature's creature is reached through its chief only. */
TEST(ipc_fast, f5_partner_behind_a_chief_takes_the_slow_path)
{
    world_boot();
    struct tcb *chief = new_task(10, 100);
    check(do_task_hand_over(11, chief->id) != ID_NIL);
    struct tcb *inner = (set_prio(chief, 200), new_task(11, 180));
    set_prio(chief, 170);
    check(current == inner);
    do_op(L4_OP_IPC | L4_OP_RECV | L4_OP_OPEN, ID_NIL);
    check(current == chief);
    do_op(L4_OP_IPC | L4_OP_RECV | L4_OP_OPEN, ID_NIL);
    check(current == root);
    do_op(L4_OP_CALL, inner->id);
    check(fast_path_taken == 0);
    check(current == chief && receives(inner));
}
