/* SPDX-License-Identifier: BSD-2-Clause */
/* Clans and chiefs: who is reached directly, and who is on the way. */
#include "ktest.h"

static l4_threadid_t main_id, target;
static l4_taskid_t spare;
static volatile int code;
static volatile l4_uint64_t nearest;

TEST(clan, nearest_of_nil_is_oneself)
{
    l4_threadid_t next;

    l4_nchief(L4_NIL_ID, &next);
    check(l4_thread_equal(next, l4_myself()));
}

TEST(clan, sigma0_is_of_roots_clan)
{
    l4_threadid_t sigma0 = { .raw = 1 | 2 << 17 }, next;

    check(l4_nchief(sigma0, &next) == L4_NC_SAME_CLAN);
    check(l4_thread_equal(next, sigma0));
}

static void ask_nearest(void *unused)
{
    l4_threadid_t next;

    (void)unused;
    code = l4_nchief(target, &next);
    nearest = next.raw;
    sleep_forever();
}

static void ask_from_new_task(l4_threadid_t about)
{
    target = about;
    code = -1;
    start_task(ask_nearest, 0);
    l4_ipc_sleep(timeout_us(MSEC(2)));
}

TEST(clan, creature_and_chief_are_near_each_other)
{
    l4_threadid_t t = start_task((void (*)(void *))sleep_forever, 0), next;

    check(l4_nchief(t, &next) == L4_NC_INNER_CLAN);
    check(l4_thread_equal(next, t));
    ask_from_new_task(l4_myself());
    check(code == L4_NC_OUTER_CLAN && nearest == l4_myself().raw);
}

TEST(clan, nearest_of_the_invalid_id_is_the_chief)
{
    l4_threadid_t next;

    ask_from_new_task(L4_INVALID_ID);
    check(code == L4_NC_OUTER_CLAN && nearest == l4_myself().raw);
    check(l4_nchief(L4_INVALID_ID, &next) == L4_NC_OUTER_CLAN);
    check(l4_is_nil_id(next));      /* the root task has none */
}

TEST(clan, tasks_of_one_chief_are_one_clan)
{
    l4_threadid_t t = start_task((void (*)(void *))sleep_forever, 0);

    ask_from_new_task(t);
    check(code == L4_NC_SAME_CLAN && nearest == t.raw);
}

/* A chief that makes a creature which sends to `target`, then sleeps. */
static void send_to_target(void)
{
    send2(target, 42, 43);
    sleep_forever();
}

/* What the creature does. */
static void (*creature_work)(void);

static char creature_stack[4096] __attribute__((aligned(4096)));
static volatile l4_uint64_t creature;

static void be_chief(void *unused)
{
    l4_threadid_t pager = L4_INVALID_ID, preempter = L4_INVALID_ID;
    l4_umword_t flags, ip, sp;
    l4_umword_t w0, w1;

    (void)unused;
    receive2(main_id, &w0, &w1);
    l4_thread_ex_regs(l4_myself(), LEAVE, LEAVE, &preempter, &pager, &flags,
                      &ip, &sp);
    /* We pass its faults on ourselves: our pager is not near it. */
    l4_threadid_t t = l4_task_new(
        spare, 255, (l4_umword_t)creature_stack + sizeof(creature_stack) - 64,
        (l4_umword_t)creature_work, l4_myself());
    creature = t.raw;
    for (;;) {
        l4_threadid_t from;
        l4_msgdope_t dope;
        l4_ipc_wait(&from, L4_IPC_SHORT_MSG, &w0, &w1, L4_IPC_NEVER, &dope);
        if (w0 == 42)
            break;          /* the message to `target`, redirected to us */
        volatile char *p = (volatile char *)(w0 & L4_PAGEMASK);
        *p = *p;
        l4_ipc_send(from, L4_IPC_SHORT_FPAGE, w0 & L4_PAGEMASK,
                    l4_fpage(w0 & L4_PAGEMASK, L4_PAGESHIFT, L4_FPAGE_RW,
                             L4_FPAGE_MAP).raw, PATIENCE, &dope);
    }
    w0 = 1;
    call2(main_id, &w0, &w1);
    sleep_forever();
}

static l4_threadid_t start_chief(void (*its_creature)(void))
{
    main_id = l4_myself();
    creature_work = its_creature;
    l4_threadid_t chief = start_task(be_chief, 0);
    spare = free_task_id();
    l4_task_new(spare, (l4_umword_t)chief.raw, 0, 0, L4_NIL_ID);
    send2(chief, 0, 0);
    return chief;
}

TEST(clan, message_out_of_a_clan_reaches_the_chief_first)
{
    l4_umword_t w0 = 0, w1;
    l4_threadid_t next;

    target = start_task((void (*)(void *))sleep_forever, 0);
    l4_threadid_t chief = start_chief(send_to_target);
    check(receive2(chief, &w0, &w1) == 0 && w0 == 1);
    /* And inwards the chief is on our way to its creature. */
    l4_threadid_t t = { .raw = creature };
    check(l4_nchief(t, &next) == L4_NC_INNER_CLAN);
    check(l4_thread_equal(next, chief));
}

static void wait_for_anyone(void)
{
    struct l4_words m;
    l4_threadid_t from = L4_NIL_ID;

    l4_ipc_wait_words(&from, &m);
    sleep_forever();
}

static void call_creature(void *unused)
{
    struct l4_words m = { { 42 } };

    (void)unused;
    l4_ipc_sleep(timeout_us(MSEC(2)));  /* it is there, and waits */
    l4_ipc_call_words((l4_threadid_t){ .raw = creature }, &m);
    sleep_forever();
}

TEST(clan, message_into_a_clan_reaches_the_chief_first)
{
    l4_umword_t w0 = 0, w1;

    l4_threadid_t chief = start_chief(wait_for_anyone);
    start_thread(call_creature, 0);
    check(receive2(chief, &w0, &w1) == 0 && w0 == 1);
}

/* ---- a chief that passes messages on in both directions ---- */

static volatile struct {
    l4_uint64_t chief_source, chief_dest, target_source;
    l4_umword_t chief_dope_out, chief_dope_in, target_dope;
    l4_umword_t answer, forbidden[3];
    bool done;
} seen;

static void serve_page(l4_threadid_t from, l4_umword_t w0)
{
    l4_umword_t page = w0 & L4_PAGEMASK;
    volatile char *p = (volatile char *)page;
    l4_msgdope_t dope;

    *p = *p;
    l4_ipc_send(from, L4_IPC_SHORT_FPAGE, page,
                l4_fpage(page, L4_PAGESHIFT, L4_FPAGE_RW, L4_FPAGE_MAP).raw,
                PATIENCE, &dope);
}

/* Calls `target`, out of the clan, and shows what came back. */
static void call_out(void)
{
    l4_umword_t w0 = 0x1001, w1 = 0x2001;

    call2(target, &w0, &w1);
    seen.answer = w0;
    seen.done = true;
    sleep_forever();
}

static int deceive(l4_threadid_t dest, l4_threadid_t as)
{
    l4_msgdope_t dope;

    return l4_ipc_chief_send(dest, as, L4_IPC_SHORT_MSG, 1, 2, NOW, &dope);
}

static void forward_chief(void *unused)
{
    l4_umword_t w0, w1;
    l4_threadid_t from, dest;
    l4_msgdope_t dope;

    (void)unused;
    receive2(main_id, &w0, &w1);
    l4_threadid_t t = l4_task_new(
        spare, 255, (l4_umword_t)creature_stack + sizeof(creature_stack) - 64,
        (l4_umword_t)call_out, l4_myself());
    creature = t.raw;
    /* Both outside, both inside or oneself: no message would pass here. */
    seen.forbidden[0] = (l4_umword_t)deceive(target, main_id);
    seen.forbidden[1] = (l4_umword_t)deceive(t, t);
    seen.forbidden[2] = (l4_umword_t)deceive(target, l4_myself());
    for (;;) {
        l4_ipc_chief_wait(&from, &dest, L4_IPC_SHORT_MSG, &w0, &w1,
                          L4_IPC_NEVER, &dope);
        if (!dope.md.msg_redirected) {
            serve_page(from, w0);
            continue;
        }
        if (l4_thread_equal(from, t)) {
            seen.chief_source = from.raw;
            seen.chief_dest = dest.raw;
            seen.chief_dope_out = dope.msgdope;
        } else {
            seen.chief_dope_in = dope.msgdope;
        }
        l4_ipc_chief_send(dest, from, L4_IPC_SHORT_MSG, w0 + 1, w1, PATIENCE,
                          &dope);
    }
}

static void answer_redirected(void *unused)
{
    l4_umword_t w0, w1;
    l4_threadid_t from;
    l4_msgdope_t dope;

    (void)unused;
    l4_ipc_wait(&from, L4_IPC_SHORT_MSG, &w0, &w1, L4_IPC_NEVER, &dope);
    seen.target_source = from.raw;
    seen.target_dope = dope.msgdope;
    l4_ipc_send(from, L4_IPC_SHORT_MSG, w0 + 0x100, w1, PATIENCE, &dope);
    sleep_forever();
}

/* A creature calls `target`, and its chief passes both messages on. */
static void call_out_through_a_chief(void)
{
    seen.done = false;
    main_id = l4_myself();
    target = start_task(answer_redirected, 0);
    l4_threadid_t chief = start_task(forward_chief, 0);
    spare = free_task_id();
    l4_task_new(spare, (l4_umword_t)chief.raw, 0, 0, L4_NIL_ID);
    send2(chief, 0, 0);
    for (unsigned i = 0; i < 100 && !seen.done; i++)
        l4_ipc_sleep(timeout_us(MSEC(1)));
}

TEST(clan, chief_passes_messages_on_as_if_from_the_sender)
{
    call_out_through_a_chief();
    check(seen.done);
    /* Out: the chief saw the true source and destination, from inside. */
    check(seen.chief_source == creature && seen.chief_dest == target.raw);
    check((seen.chief_dope_out & 0xf) == (4 | 8));
    /* The target saw the creature, and that a chief vouches for it. */
    check(seen.target_source == creature && (seen.target_dope & 0xf) == 1);
    /* In: from outside; and the creature's closed wait heard its partner. */
    check((seen.chief_dope_in & 0xf) == 4);
    check(seen.answer == 0x1001 + 0x100 + 2);
}

TEST(clan, deceit_in_a_forbidden_direction_is_refused)
{
    for (unsigned i = 0; i < 3; i++)
        seen.forbidden[i] = 0;
    call_out_through_a_chief();
    for (unsigned i = 0; i < 3; i++)
        check(seen.forbidden[i] == L4_IPC_ENOT_EXISTENT);
}
