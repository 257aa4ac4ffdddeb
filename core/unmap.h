/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Taking back. Like mapping (map.h) it may take long and so can stop; between
 * two calls anything may have happened to any space.
 */
#ifndef CORE_UNMAP_H
#define CORE_UNMAP_H

#include "fpage.h"
#include "mapwalk.h"

/* An unmap under way: what is to be done, and how far it is. */
struct unmap {
    struct fpage fpage;
    word_t mask;                /* the API's L4_FP_* */
    word_t offset;              /* bytes of the fpage done */
    word_t next, count;         /* of a list: the one after fpage, how many */
    struct walk walk;           /* inside the page at offset */
};

/* Let u be about this fpage now. The status it has met stays. */
void unmap_begin(struct unmap *u, const struct fpage *f, word_t mask);

/* Go on with it; s has the memory, or the ports, that the fpage speaks of.
   OK, and walk.status is the result; or ERR_AGAIN. */
MUST_CHECK enum err unmap_run(struct space *s, struct unmap *u);

struct tcb;

/* System call fpage_unmap: see doc/api/fpage_unmap.md. */
void sys_fpage_unmap(struct tcb *self);

/* Go on with what it began. */
void unmap_continue(struct tcb *self);

#endif
