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

#include "tcb.h"

/*
 * The thread a message from s to `dest` is delivered to: dest itself or the
 * chief on the way (its lthread 0). NULL when dest does not exist.
 */
struct tcb *clan_route(const struct tcb *s, threadid_t dest);

/* System call id_nearest: see doc/api/id_nearest.md. */
void sys_id_nearest(struct tcb *self);

#endif
