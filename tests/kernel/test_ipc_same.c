/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fast path against the general one, in the running kernel: scenes chosen
 * at random are played twice, with operation words and with the general call,
 * and all that its three actors see, in its order, must be the same. The
 * release kernel's fast path is a port's assembly, the debug kernel's is
 * core/ipc_fast.c; so the three agree with each other.
 */
#include <hickory/print.h>
#include <hickory/thread.h>

#include "ktest.h"
#include "scenes.h"

#define SCENES      300

/* The actors. The caller and the third are threads of ours; the partner is one
   too, or a creature: one that is always in a small address space, where there
   are any, or one that never is. */
enum { CALLER = 1, THIRD, PARTNER };

enum wait {
    WAITS_OPEN,             /* parked, in the kernel's words */
    WAITS_FOR_CALLER,
    WAITS_FOR_ANOTHER,
    WAITS_WITH_TIMEOUT,
    WAITS_BY_GATE,
    WAITS_LATER,            /* does something else first */
    WAIT_KINDS
};

struct scene {
    l4_umword_t op;         /* without L4_OP_IPC */
    enum wait wait;
    bool in_task;           /* the partner */
    bool small_task;        /* ... in that of the two which is a small space */
    bool third_first;       /* the third sends to the caller before */
    bool float_first;       /* the caller has the FPU on */
    bool stale;             /* the id the caller uses */
    unsigned prio[PARTNER + 1];
    l4_umword_t word;
};

static struct scene scene;
static l4_threadid_t actor[PARTNER + 1], creature[2], director;
static bool we_are_small;
static unsigned stays_small;    /* number of the small creature's space, or 0 */
static char creature_stack[2048] __attribute__((aligned(16)));
static volatile double unit = 1;

/* An error has no words. */
static void note_message(unsigned who, l4_msgdope_t dope, l4_threadid_t from,
                         const struct l4_words *m)
{
    static const struct l4_words none;
    bool error = L4_IPC_IS_ERROR(dope);

    scenes_note_message(who, dope.msgdope, error ? L4_NIL_ID : from,
                        error ? none.w : m->w);
}

/* One IPC, in either way: a time to receive, long enough, is what only the
   general path knows. */
static l4_msgdope_t do_ipc(bool by_gate, l4_umword_t op, l4_threadid_t *id,
                           struct l4_words *m)
{
    l4_msgdope_t dope;

    if (!by_gate)
        return l4_ipc_words(op, id, m);
    l4_umword_t snd = op & L4_OP_SEND ? 0 : L4_IPC_NO_DESCRIPTOR;
    l4_umword_t rcv = !(op & L4_OP_RECV) ? L4_IPC_NO_DESCRIPTOR
                      : op & L4_OP_OPEN ? 1 : 0;
    l4_timeout_t timeout = op & L4_OP_SEND_NOW
                               ? L4_IPC_TIMEOUT(0, 1, 250, 8, 0, 0)
                               : L4_IPC_TIMEOUT(0, 0, 250, 8, 0, 0);
    dope.msgdope = l4_arch_ipc(snd, rcv, timeout.timeout, id, m->w);
    return dope;
}

static void fill(struct l4_words *m, l4_umword_t seed)
{
    for (unsigned i = 0; i < L4_REG_WORDS; i++)
        m->w[i] = seed * (i + 3);
}

static void play_caller(void *unused)
{
    l4_threadid_t to = actor[PARTNER];
    struct l4_words m;
    l4_umword_t w0, w1;

    (void)unused;
    receive2(director, &w0, &w1);
    if (scene.float_first)
        unit = unit * 1.0;
    if (scene.stale)
        to.id.version_low ^= 1;
    fill(&m, scene.word);
    note_message(CALLER, do_ipc(scenes_general, scene.op, &to, &m), to, &m);
    sleep_forever();
}

static void play_third(void *unused)
{
    l4_threadid_t to = actor[CALLER];
    struct l4_words m;

    (void)unused;
    fill(&m, scene.word + 1);
    note_message(THIRD, do_ipc(true, L4_OP_SEND, &to, &m), to, &m);
    sleep_forever();
}

/* Its wait; then it answers, and waits for anyone. */
static void play_partner(void *unused)
{
    l4_threadid_t from = scene.wait == WAITS_FOR_CALLER ? actor[CALLER]
                         : scene.wait == WAITS_FOR_ANOTHER ? actor[THIRD]
                                                           : L4_NIL_ID;
    bool open = l4_is_nil_id(from);
    l4_umword_t op = L4_OP_RECV | (open ? L4_OP_OPEN : 0);
    struct l4_words m = { { 0 } };
    l4_msgdope_t dope;

    (void)unused;
    if (scene.wait == WAITS_LATER)
        l4_ipc_sleep(timeout_us(320));
    if (scene.wait == WAITS_WITH_TIMEOUT)
        dope.msgdope = l4_arch_ipc(L4_IPC_NO_DESCRIPTOR, 1,
                                   timeout_us(640).timeout, &from, m.w);
    else
        dope = do_ipc(scene.wait == WAITS_BY_GATE, op, &from, &m);
    note_message(PARTNER, dope, from, &m);
    m.w[0]++;
    dope = do_ipc(scene.wait == WAITS_BY_GATE,
                  L4_OP_REPLY_AND_WAIT | L4_OP_SEND_NOW, &from, &m);
    note_message(PARTNER, dope, from, &m);
    sleep_forever();
}

static void start_actor(unsigned who, void (*part)(void *))
{
    actor[who] = scenes_start(who, part, scene.prio[who]);
}

static void start_partner(void)
{
    if (!scene.in_task) {
        start_actor(PARTNER, play_partner);
        return;
    }
    actor[PARTNER] = creature[scene.small_task];
    scenes_start_creature(actor[PARTNER], play_partner,
                          (l4_umword_t)creature_stack + sizeof(creature_stack),
                          scene.prio[PARTNER]);
}

/* To read and change registers we have to be large. */
static void be_small(void)
{
    if (we_are_small)
        check(thread_set_small(director, L4_SMALL_SPACE(32, 1)));
    check(thread_small(creature[1]) == stays_small);
}

static void play(void)
{
    start_actor(CALLER, play_caller);
    start_actor(THIRD, (void (*)(void *))sleep_forever);
    start_partner();
    scenes_pause();
    if (scene.third_first)
        start_actor(THIRD, play_third);
    be_small();
    scenes_pause();
    send2(actor[CALLER], 0, 0);
    for (unsigned i = 0; i < 6; i++)
        scenes_pause();
}

static void choose_scene(void)
{
    static const l4_umword_t ops[] = {
        L4_OP_CALL, L4_OP_CALL, L4_OP_CALL | L4_OP_SEND_NOW,
        L4_OP_REPLY_AND_WAIT, L4_OP_REPLY_AND_WAIT | L4_OP_SEND_NOW,
        L4_OP_REPLY_AND_WAIT | L4_OP_SEND_NOW, L4_OP_SEND,
        L4_OP_SEND | L4_OP_SEND_NOW, L4_OP_RECV | L4_OP_OPEN, L4_OP_RECV
    };
    unsigned base = (unsigned)thread_priority(l4_myself()) - 20;

    scene = (struct scene){
        .op = ops[scenes_rnd(sizeof(ops) / sizeof(ops[0]))],
        .wait = scenes_rnd(2) ? (enum wait)scenes_rnd(2) : (enum wait)scenes_rnd(WAIT_KINDS),
        .in_task = scenes_rnd(2), .small_task = scenes_rnd(2), .third_first = scenes_rnd(5) == 0,
        .float_first = scenes_rnd(6) == 0, .stale = scenes_rnd(16) == 0,
        .word = scenes_seed,
    };
    for (unsigned i = CALLER; i <= PARTNER; i++)
        scene.prio[i] = base + scenes_rnd(3);
}

static void tell_scene(void)
{
    print(" op %lx wait %u task %u small %u third %u fpu %u stale %u prio %u %u %u",
          scene.op, scene.wait, scene.in_task, scene.small_task,
          scene.third_first, scene.float_first, scene.stale, scene.prio[1], scene.prio[2],
          scene.prio[3]);
}

static bool has_messages(void)
{
    return scenes_notes() > L4_REG_WORDS + 3;
}

static void play_all(void)
{
    static const struct scenes scenes = {
        SCENES, 1, choose_scene, play, tell_scene, has_messages
    };

    director = l4_myself();
    for (unsigned i = 0; i < 2; i++)
        creature[i] = start_task((void (*)(void *))sleep_forever, 0);
    check(thread_set_small(creature[1], L4_SMALL_SPACE(32, 2)));
    stays_small = thread_small(creature[1]);
    scenes_pause();
    check(scenes_play(&scenes) > SCENES / 4);
}

TEST(ipc_fast, three_hundred_random_scenes_end_as_on_the_general_path)
{
    we_are_small = false;
    play_all();
}

/* Where there are none it is the same once more. */
TEST(ipc_fast, three_hundred_scenes_out_of_small_spaces_end_as_on_the_general_path)
{
    we_are_small = true;
    play_all();
}
