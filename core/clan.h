/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Clans and chiefs: who may talk to whom directly.
 *
 * A task's creator is its chief; the tasks of one chief are its clan.
 * Messages pass directly inside a clan and between a chief and its clan;
 * any other goes to the next chief on the way.
 */
#ifndef CORE_CLAN_H
#define CORE_CLAN_H

#include "task.h"
#include "tcb.h"

/* Messages pass directly inside a clan and between chief and creature. */
static inline bool clan_is_direct(const struct task *a, const struct task *b)
{
    return a->chief == b->chief || a->chief == b || b->chief == a;
}

/* How a message goes. */
struct route {
    struct tcb *to;     /* dest itself, or lthread 0 of the chief on the way;
                           NULL: dest does not exist */
    word_t flags;       /* DOPE_REDIRECTED, DOPE_INSIDE */
};

/* From s to `dest`. */
struct route clan_route(const struct tcb *s, threadid_t dest);

/*
 * May s send to `dest` as if it were `virtual`? Only if a message from there
 * passes through s's task on its way: one of them is inside its clan, or
 * deeper, and the other is not (direction-preserving deceit).
 */
bool clan_may_deceive(const struct tcb *s, threadid_t virtual,
                      threadid_t dest);

/* Do messages between t and `id` pass directly? */
bool clan_is_near(const struct tcb *t, threadid_t id);

/* System call id_nearest: see doc/api/id_nearest.md. */
void sys_id_nearest(struct tcb *self);

#endif
