/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mapping and granting of flexpages between address spaces.
 *
 * Both may take long and so can stop: they return ERR_AGAIN with *offset
 * saying how many bytes are done, and go on from there when called again.
 * Between two calls anything may have happened to either space: page tables
 * are walked anew.
 */
#ifndef CORE_MAP_H
#define CORE_MAP_H

#include "fpage.h"
#include "mapwalk.h"

struct map_request {
    struct space *from, *to;
    word_t from_base, to_base;
    unsigned shift;             /* 2^shift bytes */
    bool write;                 /* give write access, if the sender has it */
    bool grant;                 /* move instead of copying */
    struct walk *walk;          /* keeps its place when something has to be
                                   removed or made read-only for it */
};

/*
 * Give what `from` has mapped there. What the receiver had there before goes.
 * OK, ERR_AGAIN, or ERR_NO_MEM: then what is done stays done.
 * *mapped is set when at least one page is there for the receiver.
 */
MUST_CHECK enum err map_fpage(const struct map_request *r, word_t *offset,
                              bool *mapped);

/* sigma0's space maps all user memory one to one; its pages come into being
   when they are first needed. False: no user memory there, or no memory. */
bool sigma0_fill(word_t address);
extern struct space *sigma0_space;

/*
 * Long operations call this after each step, with its weight: STEP_COPY for
 * up to a page copied or a table looked through, as happens with large pages,
 * STEP_THREAD for some thousand instructions, STEP_WORK for some hundred,
 * STEP_WALK for a walk that finds nothing, STEP_SKIP for some ten. True when
 * an interrupt waits: then it is time to stop and be continued later.
 */
enum step {
    STEP_SKIP = 1, STEP_WALK = 4, STEP_WORK = 16, STEP_THREAD = 64,
    STEP_COPY = 256
};
bool preemption_point(enum step step);

/* A step on a page of this level. */
static inline enum step page_step(unsigned level)
{
    return level == LEVEL_SMALL ? STEP_WORK : STEP_COPY;
}

#endif
