/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fast path of messages in memory against the general one, in the running
 * kernel: scenes chosen at random are played twice, the second time with receive
 * timeouts, which only the general path knows. What both sides get, and all the
 * memory of both afterwards, must be the same.
 *
 *      caller                  partner
 *                              waits, perhaps with a buffer
 *      calls       -->         sees what came
 *      sees it     <--         answers, perhaps with a buffer
 */
#include <hickory/print.h>
#include <hickory/string.h>
#include <hickory/thread.h>

#include "ktest.h"
#include "scenes.h"

#define SCENES      400
#define MOST        40          /* words of a buffer */
#define STRINGS     3
#define AREA        (3 * 4096)

enum { CALLER, PARTNER, ACTORS };

/* One side's buffer, for both directions. */
struct shape {
    bool none;                  /* registers only */
    unsigned at;                /* in its area: aligned or not, perhaps in two
                                   pages */
    unsigned room, send;        /* words */
    unsigned strings, sends;
    l4_umword_t snd_size[STRINGS], rcv_size[STRINGS];
    unsigned from[STRINGS], to[STRINGS];
};

static struct scene {
    struct shape shape[ACTORS];
    unsigned prio[ACTORS];
    bool in_task;               /* the partner */
    bool closed;                /* it waits for the caller only */
    bool answers_short;
    l4_umword_t bits;           /* of the caller's send descriptor */
    bool float_first;
    l4_umword_t word;
} scene;

/* All of it the same before each play. */
static struct {
    char buffer[ACTORS][AREA], text[ACTORS][AREA], room[ACTORS][AREA];
} memory __attribute__((aligned(4096)));

static l4_threadid_t actor[ACTORS], creature, director;
static char creature_stack[2048] __attribute__((aligned(16)));
static volatile double unit = 1;

/* ---- the actors ---- */

static l4_umword_t buffer_of(unsigned who)
{
    return scene.shape[who].none
               ? 0 : (l4_umword_t)memory.buffer[who] + scene.shape[who].at;
}

/* The general path is what knows of a time to receive: long enough. */
static l4_umword_t exchange(l4_umword_t snd, l4_umword_t rcv,
                            l4_threadid_t *id, l4_umword_t *m)
{
    l4_timeout_t patience = scenes_general ? L4_IPC_TIMEOUT(0, 0, 250, 8, 0, 0)
                                    : L4_IPC_NEVER;

    return l4_arch_ipc(snd, rcv, patience.timeout, id, m);
}

static void play_caller(void *unused)
{
    l4_threadid_t to = actor[PARTNER];
    l4_umword_t m[L4_REG_WORDS], w0, w1;

    (void)unused;
    receive2(director, &w0, &w1);
    if (scene.float_first)
        unit = unit * 1.0;
    for (unsigned i = 0; i < L4_REG_WORDS; i++)
        m[i] = scene.word * (i + 3);
    l4_umword_t dope = exchange(buffer_of(CALLER) | scene.bits,
                                buffer_of(CALLER), &to, m);
    scenes_note_message(CALLER, dope, to, m);
    sleep_forever();
}

static void play_partner(void *unused)
{
    l4_threadid_t from = scene.closed ? actor[CALLER] : L4_NIL_ID;
    l4_umword_t open = scene.closed ? 0 : 1;
    l4_umword_t m[L4_REG_WORDS], dope;

    (void)unused;
    for (unsigned i = 0; i < L4_REG_WORDS; i++)
        m[i] = i;
    dope = exchange(L4_IPC_NO_DESCRIPTOR, buffer_of(PARTNER) | open, &from, m);
    scenes_note_message(PARTNER, dope, from, m);
    m[0]++;
    dope = exchange(scene.answers_short ? 0 : buffer_of(PARTNER),
                    buffer_of(PARTNER) | 1, &from, m);
    scenes_note_message(PARTNER, dope, from, m);
    sleep_forever();
}

/* ---- scenes ---- */

static void lay_out(unsigned who)
{
    const struct shape *s = &scene.shape[who];
    l4_umword_t head[3] = {
        0, L4_IPC_DOPE(s->room, s->strings).msgdope,
        L4_IPC_DOPE(s->send, s->sends).msgdope
    };
    char *at = memory.buffer[who] + s->at;

    memset(memory.buffer[who], 0x11 * (int)(who + 1), AREA);
    memcpy(at, head, sizeof(head));
    at += sizeof(head) + s->room * sizeof(l4_umword_t);
    for (unsigned i = 0; i < STRINGS; i++) {
        l4_umword_t dope[4] = {
            s->snd_size[i], (l4_umword_t)memory.text[who] + s->from[i],
            s->rcv_size[i], (l4_umword_t)memory.room[who] + s->to[i]
        };
        memcpy(at + i * sizeof(dope), dope, sizeof(dope));
    }
    for (unsigned i = 0; i < AREA; i++) {
        memory.text[who][i] = (char)(i * 7 + i / 251 + who);
        memory.room[who][i] = 0;
    }
}

/* A sum of all memory; each byte's place counts. */
static l4_umword_t sum_of_memory(void)
{
    const l4_umword_t *w = (const l4_umword_t *)&memory;
    l4_umword_t sum = 0;

    for (unsigned i = 0; i < sizeof(memory) / sizeof(*w); i++)
        sum = sum * 31 + w[i];
    return sum;
}

static void play(void)
{
    lay_out(CALLER);
    lay_out(PARTNER);
    actor[CALLER] = scenes_start(CALLER, play_caller, scene.prio[CALLER]);
    if (scene.in_task) {
        actor[PARTNER] = creature;
        scenes_start_creature(creature, play_partner,
                              (l4_umword_t)creature_stack +
                                  sizeof(creature_stack), scene.prio[PARTNER]);
    } else {
        actor[PARTNER] = scenes_start(PARTNER, play_partner,
                                      scene.prio[PARTNER]);
    }
    scenes_pause();
    send2(actor[CALLER], 0, 0);
    for (unsigned i = 0; i < 4; i++)
        scenes_pause();
    scenes_note(sum_of_memory());
}

static l4_umword_t choose_size(void)
{
    static const unsigned sizes[] = { 0, 1, 3, 64, 100, 1024, 4096, 5000 };

    return sizes[scenes_rnd(8)] | (scenes_rnd(24) == 0 ? L4_IPC_STRING_CONTINUES : 0);
}

static void choose_shape(struct shape *s)
{
    static const unsigned places[] = { 0, 64, 2048, 4096 - 64, 4096 - 8, 4 };

    *s = (struct shape){
        .none = scenes_rnd(6) == 0, .at = scenes_rnd(3) ? 256 : places[scenes_rnd(6)],
        .room = 8 + scenes_rnd(MOST - 8),
        .strings = scenes_rnd(3) ? STRINGS : scenes_rnd(STRINGS + 1),
    };
    s->send = scenes_rnd(5) ? scenes_rnd(9) : scenes_rnd(MOST);
    s->sends = scenes_rnd(s->strings + 1);
    for (unsigned i = 0; i < STRINGS; i++) {
        s->snd_size[i] = choose_size();
        s->rcv_size[i] = scenes_rnd(6) ? AREA / 2 : choose_size();
        s->from[i] = scenes_rnd(2) ? 0 : scenes_rnd(AREA / 2);
        s->to[i] = scenes_rnd(2) ? 0 : scenes_rnd(AREA / 2);
    }
}

static void choose_scene(void)
{
    unsigned base = (unsigned)thread_priority(l4_myself()) - 20;

    scene = (struct scene){
        .in_task = scenes_rnd(2), .closed = scenes_rnd(3) == 0, .answers_short = scenes_rnd(2),
        .float_first = scenes_rnd(4) == 0, .word = scenes_seed,
        .bits = scenes_rnd(12) == 0 ? 1 + scenes_rnd(3) : 0,
    };
    for (unsigned i = 0; i < ACTORS; i++) {
        choose_shape(&scene.shape[i]);
        scene.prio[i] = base + (scenes_rnd(3) ? 0 : scenes_rnd(3));
    }
}

static void tell_scene(void)
{
    print(" task %u closed %u short %u fpu %u", scene.in_task, scene.closed,
          scene.answers_short, scene.float_first);
}

static bool has_strings(void)
{
    return (scenes_noted(1) & 0x1ff0) >> 8 > 0;
}

TEST(message_fast, four_hundred_random_scenes_end_as_on_the_general_path)
{
    static const struct scenes scenes = {
        SCENES, 3, choose_scene, play, tell_scene, has_strings
    };

    director = l4_myself();
    creature = start_task((void (*)(void *))sleep_forever, 0);
    scenes_pause();
    check(scenes_play(&scenes) > SCENES / 10);
}

/* ---- memory that comes and goes ---- */

#define HOLE        0x35000000ul    /* where nothing is mapped, */
#define OTHER_HOLE  0x35401000ul    /* for the caller's string and the other's */
#define BYTES       100

static struct mail {
    struct l4_msg_header head;
    l4_umword_t word[L4_REG_WORDS];
    l4_strdope_t string;
} letter, box;

static volatile l4_umword_t result;
static void *letter_at;

static void call_on_request(void *unused)
{
    l4_umword_t m[L4_REG_WORDS] = { 0 }, w0, w1;

    (void)unused;
    for (;;) {
        receive2(director, &w0, &w1);
        l4_threadid_t to = actor[PARTNER];
        result = exchange((l4_umword_t)letter_at, 0, &to, m);
    }
}

static void take_all(void *unused)
{
    l4_umword_t m[L4_REG_WORDS] = { 0 }, op = L4_IPC_NO_DESCRIPTOR;
    l4_threadid_t from = L4_NIL_ID;

    (void)unused;
    for (;;) {
        exchange(op, (l4_umword_t)&box | 1, &from, m);
        op = 0;
    }
}

static void settle(void)
{
    l4_ipc_sleep(timeout_us(MSEC(2)));
}

static void start_both(void)
{
    director = l4_myself();
    scenes_general = false;
    letter.head.size_dope = letter.head.send_dope =
        L4_IPC_DOPE(L4_REG_WORDS, 1);
    box.head.size_dope = L4_IPC_DOPE(L4_REG_WORDS, 1);
    letter.string.snd_str = HOLE;
    box.string.rcv_str = OTHER_HOLE;
    letter.string.snd_size = box.string.rcv_size = BYTES;
    for (unsigned i = 0; i < 4 * L4_PAGESIZE; i++)
        test_memory[i] = (char)(i / L4_PAGESIZE + 1);
    letter_at = &letter;
    actor[PARTNER] = start_thread_prio(take_all, 0, 3);
    actor[CALLER] = start_thread_prio(call_on_request, 0, 3);
    page_by(actor[PARTNER], director);
    page_by(actor[CALLER], director);
    settle();
}

/* The fault of this one, answered with page n of the test's memory. */
static void answer_fault(unsigned who, l4_umword_t fault, unsigned n,
                         unsigned write)
{
    l4_umword_t page = (l4_umword_t)test_memory + n * L4_PAGESIZE;
    l4_umword_t w0 = 0, w1;
    l4_msgdope_t dope;

    check(l4_ipc_receive(actor[who], L4_IPC_SHORT_MSG, &w0, &w1,
                         timeout_us(MSEC(20)), &dope) == 0);
    check(w0 == fault);
    check(l4_ipc_send(actor[who], L4_IPC_SHORT_FPAGE, fault & L4_PAGEMASK,
                      l4_fpage(page, L4_PAGESHIFT, write, L4_FPAGE_MAP).raw,
                      PATIENCE, &dope) == 0);
}

static void request(void)
{
    result = 1;
    send2(actor[CALLER], 0, 0);
    settle();
}

/* A request that nobody has to fault for: page `to` gets what `from` holds. */
static void request_goes(unsigned from, unsigned to)
{
    char *room = test_memory + to * L4_PAGESIZE;

    memset(room, 0, BYTES);
    request();
    check(result == 0);
    check(room[0] == (char)(from + 1) && room[BYTES - 1] == (char)(from + 1));
}

static void take_page(l4_umword_t at, l4_umword_t how)
{
    l4_fpage_unmap(l4_fpage(at, L4_PAGESHIFT, 0, 0), how | L4_FP_ALL_SPACES);
}

TEST(message_fast, pages_that_were_taken_back_are_not_used_any_more)
{
    start_both();
    request();
    answer_fault(CALLER, HOLE, 0, 0);
    answer_fault(PARTNER, OTHER_HOLE | 2, 2, L4_FPAGE_RW);
    settle();
    check(result == 0);
    request_goes(0, 2);
    request_goes(0, 2);
    take_page(HOLE, L4_FP_FLUSH_PAGE);
    request();
    answer_fault(CALLER, HOLE, 1, 0);
    settle();
    request_goes(1, 2);
    take_page(OTHER_HOLE, L4_FP_FLUSH_PAGE);
    memset(test_memory + 2 * L4_PAGESIZE, 77, BYTES);
    request();
    answer_fault(PARTNER, OTHER_HOLE | 2, 3, L4_FPAGE_RW);
    settle();
    request_goes(1, 3);
    check(test_memory[2 * L4_PAGESIZE] == 77);
    take_page(HOLE, L4_FP_FLUSH_PAGE);
    take_page(OTHER_HOLE, L4_FP_FLUSH_PAGE);
}

TEST(message_fast, page_that_became_read_only_is_not_written_to)
{
    start_both();
    request();
    answer_fault(CALLER, HOLE, 0, 0);
    answer_fault(PARTNER, OTHER_HOLE | 2, 2, L4_FPAGE_RW);
    settle();
    request_goes(0, 2);
    take_page(OTHER_HOLE, L4_FP_REMAP_PAGE);
    test_memory[2 * L4_PAGESIZE] = 77;
    request();
    check(result == 1 && test_memory[2 * L4_PAGESIZE] == 77);
    answer_fault(PARTNER, OTHER_HOLE | 2, 2, L4_FPAGE_RW);
    settle();
    request_goes(0, 2);
    take_page(HOLE, L4_FP_FLUSH_PAGE);
    take_page(OTHER_HOLE, L4_FP_FLUSH_PAGE);
}

TEST(message_fast, page_that_may_be_read_only_is_no_room)
{
    start_both();
    request();
    answer_fault(CALLER, HOLE, 0, 0);
    answer_fault(PARTNER, OTHER_HOLE | 2, 2, L4_FPAGE_RW);
    settle();
    request_goes(0, 2);
    letter.string.snd_str = (l4_umword_t)memory.text;
    box.string.rcv_str = HOLE;
    request();
    check(result == 1 && test_memory[0] == 1);
    answer_fault(PARTNER, HOLE | 2, 0, L4_FPAGE_RW);
    settle();
    check(result == 0);
    take_page(HOLE, L4_FP_FLUSH_PAGE);
    take_page(OTHER_HOLE, L4_FP_FLUSH_PAGE);
}

/* The second page of the caller's buffer is not the one behind the first. */
TEST(message_fast, buffer_may_begin_in_one_page_and_end_in_another)
{
    const unsigned in_first = 5 * sizeof(l4_umword_t);

    start_both();
    letter_at = (void *)(HOLE + L4_PAGESIZE - in_first);
    letter.string.snd_str = (l4_umword_t)memory.text[CALLER];
    lay_out(CALLER);
    memcpy(test_memory + L4_PAGESIZE - in_first, &letter, in_first);
    memcpy(test_memory + 3 * L4_PAGESIZE, (char *)&letter + in_first,
           sizeof(letter) - in_first);
    letter.string.snd_str += 64;        /* what stands behind it in memory */
    memcpy(test_memory + L4_PAGESIZE, (char *)&letter + in_first,
           sizeof(letter) - in_first);
    request();
    answer_fault(CALLER, (l4_umword_t)letter_at + sizeof(l4_umword_t), 0, 0);
    answer_fault(CALLER, HOLE + L4_PAGESIZE + (L4_REG_WORDS - 2) *
                             sizeof(l4_umword_t), 3, 0);
    answer_fault(PARTNER, OTHER_HOLE | 2, 2, L4_FPAGE_RW);
    settle();
    for (unsigned i = 0; i < 2; i++) {
        memset(test_memory + 2 * L4_PAGESIZE, 0, BYTES);
        request();
        check(result == 0);
        check(memcmp(test_memory + 2 * L4_PAGESIZE, memory.text[CALLER],
                     BYTES) == 0);
    }
    take_page(HOLE, L4_FP_FLUSH_PAGE);
    take_page(HOLE + L4_PAGESIZE, L4_FP_FLUSH_PAGE);
    take_page(OTHER_HOLE, L4_FP_FLUSH_PAGE);
}

/* ---- ways out that random scenes do not take ---- */

/* Ours, by the gate, with these times. */
static l4_umword_t call_until(l4_timeout_t times)
{
    l4_threadid_t to = actor[PARTNER];
    l4_umword_t m[L4_REG_WORDS] = { 0 };

    return l4_arch_ipc((l4_umword_t)&letter, 0, times.timeout, &to, m);
}

TEST(message_fast, m1_call_until_a_time_that_is_to_come_is_answered)
{
    l4_uint64_t soon;

    start_both();
    letter.string.snd_str = (l4_umword_t)memory.text;
    box.string.rcv_str = (l4_umword_t)memory.room;
    soon = now_us() + MSEC(20);
    check(call_until(l4_ipc_until(soon, soon)) == 0);
}

/* As many words as registers hold, to one that waits in this way. */
static void send_words_from_a_buffer(void (*partner)(void *))
{
    start_both();
    letter.head.size_dope = letter.head.send_dope =
        L4_IPC_DOPE(L4_REG_WORDS, 0);
    actor[PARTNER] = start_thread_prio(partner, 0, 3);
    settle();
    request();
    check(result == 0);
}

static void wait_with_window(void *unused)
{
    l4_umword_t m[L4_REG_WORDS] = { 0 };
    l4_threadid_t from = L4_NIL_ID;

    (void)unused;
    exchange(L4_IPC_NO_DESCRIPTOR,
             (l4_umword_t)L4_IPC_MAPMSG(HOLE, L4_PAGESHIFT) | 1, &from, m);
    exchange(0, L4_IPC_NO_DESCRIPTOR, &from, m);
    sleep_forever();
}

TEST(message_fast, m7_partner_that_waits_for_a_page_hears_words_from_a_buffer)
{
    send_words_from_a_buffer(wait_with_window);
}

static void wait_in_registers(void *unused)
{
    struct l4_words m;
    l4_threadid_t from = L4_NIL_ID;

    (void)unused;
    l4_ipc_wait_words(&from, &m);
    l4_ipc_words(L4_OP_SEND, &from, &m);
    sleep_forever();
}

TEST(message_fast, m7_partner_that_waits_in_registers_hears_words_from_a_buffer)
{
    send_words_from_a_buffer(wait_in_registers);
}

/* Buffers that go on in the next page. */
static char *box_at;
#define MANY        (L4_REG_WORDS + 4)

static void take_at_box(void *unused)
{
    l4_umword_t m[L4_REG_WORDS] = { 0 };
    l4_threadid_t from = L4_NIL_ID;

    (void)unused;
    exchange(L4_IPC_NO_DESCRIPTOR, (l4_umword_t)box_at | 1, &from, m);
    exchange(0, L4_IPC_NO_DESCRIPTOR, &from, m);
    sleep_forever();
}

static void send_many(char *from, char *to)
{
    struct l4_msg_header head = {
        .size_dope = L4_IPC_DOPE(MANY, 1), .send_dope = L4_IPC_DOPE(MANY, 0)
    };
    l4_umword_t word[MANY];

    start_both();
    for (unsigned i = 0; i < MANY; i++)
        word[i] = i * 1000 + 7;
    memcpy(from, &head, sizeof(head));
    memcpy(from + sizeof(head), word, sizeof(word));
    memset(to, 0, sizeof(head) + sizeof(word));
    memcpy(to, &head, sizeof(head));
    letter_at = from;
    box_at = to;
    actor[PARTNER] = start_thread_prio(take_at_box, 0, 3);
    settle();
    request();
    check(result == 0);
    unsigned rest = L4_REG_WORDS * sizeof(l4_umword_t);
    check(memcmp(to + sizeof(head) + rest, word + L4_REG_WORDS,
                 sizeof(word) - rest) == 0);
}

TEST(message_fast, m7_buffer_may_go_on_in_the_next_page_on_both_sides)
{
    const unsigned in_words = L4_PAGESIZE - 4 * sizeof(l4_umword_t);
    const unsigned behind = L4_PAGESIZE - sizeof(struct l4_msg_header) -
                            MANY * sizeof(l4_umword_t);

    send_many(memory.buffer[CALLER], memory.buffer[PARTNER]);
    send_many(memory.buffer[CALLER] + in_words, memory.buffer[PARTNER]);
    send_many(memory.buffer[CALLER], memory.buffer[PARTNER] + in_words);
    /* All of the words are there, but not the string behind them. */
    send_many(memory.buffer[CALLER] + behind, memory.buffer[PARTNER]);
    send_many(memory.buffer[CALLER], memory.buffer[PARTNER] + behind);
}

static void sleep_often(void *unused)
{
    (void)unused;
    for (;;)
        l4_ipc_sleep(timeout_us(40));
}

/* Meanwhile a timer expires, again and again. */
TEST(message_fast, m7_interrupt_does_not_wait_for_a_long_string)
{
    const l4_umword_t half = L4_SUPERPAGESIZE / 2;
    char *memory_of_ours = (char *)large_page();

    start_both();
    check(memory_of_ours != 0);
    if (!memory_of_ours)
        return;
    memory_of_ours[0] = 1;
    memory_of_ours[half - 1] = 2;
    memory_of_ours[half] = memory_of_ours[2 * half - 1] = 0;
    letter.string.snd_str = (l4_umword_t)memory_of_ours;
    box.string.rcv_str = (l4_umword_t)memory_of_ours + half;
    letter.string.snd_size = box.string.rcv_size = half;
    start_thread(sleep_often, 0);
    result = 1;
    send2(actor[CALLER], 0, 0);
    l4_ipc_sleep(timeout_us(MSEC(30)));
    check(result == 0);
    check(memory_of_ours[half] == 1 && memory_of_ours[2 * half - 1] == 2);
}

/* ---- who runs next ---- */

static volatile bool bystander_ran;

static void stand_by(void *unused)
{
    (void)unused;
    receive2(director, &(l4_umword_t){ 0 }, &(l4_umword_t){ 0 });
    bystander_ran = true;
    sleep_forever();
}

static void look_for_bystander(void *unused)
{
    l4_umword_t m[L4_REG_WORDS] = { 0 };
    l4_threadid_t from = L4_NIL_ID;

    (void)unused;
    exchange(L4_IPC_NO_DESCRIPTOR, (l4_umword_t)&box | 1, &from, m);
    result = bystander_ran ? 2 : 3;
    sleep_forever();
}

TEST(message_fast, less_urgent_partner_does_not_run_before_others_that_are_ready)
{
    l4_threadid_t bystander;

    start_both();
    actor[PARTNER] = start_thread_prio(look_for_bystander, 0, 1);
    bystander = start_thread_prio(stand_by, 0, 2);
    bystander_ran = false;
    box.string.rcv_str = (l4_umword_t)memory.room;
    letter.string.snd_str = (l4_umword_t)memory.text;
    settle();
    /* Both are ready before one of them runs: we are more urgent. */
    send2(bystander, 0, 0);
    request();
    check(result == 2);
}
