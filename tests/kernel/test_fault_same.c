/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fast path of faults against the general one, in the running kernel:
 * scenes chosen at random are played twice, and the second time the handler
 * waits with a timeout and answers through the gate, so that all goes the
 * general way. What the handler sees must be the same, the registers of the
 * thread before and after its answer among it. The release kernel's fast path
 * is a port's assembly, the debug kernel's is core/fault_fast.c.
 *
 * No thread that has the FPU on takes it, so nothing here may use vectors: where
 * compilers would, this file is compiled without them (SConscript). And a page
 * is mapped that way only if its table is there, for which another page sees.
 *
 *      creature            handler
 *      traps       -->     sets all its registers            (general way)
 *      traps       -->     sees those it asked for
 *                  <--     changes some, maps a page         (what is tested)
 *      traps       -->     sees all of them
 */
#include <arch_user.h>
#include <hickory/print.h>
#include <hickory/thread.h>

#include "cpu.h"
#include "ktest.h"
#include "scenes.h"

#define SCENES      300
#define HANDLER     0           /* the actor */
#define WINDOW      0x30000000ul        /* begins a page table */
#define ANCHOR      (WINDOW + 0x100000ul)   /* ... which is there for this page */
#define NO_TABLE    (WINDOW + 0x800000ul)
#define FULL        (BIT(L4_REG_TLS) - 1)
#define ANSWER      (L4_OP_REPLY_AND_WAIT | L4_OP_SEND_NOW)

enum kind { EXCEPTION, FOREIGN, READ, WRITE, KINDS };

extern char __executable_start[], _end[];       /* from the linker */

static struct scene {
    enum kind kind;
    bool slow_wait, slow_answer;    /* in the first play as well */
    bool map;                       /* the answer has a map item */
    bool two_items;                 /* ... and another */
    bool large;                     /* the page is part of a large one */
    l4_umword_t item;               /* its size and rights */
    bool no_table;                  /* it faults where no page table is */
    bool change_at_fault;           /* and goes on with other registers */
    bool float_first;
    bool forbidden;                 /* values that users may not have */
    unsigned prio;                  /* of the creature */
    l4_umword_t wanted, changed;
    l4_uint32_t seed;
} scene;

static l4_threadid_t creature, handler, director;
static char creature_stack[4096] __attribute__((aligned(4096)));
/* Two, for items of that size: only the scenes use them. */
static char page[2 * L4_PAGESIZE] __attribute__((aligned(2 * L4_PAGESIZE)));
static char anchor[L4_PAGESIZE] __attribute__((aligned(L4_PAGESIZE)));

static l4_umword_t window(void)
{
    return scene.no_table ? NO_TABLE : WINDOW;
}

/* ---- the creature ---- */

/* The loops live on no register: the handler changes them all. */
static void raise_exceptions(void)
{
    if (scene.float_first)
        fpu_use();
    for (;;)
        ARCH_TRAP();
}

static void call_foreign(void)
{
    if (scene.float_first)
        fpu_use();
    for (;;)
        ARCH_LINUX_CALL();
}

static void touch_window(void)
{
    if (scene.float_first)
        fpu_use();
    for (volatile char *p = (char *)window();; p += L4_PAGESIZE) {
        if (scene.kind == WRITE)
            *p = 1;
        else
            (void)*p;
    }
}

/* From main, who sends it as soon as we wait. */
static void take_anchor(void)
{
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    l4_ipc_receive(director, L4_IPC_MAPMSG(ANCHOR, L4_PAGESHIFT), &w0, &w1,
                   L4_IPC_NEVER, &dope);
    sleep_forever();
}

/* All its memory is there, before the handler becomes its pager. */
static void touch_memory(void *unused)
{
    (void)unused;
    for (volatile char *p = __executable_start; p < _end; p += L4_PAGESIZE)
        (void)*p;
    creature_stack[0] = 1;
    fpu_use();
    take_anchor();
}

/* ---- the handler ---- */

struct letter {
    l4_threadid_t from;
    struct l4_words m;
    l4_msgdope_t dope;
};

/* Wait, and answer first unless op is 0. */
static void exchange(struct letter *l, l4_umword_t op, bool slow)
{
    const l4_timeout_t patience = L4_IPC_TIMEOUT(0, 1, 250, 8, 0, 0);
    l4_umword_t snd = !op ? L4_IPC_NO_DESCRIPTOR : op & L4_OP_MAP ? 2 : 0;

    if (slow)
        l->dope.msgdope = l4_arch_ipc(snd, 1, patience.timeout, &l->from,
                                      l->m.w);
    else
        l->dope = l4_ipc_words(op ? op : L4_OP_RECV | L4_OP_OPEN, &l->from,
                               &l->m);
}

static void note_letter(const struct letter *l, l4_umword_t wanted)
{
    const struct l4_utcb *u = l4_utcb();

    scenes_note(l->dope.msgdope);
    scenes_note((l4_umword_t)l->from.raw);
    for (unsigned i = 0; i < L4_REG_WORDS; i++)
        scenes_note(l->m.w[i]);
    for (unsigned i = 0; i < L4_REG_TLS; i++)
        if (wanted & BIT(i))
            scenes_note(u->reg[i] & trap_register_mask(i));
}

/* Registers of our UTCB that are in `set` change to values made of the scene's;
   what stands in the places of the others must not count. */
static void fill(l4_umword_t set)
{
    for (unsigned i = 0; i < L4_REG_TLS; i++)
        if (general_registers & BIT(i))
            l4_utcb()->reg[i] = set & BIT(i)
                                    ? (l4_umword_t)scene.seed * (i + 3) : i;
    l4_utcb()->changed = set;
}

static void skip_trap(void)
{
    struct l4_utcb *u = l4_utcb();

    if (scene.kind == EXCEPTION) {
        u->reg[L4_REG_IP] += ARCH_TRAP_BYTES;
        u->changed |= BIT(L4_REG_IP);
    } else if (scene.kind == FOREIGN && ARCH_LINUX_SKIP) {
        u->reg[L4_REG_IP] += ARCH_LINUX_SKIP;
        u->changed |= BIT(L4_REG_IP);
    }
}

static l4_umword_t first_page(void)
{
    return scene.large ? large_page() : (l4_umword_t)page;
}

/* The answer that is tested. */
static l4_umword_t prepare_answer(struct letter *l, l4_umword_t had)
{
    l4_umword_t op = ANSWER;

    if (scene.kind >= READ) {
        fill(scene.change_at_fault ? scene.changed & general_registers : 0);
    } else {
        fill(scene.changed & (had | general_registers));
        if (scene.forbidden)
            trap_forbidden_values(l4_utcb()->reg);
        skip_trap();
    }
    if (scene.map) {
        op |= L4_OP_MAP;
        l->m.w[1] = first_page() | scene.item;
        if (scene.two_items && L4_REG_WORDS > 2) {
            l->m.w[2] = window() + L4_PAGESIZE;
            l->m.w[3] = first_page() | scene.item;
        }
    }
    return op;
}

static void handle(void *unused)
{
    static struct letter l;     /* cleared word by word: who has the FPU on,
                                   as for vectors, takes no fast path */
    struct l4_utcb *u = l4_utcb();

    (void)unused;
    l.from.raw = 0;
    for (volatile l4_umword_t *w = l.m.w; w < l.m.w + L4_REG_WORDS; w++)
        *w = 0;
    u->wanted_exception = FULL;
    u->wanted_fault = scene.wanted;
    exchange(&l, 0, scenes_general || scene.slow_wait || scene.kind < READ);
    if (scene.kind < READ) {                /* the same registers each time */
        fill(FULL);
        skip_trap();
        u->wanted_exception = scene.wanted | BIT(L4_REG_IP);
        exchange(&l, ANSWER, scenes_general || scene.slow_wait);
    }
    note_letter(&l, scene.kind < READ ? u->wanted_exception : 0);
    l4_umword_t op = prepare_answer(&l, u->wanted_exception);
    u->wanted_exception = FULL;
    exchange(&l, op, scenes_general || scene.slow_answer);
    note_letter(&l, scene.kind < READ ? FULL : 0);
    scenes_note(u->changed);
    scenes_note(fpu_is_fresh());       /* the creature's is its own */
    sleep_forever();
}

/* ---- scenes ---- */

/* The creature's thread goes on there, with this one as pager and handler. */
static void send_creature(void *function, l4_threadid_t its_handler,
                          l4_umword_t flags)
{
    l4_umword_t ip = (l4_umword_t)function;
    l4_umword_t sp = (l4_umword_t)creature_stack + sizeof(creature_stack) - 64;
    l4_threadid_t excepter = its_handler, its_pager = its_handler;
    l4_umword_t old;

    check(l4_inter_task_ex_regs(creature, ip, sp, &excepter, &its_pager, &old,
                                &ip, &sp, flags) == 0);
}

static void play(void)
{
    static void (*const part[KINDS])(void) = {
        raise_exceptions, call_foreign, touch_window, touch_window,
    };

    page[0] = page[L4_PAGESIZE] = 1;
    send_creature((void *)sleep_forever, tasks_pager(), L4_EX_NATIVE);
    scenes_pause();
    handler = scenes_start(HANDLER, handle,
                           (unsigned)thread_priority(l4_myself()) - 10);
    scenes_pause();
    thread_set_priority(creature, scene.prio);
    send_creature((void *)part[scene.kind], handler,
                  scene.kind == FOREIGN ? L4_EX_FOREIGN : L4_EX_NATIVE);
    for (unsigned i = 0; i < 5; i++)
        scenes_pause();
    l4_fpage_unmap(l4_fpage((l4_umword_t)page, L4_PAGESHIFT + 1, 0, 0),
                   L4_FP_FLUSH_PAGE | L4_FP_OTHER_SPACES);
    if (large_page())
        l4_fpage_unmap(l4_fpage(large_page(), L4_PAGESHIFT + 1, 0, 0),
                       L4_FP_FLUSH_PAGE | L4_FP_OTHER_SPACES);
}

static l4_umword_t choose_set(void)
{
    switch (scenes_rnd(8)) {
    case 0:
        return 0;
    case 1:
    case 2:
    case 3:
        return FULL;
    case 4:
        return ARCH_LINUX_WANTED;
    case 5:
        return BIT(ARCH_LINUX_RESULT);
    }
    return ((l4_umword_t)scenes_rnd(1 << 20) << 16 | scenes_rnd(1 << 20)) & FULL;
}

static void choose_scene(void)
{
    static const l4_umword_t items[] = {
        L4_PAGESHIFT << 2 | 2, L4_PAGESHIFT << 2 | 2, L4_PAGESHIFT << 2,
        (L4_PAGESHIFT + 1) << 2 | 2, 0, 5 << 2
    };

    scene = (struct scene){
        .kind = (enum kind)scenes_rnd(KINDS), .slow_wait = scenes_rnd(6) == 0,
        .slow_answer = scenes_rnd(6) == 0, .two_items = scenes_rnd(8) == 0,
        .large = scenes_rnd(4) == 0 && large_page(), .item = items[scenes_rnd(6)],
        .no_table = scenes_rnd(4) == 0, .change_at_fault = scenes_rnd(4) == 0,
        .float_first = scenes_rnd(6) == 0, .forbidden = scenes_rnd(2), .wanted = choose_set(),
        .changed = choose_set(), .seed = scenes_seed,
        .prio = (unsigned)thread_priority(l4_myself()) - 11 + scenes_rnd(3),
    };
    scene.map = scene.kind >= READ ? scenes_rnd(10) > 0 : scenes_rnd(10) == 0;
    if (scene.kind >= READ)
        scene.wanted = scenes_rnd(3) ? 0 : scene.wanted;
}

static void start_creature(void)
{
    l4_msgdope_t dope;

    director = l4_myself();
    creature = start_task(touch_memory, 0);
    anchor[0] = 1;
    check(l4_ipc_send(creature, L4_IPC_SHORT_FPAGE, ANCHOR,
                      l4_fpage((l4_umword_t)anchor, L4_PAGESHIFT, L4_FPAGE_RW,
                               L4_FPAGE_MAP).raw, PATIENCE, &dope) == 0);
    l4_ipc_sleep(timeout_us(MSEC(20)));
}

static void tell_scene(void)
{
    print(" kind %u wait %u answer %u map %u item %lx large %u fpu %u wanted %lx "
          "changed %lx", scene.kind, scene.slow_wait, scene.slow_answer,
          scene.map, scene.item, scene.large, scene.float_first, scene.wanted,
          scene.changed);
}

static bool is_complete(void)
{
    return scenes_notes() > 2 * (L4_REG_WORDS + 2);
}

TEST(fault_fast, three_hundred_random_scenes_end_as_on_the_general_path)
{
    static const struct scenes scenes = {
        SCENES, 1, choose_scene, play, tell_scene, is_complete
    };

    start_creature();
    check(scenes_play(&scenes) > SCENES / 2);
}
