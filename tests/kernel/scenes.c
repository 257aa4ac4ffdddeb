/* SPDX-License-Identifier: BSD-2-Clause */
/* Compiled without vectors: see test_fault_same.c, whose actors note things. */
#include <hickory/print.h>
#include <hickory/thread.h>

#include "scenes.h"

#define LOG_WORDS   256
#define STEP        80u         /* microseconds */
#define FIRST       100         /* lthread of actor 0 */
#define STACK_BYTES 4096

static struct log {
    l4_umword_t word[LOG_WORDS];
    unsigned count;
} played[2];

bool scenes_general;
l4_uint32_t scenes_seed;
static char stacks[SCENE_ACTORS][STACK_BYTES] __attribute__((aligned(16)));

unsigned scenes_rnd(unsigned n)
{
    scenes_seed = scenes_seed * 1664525 + 1013904223;
    return (scenes_seed >> 8) % n;
}

/* ---- playing ---- */

void scenes_pause(void)
{
    l4_ipc_sleep(timeout_us(STEP));
}

l4_threadid_t scenes_start(unsigned who, void (*part)(void *), unsigned prio)
{
    l4_threadid_t t = thread_create(
        FIRST + who, (struct thread_stack){ stacks[who], STACK_BYTES },
        (struct thread_work){ part, 0 });

    thread_set_priority(t, prio);
    return t;
}

void scenes_start_creature(l4_threadid_t creature, void (*part)(void *),
                           l4_umword_t stack, unsigned prio)
{
    l4_threadid_t preempter = L4_INVALID_ID, pager = L4_INVALID_ID;
    l4_umword_t flags, ip, sp;

    thread_set_priority(creature, prio);
    check(l4_inter_task_ex_regs(creature, (l4_umword_t)part, stack - 64,
                                &preempter, &pager, &flags, &ip, &sp,
                                0) == 0);
}

/* ---- notes ---- */

void scenes_note(l4_umword_t word)
{
    struct log *log = &played[scenes_general];

    if (log->count < LOG_WORDS)
        log->word[log->count++] = word;
}

void scenes_note_message(unsigned who, l4_umword_t dope, l4_threadid_t from,
                         const l4_umword_t *words)
{
    scenes_note(who);
    scenes_note(dope);
    scenes_note((l4_umword_t)from.raw);
    for (unsigned i = 0; i < L4_REG_WORDS; i++)
        scenes_note(words[i]);
}

l4_umword_t scenes_noted(unsigned i)
{
    return played[0].word[i];
}

unsigned scenes_notes(void)
{
    return played[0].count;
}

static unsigned first_difference(void)
{
    unsigned i = 0;

    while (i < played[0].count && i < played[1].count &&
           played[0].word[i] == played[1].word[i])
        i++;
    return i;
}

/* ---- all of them ---- */

/* Nobody goes on in the next test, and notes things there. */
static void stop_actors(void)
{
    for (unsigned who = 0; who < SCENE_ACTORS; who++)
        scenes_start(who, (void (*)(void *))sleep_forever,
                     (unsigned)thread_priority(l4_myself()) - 1);
    scenes_pause();
}

static bool play_both(const struct scenes *scenes)
{
    for (unsigned which = 0; which < 2; which++) {
        scenes_general = which == 1;
        played[which].count = 0;
        scenes->play();
    }
    return played[0].count == played[1].count &&
           first_difference() == played[0].count;
}

static void tell(const struct scenes *scenes, unsigned number)
{
    unsigned at = first_difference();

    print("# scene %u: note %u of %u, %u: %lx %lx;", number, at,
          played[0].count, played[1].count, played[0].word[at % LOG_WORDS],
          played[1].word[at % LOG_WORDS]);
    scenes->tell();
    print("\n");
}

unsigned scenes_play(const struct scenes *scenes)
{
    unsigned counted = 0;

    scenes_seed = scenes->seed;
    for (unsigned i = 0; i < scenes->count; i++) {
        scenes->choose();
        bool same = play_both(scenes);
        if (!same)
            tell(scenes, i);
        check(same);
        counted += scenes->counts();
    }
    stop_actors();
    return counted;
}
