/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Clans several levels deep, and the whole of their rules:
 *
 *      main ---+--- A ---+--- B ------ C
 *              |         `--- E
 *              `--- D
 *
 * Each task does what its node in our shared memory tells it.
 */
#include <hickory/string.h>
#include <hickory/thread.h>

#include "ktest.h"

enum { MAIN, A, B, C, D, E, NODES };
#define NUMBER_B    60      /* task numbers of those that others make */

enum op { IDLE, NEAREST, MAKE, GIVE, SEND, DECEIVE, WAIT, RECEIVE, PASS_ON, TOUCH,
          ANSWER };

struct node {
    volatile enum op op;                /* IDLE: done */
    volatile l4_uint64_t dest, other;   /* ids, in and out */
    volatile l4_umword_t w0, dope;
    volatile int result;
};

static struct {
    char unused[64];    /* pagers write the first byte of a page back */
    struct node node[NODES];
    l4_uint64_t id[NODES];
} tree __attribute__((aligned(4096)));
static char node_stacks[NODES][4096] __attribute__((aligned(4096)));
static char pager_stacks[NODES][2048] __attribute__((aligned(4096)));

void thread_begin(void);

#define SOME_TIME   timeout_us(MSEC(30))

/* ---- in the tasks ---- */

static void make_or_give(struct node *n)
{
    l4_threadid_t pager = l4_myself();
    l4_taskid_t t = { .raw = n->dest };

    pager.id.lthread = 1;
    t = n->op == GIVE
            ? l4_task_new(t, (l4_umword_t)n->other, 0, 0, L4_NIL_ID)
            : l4_task_new(t, 255, n->w0, (l4_umword_t)thread_begin, pager);
    n->dest = t.raw;
}

static void send_and_receive(struct node *n)
{
    l4_threadid_t dest = { .raw = n->dest }, other = { .raw = n->other };
    l4_umword_t w0, w1;
    l4_msgdope_t dope = { .msgdope = 0 };

    if (n->op == SEND)
        n->result = l4_ipc_send(dest, L4_IPC_SHORT_MSG, n->w0, 0, SOME_TIME,
                                &dope);
    else if (n->op == DECEIVE)
        n->result = l4_ipc_chief_send(dest, other, L4_IPC_SHORT_MSG, 0, 0,
                                      NOW, &dope);
    else if (n->op == PASS_ON)      /* to whom it was for, as who sent it */
        n->result = l4_ipc_chief_send(other, dest, L4_IPC_SHORT_MSG,
                                      n->w0 + 1, 0, SOME_TIME, &dope);
    if (n->op != WAIT && n->op != RECEIVE)
        return;
    if (n->op == WAIT)
        n->result = l4_ipc_chief_wait(&dest, &other, L4_IPC_SHORT_MSG, &w0,
                                      &w1, SOME_TIME, &dope);
    else
        n->result = l4_ipc_receive(dest, L4_IPC_SHORT_MSG, &w0, &w1,
                                   SOME_TIME, &dope);
    n->w0 = w0;
    n->dope = dope.msgdope;
    n->dest = dest.raw;
    n->other = other.raw;
}

#define PLACE   0x36000000ul    /* nobody has memory there */

/* With another pager: one who is not near. */
static void touch(struct node *n)
{
    page_by(l4_myself(), (l4_threadid_t){ .raw = n->dest });
    n->result = *(volatile char *)PLACE;
}

/* A fault that passes us: answered by us, in the pager's name. */
static void answer(struct node *n)
{
    l4_threadid_t from = { .raw = n->dest }, pager = { .raw = n->other };
    l4_fpage_t page = l4_fpage((l4_umword_t)test_memory, L4_PAGESHIFT,
                               L4_FPAGE_RO, L4_FPAGE_MAP);
    l4_msgdope_t dope;

    *(volatile char *)test_memory = 99;
    n->result = l4_ipc_chief_send(from, pager, L4_IPC_SHORT_FPAGE, PLACE,
                                  page.raw, SOME_TIME, &dope);
}

static void obey(struct node *n)
{
    l4_threadid_t next;

    if (n->op == NEAREST) {
        n->result = l4_nchief((l4_threadid_t){ .raw = n->dest }, &next);
        n->dest = next.raw;
    } else if (n->op == MAKE || n->op == GIVE) {
        make_or_give(n);
    } else if (n->op == TOUCH) {
        touch(n);
    } else if (n->op == ANSWER) {
        answer(n);
    } else if (n->op != IDLE) {
        send_and_receive(n);
    }
    n->op = IDLE;
}

static void be_node(void *index)
{
    unsigned i = (unsigned)(l4_umword_t)index;

    thread_create(1,
                  (struct thread_stack){ pager_stacks[i],
                                         sizeof(pager_stacks[i]) },
                  (struct thread_work){ page_others, 0 });
    for (;;) {
        obey(&tree.node[i]);
        l4_ipc_sleep(timeout_us(200));
    }
}

/* ---- in main ---- */

static void begin(unsigned node, enum op op, l4_uint64_t dest,
                  l4_uint64_t other)
{
    struct node *n = &tree.node[node];

    n->dest = dest;
    n->other = other;
    n->result = -1;
    n->op = op;
}

static struct node *finish(unsigned node)
{
    struct node *n = &tree.node[node];

    if (node == MAIN)
        obey(n);
    for (unsigned i = 0; i < 200 && n->op != IDLE; i++)
        l4_ipc_sleep(timeout_us(500));
    check(n->op == IDLE);
    return n;
}

static struct node *order(unsigned node, enum op op, l4_uint64_t dest,
                          l4_uint64_t other)
{
    begin(node, op, dest, other);
    return finish(node);
}

static l4_uint64_t number_of(unsigned n)
{
    return (l4_uint64_t)n << 17;
}

static l4_umword_t stack_of(unsigned node)
{
    struct thread_work *work = (void *)(node_stacks[node + 1] - 64);

    *work = (struct thread_work){ be_node, (void *)(l4_umword_t)node };
    return (l4_umword_t)work;
}

static l4_uint64_t give(unsigned node, unsigned number, l4_uint64_t heir)
{
    return order(node, GIVE, number_of(number), heir)->dest;
}

static l4_uint64_t make(unsigned chief, unsigned number, unsigned node)
{
    tree.node[chief].w0 = stack_of(node);
    return order(chief, MAKE, number_of(number), 0)->dest;
}

static void plant(void)
{
    memset(&tree, 0, sizeof(tree));
    tree.id[MAIN] = l4_myself().raw;
    tree.id[A] = start_task(be_node, (void *)A).raw;
    tree.id[D] = start_task(be_node, (void *)D).raw;
    for (unsigned i = 0; i < 3; i++)
        give(MAIN, NUMBER_B + i, tree.id[A]);
    tree.id[B] = make(A, NUMBER_B, B);
    tree.id[E] = make(A, NUMBER_B + 1, E);
    give(A, NUMBER_B + 2, tree.id[B]);
    tree.id[C] = make(B, NUMBER_B + 2, C);
    check(tree.id[B] && tree.id[C] && tree.id[E]);
}

/* ---- who is near ---- */

#define SAME    L4_NC_SAME_CLAN
#define INNER   L4_NC_INNER_CLAN
#define OUTER   L4_NC_OUTER_CLAN

/* From the row to the column: what relation, and who is next. */
static const struct { int code; unsigned next; } near[NODES][NODES] = {
    [MAIN] = { { SAME, MAIN }, { INNER, A }, { INNER, A }, { INNER, A },
               { INNER, D }, { INNER, A } },
    [A] = { { OUTER, MAIN }, { SAME, A }, { INNER, B }, { INNER, B },
            { SAME, D }, { INNER, E } },
    [B] = { { OUTER, A }, { OUTER, A }, { SAME, B }, { INNER, C },
            { OUTER, A }, { SAME, E } },
    [C] = { { OUTER, B }, { OUTER, B }, { OUTER, B }, { SAME, C },
            { OUTER, B }, { OUTER, B } },
    [D] = { { OUTER, MAIN }, { SAME, A }, { INNER, A }, { INNER, A },
            { SAME, D }, { INNER, A } },
    [E] = { { OUTER, A }, { OUTER, A }, { SAME, B }, { INNER, B },
            { OUTER, A }, { SAME, E } },
};

TEST(clan_levels, nearest_is_right_from_everyone_to_everyone)
{
    plant();
    for (unsigned from = 0; from < NODES; from++)
        for (unsigned to = 0; to < NODES; to++) {
            struct node *n = order(from, NEAREST, tree.id[to], 0);
            check(n->result == near[from][to].code);
            check(n->dest == tree.id[near[from][to].next]);
        }
}

TEST(clan_levels, nearest_of_who_does_not_exist_is_nil_and_outside)
{
    plant();
    struct node *n = order(C, NEAREST, tree.id[B] ^ 1, 0);
    check(n->result == OUTER && n->dest == 0);
}

TEST(clan_levels, ids_have_chief_and_depth)
{
    static const struct { unsigned chief, nest; } at[NODES] = {
        { 0, 0 }, { 4, 1 }, { 16, 2 }, { NUMBER_B, 3 }, { 4, 1 }, { 16, 2 },
    };

    plant();
    for (unsigned i = 0; i < NODES; i++) {
        l4_threadid_t id = { .raw = tree.id[i] };
        check(id.id.chief == at[i].chief && id.id.nest == at[i].nest);
    }
}

/* ---- redirection ---- */

#define DECEITED    1
#define REDIRECTED  4
#define INSIDE      8

/* The message that `chief` got on its way, and goes on with it. */
static void check_passes(unsigned chief, unsigned from, unsigned to,
                         l4_umword_t bits)
{
    struct node *n = finish(chief);

    check(n->result == 0 && (n->dope & 0xff) == bits);
    check(n->dest == tree.id[from] && n->other == tree.id[to]);
    check(order(chief, PASS_ON, n->dest, n->other)->result == 0);
}

static void check_arrives(unsigned node, unsigned from, l4_umword_t w0)
{
    struct node *n = finish(node);

    check(n->result == 0 && (n->dope & 0xff) == DECEITED);
    check(n->dest == tree.id[from] && n->w0 == w0);
}

TEST(clan_levels, message_goes_outward_by_every_chief_on_the_way)
{
    plant();
    begin(B, WAIT, 0, 0);
    begin(A, WAIT, 0, 0);
    begin(D, WAIT, 0, 0);
    tree.node[C].w0 = 100;
    check(order(C, SEND, tree.id[D], 0)->result == 0);
    check_passes(B, C, D, REDIRECTED | INSIDE);
    check_passes(A, C, D, REDIRECTED | INSIDE | DECEITED);
    check_arrives(D, C, 102);
}

TEST(clan_levels, message_goes_inward_by_every_chief_on_the_way)
{
    plant();
    begin(A, WAIT, 0, 0);
    begin(B, WAIT, 0, 0);
    begin(C, RECEIVE, tree.id[D], 0);       /* closed: it hears only D */
    tree.node[D].w0 = 200;
    check(order(D, SEND, tree.id[C], 0)->result == 0);
    check_passes(A, D, C, REDIRECTED);
    check_passes(B, D, C, REDIRECTED | DECEITED);
    check_arrives(C, D, 202);
}

TEST(clan_levels, chief_that_does_not_listen_lets_the_sender_wait)
{
    plant();
    check(order(C, SEND, tree.id[D], 0)->result == L4_IPC_SETIMEOUT);
}

TEST(clan_levels, messages_of_one_clan_are_not_redirected)
{
    plant();
    begin(E, WAIT, 0, 0);
    tree.node[B].w0 = 7;
    check(order(B, SEND, tree.id[E], 0)->result == 0);
    struct node *n = finish(E);
    check(n->result == 0 && (n->dope & 0xff) == 0);
    check(n->dest == tree.id[B] && n->w0 == 7);
}

TEST(clan_levels, chief_answers_a_page_fault_in_the_pagers_name)
{
    plant();
    begin(A, WAIT, 0, 0);
    begin(B, TOUCH, tree.id[D], 0);
    struct node *n = finish(A);
    check(n->result == 0 && (n->dope & 0xff) == (REDIRECTED | INSIDE));
    check(n->w0 == PLACE);
    check(n->dest == tree.id[B] && n->other == tree.id[D]);
    check(order(A, ANSWER, n->dest, n->other)->result == 0);
    check(finish(B)->result == 99);
}

/* ---- deceit ---- */

static const bool below_a[NODES] = { [B] = true, [C] = true, [E] = true };
static const bool below_b[NODES] = { [C] = true };

/* Nobody listens: a send that is permitted times out. */
static void check_deceit(unsigned chief, const bool *below)
{
    for (unsigned as = 0; as < NODES; as++)
        for (unsigned to = 0; to < NODES; to++) {
            bool permitted = as != chief && to != chief &&
                             below[as] != below[to];
            struct node *n = order(chief, DECEIVE, tree.id[to], tree.id[as]);
            check(n->result == (permitted ? L4_IPC_SETIMEOUT
                                          : L4_IPC_ENOT_EXISTENT));
        }
}

TEST(clan_levels, deceit_works_across_the_chiefs_border_and_nowhere_else)
{
    static const bool below_main[NODES] = {
        [A] = true, [B] = true, [C] = true, [D] = true, [E] = true,
    };
    static const bool below_leaf[NODES];

    plant();
    check_deceit(A, below_a);
    check_deceit(B, below_b);
    check_deceit(C, below_leaf);
    check_deceit(MAIN, below_main);
}

TEST(clan_levels, deceit_as_somebody_who_does_not_exist_is_refused)
{
    plant();
    check(order(B, DECEIVE, tree.id[C], tree.id[D] ^ 1)->result ==
          L4_IPC_ENOT_EXISTENT);
    check(order(B, DECEIVE, tree.id[C] ^ 1, tree.id[D])->result ==
          L4_IPC_ENOT_EXISTENT);
    check(order(B, DECEIVE, tree.id[C], 0)->result == L4_IPC_ENOT_EXISTENT);
}

/* ---- ownership ---- */

static bool exists(unsigned node)
{
    l4_threadid_t id = { .raw = tree.id[node] }, next;

    l4_nchief(id, &next);
    return !l4_is_nil_id(next);
}

TEST(clan_levels, subtree_dies_with_its_chief_and_nobody_else_does)
{
    plant();
    check(exists(B) && exists(C) && exists(E));
    check(give(A, NUMBER_B, tree.id[A]) != 0);      /* kills B */
    check(!exists(B) && !exists(C));
    check(exists(A) && exists(D) && exists(E));
    kill_task((l4_threadid_t){ .raw = tree.id[A] });
    check(!exists(A) && !exists(E) && exists(D));
}

TEST(clan_levels, only_its_chief_can_kill_a_task)
{
    plant();
    for (unsigned node = 0; node < NODES; node++)
        if (node != B)
            check(give(node, NUMBER_B + 2, tree.id[node]) == 0);
    check(exists(C));
    check(give(D, 16, tree.id[D]) == 0 && exists(A));
    check(give(C, NUMBER_B, tree.id[C]) == 0 && exists(B));
    check(give(B, NUMBER_B + 2, tree.id[B]) != 0 && !exists(C));
}

TEST(clan_levels, numbers_of_a_dead_task_are_its_chiefs)
{
    plant();
    /* B kills C, keeps the number; with B it goes to A. */
    check(give(B, NUMBER_B + 2, tree.id[B]) != 0);
    check(give(A, NUMBER_B + 2, tree.id[A]) == 0);
    check(give(A, NUMBER_B, tree.id[A]) != 0);
    check(give(A, NUMBER_B + 2, tree.id[A]) != 0);
    /* And with A to us. */
    check(give(MAIN, NUMBER_B + 2, tree.id[MAIN]) == 0);
    kill_task((l4_threadid_t){ .raw = tree.id[A] });
    check(give(MAIN, NUMBER_B + 2, tree.id[MAIN]) != 0);
}

TEST(clan_levels, inactive_number_is_handed_on_and_only_its_owner_can)
{
    plant();
    give(MAIN, NUMBER_B + 5, tree.id[A]);
    check(give(MAIN, NUMBER_B + 5, tree.id[D]) == 0);
    check(give(B, NUMBER_B + 5, tree.id[B]) == 0);
    check(give(A, NUMBER_B + 5, tree.id[E]) != 0);      /* to a creature */
    check(give(A, NUMBER_B + 5, tree.id[A]) == 0);
    check(give(E, NUMBER_B + 5, tree.id[D]) != 0);      /* to anyone */
    l4_uint64_t t = make(D, NUMBER_B + 5, MAIN);
    l4_threadid_t id = { .raw = t };
    check(t != 0 && id.id.chief == 17 && id.id.nest == 2);
    check(give(D, NUMBER_B + 5, tree.id[D]) != 0);
}

TEST(clan_levels, number_given_to_nobody_stays)
{
    plant();
    check(give(B, NUMBER_B + 2, tree.id[D] + (200ull << 17)) == 0);
    check(!exists(C));          /* killed it is */
    check(make(B, NUMBER_B + 2, C) != 0);
}
