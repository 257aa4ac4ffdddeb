/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenes chosen at random, each played twice: in the way that is tested, and so
 * that all goes the general way. What the actors have noted must be the same.
 */
#ifndef KTEST_SCENES_H
#define KTEST_SCENES_H

#include <stdbool.h>

#include <l4/sys/types.h>

#include "ktest.h"

#define SCENE_ACTORS    4       /* threads of ours, from 0 on */

struct scenes {
    unsigned count;
    l4_uint32_t seed;
    void (*choose)(void);       /* the next scene, by scenes_rnd() */
    void (*play)(void);         /* it is played, and scenes_general says how */
    void (*tell)(void);         /* print what it was, after "# scene N:" */
    bool (*counts)(void);       /* was this one worth it? */
};

/* Play them all, and check each; how many counted. */
unsigned scenes_play(const struct scenes *scenes);

/* In the second play of a scene. */
extern bool scenes_general;

/* ---- to choose ---- */

extern l4_uint32_t scenes_seed;
unsigned scenes_rnd(unsigned n);        /* 0 to n - 1 */

/* ---- to play ---- */

/* Long enough for all that is going on to happen. */
void scenes_pause(void);

/* An actor begins, as urgent as that. */
l4_threadid_t scenes_start(unsigned who, void (*part)(void *), unsigned prio);

/* A creature's only thread begins anew, where a thread of ours would; `stack` is
   the end of its stack. */
void scenes_start_creature(l4_threadid_t creature, void (*part)(void *),
                           l4_umword_t stack, unsigned prio);

/* ---- to note ---- */

void scenes_note(l4_umword_t word);

/* A message, or an error, as it came to `who`. */
void scenes_note_message(unsigned who, l4_umword_t dope, l4_threadid_t from,
                         const l4_umword_t *words);

/* What was noted in the first play: word i, and how many there are. */
l4_umword_t scenes_noted(unsigned i);
unsigned scenes_notes(void);

#endif
